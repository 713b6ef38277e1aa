"""What the office's own records ask of the database."""

from typing import Any

import sqlalchemy as sa

from app.db.listing import Listing
from app.db.record import table_of
from app.models.person import Person, PersonSkill
from app.models.pmo import Development, SkillNeed
from app.models.project import Project

needs = table_of(SkillNeed)
developments = table_of(Development)
people = table_of(Person)
skills = table_of(PersonSkill)
projects = table_of(Project)

SKILL_NEEDS = Listing(
    name="skill_needs",
    columns={column.name: column for column in needs.c},
    source=needs,
    filters=("project_id", "skill", "level", "from_on", "until_on"),
    sorts=("skill", "level", "weekly_hours", "from_on", "until_on", "created_at", "updated_at"),
    default_sort=(("from_on", False),),
)
DEVELOPMENTS = Listing(
    name="developments",
    columns={column.name: column for column in developments.c},
    source=developments,
    filters=("person_id", "skill", "kind", "mentor_id", "target_level", "starts_on", "ends_on", "completed_on"),
    sorts=("skill", "target_level", "starts_on", "ends_on", "completed_on", "created_at", "updated_at"),
    default_sort=(("starts_on", False),),
)

# Who of some people has a skill, at which level.
LEVELS: sa.Select[Any] = sa.select(skills.c.id, skills.c.person_id, skills.c.level).where(
    skills.c.skill == sa.bindparam("skill"), skills.c.person_id.in_(sa.bindparam("people", expanding=True))
)
