"""What happens to money; never how much of it."""

from uuid import UUID

from app.core.events import DomainEvent


def expense_created(id: UUID, project_id: UUID) -> DomainEvent:
    return DomainEvent("expense.created", "expense", id, {"project_id": str(project_id)})


def expense_updated(id: UUID, project_id: UUID, fields: list[str]) -> DomainEvent:
    return DomainEvent("expense.updated", "expense", id, {"project_id": str(project_id), "fields": fields})


def expense_deleted(id: UUID, project_id: UUID) -> DomainEvent:
    return DomainEvent("expense.deleted", "expense", id, {"project_id": str(project_id)})


def invoice_created(id: UUID, project_id: UUID) -> DomainEvent:
    return DomainEvent("invoice.created", "invoice", id, {"project_id": str(project_id)})


def invoice_updated(id: UUID, project_id: UUID, fields: list[str]) -> DomainEvent:
    return DomainEvent("invoice.updated", "invoice", id, {"project_id": str(project_id), "fields": fields})


def invoice_deleted(id: UUID, project_id: UUID) -> DomainEvent:
    return DomainEvent("invoice.deleted", "invoice", id, {"project_id": str(project_id)})


def rate_card_created(id: UUID) -> DomainEvent:
    return DomainEvent("rate_card.created", "rate_card", id)


def rate_card_updated(id: UUID, fields: list[str]) -> DomainEvent:
    return DomainEvent("rate_card.updated", "rate_card", id, {"fields": fields})


def rate_card_deleted(id: UUID) -> DomainEvent:
    return DomainEvent("rate_card.deleted", "rate_card", id)


def exchange_rate_created(id: UUID) -> DomainEvent:
    return DomainEvent("exchange_rate.created", "exchange_rate", id)


def exchange_rate_updated(id: UUID, fields: list[str]) -> DomainEvent:
    return DomainEvent("exchange_rate.updated", "exchange_rate", id, {"fields": fields})


def exchange_rate_deleted(id: UUID) -> DomainEvent:
    return DomainEvent("exchange_rate.deleted", "exchange_rate", id)
