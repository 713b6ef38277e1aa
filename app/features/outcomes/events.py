"""What happens to the outcomes of projects."""

from uuid import UUID

from app.core.events import DomainEvent


def outcome_created(id: UUID, project_id: UUID) -> DomainEvent:
    return DomainEvent("outcome.created", "outcome", id, {"project_id": str(project_id)})


def outcome_updated(id: UUID, project_id: UUID, fields: list[str]) -> DomainEvent:
    return DomainEvent("outcome.updated", "outcome", id, {"project_id": str(project_id), "fields": fields})


def outcome_reviewed(id: UUID, project_id: UUID, achieved: bool) -> DomainEvent:
    return DomainEvent("outcome.reviewed", "outcome", id, {"project_id": str(project_id), "achieved": achieved})


def outcome_deleted(id: UUID, project_id: UUID) -> DomainEvent:
    return DomainEvent("outcome.deleted", "outcome", id, {"project_id": str(project_id)})
