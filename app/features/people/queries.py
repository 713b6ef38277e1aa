"""The SQL about people, and what can be listed of them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.db.listing import Listing
from app.db.record import table_of
from app.messaging import records
from app.messaging.records import Row
from app.models.assignment import Assignment, AssignmentKind
from app.models.person import Person, PersonRate, PersonSkill, TimeOff

people = table_of(Person)
skills = table_of(PersonSkill)
rates = table_of(PersonRate)
time_off = table_of(TimeOff)
assignments = table_of(Assignment)

_person_id = sa.bindparam("person_id", type_=sa.Uuid)

# Whoever decides by the seats or the rates of a person does so one after the other.
LOCK_PERSON = sa.select(people.c.id).where(people.c.id == _person_id).with_for_update(key_share=True)

SEATS_FROM = (
    sa.select(sa.func.count())
    .select_from(assignments)
    .where(
        assignments.c.person_id == _person_id,
        assignments.c.kind == AssignmentKind.HOLDER,
        assignments.c.superseded_at.is_(None),
        sa.or_(assignments.c.valid_to.is_(None), assignments.c.valid_to > sa.bindparam("day", type_=sa.Date)),
    )
)
HELD_BEFORE = (
    sa.select(sa.func.count())
    .select_from(assignments)
    .where(
        assignments.c.person_id == _person_id,
        assignments.c.superseded_at.is_(None),
        assignments.c.valid_from < sa.bindparam("day", type_=sa.Date),
    )
)
NEXT_RATE_FROM = sa.select(sa.func.min(rates.c.valid_from)).where(
    rates.c.person_id == _person_id,
    rates.c.superseded_at.is_(None),
    rates.c.valid_from > sa.bindparam("day", type_=sa.Date),
)
SKILLS_OF = (
    sa.select(skills.c.person_id, skills.c.id, skills.c.skill, skills.c.level)
    .where(skills.c.person_id.in_(sa.bindparam("people", type_=sa.Uuid, expanding=True)))
    .order_by(skills.c.skill)
)


def skills_of(conn: sa.Connection, rows: Sequence[Row]) -> Mapping[UUID, Any]:
    """The skills of each of these people, none for those who have none."""
    found: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for row in conn.execute(SKILLS_OF, {"people": records.ids(rows, "id")}):
        found[row.person_id].append({"id": row.id, "skill": row.skill, "level": row.level})
    return {row.id: found[row.id] for row in rows}


PEOPLE = Listing(
    name="people",
    columns={column.name: column for column in people.c if column.name != "search_text"},
    source=people,
    filters=("email", "team", "job_title", "home_role", "preferred_duty", "hired_on", "left_on"),
    sorts=("email", "display_name", "team", "hired_on", "left_on", "created_at", "updated_at"),
    default_sort=(("display_name", False),),
    search=people.c.search_text,
    includes={"skills": skills_of},
)
SKILLS = Listing(
    name="skills",
    columns={column.name: column for column in skills.c},
    source=skills,
    filters=("person_id", "skill", "level"),
    sorts=("skill", "level", "created_at", "updated_at"),
    default_sort=(("skill", False),),
)
RATES = Listing(
    name="rates",
    columns={
        "id": rates.c.id,
        "version": rates.c.version,
        "created_at": rates.c.created_at,
        "updated_at": rates.c.recorded_at,
        "person_id": rates.c.person_id,
        "cost_rate": rates.c.cost_rate,
        "currency": rates.c.currency,
        "valid_from": rates.c.valid_from,
    },
    source=rates,
    where=(rates.c.superseded_at.is_(None),),
    filters=("person_id", "cost_rate", "currency", "valid_from"),
    sorts=("valid_from", "cost_rate", "created_at", "updated_at"),
    default_sort=(("valid_from", True),),
)
TIME_OFF = Listing(
    name="time_off",
    columns={column.name: column for column in time_off.c},
    source=time_off,
    filters=("person_id", "kind", "from_on", "until_on"),
    sorts=("from_on", "until_on", "created_at", "updated_at"),
    default_sort=(("from_on", True),),
)
