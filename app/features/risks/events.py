"""What happens to risks and issues."""

from uuid import UUID

from app.core.events import DomainEvent


def risk_created(id: UUID, project_id: UUID, exposure: int) -> DomainEvent:
    return DomainEvent("risk.created", "risk", id, {**_of(project_id), "exposure": exposure})


def risk_updated(id: UUID, project_id: UUID, fields: list[str], exposure: int) -> DomainEvent:
    return DomainEvent("risk.updated", "risk", id, {**_of(project_id), "fields": fields, "exposure": exposure})


def risk_closed(id: UUID, project_id: UUID) -> DomainEvent:
    return DomainEvent("risk.closed", "risk", id, _of(project_id))


def risk_reopened(id: UUID, project_id: UUID) -> DomainEvent:
    return DomainEvent("risk.reopened", "risk", id, _of(project_id))


def risk_occurred(id: UUID, project_id: UUID, issue_id: UUID) -> DomainEvent:
    return DomainEvent("risk.occurred", "risk", id, {**_of(project_id), "issue_id": str(issue_id)})


def issue_created(id: UUID, project_id: UUID, risk_id: UUID | None) -> DomainEvent:
    data = {**_of(project_id), "risk_id": str(risk_id) if risk_id is not None else None}
    return DomainEvent("issue.created", "issue", id, data)


def issue_updated(id: UUID, project_id: UUID, fields: list[str]) -> DomainEvent:
    return DomainEvent("issue.updated", "issue", id, {**_of(project_id), "fields": fields})


def issue_started(id: UUID, project_id: UUID) -> DomainEvent:
    return DomainEvent("issue.started", "issue", id, _of(project_id))


def issue_resolved(id: UUID, project_id: UUID) -> DomainEvent:
    return DomainEvent("issue.resolved", "issue", id, _of(project_id))


def issue_withdrawn(id: UUID, project_id: UUID) -> DomainEvent:
    return DomainEvent("issue.withdrawn", "issue", id, _of(project_id))


def issue_reopened(id: UUID, project_id: UUID) -> DomainEvent:
    return DomainEvent("issue.reopened", "issue", id, _of(project_id))


def _of(project_id: UUID) -> dict[str, object]:
    return {"project_id": str(project_id)}
