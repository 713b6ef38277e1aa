"""What happens to clients."""

from uuid import UUID

from app.core.events import DomainEvent


def client_created(id: UUID) -> DomainEvent:
    return DomainEvent("client.created", "client", id)


def client_updated(id: UUID, fields: list[str]) -> DomainEvent:
    return DomainEvent("client.updated", "client", id, {"fields": fields})


def client_deleted(id: UUID) -> DomainEvent:
    return DomainEvent("client.deleted", "client", id)
