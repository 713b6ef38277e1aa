"""What happens to duty rules and duty profiles."""

from uuid import UUID

from app.core.events import DomainEvent


def duty_rule_created(id: UUID) -> DomainEvent:
    return DomainEvent("duty_rule.created", "duty_rule", id)


def duty_rule_updated(id: UUID, fields: list[str]) -> DomainEvent:
    return DomainEvent("duty_rule.updated", "duty_rule", id, {"fields": fields})


def duty_rule_deleted(id: UUID) -> DomainEvent:
    return DomainEvent("duty_rule.deleted", "duty_rule", id)


def duty_profile_created(id: UUID, person_id: UUID) -> DomainEvent:
    return DomainEvent("duty_profile.created", "duty_profile", id, {"person_id": str(person_id)})


def duty_profile_updated(id: UUID, person_id: UUID, fields: list[str]) -> DomainEvent:
    return DomainEvent("duty_profile.updated", "duty_profile", id, {"person_id": str(person_id), "fields": fields})


def duty_profile_deleted(id: UUID, person_id: UUID) -> DomainEvent:
    return DomainEvent("duty_profile.deleted", "duty_profile", id, {"person_id": str(person_id)})
