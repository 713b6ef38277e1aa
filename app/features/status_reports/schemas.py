from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from app.core.schema import Currency, Example, FactDay, Figure, Money, Read, Schema, Sum, Text, decimal_marks, partial
from app.models.change_request import ChangeStatus
from app.models.decision import DecisionKind
from app.models.delivery import Health

REPORT_EXAMPLE: Example = {
    "project_id": "01890000-0000-7000-8000-000000000003",
    "scope": "on_track",
    "schedule": "at_risk",
    "budget": "on_track",
    "team": "on_track",
    "client": "on_track",
    "percent_complete": "35.5",
    "narrative": "The design is accepted. The launch has slipped by two weeks.",
    "next_steps": "Agree with the client what goes live first.",
}

Percent = Annotated[Decimal, *decimal_marks(0, 100, 2)]


class StatusReportCreate(Schema):
    """How a project stands on a day, in five dimensions."""

    model_config = ConfigDict(json_schema_extra={"examples": [REPORT_EXAMPLE]})
    project_id: UUID
    reported_on: FactDay | None = Field(default=None, description="By default today; no later.")
    scope: Health = Health.ON_TRACK
    schedule: Health = Health.ON_TRACK
    budget: Health = Health.ON_TRACK
    team: Health = Health.ON_TRACK
    client: Health = Health.ON_TRACK
    percent_complete: Percent | None = None
    narrative: Text | None = None
    next_steps: Text | None = None
    author_id: UUID | None = Field(default=None, description="By default the caller.")


StatusReportUpdate = partial(
    "StatusReportUpdate",
    StatusReportCreate,
    without=frozenset({"project_id"}),
    example={"schedule": "off_track", "narrative": "The launch has slipped by a month."},
)


class StatusReportRead(Read):
    """How a project stands on a day. `health` is the worst of the five dimensions."""

    project_id: UUID
    reported_on: date
    health: Health
    scope: Health
    schedule: Health
    budget: Health
    team: Health
    client: Health
    percent_complete: Percent | None
    narrative: str | None
    next_steps: str | None
    author_id: UUID | None


class Dimensions(Schema):
    """The health of a project, dimension by dimension."""

    scope: Health
    schedule: Health
    budget: Health
    team: Health
    client: Health


class ProjectHealth(Schema):
    """The health of a project on a day: the worst dimension of the latest report until then."""

    project_id: UUID
    on: date
    health: Health | None = Field(description="Null, with a reason, where nobody has reported yet.")
    reason: Literal["no_report"] | None
    dimensions: Dimensions | None
    report_id: UUID | None
    reported_on: date | None
    age_days: int | None
    stale: bool | None = Field(description="Whether the report is older than the setting `health_stale_days` allows.")


class DueKind(StrEnum):
    MILESTONE = "milestone"
    COMMITMENT = "commitment"
    CHANGE_REQUEST = "change_request"
    RISK = "risk"
    RESCUE_ACTION = "rescue_action"


class Dimension(StrEnum):
    SCOPE = "scope"
    SCHEDULE = "schedule"
    BUDGET = "budget"
    TEAM = "team"
    CLIENT = "client"


class MilestoneTold(Schema):
    """A milestone; `days_late` is by how much it was or is behind what was planned."""

    id: UUID
    name: str
    planned_on: date | None
    forecast_on: date | None
    reached_on: date | None
    days_late: int


class DecisionTold(Schema):
    """A decision of the log."""

    id: UUID
    kind: DecisionKind
    what: str
    decided_on: date


class ChangeTold(Schema):
    """A change request with its status of now."""

    id: UUID
    number: int
    title: str
    status: ChangeStatus
    submitted_on: date | None
    decided_on: date | None
    decide_by: date | None


class Decided(Schema):
    """What was decided on a project in the period, and which changes wait now."""

    decisions: list[DecisionTold]
    changes_submitted: list[ChangeTold]
    changes_decided: list[ChangeTold]
    changes_waiting: list[ChangeTold]


class PromiseTold(Schema):
    """A promise. `to_client`: it was not given to one of us. `on` is the day on which it was made, kept, broken or
    moved; of one that is overdue, the day on which it was due."""

    id: UUID
    statement: str
    promised_by_id: UUID
    to_client: bool
    on: date
    due_on: date
    former_due_on: date | None = Field(default=None, description="Of one that was moved.")


class Promised(Schema):
    """What became of promises in the period, and which are overdue now."""

    made: list[PromiseTold]
    kept: list[PromiseTold]
    late: list[PromiseTold]
    broken: list[PromiseTold]
    renegotiated: list[PromiseTold]
    overdue: list[PromiseTold]


class HoursOfRole(Schema):
    """Hours of the people with this home role."""

    role: str | None
    hours_in_period: Figure
    hours: Figure


class Spent(Schema):
    """What was spent until the day; a line over several days counts on its first. The cost is absent for those who may
    not see the project's money, and null with a reason where it is unknown."""

    hours_in_period: Figure
    hours: Figure
    by_role: list[HoursOfRole]
    hours_budget: Figure | None
    hours_used_percent: Figure | None
    hours_on_unapproved_changes: Figure = Field(description="In the period.")
    currency: Currency | None = None
    cost_in_period: Sum | None = None
    cost: Sum | None = None
    cost_reason: str | None = None
    cost_budget: Money | None = None
    cost_used_percent: Figure | None = None
    entries_without_rate: int | None = Field(default=None, description="They are not in the cost.")


class RiskTold(Schema):
    """A risk; `exposure` is likelihood × impact, `over_on` when it was closed or occurred."""

    id: UUID
    number: int
    event: str
    exposure: int
    identified_on: date
    over_on: date | None
    due_on: date | None


class RisksTold(Schema):
    """What became of risks in the period; now the exposure by those that are open, and whose response is overdue."""

    opened: list[RiskTold]
    closed: list[RiskTold]
    occurred: list[RiskTold]
    exposure: int
    overdue: list[RiskTold]


class Due(Schema):
    """Something that is due soon."""

    kind: DueKind
    id: UUID
    what: str
    due_on: date


class SuggestionTold(Schema):
    """The health that the facts suggest, and why."""

    dimension: Dimension
    health: Health
    reason: str


class DraftedReport(Schema):
    """A body that POST /v1/status-reports takes."""

    project_id: UUID
    reported_on: date
    scope: Health
    schedule: Health
    budget: Health
    team: Health
    client: Health
    percent_complete: Percent | None
    narrative: str
    next_steps: str


class StatusReportDraft(Schema):
    """What happened from `from_on` until `on`, both included, what is due next, and a report made of it."""

    project_id: UUID
    from_on: date
    on: date
    last_report_id: UUID | None
    report_id: UUID | None = Field(description="The report of that day, where there is one: PATCH that one.")
    reached: list[MilestoneTold]
    slipped: list[MilestoneTold]
    decided: Decided
    promised: Promised
    spent: Spent
    risks: RisksTold
    due_next: list[Due]
    suggestions: list[SuggestionTold]
    report: DraftedReport
