"""What happens to templates, and to projects as they begin and end."""

from datetime import date
from uuid import UUID

from app.core.events import DomainEvent


def template_created(id: UUID) -> DomainEvent:
    return DomainEvent("project_template.created", "project_template", id)


def template_updated(id: UUID, fields: list[str]) -> DomainEvent:
    return DomainEvent("project_template.updated", "project_template", id, {"fields": fields})


def template_deleted(id: UUID) -> DomainEvent:
    return DomainEvent("project_template.deleted", "project_template", id)


def task_created(id: UUID, project_id: UUID, occasion: str) -> DomainEvent:
    data = {"project_id": str(project_id), "occasion": occasion}
    return DomainEvent("project_task.created", "project_task", id, data)


def task_updated(id: UUID, project_id: UUID, fields: list[str], done: bool) -> DomainEvent:
    data = {"project_id": str(project_id), "fields": fields, "done": done}
    return DomainEvent("project_task.updated", "project_task", id, data)


def task_deleted(id: UUID, project_id: UUID) -> DomainEvent:
    return DomainEvent("project_task.deleted", "project_task", id, {"project_id": str(project_id)})


def project_kicked_off(
    id: UUID, template_id: UUID | None, baseline_id: UUID, start_on: date, seats: int, tasks: int
) -> DomainEvent:
    data = {
        "template_id": str(template_id) if template_id is not None else None,
        "baseline_id": str(baseline_id),
        "start_on": start_on.isoformat(),
        "seats": seats,
        "tasks": tasks,
    }
    return DomainEvent("project.kicked_off", "project", id, data)


def closing_prepared(id: UUID, tasks: int) -> DomainEvent:
    return DomainEvent("project.closing_prepared", "project", id, {"tasks": tasks})
