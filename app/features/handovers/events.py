"""What happens to hand-overs. The seats' own events are those of assignments."""

from uuid import UUID

from app.core.events import DomainEvent


def handover_created(id: UUID, moves: int) -> DomainEvent:
    return DomainEvent("handover.created", "handover", id, {"moves": moves})


def handover_updated(id: UUID, fields: list[str]) -> DomainEvent:
    return DomainEvent("handover.updated", "handover", id, {"fields": fields})


def handover_deleted(id: UUID) -> DomainEvent:
    return DomainEvent("handover.deleted", "handover", id)


def handover_scheduled(id: UUID, notices: int, tasks: int) -> DomainEvent:
    return DomainEvent("handover.scheduled", "handover", id, {"notices": notices, "tasks": tasks})


def handover_completed(id: UUID, moves: int, project_ids: list[UUID]) -> DomainEvent:
    data = {"moves": moves, "project_ids": [str(project_id) for project_id in project_ids]}
    return DomainEvent("handover.completed", "handover", id, data)


def project_seats_moved(project_id: UUID, handover_id: UUID, roles: list[str]) -> DomainEvent:
    """What a hand-over did to one project; `roles` are those whose seats changed hands."""
    data = {"handover_id": str(handover_id), "roles": roles}
    return DomainEvent("project.seats_moved", "project", project_id, data)


def handover_cancelled(id: UUID) -> DomainEvent:
    return DomainEvent("handover.cancelled", "handover", id)


def notice_notified(id: UUID, handover_id: UUID, client_id: UUID) -> DomainEvent:
    return DomainEvent("handover_notice.notified", "handover_notice", id, _of(handover_id, client_id))


def notice_answered(id: UUID, handover_id: UUID, client_id: UUID, answer: str) -> DomainEvent:
    data = {**_of(handover_id, client_id), "answer": answer}
    return DomainEvent("handover_notice.answered", "handover_notice", id, data)


def notice_resolved(id: UUID, handover_id: UUID, client_id: UUID) -> DomainEvent:
    return DomainEvent("handover_notice.resolved", "handover_notice", id, _of(handover_id, client_id))


def notice_waived(id: UUID, handover_id: UUID, client_id: UUID) -> DomainEvent:
    return DomainEvent("handover_notice.waived", "handover_notice", id, _of(handover_id, client_id))


def task_updated(id: UUID, handover_id: UUID, done: bool) -> DomainEvent:
    return DomainEvent("handover_task.updated", "handover_task", id, {"handover_id": str(handover_id), "done": done})


def _of(handover_id: UUID, client_id: UUID) -> dict[str, object]:
    return {"handover_id": str(handover_id), "client_id": str(client_id)}
