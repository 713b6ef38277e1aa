from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from app.core.schema import (
    Amount,
    Bool,
    Currency,
    Day,
    Example,
    FactDay,
    Instant,
    Key,
    Name,
    Read,
    RoleKey,
    Scale5,
    Schema,
    Text,
    Words,
    decimal_marks,
    hours_marks,
    partial,
)
from app.features.capacity.schemas import OVERRIDE_HELP, OverrideReason
from app.models.project import BaselineCause, Engagement, Management, ProjectStatus
from app.models.role import ACCOUNT_MANAGER, PRODUCTION_MANAGER

PROJECT_EXAMPLE: Example = {
    "code": "ACME-SHOP",
    "name": "Acme web shop",
    "client_id": "01890000-0000-7000-8000-000000000001",
    "kind": "web shop",
    "engagement": "fixed_fee",
    "technical_complexity": 4,
    "start_on": "2026-02-02",
    "due_on": "2026-07-31",
    "currency": "EUR",
    "fee": "96000.00",
    "cost_budget": "61000.00",
    "hours_budget": "820",
    "status": "pipeline",
}
TRANSITION_EXAMPLE: Example = {
    "to": "on_hold",
    "on": "2026-06-01",
    "reason": "The client's new brand comes first; we go on in autumn.",
}
LEAD_ROLE_EXAMPLE: Example = {
    "role": "production_manager",
    "reason": "The migration decides whether this succeeds.",
}
SEAT_EXAMPLE: Example = {
    "project_id": "01890000-0000-7000-8000-000000000003",
    "role": "illustrator",
    "load_weight": "0",
}
MILESTONE_EXAMPLE: Example = {
    "project_id": "01890000-0000-7000-8000-000000000003",
    "name": "Design is accepted",
    "planned_on": "2026-03-31",
    "weight": "2",
    "deliverable": "Screens of all pages, signed off",
}

ESTIMATE_EXAMPLE: Example = {
    "project_id": "01890000-0000-7000-8000-000000000003",
    "role": "illustrator",
    "hours_budget": "120",
    "hours_remaining": "85.5",
}

ProjectHours = Annotated[Decimal, *hours_marks(1_000_000)]
Share = Annotated[Decimal, *decimal_marks(0, 1, 4)]
Weight = Annotated[Decimal, *decimal_marks(0, 100, 4)]


class ProjectCreate(Schema):
    """A new project. It is born with both manager seats and, where it is active, with baseline 1."""

    model_config = ConfigDict(json_schema_extra={"examples": [PROJECT_EXAMPLE]})
    code: Key
    name: Name
    client_id: UUID
    kind: Name | None = None
    engagement: Engagement = Engagement.FIXED_FEE
    period_hours: ProjectHours | None = Field(default=None, description="Of a retainer: its hours a period.")
    rollover: Bool = Field(default=False, description="Of a retainer: whether unused hours go to the next period.")
    cause: Name | None = Field(default=None, description="Of pro-bono work.")
    declared_impact: Text | None = Field(default=None, description="Of pro-bono work.")
    management: Management = Management.SPLIT
    split_on: Day | None = Field(default=None, description="Two people manage it from this day on; null: always.")
    technical_complexity: Scale5 = 3
    communication_intensity: Scale5 | None = Field(default=None, description="Null: the client's.")
    scope: Text | None = None
    start_on: Day | None = None
    due_on: Day | None = None
    currency: Currency = "EUR"
    fee: Amount | None = Field(default=None, description="The price.")
    cost_budget: Amount | None = Field(default=None, description="Budget at completion (BAC).")
    hours_budget: ProjectHours | None = None
    change_allowance_hours: ProjectHours | None = None
    priority: Scale5 = 3
    expected_value: Amount | None = None
    win_probability: Share | None = None
    remaining_value: Amount | None = None
    exit_cost: Amount | None = None
    parent_id: UUID | None = Field(default=None, description="The programme that it belongs to.")
    status: ProjectStatus = Field(default=ProjectStatus.PIPELINE, description="Its first; none of the final ones.")
    status_on: FactDay | None = Field(default=None, description="Since when; by default `start_on`, else today.")


ProjectUpdate = partial(
    "ProjectUpdate",
    ProjectCreate,
    without=frozenset({"status", "status_on"}),
    example={"due_on": "2027-07-31", "priority": 5},
)


class ClientBrief(Schema):
    """The client of a project."""

    id: UUID
    code: str
    name: str


class SeatOn(Schema):
    """A seat as it is on a day: who holds it, who learns it, who stands in."""

    id: UUID
    role: str
    load_weight: Weight
    person_id: UUID | None = Field(description="The holder; of a role that several may have, the first of `holders`.")
    holders: list[UUID]
    shadows: list[UUID]
    covers: list[UUID]
    vacant: bool


class ProjectRead(Read):
    """What the agency does for a client. `status` is that of today."""

    code: Key
    name: Name
    client_id: UUID
    kind: Name | None
    status: ProjectStatus
    allowed_transitions: list[ProjectStatus]
    engagement: Engagement
    period_hours: ProjectHours | None
    rollover: bool
    cause: Name | None
    declared_impact: Text | None
    management: Management
    split_on: date | None
    technical_complexity: Scale5
    communication_intensity: Scale5 | None
    scope: Text | None
    start_on: date | None
    due_on: date | None
    closed_on: date | None
    currency: Currency
    fee: Amount | None = None
    cost_budget: Amount | None = None
    hours_budget: ProjectHours | None
    change_allowance_hours: ProjectHours | None
    priority: Scale5
    expected_value: Amount | None = None
    win_probability: Share | None
    remaining_value: Amount | None = None
    exit_cost: Amount | None = None
    parent_id: UUID | None
    client: ClientBrief | None = None
    seats: list[SeatOn] | None = None


class TransitionCreate(Schema):
    """A move to another status, from a day on: back-dated, today, or planned ahead."""

    model_config = ConfigDict(json_schema_extra={"examples": [TRANSITION_EXAMPLE]})
    to: ProjectStatus
    on: FactDay | None = Field(default=None, description="By default today.")
    reason: Text | None = Field(default=None, description="A reopening needs one.")
    override_reason: OverrideReason | None = Field(default=None, description=OVERRIDE_HELP)


class ManagerRole(StrEnum):
    ACCOUNT_MANAGER = ACCOUNT_MANAGER
    PRODUCTION_MANAGER = PRODUCTION_MANAGER


class LeadRoleSet(Schema):
    """Who leads a project, whatever would be derived; a null `role` goes back to that."""

    model_config = ConfigDict(json_schema_extra={"examples": [LEAD_ROLE_EXAMPLE]})
    role: ManagerRole | None
    reason: Words = Field(description="Why; it goes to the decision log.")


class LeadRoleRead(Schema):
    """Which of the two managers leads, and why. `derived_role` is what follows from the figures alone."""

    project_id: UUID
    role: ManagerRole
    reason: str
    overridden: bool
    derived_role: ManagerRole
    derived_reason: str


class TransitionRead(Schema):
    """The status that a project moved to, with the days on which it has it (`valid_to` excluded)."""

    id: UUID
    status: ProjectStatus
    valid_from: date
    valid_to: date | None
    planned: bool
    reason: str | None
    recorded_at: Instant


class SeatCreate(Schema):
    """A role that a project needs."""

    model_config = ConfigDict(json_schema_extra={"examples": [SEAT_EXAMPLE]})
    project_id: UUID
    role: RoleKey
    load_weight: Weight = Decimal("0.5")


class _SeatChange(SeatCreate):
    override_reason: OverrideReason | None = Field(default=None, description=OVERRIDE_HELP)


SeatUpdate = partial(
    "SeatUpdate", _SeatChange, without=frozenset({"project_id", "role"}), example={"load_weight": "0.75"}
)


class SeatRead(Read):
    """A role that a project needs, with the load that it puts on its holder."""

    project_id: UUID
    role: RoleKey
    load_weight: Weight


class MilestoneCreate(Schema):
    """A new milestone."""

    model_config = ConfigDict(json_schema_extra={"examples": [MILESTONE_EXAMPLE]})
    project_id: UUID
    name: Name
    planned_on: Day | None = None
    forecast_on: Day | None = None
    reached_on: Day | None = None
    weight: Weight = Decimal(1)
    deliverable: Text | None = None


MilestoneUpdate = partial(
    "MilestoneUpdate", MilestoneCreate, without=frozenset({"project_id"}), example={"forecast_on": "2027-05-20"}
)


class MilestoneRead(Read):
    """A point that a project reaches: planned, forecast, reached."""

    project_id: UUID
    name: Name
    planned_on: date | None
    forecast_on: date | None
    reached_on: date | None
    weight: Weight
    deliverable: Text | None


class BaselineMilestoneRead(Schema):
    """A milestone as a baseline froze it."""

    milestone_id: UUID
    name: str
    planned_on: date | None
    weight: Weight


class BaselineRead(Schema):
    """What was agreed, frozen; numbered within its project. It is never changed or deleted."""

    id: UUID
    project_id: UUID
    number: Annotated[int, Field(ge=1, le=1_000_000)]
    cause: BaselineCause
    change_request_id: UUID | None = Field(description="Of a change: the one that made it.")
    valid_from: date
    currency: Currency
    fee: Amount | None = None
    cost_budget: Amount | None = None
    hours_budget: ProjectHours | None
    start_on: date | None
    due_on: date | None
    created_at: Instant
    milestones: list[BaselineMilestoneRead] | None = None
    etag: str = Field(examples=['"1"'])


class EstimateCreate(Schema):
    """How many hours a role is given on a project, and how many remain, as of a day."""

    model_config = ConfigDict(json_schema_extra={"examples": [ESTIMATE_EXAMPLE]})
    project_id: UUID
    role: RoleKey
    hours_budget: ProjectHours
    hours_remaining: ProjectHours
    as_of: FactDay | None = Field(default=None, description="By default today; never a day ahead.")


EstimateUpdate = partial(
    "EstimateUpdate",
    EstimateCreate,
    without=frozenset({"project_id", "role", "as_of"}),
    example={"hours_remaining": "64"},
)


class EstimateRead(Read):
    """The hours that a role is given on a project and those that remain. The latest of a role counts."""

    project_id: UUID
    role: RoleKey
    hours_budget: ProjectHours
    hours_remaining: ProjectHours
    as_of: date
