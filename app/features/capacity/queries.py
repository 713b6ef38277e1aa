"""What is read of seats, loads and bookings: always of many people at once."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.db.record import table_of
from app.features.capacity.rules import Burden, Days
from app.features.capacity.schemas import Portfolio
from app.models.assignment import Assignment, AssignmentKind, Certainty
from app.models.calendar_day import CalendarDay
from app.models.client import Client
from app.models.person import Person, TimeOff
from app.models.project import Project, ProjectStatusSpan, Seat
from app.models.relationship import Relationship
from app.models.role import Role

people = table_of(Person)
time_off = table_of(TimeOff)
assignments = table_of(Assignment)
seats = table_of(Seat)
roles = table_of(Role)
spans = table_of(ProjectStatusSpan)
projects = table_of(Project)
clients = table_of(Client)
relationships = table_of(Relationship)
calendar_days = table_of(CalendarDay)

_PEOPLE = people.c.id.in_(sa.bindparam("people", expanding=True))
_PROJECT = sa.bindparam("project_id", type_=sa.Uuid)

# Only confirmed holders of exclusive roles carry a load: neither shadows nor covers nor the tentative.
CARRIES = sa.and_(
    assignments.c.kind == AssignmentKind.HOLDER,
    assignments.c.certainty == Certainty.CONFIRMED,
    assignments.c.superseded_at.is_(None),
)
EXCLUSIVE = roles.c.exclusive.is_(True)

# Locks leave those who only refer to a person alone, and are taken in the order of ids.
LOCK = sa.select(people.c.id).where(_PEOPLE).order_by(people.c.id).with_for_update(key_share=True)
HOLDERS = (
    sa.select(assignments.c.person_id)
    .distinct()
    .select_from(assignments.join(roles, sa.and_(roles.c.key == assignments.c.role, EXCLUSIVE)))
    .where(assignments.c.project_id == _PROJECT, assignments.c.person_id.is_not(None), CARRIES)
)
_HELD = (
    assignments.join(roles, sa.and_(roles.c.key == assignments.c.role, EXCLUSIVE))
    .join(seats, sa.and_(seats.c.project_id == assignments.c.project_id, seats.c.role == assignments.c.role))
    .join(spans, sa.and_(spans.c.project_id == assignments.c.project_id, spans.c.superseded_at.is_(None)))
)
_CARRIED = (
    sa.select(
        assignments.c.person_id,
        seats.c.load_weight,
        spans.c.status,
        assignments.c.valid_from,
        assignments.c.valid_to,
        spans.c.valid_from.label("status_from"),
        spans.c.valid_to.label("status_to"),
    )
    .select_from(_HELD)
    .where(CARRIES, spans.c.status.in_(list(Portfolio)))
    .subquery("carried")
)
BURDENS: sa.Select[Any] = (
    sa.select(people.c.id, people.c.display_name, people.c.active_cap, people.c.back_burner_cap, *_CARRIED.c)
    .select_from(people.outerjoin(_CARRIED, _CARRIED.c.person_id == people.c.id))
    .where(_PEOPLE)
)


def lock(conn: sa.Connection, ids: Iterable[UUID]) -> None:
    """Lock people, in order, until the transaction ends."""
    if wanted := sorted(set(ids)):
        conn.execute(LOCK, {"people": wanted}).all()


def holders(conn: sa.Connection, project_id: UUID) -> list[UUID]:
    """Who carries a seat of a project on any day."""
    return list(conn.execute(HOLDERS, {"project_id": project_id}).scalars())


def burdens(conn: sa.Connection, ids: Iterable[UUID]) -> dict[UUID, Burden]:
    """What these people carry, as it stands; one statement for any number of them."""
    wanted = sorted(set(ids))
    found: dict[UUID, Burden] = {}
    rows: Sequence[sa.Row[Any]] = conn.execute(BURDENS, {"people": wanted}).all() if wanted else []
    for row in rows:
        if row.id not in found:
            caps = {Portfolio.ACTIVE: row.active_cap, Portfolio.BACK_BURNER: row.back_burner_cap}
            found[row.id] = Burden(row.display_name, caps)
        if row.status is not None:
            days = Days(row.valid_from, row.valid_to).both(Days(row.status_from, row.status_to))
            found[row.id].add(row.status, days, row.load_weight)
    return found


# What the answer about a window is made of; each is one statement for all of it.
_START = sa.bindparam("start", type_=sa.Date)
_STOP = sa.bindparam("stop", type_=sa.Date)


def _touches(table: sa.FromClause) -> sa.ColumnElement[bool]:
    """Whether a row's days, `valid_to` excluded, reach into the window."""
    return sa.and_(table.c.valid_from < _STOP, sa.or_(table.c.valid_to.is_(None), table.c.valid_to > _START))


STAFF: sa.Select[Any] = (
    sa.select(people)
    .where(
        sa.or_(people.c.hired_on.is_(None), people.c.hired_on < _STOP),
        sa.or_(people.c.left_on.is_(None), people.c.left_on >= _START),
    )
    .order_by(people.c.display_name, people.c.id)
)
BOOKINGS: sa.Select[Any] = (
    sa.select(
        assignments.c.id,
        assignments.c.project_id,
        projects.c.code,
        assignments.c.role,
        assignments.c.person_id,
        assignments.c.certainty,
        assignments.c.allocation_percent,
        assignments.c.valid_from,
        assignments.c.valid_to,
        spans.c.status,
        spans.c.valid_from.label("status_from"),
        spans.c.valid_to.label("status_to"),
    )
    .select_from(
        assignments.join(projects, projects.c.id == assignments.c.project_id).join(
            spans, sa.and_(spans.c.project_id == assignments.c.project_id, spans.c.superseded_at.is_(None))
        )
    )
    .where(
        assignments.c.superseded_at.is_(None),
        sa.or_(assignments.c.person_id.is_(None), assignments.c.allocation_percent.is_not(None)),
        _touches(assignments),
        _touches(spans),
    )
    .order_by(assignments.c.valid_from, assignments.c.id)
)
TIME_OFF: sa.Select[Any] = sa.select(time_off).where(time_off.c.from_on < _STOP, time_off.c.until_on >= _START)
WORKING_DAYS = sa.select(calendar_days.c.day).where(
    calendar_days.c.day >= _START, calendar_days.c.day < _STOP, calendar_days.c.is_working.is_(True)
)
# Of one person, for a look at their weeks; the days of the calendar with what they are called.
_PERSON = sa.bindparam("person_id", type_=sa.Uuid)
BOOKINGS_OF = BOOKINGS.where(assignments.c.person_id == _PERSON)
TIME_OFF_OF = TIME_OFF.where(time_off.c.person_id == _PERSON).order_by(time_off.c.from_on, time_off.c.id)
DAYS: sa.Select[Any] = (
    sa.select(calendar_days)
    .where(calendar_days.c.day >= _START, calendar_days.c.day < _STOP)
    .order_by(calendar_days.c.day)
)
LIVE_SEATS: sa.Select[Any] = (
    sa.select(
        seats.c.project_id,
        projects.c.code,
        seats.c.role,
        seats.c.load_weight,
        spans.c.valid_from,
        spans.c.valid_to,
    )
    .select_from(
        seats.join(roles, sa.and_(roles.c.key == seats.c.role, EXCLUSIVE))
        .join(projects, projects.c.id == seats.c.project_id)
        .join(spans, sa.and_(spans.c.project_id == seats.c.project_id, spans.c.superseded_at.is_(None)))
    )
    .where(spans.c.status.in_(list(Portfolio)), _touches(spans))
    .order_by(projects.c.code, seats.c.role)
)
TAKEN_SEATS: sa.Select[Any] = (
    sa.select(
        assignments.c.project_id,
        assignments.c.role,
        assignments.c.person_id,
        assignments.c.valid_from,
        assignments.c.valid_to,
    )
    .select_from(assignments.join(roles, sa.and_(roles.c.key == assignments.c.role, EXCLUSIVE)))
    .where(CARRIES, _touches(assignments))
)

# The seats of one person on a day.
_ON = sa.bindparam("day", type_=sa.Date)
SEATS_HELD: sa.Select[Any] = (
    sa.select(
        assignments.c.id.label("assignment_id"),
        assignments.c.project_id,
        projects.c.code.label("project_code"),
        projects.c.client_id,
        assignments.c.role,
        spans.c.status,
        seats.c.load_weight,
        assignments.c.valid_from,
        assignments.c.valid_to,
    )
    .select_from(_HELD.join(projects, projects.c.id == assignments.c.project_id))
    .where(
        CARRIES,
        assignments.c.person_id == sa.bindparam("person_id", type_=sa.Uuid),
        assignments.c.valid_from <= _ON,
        sa.or_(assignments.c.valid_to.is_(None), assignments.c.valid_to > _ON),
        spans.c.valid_from <= _ON,
        sa.or_(spans.c.valid_to.is_(None), spans.c.valid_to > _ON),
    )
    .order_by(projects.c.code, assignments.c.role)
)

# What candidates for seats of some projects are judged by.
_PROJECTS: sa.BindParameter[UUID] = sa.bindparam("projects", expanding=True)
PROJECTS: sa.Select[Any] = sa.select(
    projects.c.id, projects.c.code, projects.c.client_id, projects.c.management, projects.c.split_on
).where(projects.c.id.in_(_PROJECTS))
SPANS: sa.Select[Any] = (
    sa.select(spans.c.project_id, spans.c.status, spans.c.valid_from, spans.c.valid_to)
    .where(spans.c.project_id.in_(_PROJECTS), spans.c.superseded_at.is_(None))
    .order_by(spans.c.valid_from)
)
EXCLUSIVE_SEATS: sa.Select[Any] = (
    sa.select(seats.c.project_id, seats.c.role, seats.c.load_weight)
    .select_from(seats.join(roles, sa.and_(roles.c.key == seats.c.role, EXCLUSIVE)))
    .where(seats.c.project_id.in_(_PROJECTS))
)
HOLDERS_ON: sa.Select[Any] = sa.select(assignments.c.project_id, assignments.c.role, assignments.c.person_id).where(
    assignments.c.project_id.in_(_PROJECTS),
    assignments.c.person_id.is_not(None),
    assignments.c.kind == AssignmentKind.HOLDER,
    assignments.c.superseded_at.is_(None),
    assignments.c.valid_from <= _ON,
    sa.or_(assignments.c.valid_to.is_(None), assignments.c.valid_to > _ON),
)
STRENGTHS: sa.Select[Any] = sa.select(
    relationships.c.person_id, relationships.c.client_id, relationships.c.strength
).where(relationships.c.client_id.in_(sa.bindparam("clients", expanding=True)))
