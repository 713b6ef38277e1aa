"""What happens to the playbook."""

from uuid import UUID

from app.core.events import DomainEvent


def checklist_created(id: UUID, occasion: str) -> DomainEvent:
    return DomainEvent("checklist.created", "checklist", id, {"occasion": occasion})


def checklist_updated(id: UUID, occasion: str, fields: list[str]) -> DomainEvent:
    return DomainEvent("checklist.updated", "checklist", id, {"occasion": occasion, "fields": fields})


def checklist_deleted(id: UUID, occasion: str) -> DomainEvent:
    return DomainEvent("checklist.deleted", "checklist", id, {"occasion": occasion})
