"""What happens to API keys."""

from uuid import UUID

from app.core.caller import AccessRole
from app.core.events import DomainEvent


def api_key_created(id: UUID, role: AccessRole) -> DomainEvent:
    return DomainEvent("api_key.created", "api_key", id, {"role": role})


def api_key_updated(id: UUID, fields: list[str]) -> DomainEvent:
    return DomainEvent("api_key.updated", "api_key", id, {"fields": fields})


def api_key_rotated(id: UUID, grace_seconds: int) -> DomainEvent:
    return DomainEvent("api_key.rotated", "api_key", id, {"grace_seconds": grace_seconds})


def api_key_revoked(id: UUID) -> DomainEvent:
    return DomainEvent("api_key.revoked", "api_key", id)
