from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, Field

from app.core.schema import (
    SENSITIVE,
    Amount,
    Bool,
    Currency,
    Day,
    Example,
    FactDay,
    Figure,
    Instant,
    Read,
    Schema,
    Sum,
    Words,
    decimal_marks,
    partial,
)
from app.models.project import ProjectStatus
from app.models.rescue import Course, RescueStatus

RESCUE_EXAMPLE: Example = {
    "project_id": "01890000-0000-7000-8000-000000000003",
    "rescuer_id": "01890000-0000-7000-8000-000000000002",
    "trigger": "The launch has slipped twice, and the budget is spent.",
}
ACTION_EXAMPLE: Example = {
    "rescue_id": "01890000-0000-7000-8000-000000000704",
    "statement": "Agree with the client on what the first release can do without.",
    "owner_id": "01890000-0000-7000-8000-000000000004",
    "due_on": "2027-02-12",
}
DECIDE_EXAMPLE: Example = {
    "course": "re_scope",
    "why": "Half of the catalogue brings nine tenths of the sales.",
    "forecast_finish_on": "2027-09-30",
    "forecast_cost_to_complete": "24000.00",
    "forecast_value": "60000.00",
}
CLOSE_EXAMPLE: Example = {
    "actual_value": "58000.00",
    "outcome": "The smaller shop is live, and sells.",
}

Statement = Annotated[Words, Field(max_length=500)]
Fraction4 = Annotated[Decimal, *decimal_marks(0, 1, 4)]
Triage = Annotated[dict[str, Any], SENSITIVE]


class Part(StrEnum):
    CPI = "cpi"
    SPI_T = "spi_t"
    FORECAST_MARGIN = "forecast_margin"
    CSAT = "csat"
    PROMISES_KEPT = "promises_kept"
    OVERDUE_RISKS = "overdue_risks"


class RescueCreate(Schema):
    """A new rescue of a live project, by somebody without a seat on it."""

    model_config = ConfigDict(json_schema_extra={"examples": [RESCUE_EXAMPLE]})
    project_id: UUID
    rescuer_id: UUID | None = Field(default=None, description="By default the person who calls.")
    trigger: Words = Field(description="What set it off.")


class _Assessment(Schema):
    trigger: Words
    assessment: Words | None = Field(default=None, description="What was found.")
    forecast_finish_on: Day | None = None
    forecast_cost_to_complete: Amount | None = None
    forecast_value: Amount | None = None


RescueUpdate = partial(
    "RescueUpdate", _Assessment, example={"assessment": "The scope grew by a third without a change request."}
)


class RescueRead(Read):
    """A look at a troubled project from outside. `triage` is what nominated it, frozen when the rescue was opened."""

    project_id: UUID
    rescuer_id: UUID
    status: RescueStatus
    allowed_transitions: list[RescueStatus]
    opened_on: date
    trigger: str
    assessment: str | None
    triage: Triage | None = None
    course: Course | None
    course_reason: str | None
    decided_on: date | None
    decision_id: UUID | None
    forecast_finish_on: date | None
    forecast_cost_to_complete: Amount | None = None
    forecast_value: Amount | None = None
    closed_on: date | None
    actual_finish_on: date | None
    actual_cost_to_complete: Amount | None = None
    actual_value: Amount | None = None
    met_forecast: bool | None
    outcome: str | None


class RescueDecide(Schema):
    """What becomes of the project, and what is expected of that. A forecast that is left out stays as assessed."""

    model_config = ConfigDict(json_schema_extra={"examples": [DECIDE_EXAMPLE]})
    course: Course
    why: Words = Field(description="It goes to the decision log.")
    forecast_finish_on: Day | None = None
    forecast_cost_to_complete: Amount | None = Field(default=None, description="From this day on.")
    forecast_value: Amount | None = Field(default=None, description="Of what is delivered from this day on.")


class RescueClose(Schema):
    """What came of it."""

    model_config = ConfigDict(json_schema_extra={"examples": [CLOSE_EXAMPLE]})
    actual_finish_on: FactDay | None = Field(default=None, description="Never ahead.")
    actual_cost_to_complete: Amount | None = Field(
        default=None, description="By default the delivery cost from the decision on."
    )
    actual_value: Amount | None = None
    outcome: Words


class RescueCancel(Schema):
    """Why no rescue is needed."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "The delay was an error in the plan."}]})
    reason: Words = Field(description="It becomes the rescue's `outcome`.")


class RescueActionCreate(Schema):
    """Something to do for a rescue, by somebody, until a day."""

    model_config = ConfigDict(json_schema_extra={"examples": [ACTION_EXAMPLE]})
    rescue_id: UUID
    statement: Statement
    owner_id: UUID
    due_on: Day


RescueActionUpdate = partial(
    "RescueActionUpdate", RescueActionCreate, without=frozenset({"rescue_id"}), example={"due_on": "2027-02-19"}
)


class RescueActionRead(Read):
    """Something that is done for a rescue."""

    rescue_id: UUID
    statement: str
    owner_id: UUID
    due_on: date
    done: bool
    done_at: Instant | None


class RescueActionDone(Schema):
    """Whether it is done."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"done": True}]})
    done: Bool = True


class TriagePart(Schema):
    """One part of a score. A missing one has a reason, and counts for nothing."""

    key: Part
    value: Figure | None
    n: int | None = Field(description="What the value is counted from, where it is.")
    badness: Fraction4 | None = Field(description="From 0, good, to 1, bad.")
    weight: Fraction4
    contribution: Fraction4 | None = Field(description="Its share of the score.")
    missing: bool
    reason: str | None


class ForwardValue(Schema):
    """`remaining_value` − `estimate_to_complete` − `exit_cost`; what has been spent does not count."""

    value: Sum | None
    currency: Currency
    remaining_value: Sum | None
    estimate_to_complete: Sum | None
    basis: str | None = Field(description="What the estimate is made by, as the KPI `etc` says.")
    exit_cost: Sum
    exit_cost_assumed: bool = Field(description="Nobody has said what leaving costs: it is taken for nothing.")
    reason: str | None = Field(description="Why it is null.")


class TriageItem(Schema):
    """How troubled a project looks, from 0 to 1, and where that and its forward value place it."""

    project_id: UUID
    code: str
    name: str
    client_id: UUID
    status: ProjectStatus = Field(description="On that day.")
    rescue_id: UUID | None = Field(description="The rescue that runs.")
    score: Fraction4 | None
    placement: Course | None
    placement_reason: str | None = Field(description="Why there is no placement.")
    parts: list[TriagePart]
    forward_value: ForwardValue


class TriageScale(Schema):
    """What a part weighs, and which of its values is good (0) and which bad (1)."""

    weight: Fraction4
    good: Figure
    bad: Figure


class TriageRead(Schema):
    """The live projects, the most troubled first, and how they were weighed."""

    on: date
    weights: dict[Part, TriageScale]
    continue_below: Fraction4
    re_scope_share: Fraction4
    hidden: int = Field(description="Live projects left out, whose money you may not see.")
    items: list[TriageItem]
