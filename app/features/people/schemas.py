from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from app.core.schema import (
    Amount,
    Currency,
    Day,
    Email,
    Example,
    FactDay,
    Name,
    Read,
    RoleKey,
    Scale5,
    Schema,
    Text,
    decimal_marks,
    hours_marks,
    partial,
)
from app.features.capacity.schemas import OVERRIDE_HELP, OverrideReason
from app.models.person import Duty, TimeOffKind

PERSON_EXAMPLE: Example = {
    "email": "ines.ito@agency.example",
    "display_name": "Inés Ito",
    "job_title": "Account manager",
    "team": "Retail",
    "home_role": "account_manager",
    "preferred_duty": "client",
    "weekly_hours": "40",
    "hired_on": "2023-09-01",
}
SKILL_EXAMPLE: Example = {
    "person_id": "01890000-0000-7000-8000-000000000002",
    "skill": "accessibility",
    "level": 3,
}
RATE_EXAMPLE: Example = {
    "person_id": "01890000-0000-7000-8000-000000000002",
    "cost_rate": "62.50",
    "currency": "EUR",
    "valid_from": "2026-01-01",
}
TIME_OFF_EXAMPLE: Example = {
    "person_id": "01890000-0000-7000-8000-000000000002",
    "from_on": "2026-12-21",
    "until_on": "2026-12-31",
    "kind": "vacation",
}

WeeklyHours = Annotated[Decimal, *hours_marks(168)]
DailyHours = Annotated[Decimal, *hours_marks(24)]
Cap = Annotated[Decimal, *decimal_marks(0, 999, 2)]
OF_PERSON = frozenset({"person_id"})


class PersonCreate(Schema):
    """A new person."""

    model_config = ConfigDict(json_schema_extra={"examples": [PERSON_EXAMPLE]})
    email: Email = Field(description="Unique; also how the person is named in a path. Kept in lower case.")
    display_name: Name
    job_title: Name | None = None
    team: Name | None = None
    home_role: RoleKey | None = Field(None, description="The key of the role that they usually have.")
    preferred_duty: Duty | None = None
    weekly_hours: WeeklyHours = Decimal(40)
    active_cap: Cap = Field(Decimal(6), description="The most that their seats on active projects may weigh together.")
    back_burner_cap: Cap = Field(
        Decimal(15), description="The most that their seats on back-burner projects may weigh together."
    )
    hired_on: Day | None = None
    left_on: Day | None = Field(None, description="The last day of employment.")


class _PersonChange(PersonCreate):
    override_reason: OverrideReason | None = Field(None, description=OVERRIDE_HELP)


PersonUpdate = partial("PersonUpdate", _PersonChange, example={"weekly_hours": "32"})


class HeldSkill(Schema):
    """One of the skills of a person."""

    id: UUID
    skill: str
    level: int


class PersonRead(Read):
    """Somebody who works for the agency."""

    email: Email
    display_name: Name
    job_title: Name | None
    team: Name | None
    home_role: RoleKey | None
    preferred_duty: Duty | None
    weekly_hours: WeeklyHours
    active_cap: Cap
    back_burner_cap: Cap
    hired_on: date | None
    left_on: date | None
    skills: list[HeldSkill] | None = None


class PersonSkillCreate(Schema):
    """A new skill of a person."""

    model_config = ConfigDict(json_schema_extra={"examples": [SKILL_EXAMPLE]})
    person_id: UUID
    skill: Name
    level: Scale5 = Field(description="From 1 (has begun) to 5 (teaches it).")


PersonSkillUpdate = partial("PersonSkillUpdate", PersonSkillCreate, without=OF_PERSON, example={"level": 4})


class PersonSkillRead(Read):
    """What a person can do."""

    person_id: UUID
    skill: Name
    level: Scale5


class PersonRateCreate(Schema):
    """What an hour of a person costs, from a day on."""

    model_config = ConfigDict(json_schema_extra={"examples": [RATE_EXAMPLE]})
    person_id: UUID
    cost_rate: Amount = Field(description="Per hour.")
    currency: Currency
    valid_from: FactDay = Field(description="It holds from this day until the next rate of the person begins.")


PersonRateUpdate = partial("PersonRateUpdate", PersonRateCreate, without=OF_PERSON, example={"cost_rate": "64.00"})


class PersonRateRead(Read):
    """What an hour of a person costs, from a day on: the rate of the day of the work counts."""

    person_id: UUID
    cost_rate: Amount | None = None
    currency: Currency
    valid_from: date


class TimeOffCreate(Schema):
    """New time off of a person."""

    model_config = ConfigDict(json_schema_extra={"examples": [TIME_OFF_EXAMPLE]})
    person_id: UUID
    from_on: FactDay
    until_on: FactDay = Field(description="The last day away.")
    kind: TimeOffKind = TimeOffKind.VACATION
    hours_per_day: DailyHours | None = Field(None, description="Hours away on each of these days; null: all day.")
    note: Text | None = None


TimeOffUpdate = partial("TimeOffUpdate", TimeOffCreate, without=OF_PERSON, example={"until_on": "2026-12-30"})


class TimeOffRead(Read):
    """Days on which a person is away."""

    person_id: UUID
    from_on: date
    until_on: date
    kind: TimeOffKind
    hours_per_day: DailyHours | None
    note: Text | None
