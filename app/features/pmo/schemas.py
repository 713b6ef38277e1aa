from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from app.core.schema import Example, FactDay, Name, Read, Scale5, Schema, hours_marks, partial

NEED_EXAMPLE: Example = {
    "project_id": "01890000-0000-7000-8000-000000000003",
    "skill": "negotiation",
    "level": 4,
    "weekly_hours": "6",
    "from_on": "2026-03-02",
    "until_on": "2026-06-26",
}

WeeklyHours = Annotated[Decimal, *hours_marks(168 * 100), Field(gt=0)]


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
