"""What happens to roles."""

from uuid import UUID

from app.core.events import DomainEvent


def role_created(id: UUID) -> DomainEvent:
    return DomainEvent("role.created", "role", id)


def role_updated(id: UUID, fields: list[str]) -> DomainEvent:
    return DomainEvent("role.updated", "role", id, {"fields": fields})


def role_deleted(id: UUID) -> DomainEvent:
    return DomainEvent("role.deleted", "role", id)


def responsibility_created(id: UUID) -> DomainEvent:
    return DomainEvent("responsibility.created", "responsibility", id)


def responsibility_updated(id: UUID, fields: list[str]) -> DomainEvent:
    return DomainEvent("responsibility.updated", "responsibility", id, {"fields": fields})


def responsibility_deleted(id: UUID) -> DomainEvent:
    return DomainEvent("responsibility.deleted", "responsibility", id)
