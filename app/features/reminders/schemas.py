"""What is due and has not been done, whoever is to see to it."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from app.core.schema import Schema


class ReminderKind(StrEnum):
    OUTCOME_REVIEW = "outcome_review"
    STALE_HEALTH = "stale_health"
    UNANSWERED_LINK = "unanswered_link"
    PROMISE_DUE = "promise_due"
    RISK_RESPONSE_DUE = "risk_response_due"
    RESCUE_ACTION_DUE = "rescue_action_due"
    CHANGE_DECISION_DUE = "change_decision_due"
    DEVELOPMENT_ENDS = "development_ends"
    TOUCHPOINT_DUE = "touchpoint_due"
    MILESTONE_DUE = "milestone_due"
    PROJECT_TASK_DUE = "project_task_due"
    PERIOD_TO_CLOSE = "period_to_close"


class Reminder(Schema):
    """Something that is due, or overdue."""

    kind: ReminderKind
    subject_type: str = Field(examples=["commitment"])
    subject_id: UUID
    project_id: UUID | None
    client_id: UUID | None
    person_id: UUID | None = Field(description="Who should see to it; null where nobody is named.")
    due_on: date
    days_overdue: int = Field(description="Negative where it is due in so many days.")
    what: str
    link: str = Field(examples=["/v1/commitments/01890000-0000-7000-8000-000000000001"])


class RemindersRead(Schema):
    """What is due on a day, the oldest first; `counts` are of all, also of those beyond `limit`."""

    on: date
    total: int
    counts: dict[ReminderKind, int]
    items: list[Reminder]
