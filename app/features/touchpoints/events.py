"""How clients are kept in touch with."""

from uuid import UUID

from app.core.events import DomainEvent


def touchpoint_recorded(id: UUID, client_id: UUID, person_id: UUID, kind: str) -> DomainEvent:
    data = {"client_id": str(client_id), "person_id": str(person_id), "kind": kind}
    return DomainEvent("touchpoint.recorded", "touchpoint", id, data)


def touchpoint_corrected(id: UUID, client_id: UUID, fields: list[str]) -> DomainEvent:
    return DomainEvent("touchpoint.corrected", "touchpoint", id, {"client_id": str(client_id), "fields": fields})


def touchpoint_withdrawn(id: UUID, client_id: UUID) -> DomainEvent:
    return DomainEvent("touchpoint.withdrawn", "touchpoint", id, {"client_id": str(client_id)})
