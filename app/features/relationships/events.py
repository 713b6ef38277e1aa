"""What happens between people and clients."""

from uuid import UUID

from app.core.events import DomainEvent


def relationship_created(id: UUID, person_id: UUID, client_id: UUID, strength: int) -> DomainEvent:
    return DomainEvent("relationship.created", "relationship", id, _of(person_id, client_id) | {"strength": strength})


def relationship_updated(id: UUID, person_id: UUID, client_id: UUID, strength: int) -> DomainEvent:
    return DomainEvent("relationship.updated", "relationship", id, _of(person_id, client_id) | {"strength": strength})


def relationship_deleted(id: UUID, person_id: UUID, client_id: UUID) -> DomainEvent:
    return DomainEvent("relationship.deleted", "relationship", id, _of(person_id, client_id))


def _of(person_id: UUID, client_id: UUID) -> dict[str, object]:
    return {"person_id": str(person_id), "client_id": str(client_id)}
