from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from app.core.schema import (
    KEY_PATTERN,
    Bool,
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
from app.features.projects.schemas import ProjectHours, SeatOn, Weight
from app.models.playbook import Occasion
from app.models.project import BaselineCause, ProjectStatus

TEMPLATE_EXAMPLE: Example = {
    "code": "SHOP",
    "name": "Web shop of a middling size",
    "kind": "web shop",
    "duration_days": 150,
    "seats": [
        {"role": "account_manager", "load_weight": "0.5"},
        {"role": "production_manager", "load_weight": "0.5"},
        {"role": "illustrator", "load_weight": "0"},
    ],
    "milestones": [
        {"name": "Design is accepted", "day": 45, "weight": "2", "deliverable": "Screens of all pages, signed off"},
        {"name": "The shop is live", "day": 140, "weight": "3"},
    ],
    "estimates": [{"role": "illustrator", "hours": "120"}],
    "skills": [{"skill": "payment gateways", "level": 3, "weekly_hours": "6"}],
}
TASK_EXAMPLE: Example = {
    "project_id": "01890000-0000-7000-8000-000000000003",
    "occasion": "kick_off",
    "statement": "The client's editors have their accounts",
    "due_on": "2027-03-01",
    "owner_id": "01890000-0000-7000-8000-000000000002",
}
KICK_OFF_EXAMPLE: Example = {
    "template": "SITE",
    "start_on": "2027-03-01",
    "seats": [
        {"role": "account_manager", "person_id": "01890000-0000-7000-8000-000000000002"},
        {"role": "production_manager", "person_id": "01890000-0000-7000-8000-000000000004"},
    ],
}
CLOSE_EXAMPLE: Example = {
    "accept_open": True,
    "reason": "The client has taken it over; what is open goes on under the service contract.",
}

DayOfPlan = Annotated[int, Field(strict=True, ge=0, le=3650, description="Days from the start, which is day 0.")]
Duration = Annotated[int, Field(strict=True, ge=0, le=3650)]
WeeklyHours = Annotated[Decimal, *hours_marks(168), Field(gt=0)]
Percent = Annotated[Decimal, *decimal_marks(0, 100, 2)]
Position = Annotated[int, Field(strict=True, ge=0, le=10_000)]
Statement = Annotated[Words, Field(max_length=500)]
TemplateRef = Annotated[str, Field(pattern=KEY_PATTERN, max_length=60)]


class TemplateSeat(Schema):
    """A role that projects of the kind need somebody for."""

    role: RoleKey
    load_weight: Weight = Field(
        default=Decimal("0.5"),
        description="A seat that the project has keeps its own, unless it is a manager's that still weighs 0.5.",
    )


class TemplateMilestone(Schema):
    """A milestone, planned for a day counted from the start; where nobody works then, for the next working day."""

    name: Name
    day: DayOfPlan
    weight: Weight = Decimal(1)
    deliverable: Text | None = None


class TemplateEstimate(Schema):
    """The hours that a role is given."""

    role: RoleKey
    hours: ProjectHours


class TemplateSkill(Schema):
    """What somebody on the project must be able to do, for so many hours a week."""

    skill: Name
    level: Scale5 = 3
    weekly_hours: WeeklyHours


class ProjectTemplateCreate(Schema):
    """What projects of a kind begin with."""

    model_config = ConfigDict(json_schema_extra={"examples": [TEMPLATE_EXAMPLE]})
    code: Key
    name: Name
    kind: Name | None = None
    description: Text | None = None
    duration_days: Duration | None = Field(default=None, description="From start_on to due_on.")
    seats: Annotated[list[TemplateSeat], Field(max_length=50)] = Field(default=[])
    milestones: Annotated[list[TemplateMilestone], Field(max_length=100)] = Field(default=[])
    estimates: Annotated[list[TemplateEstimate], Field(max_length=50)] = Field(default=[])
    skills: Annotated[list[TemplateSkill], Field(max_length=50)] = Field(default=[])
    checklist_id: UUID | None = Field(default=None, description="Null: the playbook's default for `kick_off`.")


ProjectTemplateUpdate = partial(
    "ProjectTemplateUpdate", ProjectTemplateCreate, example={"duration_days": 120, "name": "Web shop"}
)


class ProjectTemplateRead(Read):
    """What projects of a kind begin with. A kick-off copies it; later changes leave running projects alone."""

    code: Key
    name: Name
    kind: Name | None
    description: Text | None
    duration_days: int | None
    seats: list[TemplateSeat]
    milestones: list[TemplateMilestone]
    estimates: list[TemplateEstimate]
    skills: list[TemplateSkill]
    checklist_id: UUID | None


class ProjectTaskCreate(Schema):
    """A line of a project's own, beside those that are copied from the playbook."""

    model_config = ConfigDict(json_schema_extra={"examples": [TASK_EXAMPLE]})
    project_id: UUID
    occasion: Occasion
    position: Position = 0
    statement: Statement
    due_on: Day | None = None
    owner_id: UUID | None = None


class _TaskChange(Schema):
    done: Bool
    due_on: Day | None
    owner_id: UUID | None


ProjectTaskUpdate = partial("ProjectTaskUpdate", _TaskChange, example={"done": True})


class ProjectTaskRead(Read):
    """Something to be done on a project on an occasion. `overdue`: undone though its day has passed."""

    project_id: UUID
    occasion: Occasion
    position: int
    statement: str
    due_on: date | None
    owner_id: UUID | None
    done: bool
    overdue: bool
    done_at: Instant | None
    done_by: UUID | None


class KickOffSeat(Schema):
    """Who takes a role from the start on."""

    role: RoleKey
    person_id: UUID
    allocation_percent: Percent | None = Field(default=None, description="Of roles that several people may have.")


class KickOff(Schema):
    """How a project begins. Whoever holds a seat on `start_on` already need not be named."""

    model_config = ConfigDict(json_schema_extra={"examples": [KICK_OFF_EXAMPLE]})
    template: TemplateRef | None = Field(default=None, description="The code or the id of a template.")
    start_on: FactDay | None = Field(default=None, description="By default the project's, else today.")
    seats: Annotated[list[KickOffSeat], Field(max_length=100)] = Field(default=[])
    override_reason: OverrideReason | None = Field(default=None, description=OVERRIDE_HELP)


class ProjectBrief(Schema):
    """A project, with the status of today."""

    id: UUID
    version: int
    code: Key
    name: Name
    status: ProjectStatus
    start_on: date | None
    due_on: date | None
    closed_on: date | None


class BaselineBrief(Schema):
    """What was frozen."""

    id: UUID
    number: int
    cause: BaselineCause
    valid_from: date


class MilestoneBrief(Schema):
    """A milestone that was made."""

    id: UUID
    name: Name
    planned_on: date | None
    weight: Weight
    deliverable: Text | None


class EstimateBrief(Schema):
    """An estimate that was made."""

    id: UUID
    role: RoleKey
    hours_budget: ProjectHours


class SkillNeedBrief(Schema):
    """What the project needs somebody to be able to do, hours a week, from day to day."""

    id: UUID
    skill: Name
    level: Scale5
    weekly_hours: WeeklyHours
    from_on: date
    until_on: date


class TaskBrief(Schema):
    """A line that was copied from the playbook."""

    id: UUID
    position: int
    statement: str
    due_on: date | None


class KickOffRead(Schema):
    """All that a kick-off made. `seats` are those of the project as they are on the first day."""

    project: ProjectBrief
    baseline: BaselineBrief
    seats: list[SeatOn]
    milestones: list[MilestoneBrief]
    estimates: list[EstimateBrief]
    skill_needs: list[SkillNeedBrief]
    tasks: list[TaskBrief]
    warnings: list[str]


class OpenKind(StrEnum):
    MILESTONE = "milestone"
    CHANGE_REQUEST = "change_request"
    ISSUE = "issue"
    COMMITMENT = "commitment"
    CLOSING_CHECKLIST = "closing_checklist"
    CLOSING_TASK = "closing_task"
    RESCUE = "rescue"


class OpenItem(Schema):
    """Something that is to be settled before a project is closed, and the record that it is about."""

    what: OpenKind
    id: UUID
    detail: str


class ClosingCheck(Schema):
    """What is open on a project. `ready`: nothing is; warnings are worth a look, and stop nothing."""

    project_id: UUID
    ready: bool
    open: list[OpenItem]
    warnings: list[str]


class ProjectClose(Schema):
    """How a project ends."""

    model_config = ConfigDict(json_schema_extra={"examples": [CLOSE_EXAMPLE]})
    on: FactDay | None = Field(default=None, description="The first day on which it is closed; by default today.")
    accept_open: Bool = Field(
        default=False, description="Close it though something is open. It needs the right `override` and a reason."
    )
    reason: Words | None = Field(default=None, description="Kept with the transition; required with `accept_open`.")


class ProjectCloseRead(Schema):
    """The project as it is closed, with what was left open."""

    project: ProjectBrief
    left_open: list[OpenItem]
    warnings: list[str]
