"""What the office's own records ask of the database."""

from typing import Any

import sqlalchemy as sa

from app.db.listing import Listing
from app.db.record import table_of
from app.models.person import Person, PersonSkill
from app.models.pmo import Charter, Development, SkillNeed
from app.models.project import Project

needs = table_of(SkillNeed)
developments = table_of(Development)
charters = table_of(Charter)
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

# Who of some people is there.
KNOWN: sa.Select[Any] = sa.select(people.c.id).where(people.c.id.in_(sa.bindparam("people", expanding=True)))

_CHARTER = [column for column in charters.c if column.name != "recorded_by"]
_NEWEST = sa.select(sa.func.max(charters.c.number)).scalar_subquery()
# `If-Match` guards the newest number; which one is in force is a matter of the day.
_CHARTERS: sa.Select[Any] = sa.select(
    *_CHARTER,
    charters.c.created_at.label("updated_at"),
    _NEWEST.label("version"),
    sa.cast(charters.c.number, sa.String).label("state"),
)
CHARTER_OF: sa.Select[Any] = _CHARTERS.where(charters.c.number == sa.bindparam("number", type_=sa.Integer))
CHARTER_ON: sa.Select[Any] = (
    _CHARTERS.where(charters.c.valid_from <= sa.bindparam("day", type_=sa.Date))
    .order_by(charters.c.number.desc())
    .limit(1)
)
NEWEST_CHARTER: sa.Select[Any] = sa.select(charters).order_by(charters.c.number.desc()).limit(1)
ADD_CHARTER = sa.insert(charters).returning(*charters.c)

CHARTER_VERSIONS = Listing(
    name="charter_versions",
    columns={column.name: column for column in _CHARTER}
    | {"version": charters.c.number, "updated_at": charters.c.created_at},
    source=charters,
    filters=("number", "valid_from"),
    sorts=("number", "valid_from", "created_at"),
    default_sort=(("number", False),),
)
