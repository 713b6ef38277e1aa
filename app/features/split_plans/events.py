"""What happens to split plans. By itself a plan moves nobody."""

from uuid import UUID

from app.core.events import DomainEvent


def split_plan_created(id: UUID, status: str, moves: int) -> DomainEvent:
    return DomainEvent("split_plan.created", "split_plan", id, {"status": status, "moves": moves})


def split_plan_edited(id: UUID, project_id: UUID, role: str, to_person_id: UUID) -> DomainEvent:
    data = {"project_id": str(project_id), "role": role, "to_person_id": str(to_person_id)}
    return DomainEvent("split_plan.edited", "split_plan", id, data)


def split_plan_waves_drafted(id: UUID, waves: int, moves: int) -> DomainEvent:
    """Its moves became draft hand-overs, one a wave."""
    return DomainEvent("split_plan.waves_drafted", "split_plan", id, {"waves": waves, "moves": moves})


def split_plan_deleted(id: UUID) -> DomainEvent:
    return DomainEvent("split_plan.deleted", "split_plan", id)
