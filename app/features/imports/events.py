"""What imports bring."""

from uuid import UUID

from app.core.events import DomainEvent


def import_completed(id: UUID, resource: str, created: int, updated: int) -> DomainEvent:
    return DomainEvent("import.completed", "import", id, {"resource": resource, "created": created, "updated": updated})
