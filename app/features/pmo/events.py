"""What happens to the office itself: what projects need, how people grow, what the office is for."""

from uuid import UUID

from app.core.events import DomainEvent


def skill_need_created(id: UUID, project_id: UUID) -> DomainEvent:
    return DomainEvent("skill_need.created", "skill_need", id, {"project_id": str(project_id)})


def skill_need_updated(id: UUID, project_id: UUID, fields: list[str]) -> DomainEvent:
    return DomainEvent("skill_need.updated", "skill_need", id, {"project_id": str(project_id), "fields": fields})


def skill_need_deleted(id: UUID, project_id: UUID) -> DomainEvent:
    return DomainEvent("skill_need.deleted", "skill_need", id, {"project_id": str(project_id)})
