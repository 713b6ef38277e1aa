from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from app.core.schema import Example, FactDay, Key, Name, Read, RoleKey, Schema, hours_marks, partial
from app.measures.derivations import Basis
from app.models.person import Duty

RULE_EXAMPLE: Example = {
    "position": 10,
    "source": "jira",
    "issue_type": "Bug",
    "component": "Frontend",
    "responsibility": "testing",
}
PROFILE_EXAMPLE: Example = {
    "person_id": "01890000-0000-7000-8000-000000000004",
    "responsibility": "testing",
    "weekly_hours": "6",
}
APPLY_EXAMPLE: Example = {"from_on": "2026-03-01", "until_on": "2026-03-31"}

HoursText = Annotated[str, Field(pattern=r"^[0-9]+\.[0-9]{2}$", examples=["26.50"])]
Places4 = Annotated[str, Field(pattern=r"^[0-9]+\.[0-9]{4}$", examples=["58.6329"])]
Position = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
WeeklyHours = Annotated[Decimal, *hours_marks(7 * 24)]


class DutyRuleCreate(Schema):
    """Hours that come without a responsibility, and match all that is given here, bear this one."""

    model_config = ConfigDict(json_schema_extra={"examples": [RULE_EXAMPLE]})
    position: Position = Field(100, description="The lowest wins; of equal ones, the rule that asks for more.")
    source: Key | None = Field(None, description="The system that they come from. Give at least one of these four.")
    issue_type: Name | None = None
    component: Name | None = None
    activity: Name | None = None
    responsibility: RoleKey


DutyRuleUpdate = partial("DutyRuleUpdate", DutyRuleCreate, example={"position": 20})


class DutyRuleRead(Read):
    """What tags hours that come without a responsibility."""

    position: int
    source: Key | None
    issue_type: Name | None
    component: Name | None
    activity: Name | None
    responsibility: RoleKey


class DutyProfileCreate(Schema):
    """Hours a week that a person says to spend on a responsibility: they stand in where none are logged."""

    model_config = ConfigDict(json_schema_extra={"examples": [PROFILE_EXAMPLE]})
    person_id: UUID
    responsibility: RoleKey
    weekly_hours: WeeklyHours


DutyProfileUpdate = partial(
    "DutyProfileUpdate", DutyProfileCreate, without=frozenset({"person_id"}), example={"weekly_hours": "8"}
)


class DutyProfileRead(Read):
    """Hours a week that a person says to spend on a responsibility."""

    person_id: UUID
    responsibility: RoleKey
    weekly_hours: WeeklyHours


class DutyRulesApply(Schema):
    """The days whose untagged hours the rules shall tag; without any, all of them."""

    model_config = ConfigDict(json_schema_extra={"examples": [APPLY_EXAMPLE]})
    from_on: FactDay | None = None
    until_on: FactDay | None = Field(None, description="The last day.")


class TaggedHours(Schema):
    """How many time entries were given a responsibility."""

    responsibility: RoleKey
    time_entries: int


class DutyRulesApplied(Schema):
    """What applying the rules did; `untagged` entries match none of them."""

    tagged: int
    untagged: int
    by_responsibility: list[TaggedHours]


class DutyHours(Schema):
    """Hours on one responsibility, and whom it serves."""

    responsibility: RoleKey
    duty: Duty
    hours: HoursText


class PersonDuties(Schema):
    """What a person spends on their duties, and how torn they are: the KPI `role_strain` of these days.

    Shares are percentages of the hours on client and project duties together.
    """

    model_config = ConfigDict(serialize_by_alias=True)
    person_id: UUID
    start: date = Field(alias="from")
    until: date
    basis: Basis | None = Field(description="Whether these hours are logged, or declared where none are.")
    items: list[DutyHours]
    client_share: Places4 | None
    project_share: Places4 | None
    role_strain: Places4 | None
    role_strain_basis: Basis | None = Field(description="The KPI looks at each month by itself: it may be `mixed`.")
    reason: str | None = Field(description="Why there is no strain.", examples=["no_duty_hours"])
