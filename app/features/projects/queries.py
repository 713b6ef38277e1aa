"""What is read of projects: each with the status of today, their seats on a day, and locks."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.errors import NotFound
from app.db.listing import Listing
from app.db.record import table_of
from app.db.types import Moves
from app.features.capacity import service as capacity
from app.features.projects import rules
from app.messaging import records
from app.messaging.records import Row
from app.models.assignment import Assignment, AssignmentKind
from app.models.client import Client
from app.models.project import Project, ProjectStatusSpan, Seat

projects = table_of(Project)
spans = table_of(ProjectStatusSpan)
seats = table_of(Seat)
assignments = table_of(Assignment)
clients = table_of(Client)


def in_force(table: sa.FromClause, day: sa.ColumnElement[date]) -> sa.ColumnElement[bool]:
    """Whether a dated row, from `valid_from` up to, and without, `valid_to`, holds on `day` and stands uncorrected."""
    return sa.and_(
        table.c.superseded_at.is_(None),
        table.c.valid_from <= day,
        sa.or_(table.c.valid_to.is_(None), table.c.valid_to > day),
    )


_now = spans.alias("status_today")
_first = spans.alias("first_status")
_FIRST_STATUS = (
    sa.select(_first.c.status)
    .where(
        _first.c.project_id == projects.c.id,
        _first.c.superseded_at.is_(None),
        sa.or_(_first.c.valid_to.is_(None), _first.c.valid_to > _first.c.valid_from),
    )
    .order_by(_first.c.valid_from)
    .limit(1)
    .correlate(projects)
    .scalar_subquery()
)
# Where the first status lies ahead, it shows already.
STATUS = sa.func.coalesce(_now.c.status, _FIRST_STATUS)


def client_of(conn: sa.Connection, rows: Sequence[Row]) -> Mapping[UUID, Any]:
    found = conn.execute(CLIENTS, {"ids": records.ids(rows, "client_id")})
    by_id = {row.id: row._asdict() for row in found}
    return {row.id: by_id[row.client_id] for row in rows}


def seats_of(conn: sa.Connection, rows: Sequence[Row]) -> Mapping[UUID, Any]:
    found = seats_on(conn, [row.id for row in rows], clock.today())
    return {row.id: found.get(row.id, []) for row in rows}


CLIENTS = sa.select(clients.c.id, clients.c.code, clients.c.name).where(
    clients.c.id.in_(sa.bindparam("ids", expanding=True))
)
PROJECTS = Listing(
    name="projects",
    columns={
        **{column.name: column for column in projects.c if column.name not in ("search_text", "seat_counter")},
        "status": STATUS,
        "allowed_transitions": sa.type_coerce(STATUS, Moves(rules.STATES.moves)),
    },
    source=projects.outerjoin(
        _now, sa.and_(_now.c.project_id == projects.c.id, in_force(_now, sa.bindparam("today", type_=sa.Date)))
    ),
    filters=(
        "code",
        "client_id",
        "kind",
        "status",
        "engagement",
        "management",
        "technical_complexity",
        "start_on",
        "due_on",
        "closed_on",
        "currency",
        "fee",
        "cost_budget",
        "priority",
        "parent_id",
    ),
    sorts=(
        "code",
        "name",
        "kind",
        "status",
        "start_on",
        "due_on",
        "closed_on",
        "fee",
        "cost_budget",
        "priority",
        "created_at",
        "updated_at",
    ),
    default_sort=(("code", False),),
    search=projects.c.search_text,
    includes={"client": client_of, "seats": seats_of},
)

_ONE = PROJECTS.select()
BY_ID = _ONE.where(projects.c.id == sa.bindparam("which"))
BY_CODE = _ONE.where(projects.c.code == sa.bindparam("which"))
# Locks leave those who only refer to the row alone. SQLite has one writer at a time and needs none.
LOCK_BY_ID = sa.select(projects).where(projects.c.id == sa.bindparam("which")).with_for_update(key_share=True)
LOCK_BY_CODE = sa.select(projects).where(projects.c.code == sa.bindparam("which")).with_for_update(key_share=True)

SEATS_ON = (
    sa.select(
        seats.c.project_id,
        seats.c.id,
        seats.c.role,
        seats.c.load_weight,
        assignments.c.kind,
        assignments.c.person_id,
    )
    .select_from(
        seats.outerjoin(
            assignments,
            sa.and_(
                assignments.c.project_id == seats.c.project_id,
                assignments.c.role == seats.c.role,
                assignments.c.person_id.is_not(None),
                in_force(assignments, sa.bindparam("day", type_=sa.Date)),
            ),
        )
    )
    .where(seats.c.project_id.in_(sa.bindparam("projects", expanding=True)))
    .order_by(seats.c.role, assignments.c.created_at, assignments.c.id)
)


def read(conn: sa.Connection, ref: UUID | str) -> Row:
    """The project of this id or code, with the status of today."""
    statement = BY_ID if isinstance(ref, UUID) else BY_CODE
    return _found(conn.execute(statement, {"which": ref, "today": clock.today()}).one_or_none(), ref)


def lock(conn: sa.Connection, ref: UUID | str) -> Row:
    """The row of a project, locked until the transaction ends: after people, and by id where there are several."""
    statement = LOCK_BY_ID if isinstance(ref, UUID) else LOCK_BY_CODE
    return _found(conn.execute(statement, {"which": ref}).one_or_none(), ref)


def lock_with_holders(conn: sa.Connection, ref: UUID | str) -> Row:
    """The row of a project, locked behind the people who hold its seats: for what changes their load."""
    id = read(conn, ref).id
    capacity.lock(conn, capacity.holders(conn, id))
    return lock(conn, id)


def seats_on(conn: sa.Connection, project_ids: Sequence[UUID], day: date) -> dict[UUID, list[dict[str, Any]]]:
    """The seats of projects as they are on a day, by project; one statement."""
    kinds = {AssignmentKind.HOLDER: "holders", AssignmentKind.SHADOW: "shadows", AssignmentKind.COVER: "covers"}
    by_project: dict[UUID, dict[UUID, dict[str, Any]]] = {}
    for row in conn.execute(SEATS_ON, {"projects": list(project_ids), "day": day}):
        seat = {
            "id": row.id,
            "role": row.role,
            "load_weight": row.load_weight,
            "holders": [],
            "shadows": [],
            "covers": [],
        }
        seat = by_project.setdefault(row.project_id, {}).setdefault(row.id, seat)
        if row.person_id is not None:
            seat[kinds[row.kind]].append(row.person_id)
    return {
        project_id: [
            {**seat, "person_id": next(iter(seat["holders"]), None), "vacant": not seat["holders"]}
            for seat in by_seat.values()
        ]
        for project_id, by_seat in by_project.items()
    }


def _found(row: Row | None, ref: UUID | str) -> Row:
    if row is None:
        raise NotFound(f"There is no project {str(ref)!r}: look it up in the list.")
    return row
