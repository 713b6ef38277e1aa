"""What happens to assignments."""

from datetime import date
from uuid import UUID

from app.core.events import DomainEvent


def assignment_started(id: UUID, project_id: UUID, person_id: UUID | None) -> DomainEvent:
    return DomainEvent("assignment.started", "assignment", id, _of(project_id, person_id))


def assignment_updated(id: UUID, project_id: UUID, person_id: UUID | None, fields: list[str]) -> DomainEvent:
    return DomainEvent("assignment.updated", "assignment", id, {**_of(project_id, person_id), "fields": fields})


def assignment_ended(id: UUID, project_id: UUID, person_id: UUID | None, on: date) -> DomainEvent:
    """`on`, which may lie ahead, is the first day on which it holds no more."""
    return DomainEvent("assignment.ended", "assignment", id, {**_of(project_id, person_id), "on": on.isoformat()})


def assignment_deleted(id: UUID, project_id: UUID, person_id: UUID | None) -> DomainEvent:
    return DomainEvent("assignment.deleted", "assignment", id, _of(project_id, person_id))


def _of(project_id: UUID, person_id: UUID | None) -> dict[str, object]:
    return {"project_id": str(project_id), "person_id": str(person_id) if person_id else None}
