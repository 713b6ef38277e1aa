from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints

from app.core.schema import Bool, Example, Instant, Schema, Words
from app.models.period import PeriodStatus, PeriodStep

LABEL_PATTERN = r"^20[0-4][0-9]-(0[1-9]|1[0-2])$"
Label = Annotated[str, StringConstraints(pattern=LABEL_PATTERN)]

REOPEN_EXAMPLE: Example = {"reason": "María's trip to Acme was booked on the wrong project."}


class PeriodRead(Schema):
    """A calendar month of the books. One that never was closed is open, at revision 0 and version 0."""

    id: UUID | None = Field(description="Null where it never was closed.")
    version: int
    created_at: Instant | None
    updated_at: Instant | None
    label: str = Field(examples=["2026-03"])
    starts_on: date
    ends_on: date = Field(description="The first day after it.")
    status: PeriodStatus
    allowed_transitions: list[PeriodStatus]
    revision: int = Field(description="How often it was closed.")
    etag: str = Field(examples=['"1"'])


class PeriodHistoryRead(Schema):
    """A period was closed, as this revision, or opened again. It is never changed or deleted."""

    id: UUID
    period_id: UUID
    period: str = Field(examples=["2026-03"])
    step: PeriodStep
    revision: int
    at: Instant
    by_person_id: UUID | None
    decision_id: UUID | None = Field(description="The reason: why it was opened again, or closed with obstacles.")
    etag: str = Field(examples=['"1"'])


class PeriodClose(Schema):
    """Close the books of a month that is over."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}]})
    accept_obstacles: Bool = Field(default=False, description="Close it although something is in the way.")
    reason: Words | None = Field(default=None, description="Needed with `accept_obstacles`: it is logged.")


class PeriodReopen(Schema):
    """Open the books of a closed month again."""

    model_config = ConfigDict(json_schema_extra={"examples": [REOPEN_EXAMPLE]})
    reason: Words


class ObstacleKind(StrEnum):
    MISSING_TIMESHEET = "missing_timesheet"
    UNAPPROVED_HOURS = "unapproved_hours"
    MISSING_RATE = "missing_rate"
    MISSING_EXCHANGE_RATE = "missing_exchange_rate"
    UNMATCHED_WORKLOG = "unmatched_worklog"


class Obstacle(Schema):
    """Something to settle before the period is closed."""

    kind: ObstacleKind
    subject_type: str
    subject_id: UUID
    detail: str
    link: str = Field(
        description="Where to look at it.", examples=["/v1/time-entries/01890000-0000-7000-8000-000000000023"]
    )


class Counts(Schema):
    """How many obstacles of each kind there are, listed or not; null where that can't be told."""

    missing_timesheet: int = Field(description="People.")
    unapproved_hours: int = Field(description="Time entries.")
    missing_rate: int = Field(description="People.")
    missing_exchange_rate: int = Field(description="Time entries, expenses and invoices.")
    unmatched_worklog: int | None


class NotCounted(Schema):
    """A kind of obstacle that can't be told, and why."""

    kind: ObstacleKind
    reason: str


class Readiness(Schema):
    """Whether a period can be closed, and what is in the way.

    A timesheet is missing where somebody had hours to work in a week (Monday to Sunday; its days in the month that have
    passed) and logged none at all in that week. Asked are people with a home role who logged anything in the 90 days up
    to the end of the month: `people_left_out` are the others who were employed. Of each kind at most 200 obstacles are
    listed; `counts` are exact.
    """

    period: str = Field(examples=["2026-03"])
    ready: bool
    counts: Counts
    not_counted: list[NotCounted]
    people_left_out: int
    obstacles: list[Obstacle]
