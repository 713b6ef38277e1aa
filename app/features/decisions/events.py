"""What happens in the decision log."""

from uuid import UUID

from app.core.events import DomainEvent


def decision_logged(id: UUID, kind: str, subject_type: str, subject_id: UUID, project_id: UUID | None) -> DomainEvent:
    filed = {"project_id": str(project_id)} if project_id is not None else {}
    data = {"kind": kind, "subject_type": subject_type, "subject_id": str(subject_id), **filed}
    return DomainEvent("decision.logged", "decision", id, data)


def outcome_recorded(id: UUID, outcome_id: UUID, as_expected: bool | None) -> DomainEvent:
    data = {"outcome_id": str(outcome_id), "as_expected": as_expected}
    return DomainEvent("decision.outcome_recorded", "decision", id, data)
