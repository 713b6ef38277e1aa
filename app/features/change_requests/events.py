"""What happens to change requests, their options, and the rules of who decides."""

from datetime import date
from uuid import UUID

from app.core.events import DomainEvent


def change_created(id: UUID, project_id: UUID, number: int) -> DomainEvent:
    return DomainEvent("change_request.created", "change_request", id, {**_of(project_id), "number": number})


def change_updated(id: UUID, project_id: UUID, fields: list[str]) -> DomainEvent:
    return DomainEvent("change_request.updated", "change_request", id, {**_of(project_id), "fields": fields})


def change_deleted(id: UUID, project_id: UUID) -> DomainEvent:
    return DomainEvent("change_request.deleted", "change_request", id, _of(project_id))


def change_submitted(id: UUID, project_id: UUID) -> DomainEvent:
    return DomainEvent("change_request.submitted", "change_request", id, _of(project_id))


def assessment_begun(id: UUID, project_id: UUID) -> DomainEvent:
    return DomainEvent("change_request.assessment_begun", "change_request", id, _of(project_id))


def change_presented(id: UUID, project_id: UUID, options: int) -> DomainEvent:
    """It awaits a decision."""
    return DomainEvent("change_request.presented", "change_request", id, {**_of(project_id), "options": options})


def change_withdrawn(id: UUID, project_id: UUID) -> DomainEvent:
    return DomainEvent("change_request.withdrawn", "change_request", id, _of(project_id))


def change_merged(id: UUID, project_id: UUID, into_id: UUID) -> DomainEvent:
    return DomainEvent("change_request.merged", "change_request", id, {**_of(project_id), "into_id": str(into_id)})


def change_decided(
    id: UUID,
    project_id: UUID,
    outcome: str,
    *,
    decision_id: UUID,
    option_id: UUID | None,
    baseline_id: UUID | None,
    within_allowance: bool,
) -> DomainEvent:
    data = {
        **_of(project_id),
        "outcome": outcome,
        "decision_id": str(decision_id),
        "option_id": None if option_id is None else str(option_id),
        "baseline_id": None if baseline_id is None else str(baseline_id),
        "within_allowance": within_allowance,
    }
    return DomainEvent("change_request.decided", "change_request", id, data)


def change_implemented(id: UUID, project_id: UUID, on: date) -> DomainEvent:
    return DomainEvent("change_request.implemented", "change_request", id, {**_of(project_id), "on": on.isoformat()})


def option_created(id: UUID, project_id: UUID, change_request_id: UUID, number: int) -> DomainEvent:
    return DomainEvent(
        "change_option.created", "change_option", id, {**_for(project_id, change_request_id), "number": number}
    )


def option_updated(id: UUID, project_id: UUID, change_request_id: UUID, fields: list[str]) -> DomainEvent:
    return DomainEvent(
        "change_option.updated", "change_option", id, {**_for(project_id, change_request_id), "fields": fields}
    )


def option_deleted(id: UUID, project_id: UUID, change_request_id: UUID) -> DomainEvent:
    return DomainEvent("change_option.deleted", "change_option", id, _for(project_id, change_request_id))


def ask_sent(id: UUID, project_id: UUID, change_request_id: UUID, contact_id: UUID) -> DomainEvent:
    return DomainEvent(
        "change_ask.sent", "change_ask", id, {**_for(project_id, change_request_id), "contact_id": str(contact_id)}
    )


def ask_answered(id: UUID, project_id: UUID, change_request_id: UUID, contact_id: UUID, answer: str) -> DomainEvent:
    data = {**_for(project_id, change_request_id), "contact_id": str(contact_id), "answer": answer}
    return DomainEvent("change_ask.answered", "change_ask", id, data)


def authority_created(id: UUID) -> DomainEvent:
    return DomainEvent("change_authority.created", "change_authority", id)


def authority_updated(id: UUID, fields: list[str]) -> DomainEvent:
    return DomainEvent("change_authority.updated", "change_authority", id, {"fields": fields})


def authority_deleted(id: UUID) -> DomainEvent:
    return DomainEvent("change_authority.deleted", "change_authority", id)


def _of(project_id: UUID) -> dict[str, object]:
    return {"project_id": str(project_id)}


def _for(project_id: UUID, change_request_id: UUID) -> dict[str, object]:
    return {**_of(project_id), "change_request_id": str(change_request_id)}
