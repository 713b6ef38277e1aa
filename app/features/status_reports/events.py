"""What happens to status reports, and to the health of projects by them."""

from uuid import UUID

from app.core.events import DomainEvent


def status_report_created(id: UUID, project_id: UUID, health: str) -> DomainEvent:
    data = {"project_id": str(project_id), "health": health}
    return DomainEvent("status_report.created", "status_report", id, data)


def status_report_updated(id: UUID, project_id: UUID, fields: list[str]) -> DomainEvent:
    return DomainEvent("status_report.updated", "status_report", id, {"project_id": str(project_id), "fields": fields})


def status_report_deleted(id: UUID, project_id: UUID) -> DomainEvent:
    return DomainEvent("status_report.deleted", "status_report", id, {"project_id": str(project_id)})


def health_changed(project_id: UUID, former: str | None, to: str | None) -> DomainEvent:
    return DomainEvent("project.health_changed", "project", project_id, {"from": former, "to": to})
