"""What happens to rescues and their actions. What they cost is not told."""

from uuid import UUID

from app.core.events import DomainEvent


def rescue_created(id: UUID, project_id: UUID, rescuer_id: UUID) -> DomainEvent:
    return DomainEvent("rescue.created", "rescue", id, {**_of(project_id), "rescuer_id": str(rescuer_id)})


def rescue_updated(id: UUID, project_id: UUID, fields: list[str]) -> DomainEvent:
    return DomainEvent("rescue.updated", "rescue", id, {**_of(project_id), "fields": fields})


def rescue_decided(id: UUID, project_id: UUID, course: str, decision_id: UUID) -> DomainEvent:
    data = {**_of(project_id), "course": course, "decision_id": str(decision_id)}
    return DomainEvent("rescue.decided", "rescue", id, data)


def rescue_closed(id: UUID, project_id: UUID, met_forecast: bool | None) -> DomainEvent:
    return DomainEvent("rescue.closed", "rescue", id, {**_of(project_id), "met_forecast": met_forecast})


def rescue_cancelled(id: UUID, project_id: UUID) -> DomainEvent:
    return DomainEvent("rescue.cancelled", "rescue", id, _of(project_id))


def action_created(id: UUID, project_id: UUID, rescue_id: UUID) -> DomainEvent:
    return DomainEvent("rescue_action.created", "rescue_action", id, _in(project_id, rescue_id))


def action_updated(id: UUID, project_id: UUID, rescue_id: UUID, fields: list[str], done: bool) -> DomainEvent:
    data = {**_in(project_id, rescue_id), "fields": fields, "done": done}
    return DomainEvent("rescue_action.updated", "rescue_action", id, data)


def action_deleted(id: UUID, project_id: UUID, rescue_id: UUID) -> DomainEvent:
    return DomainEvent("rescue_action.deleted", "rescue_action", id, _in(project_id, rescue_id))


def _of(project_id: UUID) -> dict[str, object]:
    return {"project_id": str(project_id)}


def _in(project_id: UUID, rescue_id: UUID) -> dict[str, object]:
    return {**_of(project_id), "rescue_id": str(rescue_id)}
