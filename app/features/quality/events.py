"""What happens to the quality of the work."""

from datetime import date
from uuid import UUID

from app.core.events import DomainEvent


def review_recorded(id: UUID, project_id: UUID, round: int, outcome: str) -> DomainEvent:
    data = {"project_id": str(project_id), "round": round, "outcome": outcome}
    return DomainEvent("deliverable_review.recorded", "deliverable_review", id, data)


def review_corrected(id: UUID, project_id: UUID, fields: list[str]) -> DomainEvent:
    data = {"project_id": str(project_id), "fields": fields}
    return DomainEvent("deliverable_review.corrected", "deliverable_review", id, data)


def review_withdrawn(id: UUID, project_id: UUID) -> DomainEvent:
    return DomainEvent("deliverable_review.withdrawn", "deliverable_review", id, {"project_id": str(project_id)})


def defect_recorded(id: UUID, project_id: UUID, severity: str, escaped: bool) -> DomainEvent:
    data = {"project_id": str(project_id), "severity": severity, "escaped": escaped}
    return DomainEvent("defect.recorded", "defect", id, data)


def defect_corrected(id: UUID, project_id: UUID, fields: list[str]) -> DomainEvent:
    return DomainEvent("defect.corrected", "defect", id, {"project_id": str(project_id), "fields": fields})


def defect_resolved(id: UUID, project_id: UUID, on: date) -> DomainEvent:
    return DomainEvent("defect.resolved", "defect", id, {"project_id": str(project_id), "on": on.isoformat()})


def defect_withdrawn(id: UUID, project_id: UUID) -> DomainEvent:
    return DomainEvent("defect.withdrawn", "defect", id, {"project_id": str(project_id)})
