from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from app.core.schema import (
    Bool,
    Example,
    FactDay,
    Instant,
    Read,
    RoleKey,
    Schema,
    Words,
    decimal_marks,
    hours_marks,
    partial,
)
from app.models.commitment import CommitmentStatus, VarianceReason
from app.models.person import TimeOffKind

COMMITMENT_EXAMPLE: Example = {
    "project_id": "01890000-0000-7000-8000-000000000003",
    "promised_by_id": "01890000-0000-7000-8000-000000000002",
    "promised_to_contact_id": "01890000-0000-7000-8000-000000000010",
    "statement": "The new checkout runs on the test system, with all means of payment.",
    "promised_on": "2026-05-04",
    "due_on": "2026-06-12",
}
RENEGOTIATE_EXAMPLE: Example = {
    "due_on": "2027-07-15",
    "reason": "The payment provider's contract comes two weeks later than planned.",
    "variance_reason": "prerequisite_missing",
}
CHECK_EXAMPLE: Example = {
    "promised_by_id": "01890000-0000-7000-8000-000000000002",
    "due_on": "2027-06-18",
    "project_id": "01890000-0000-7000-8000-000000000003",
}

Hours = Annotated[Decimal, *hours_marks(100_000)]
Load = Annotated[Decimal, *decimal_marks(-100_000, 100_000, 4)]
Share = Annotated[Decimal, *decimal_marks(0, 100_000, 4)]


class CommitmentCreate(Schema):
    """A promise: a result that will be there by a day. Ask POST /v1/commitments/check before you give it."""

    model_config = ConfigDict(json_schema_extra={"examples": [COMMITMENT_EXAMPLE]})
    project_id: UUID | None = None
    client_id: UUID | None = Field(default=None, description="Filled from the project; one of the two is needed.")
    promised_by_id: UUID | None = Field(default=None, description="By default the person of the caller's key.")
    promised_to_contact_id: UUID | None = Field(default=None, description="A contact of the client.")
    promised_to_person_id: UUID | None = Field(default=None, description="Or somebody of ours.")
    statement: Words = Field(description="The result, so that both sides can tell whether it is there.")
    promised_on: FactDay | None = Field(default=None, description="By default today; not in the future.")
    due_on: FactDay = Field(description="The last day on which it is kept. It moves by `renegotiate` alone.")


CommitmentUpdate = partial(
    "CommitmentUpdate",
    CommitmentCreate,
    without=frozenset({"promised_by_id", "promised_on", "due_on"}),
    example={"statement": "The new checkout runs on the test system, with cards and invoices."},
)


class RenegotiationShown(Schema):
    """A promise was moved to another day, before its own."""

    id: UUID
    former_due_on: date
    due_on: date
    renegotiated_on: date
    variance_reason: VarianceReason
    reason: str


class CommitmentRead(Read):
    """A promise: what was intended, whether we acted (`action_done_at`), and the result, which alone counts."""

    project_id: UUID | None
    client_id: UUID | None
    promised_by_id: UUID
    promised_to_contact_id: UUID | None
    promised_to_person_id: UUID | None
    statement: str
    promised_on: date
    original_due_on: date = Field(description="Never changes.")
    due_on: date
    status: CommitmentStatus
    allowed_transitions: list[CommitmentStatus]
    overdue: Bool = Field(description="Open, and its day has passed.")
    days_late: int | None = Field(description="Days from its day to the result, where that came late.")
    action_done_at: Instant | None
    result_achieved_at: Instant | None
    result_achieved_on: date | None = Field(description="The office's day of that instant.")
    closed_on: date | None
    variance_reason: VarianceReason | None
    variance_note: str | None
    renegotiation_count: int = Field(description="How often it was moved.")
    renegotiations: list[RenegotiationShown] | None = Field(default=None, description="Only if included; oldest first.")


class RenegotiationRead(Schema):
    """A promise was moved to another day, before its own. It is never changed or deleted."""

    id: UUID
    commitment_id: UUID
    former_due_on: date
    due_on: date
    renegotiated_on: date
    variance_reason: VarianceReason
    reason: str
    recorded_at: Instant
    recorded_by: UUID | None = Field(description="The person.")
    etag: str = Field(examples=['"1"'])


class CommitmentRenegotiate(Schema):
    """Move a promise to another day, agreed with the one it was given to before its own day."""

    model_config = ConfigDict(json_schema_extra={"examples": [RENEGOTIATE_EXAMPLE]})
    due_on: FactDay = Field(description="Later or earlier, not before today.")
    reason: Words
    variance_reason: VarianceReason


class CommitmentAct(Schema):
    """We did our part. The action is not the result: the promise stays open."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}]})
    done_at: Instant | None = Field(default=None, description="By default now.")


class CommitmentAchieve(Schema):
    """The result is there: kept by its day, late after it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}]})
    achieved_at: Instant | None = Field(default=None, description="By default now. The office's day of it counts.")
    variance_reason: VarianceReason | None = Field(default=None, description="Needed where it is late, and only there.")
    note: Words | None = None


class CommitmentBreak(Schema):
    """The promise is given up: the result won't come."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"variance_reason": "capacity", "note": "We lost our only Java developer."}]}
    )
    variance_reason: VarianceReason
    note: Words


class CommitmentWithdraw(Schema):
    """The one it was given to has released us from it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"note": "Acme sells the shop and needs it no more."}]})
    note: Words


class LoadBand(StrEnum):
    """How full a week is, by the share of the cap at its peak."""

    LIGHT = "light"  # below 0.5
    NORMAL = "normal"  # from 0.5 to below 0.8
    FULL = "full"  # from 0.8 to 1
    OVER = "over"  # above 1


class Verdict(StrEnum):
    SAFE = "safe"
    TIGHT = "tight"
    RISKY = "risky"


class ReasonCode(StrEnum):
    AWAY = "away"
    NO_FREE_HOURS = "no_free_hours"
    ABOVE_CAP = "above_cap"
    MANY_DUE = "many_due"
    RARELY_KEPT = "rarely_kept"
    HANDOVER = "handover"
    OFFICE_CLOSED = "office_closed"
    AFTER_PROJECT = "after_project"


class CommitmentCheck(Schema):
    """Somebody thinks of promising something by a day. Nothing is written."""

    model_config = ConfigDict(json_schema_extra={"examples": [CHECK_EXAMPLE]})
    promised_by_id: UUID | None = Field(default=None, description="By default the person of the caller's key.")
    due_on: FactDay = Field(description="Not before today.")
    project_id: UUID | None = Field(default=None, description="What it is about: a promise should not outlast it.")


class CapShare(Schema):
    """The most that the seats weigh on any day, against the cap of today."""

    load: Load
    cap: Load
    share: Share | None = Field(description="Null where something weighs on a cap of 0.")


class WeekLoad(Schema):
    """What somebody carries in the week, and the hours that are left."""

    active: CapShare
    back_burner: CapShare
    share: Share | None = Field(description="The higher of the two.")
    available_hours: Hours
    booked_hours: Hours
    tentative_hours: Hours
    time_off_hours: Hours
    free_hours: Hours = Field(description="Available and not booked; what is tentative counts as free.")


class OfficeHoliday(Schema):
    """A day of the week, from Monday to Friday, on which the office does not work."""

    day: date
    name: str | None


class Absence(Schema):
    """Time off; `hours_per_day` null means whole days."""

    id: UUID
    from_on: date
    until_on: date
    kind: TimeOffKind
    hours_per_day: Hours | None


class HandoverThen(Schema):
    """A seat that they give away, or take over, by a scheduled hand-over."""

    handover_id: UUID
    project_id: UUID
    role: RoleKey
    gives: bool
    from_on: date = Field(description="Both sit there from this day on.")
    effective_on: date


class MilestoneThen(Schema):
    """A milestone of a project on which they sit, by its forecast or else its plan."""

    id: UUID
    project_id: UUID
    name: str
    due_on: date


class RescueActionThen(Schema):
    """Something that they are to do for a rescue."""

    id: UUID
    rescue_id: UUID
    statement: str
    due_on: date


class ChangeDecisionThen(Schema):
    """A change of a project on which they sit that is to be decided."""

    id: UUID
    project_id: UUID
    number: int
    title: str
    decide_by: date


class Interruptions(Schema):
    """What breaks into the week."""

    holidays: list[OfficeHoliday]
    time_off: list[Absence]
    handovers: list[HandoverThen]
    milestones: list[MilestoneThen]
    rescue_actions: list[RescueActionThen]
    change_decisions: list[ChangeDecisionThen]
    firefighting_hours: Hours | None = Field(
        description="Hours a week on rework or the craft, in the last 8 weeks; null where they logged none at all."
    )


class PromiseThen(Schema):
    """An open promise of theirs."""

    id: UUID
    project_id: UUID | None
    statement: str
    due_on: date


class DueThen(Schema):
    """The open promises of theirs that are due in the week, and how many are overdue now."""

    count: int
    items: list[PromiseThen]
    overdue_now: int


class Kept(Schema):
    """Of `n` promises that were due (without those withdrawn), how many were kept in time. Of none there is no rate."""

    n: int
    kept: int
    rate: Share | None
    wilson_lower: Share | None = Field(description="The lower bound of Wilson's interval, at 95 %.")


class KeptRate(Kept):
    """Their past promises in whose week they carried as much; loads against the caps of today."""

    band: LoadBand = Field(description="light < 0.5 ≤ normal < 0.8 ≤ full ≤ 1 < over, of the cap.")
    everybody: Kept | None = Field(description="Everybody's at such a load, where their own are fewer than 5.")
    overall: Kept = Field(description="Theirs at any load.")


class AdviceReason(Schema):
    """Something that speaks against that day."""

    verdict: Verdict
    code: ReasonCode
    detail: str


class Advice(Schema):
    """Whether to promise it. `risky` where one reason says so, `tight` where there is any, else `safe`."""

    verdict: Verdict
    reasons: list[AdviceReason]
    better_on: date | None = Field(
        description="Where it is not safe: the first working day after it, within 6 weeks, that would be."
    )


class CommitmentCheckRead(Schema):
    """What is known about the week (Monday to Sunday; what is left of it) in which a promise would be due."""

    promised_by_id: UUID
    due_on: date
    project_id: UUID | None
    week: str = Field(examples=["2027-W24"])
    from_on: date
    until_on: date
    load: WeekLoad
    interruptions: Interruptions
    due_then: DueThen
    kept_rate: KeptRate
    advice: Advice
