"""What happens to promises."""

from datetime import date
from uuid import UUID

from app.core.events import DomainEvent
from app.models.commitment import VarianceReason


def commitment_made(id: UUID, project_id: UUID | None, promised_by_id: UUID, due_on: date) -> DomainEvent:
    data = {**_of(project_id), "promised_by_id": str(promised_by_id), "due_on": due_on.isoformat()}
    return DomainEvent("commitment.made", "commitment", id, data)


def commitment_updated(id: UUID, project_id: UUID | None, fields: list[str]) -> DomainEvent:
    return DomainEvent("commitment.updated", "commitment", id, {**_of(project_id), "fields": fields})


def commitment_renegotiated(
    id: UUID, project_id: UUID | None, former_due_on: date, due_on: date, reason: VarianceReason
) -> DomainEvent:
    days = {"former_due_on": former_due_on.isoformat(), "due_on": due_on.isoformat()}
    data = {**_of(project_id), **days, "variance_reason": str(reason)}
    return DomainEvent("commitment.renegotiated", "commitment", id, data)


def commitment_acted(id: UUID, project_id: UUID | None) -> DomainEvent:
    return DomainEvent("commitment.acted", "commitment", id, _of(project_id))


def commitment_kept(id: UUID, project_id: UUID | None, achieved_on: date) -> DomainEvent:
    data = {**_of(project_id), "achieved_on": achieved_on.isoformat()}
    return DomainEvent("commitment.kept", "commitment", id, data)


def commitment_missed(
    id: UUID, project_id: UUID | None, achieved_on: date, days_late: int, reason: VarianceReason
) -> DomainEvent:
    data = {
        **_of(project_id),
        "achieved_on": achieved_on.isoformat(),
        "days_late": days_late,
        "variance_reason": str(reason),
    }
    return DomainEvent("commitment.missed", "commitment", id, data)


def commitment_broken(id: UUID, project_id: UUID | None, reason: VarianceReason) -> DomainEvent:
    return DomainEvent("commitment.broken", "commitment", id, {**_of(project_id), "variance_reason": str(reason)})


def commitment_withdrawn(id: UUID, project_id: UUID | None) -> DomainEvent:
    return DomainEvent("commitment.withdrawn", "commitment", id, _of(project_id))


def _of(project_id: UUID | None) -> dict[str, object]:
    return {"project_id": str(project_id) if project_id is not None else None}
