"""What happens to periods."""

from uuid import UUID

from app.core.events import DomainEvent


def period_closed(id: UUID, label: str, revision: int) -> DomainEvent:
    return DomainEvent("period.closed", "period", id, {"label": label, "revision": revision})


def period_reopened(id: UUID, label: str, revision: int) -> DomainEvent:
    return DomainEvent("period.reopened", "period", id, {"label": label, "revision": revision})
