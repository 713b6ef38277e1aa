from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints

from app.core.schema import (
    Currency,
    Day,
    Example,
    FactDay,
    Name,
    Read,
    Scale5,
    Schema,
    Sum,
    Text,
    Words,
    decimal_marks,
    hours_marks,
    partial,
)
from app.measures.definition import Direction
from app.measures.measure import Unit
from app.models.pmo import DevelopmentKind

NEED_EXAMPLE: Example = {
    "project_id": "01890000-0000-7000-8000-000000000003",
    "skill": "negotiation",
    "level": 4,
    "weekly_hours": "6",
    "from_on": "2026-03-02",
    "until_on": "2026-06-26",
}

DEVELOPMENT_EXAMPLE: Example = {
    "person_id": "01890000-0000-7000-8000-000000000004",
    "skill": "negotiation",
    "kind": "mentoring",
    "mentor_id": "01890000-0000-7000-8000-000000000002",
    "target_level": 3,
    "starts_on": "2026-03-02",
    "ends_on": "2026-06-26",
    "note": "Joins two talks with clients a month.",
}

CHARTER_EXAMPLE: Example = {
    "purpose": "Projects keep what they promise, and two people answer for each.",
    "value_proposition": "Whoever leads a project knows by Monday noon what needs them this week.",
    "services": ["Portfolio review", "Rescue of projects", "Coaching of managers"],
    "guiding_values": ["Say it early", "Ask before you promise"],
    "success_measures": [
        {
            "kpi": "commitments_kept",
            "label": "Promises kept",
            "baseline": "71.5",
            "baseline_on": "2025-12-31",
            "target": "90",
            "by": "2026-12-31",
        }
    ],
    "members": ["01890000-0000-7000-8000-000000000002"],
}

WeeklyHours = Annotated[Decimal, *hours_marks(168 * 100), Field(gt=0)]
# What is added up has no bounds that any number of needs or members could reach.
Hours = Annotated[Decimal, *hours_marks(10**15)]
# A value of a KPI, in its unit.
KpiValue = Annotated[Decimal, *decimal_marks(-99_999_999_999, 99_999_999_999, 4)]
KpiFigure = Annotated[Decimal, *decimal_marks(-(10**20), 10**20, 4)]
KpiName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]


class SkillNeedCreate(Schema):
    """A project needs somebody who can do something."""

    model_config = ConfigDict(json_schema_extra={"examples": [NEED_EXAMPLE]})
    project_id: UUID
    skill: Name = Field(description="As it is written among the skills of people.")
    level: Scale5 = Field(default=3, description="The least that will do, from 1 (has begun) to 5 (teaches it).")
    weekly_hours: WeeklyHours
    from_on: FactDay
    until_on: FactDay = Field(description="The last day.")


SkillNeedUpdate = partial(
    "SkillNeedUpdate", SkillNeedCreate, without=frozenset({"project_id"}), example={"weekly_hours": "8"}
)


class SkillNeedRead(Read):
    """A project needs hours a week of a skill, at a level at least, from a day until another, the last one included."""

    project_id: UUID
    skill: Name
    level: Scale5
    weekly_hours: WeeklyHours
    from_on: date
    until_on: date


class DevelopmentCreate(Schema):
    """Somebody is to learn something."""

    model_config = ConfigDict(json_schema_extra={"examples": [DEVELOPMENT_EXAMPLE]})
    person_id: UUID
    skill: Name
    kind: DevelopmentKind
    mentor_id: UUID | None = Field(
        default=None, description="Of a mentoring: somebody who has the skill at the target level at least."
    )
    target_level: Scale5 = Field(description="Above the level that the person has now.")
    starts_on: Day
    ends_on: Day | None = Field(default=None, description="The day by which it is to be reached.")
    note: Text | None = None


DevelopmentUpdate = partial(
    "DevelopmentUpdate",
    DevelopmentCreate,
    without=frozenset({"person_id", "skill"}),
    example={"ends_on": "2026-07-31"},
)


class DevelopmentComplete(Schema):
    """The level has been reached."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"completed_on": "2026-03-31"}]})
    completed_on: Day | None = Field(default=None, description="By default today; not in the future.")


class DevelopmentRead(Read):
    """A training or a mentoring by which a person is to reach a level in a skill. Under way until `completed_on`."""

    person_id: UUID
    skill: Name
    kind: DevelopmentKind
    mentor_id: UUID | None
    target_level: Scale5
    starts_on: date
    ends_on: date | None
    completed_on: date | None
    note: Text | None


class SuccessMeasure(Schema):
    """A KPI by which the office is to be judged: where it stood, and where it is to be by a day."""

    kpi: KpiName = Field(description="The name of a KPI: GET /v1/kpis lists them.")
    label: Name | None = Field(default=None, description="What to call it; by default the KPI's own label.")
    baseline: KpiValue = Field(description="In the unit of the KPI.")
    baseline_on: Day
    target: KpiValue = Field(description="In the unit of the KPI.")
    by: Day = Field(description="The day by which it is to be reached.")


class SuccessMeasureRead(Schema):
    """A KPI by which the office is judged. The figures of a money KPI are absent without the right to see money."""

    kpi: KpiName
    label: Name | None
    baseline: KpiValue | None = None
    baseline_on: date
    target: KpiValue | None = None
    by: date


class CharterPut(Schema):
    """What the office is for, from a day on."""

    model_config = ConfigDict(json_schema_extra={"examples": [CHARTER_EXAMPLE]})
    valid_from: Day | None = Field(default=None, description="By default today.")
    purpose: Words
    value_proposition: Words
    services: list[Name] = Field(default_factory=list, max_length=100)
    guiding_values: list[Name] = Field(default_factory=list, max_length=100)
    success_measures: list[SuccessMeasure] = Field(default_factory=list, max_length=20)
    members: list[UUID] = Field(
        default_factory=list, max_length=200, description="The people whose time the office costs."
    )


class CharterRead(Read):
    """What the office is for. `number` says which charter this is; `version` is the number of the latest of all."""

    number: int
    valid_from: date
    purpose: Words
    value_proposition: Words
    services: list[Name]
    guiding_values: list[Name]
    success_measures: list[SuccessMeasureRead]
    members: list[UUID]


class SkillWeek(Schema):
    """A skill at a level in a week. `free_hours` are all that these people have free: several skills share them."""

    skill: Name
    level: Scale5
    needed_hours: Hours = Field(description="By projects that are active or on the back burner.")
    likely_hours: Hours = Field(description="By projects in the pipeline, times their win probability; in no gap.")
    people: int = Field(description="Who has the skill at that level or above, and hours free in this week.")
    free_hours: Hours
    covered_hours: Hours = Field(description="What they can cover while they cover the other skills, too.")
    gap_hours: Hours = Field(description="Needed and not covered.")


class GapWeek(Schema):
    """An ISO week, or what of it lies in the window."""

    week: str = Field(examples=["2026-W14"])
    starts_on: date
    gap_hours: Hours
    skills: list[SkillWeek]


class SkilledPerson(Schema):
    """Somebody with the skill, with what they have free in the whole window."""

    person_id: UUID
    level: Scale5
    free_hours: Hours


class InTraining(Schema):
    """Somebody who is to reach the level, or a higher one."""

    development_id: UUID
    person_id: UUID
    kind: DevelopmentKind
    target_level: Scale5
    ends_on: date | None


class SkillGap(Schema):
    """A skill of which projects need more than people can cover, and who could learn it from whom."""

    skill: Name
    level: Scale5
    needed_hours: Hours
    likely_hours: Hours
    gap_hours: Hours
    trainable: list[SkilledPerson] = Field(description="Who has it at a lower level and hours free, the closest first.")
    mentors: list[SkilledPerson] = Field(description="Who has it at that level or above, the best first.")
    in_training: list[InTraining]


class SkillsGapRead(Schema):
    """What projects need people to be able to do, against what people have; `valid_to` is the day after the last."""

    valid_from: date
    valid_to: date
    gaps: list[SkillGap] = Field(description="The largest first.")
    weeks: list[GapWeek]


class CostBasis(StrEnum):
    """How the hours of a member came about."""

    LOGGED = "logged"  # on internal projects
    DECLARED = "declared"  # none were logged: the weekly hours, on the working days that have passed


class MemberCost(Schema):
    """What a member's time for the office cost; null with a `reason` where that can't be told."""

    person_id: UUID
    display_name: str
    basis: CostBasis
    hours: Hours
    cost: Sum | None
    currency: Currency | None
    reason: str | None = Field(examples=["missing_rate"])


class OfficeCost(Schema):
    """What the office cost; null with a `reason` where that of a member is, or where there are several currencies."""

    hours: Hours
    cost: Sum | None
    currency: Currency | None
    reason: str | None = Field(examples=["missing_rate"])
    members: list[MemberCost]


class MeasureWorth(Schema):
    """What has become of a success measure. Figures are in the unit of the KPI, those of money in its currency."""

    kpi: KpiName
    label: str
    unit: Unit
    direction: Direction
    baseline: KpiValue
    baseline_on: date
    target: KpiValue
    by: date
    value: KpiFigure | None = Field(description="Of the whole window; null with a `reason`.")
    currency: Currency | None
    reason: str | None = Field(examples=["no_commitments_due"])
    change: KpiFigure | None = Field(description="The value less the baseline.")
    reached: bool | None = Field(description="Null where the KPI has no better way.")
    share_of_the_way: KpiFigure | None = Field(description="From the baseline (0) to the target (1).")


class WorthRead(Schema):
    """What the office cost against what it has changed; `valid_to` is the day after the last."""

    valid_from: date
    valid_to: date
    charter_number: int
    cost: OfficeCost
    measures: list[MeasureWorth]
