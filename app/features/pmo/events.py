"""What happens to the office itself: what projects need, how people grow, what the office is for."""

from datetime import date
from uuid import UUID

from app.core.events import DomainEvent


def skill_need_created(id: UUID, project_id: UUID) -> DomainEvent:
    return DomainEvent("skill_need.created", "skill_need", id, {"project_id": str(project_id)})


def skill_need_updated(id: UUID, project_id: UUID, fields: list[str]) -> DomainEvent:
    return DomainEvent("skill_need.updated", "skill_need", id, {"project_id": str(project_id), "fields": fields})


def skill_need_deleted(id: UUID, project_id: UUID) -> DomainEvent:
    return DomainEvent("skill_need.deleted", "skill_need", id, {"project_id": str(project_id)})


def development_created(id: UUID, person_id: UUID, kind: str) -> DomainEvent:
    return DomainEvent("development.created", "development", id, {"person_id": str(person_id), "kind": kind})


def development_updated(id: UUID, person_id: UUID, fields: list[str]) -> DomainEvent:
    return DomainEvent("development.updated", "development", id, {"person_id": str(person_id), "fields": fields})


def development_deleted(id: UUID, person_id: UUID) -> DomainEvent:
    return DomainEvent("development.deleted", "development", id, {"person_id": str(person_id)})


def development_completed(id: UUID, person_id: UUID, completed_on: date, former_level: int, level: int) -> DomainEvent:
    data = {
        "person_id": str(person_id),
        "completed_on": completed_on.isoformat(),
        "former_level": former_level,
        "level": level,
    }
    return DomainEvent("development.completed", "development", id, data)


def charter_adopted(id: UUID, number: int, valid_from: date) -> DomainEvent:
    return DomainEvent("charter.adopted", "charter", id, {"number": number, "valid_from": valid_from.isoformat()})
