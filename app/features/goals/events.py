"""What happens to goals and to the projects that serve them."""

from uuid import UUID

from app.core.events import DomainEvent


def goal_created(id: UUID) -> DomainEvent:
    return DomainEvent("goal.created", "goal", id)


def goal_updated(id: UUID, fields: list[str]) -> DomainEvent:
    return DomainEvent("goal.updated", "goal", id, {"fields": fields})


def goal_deleted(id: UUID) -> DomainEvent:
    return DomainEvent("goal.deleted", "goal", id)


def goal_link_created(id: UUID, project_id: UUID, goal_id: UUID) -> DomainEvent:
    return DomainEvent("goal_link.created", "goal_link", id, _between(project_id, goal_id))


def goal_link_updated(id: UUID, project_id: UUID, goal_id: UUID) -> DomainEvent:
    return DomainEvent("goal_link.updated", "goal_link", id, _between(project_id, goal_id))


def goal_link_deleted(id: UUID, project_id: UUID, goal_id: UUID) -> DomainEvent:
    return DomainEvent("goal_link.deleted", "goal_link", id, _between(project_id, goal_id))


def _between(project_id: UUID, goal_id: UUID) -> dict[str, object]:
    return {"project_id": str(project_id), "goal_id": str(goal_id)}
