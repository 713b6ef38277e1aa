"""What is said and asked; never the words, nor who said them. Anonymous answers are none: events have an instant."""

from uuid import UUID

from app.core.events import DomainEvent


def feedback_created(id: UUID, subject: str, project_id: UUID | None, client_id: UUID | None) -> DomainEvent:
    return DomainEvent("feedback.created", "feedback", id, _about(subject, project_id, client_id))


def feedback_updated(id: UUID, project_id: UUID | None, fields: list[str]) -> DomainEvent:
    return DomainEvent("feedback.updated", "feedback", id, {**_of(project_id), "fields": fields})


def feedback_deleted(id: UUID, project_id: UUID | None) -> DomainEvent:
    return DomainEvent("feedback.deleted", "feedback", id, _of(project_id))


def feedback_received(
    id: UUID, request_id: UUID, subject: str, project_id: UUID | None, client_id: UUID
) -> DomainEvent:
    data = _about(subject, project_id, client_id) | {"feedback_request_id": str(request_id)}
    return DomainEvent("feedback.received", "feedback", id, data)


def request_sent(id: UUID, subject: str, project_id: UUID | None, client_id: UUID) -> DomainEvent:
    return DomainEvent("feedback_request.sent", "feedback_request", id, _about(subject, project_id, client_id))


def request_renewed(id: UUID, project_id: UUID | None) -> DomainEvent:
    return DomainEvent("feedback_request.renewed", "feedback_request", id, _of(project_id))


def request_withdrawn(id: UUID, project_id: UUID | None) -> DomainEvent:
    return DomainEvent("feedback_request.withdrawn", "feedback_request", id, _of(project_id))


def _about(subject: str, project_id: UUID | None, client_id: UUID | None) -> dict[str, str | None]:
    return {"subject": subject, **_of(project_id), "client_id": None if client_id is None else str(client_id)}


def _of(project_id: UUID | None) -> dict[str, str | None]:
    return {"project_id": None if project_id is None else str(project_id)}
