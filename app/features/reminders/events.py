"""What is told of reminders."""

from datetime import date
from uuid import UUID

from app.core.events import DomainEvent


def reminder_sent(kind: str, subject_type: str, subject_id: UUID, due_on: date, project_id: UUID | None) -> DomainEvent:
    data = {
        "kind": kind,
        "subject_type": subject_type,
        "subject_id": str(subject_id),
        "due_on": due_on.isoformat(),
        "project_id": None if project_id is None else str(project_id),
    }
    return DomainEvent("reminder.sent", subject_type, subject_id, data)
