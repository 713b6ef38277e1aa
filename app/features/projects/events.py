"""What happens to projects, their seats, milestones, estimates and baselines."""

from datetime import date
from uuid import UUID

from app.core.events import DomainEvent


def project_created(id: UUID, client_id: UUID, status: str) -> DomainEvent:
    return DomainEvent("project.created", "project", id, {"client_id": str(client_id), "status": status})


def project_updated(id: UUID, fields: list[str]) -> DomainEvent:
    return DomainEvent("project.updated", "project", id, {"fields": fields})


def project_deleted(id: UUID) -> DomainEvent:
    return DomainEvent("project.deleted", "project", id)


def project_transitioned(id: UUID, transition_id: UUID, former: str, to: str, on: date) -> DomainEvent:
    """`on` may lie ahead."""
    data = {"transition_id": str(transition_id), "from": former, "to": to, "on": on.isoformat()}
    return DomainEvent("project.transitioned", "project", id, data)


def transition_cancelled(id: UUID, transition_id: UUID, to: str, on: date) -> DomainEvent:
    data = {"transition_id": str(transition_id), "to": to, "on": on.isoformat()}
    return DomainEvent("project.transition_cancelled", "project", id, data)


def baseline_created(id: UUID, project_id: UUID, number: int, cause: str) -> DomainEvent:
    return DomainEvent("baseline.created", "baseline", id, {**_of(project_id), "number": number, "cause": cause})


def seat_created(id: UUID, project_id: UUID, role: str) -> DomainEvent:
    return DomainEvent("seat.created", "seat", id, {**_of(project_id), "role": role})


def seat_updated(id: UUID, project_id: UUID, role: str) -> DomainEvent:
    return DomainEvent("seat.updated", "seat", id, {**_of(project_id), "role": role})


def seat_deleted(id: UUID, project_id: UUID, role: str) -> DomainEvent:
    return DomainEvent("seat.deleted", "seat", id, {**_of(project_id), "role": role})


def milestone_created(id: UUID, project_id: UUID) -> DomainEvent:
    return DomainEvent("milestone.created", "milestone", id, _of(project_id))


def milestone_updated(id: UUID, project_id: UUID, fields: list[str]) -> DomainEvent:
    return DomainEvent("milestone.updated", "milestone", id, {**_of(project_id), "fields": fields})


def milestone_reached(id: UUID, project_id: UUID, on: date) -> DomainEvent:
    return DomainEvent("milestone.reached", "milestone", id, {**_of(project_id), "on": on.isoformat()})


def milestone_deleted(id: UUID, project_id: UUID) -> DomainEvent:
    return DomainEvent("milestone.deleted", "milestone", id, _of(project_id))


def estimate_created(id: UUID, project_id: UUID, role: str) -> DomainEvent:
    return DomainEvent("estimate.created", "estimate", id, {**_of(project_id), "role": role})


def estimate_updated(id: UUID, project_id: UUID, role: str) -> DomainEvent:
    return DomainEvent("estimate.updated", "estimate", id, {**_of(project_id), "role": role})


def estimate_deleted(id: UUID, project_id: UUID, role: str) -> DomainEvent:
    return DomainEvent("estimate.deleted", "estimate", id, {**_of(project_id), "role": role})


def _of(project_id: UUID) -> dict[str, object]:
    return {"project_id": str(project_id)}


def lead_role_changed(project_id: UUID, role: str | None) -> DomainEvent:
    """`role` is what was said; null: it is derived again."""
    return DomainEvent("project.lead_role_changed", "project", project_id, {"role": role})
