"""The seats of projects: which roles they need, and who sits there on a day."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.caller import Caller
from app.db.listing import Listing, ListQuery, Page, page
from app.db.record import table_of
from app.features.capacity import service as capacity
from app.features.projects import events, queries, rules
from app.features.projects.errors import ManagerSeat, SamePersonTwice, SeatInUse
from app.features.projects.queries import assignments, projects, seats
from app.features.projects.schemas import SeatCreate
from app.messaging import records
from app.messaging.outbox import emit
from app.messaging.records import Row
from app.models.assignment import AssignmentKind
from app.models.project import Management
from app.models.role import MANAGER_ROLES, Role

REFERENCES = {"project_id": (projects, "id"), "role": (table_of(Role), "key")}
SEATS = Listing(
    name="seats",
    columns={column.name: column for column in seats.c},
    source=seats,
    filters=("project_id", "role", "load_weight"),
    sorts=("role", "load_weight", "created_at", "updated_at"),
    default_sort=(("role", False),),
)
SITS_THERE = sa.select(
    sa.exists().where(
        assignments.c.project_id == sa.bindparam("project_id"),
        assignments.c.role == sa.bindparam("role"),
        assignments.c.superseded_at.is_(None),
        sa.or_(assignments.c.valid_to.is_(None), assignments.c.valid_to > sa.bindparam("today", type_=sa.Date)),
    )
)
MANAGERS = sa.select(
    assignments.c.person_id, assignments.c.role, assignments.c.valid_from, assignments.c.valid_to
).where(
    assignments.c.project_id == sa.bindparam("project_id"),
    assignments.c.role.in_(MANAGER_ROLES),
    assignments.c.kind == AssignmentKind.HOLDER,
    assignments.c.superseded_at.is_(None),
)


def list_seats(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, SEATS, query)


def get_seat(conn: sa.Connection, caller: Caller, id: UUID) -> Row:
    return records.get(conn, seats, id)


def create_seat(conn: sa.Connection, caller: Caller, data: SeatCreate) -> Row:
    values = data.model_dump()
    records.check_references(conn, values, REFERENCES)
    project = queries.lock_with_holders(conn, data.project_id)
    burdens = capacity.watch_holders(conn, project.id)
    row = add_seat(conn, caller, values)
    # Somebody may have the role already: it became exclusive after they took it.
    capacity.check_capacity(
        conn, caller, burdens, subject_type="project", subject_id=project.id, client_id=project.client_id
    )
    return row


def add_seat(conn: sa.Connection, caller: Caller, values: Mapping[str, Any]) -> Row:
    """A seat whose project and role are known to exist."""
    row = records.add(conn, caller, seats, values)
    emit(conn, caller, events.seat_created(row.id, row.project_id, row.role))
    return row


def update_seat(conn: sa.Connection, caller: Caller, id: UUID, changes: Mapping[str, Any], expected: int | None) -> Row:
    changes = dict(changes)
    override_reason = changes.pop("override_reason", None)
    capacity.check_override(caller, override_reason)
    before = get_seat(conn, caller, id)
    records.check_version(before, expected)
    project = queries.lock_with_holders(conn, before.project_id)
    burdens = capacity.watch_holders(conn, project.id)
    row = records.change(conn, caller, seats, before, changes, expected)
    if row is not before:
        capacity.check_capacity(
            conn,
            caller,
            burdens,
            subject_type="project",
            subject_id=project.id,
            override_reason=override_reason,
            client_id=project.client_id,
        )
        emit(conn, caller, events.seat_updated(row.id, row.project_id, row.role))
    return row


def delete_seat(conn: sa.Connection, caller: Caller, id: UUID, expected: int | None) -> None:
    before = get_seat(conn, caller, id)
    records.check_version(before, expected)
    if before.role in MANAGER_ROLES:
        raise ManagerSeat("Give it the load weight 0 where nobody is needed.")
    queries.lock(conn, before.project_id)
    who = {"project_id": before.project_id, "role": before.role, "today": clock.today()}
    if conn.execute(SITS_THERE, who).scalar_one():
        raise SeatInUse("End the assignments to this role of the project first.")
    records.remove(conn, caller, seats, before, expected)
    emit(conn, caller, events.seat_deleted(before.id, before.project_id, before.role))


def seats_on_day(conn: sa.Connection, caller: Caller, ref: UUID | str, day: date | None) -> dict[str, Any]:
    """All seats of a project as they are on a day, today unless told otherwise."""
    project = queries.read(conn, ref)
    found = queries.seats_on(conn, [project.id], day or clock.today())
    return {"items": found.get(project.id, []), "next_cursor": None}


def check_two_people(conn: sa.Connection, project: Row) -> None:
    """409 where one person holds both manager seats on a day on which two people manage the project.

    To be called behind the write that could bring it about, with the project's row locked.
    """
    if project.management != Management.SPLIT:
        return
    found = conn.execute(MANAGERS, {"project_id": project.id})
    twice = rules.held_twice([rules.Holding(*row) for row in found], project.split_on)
    if twice is not None:
        person_id, day = twice
        raise SamePersonTwice(
            f"The management of {project.code} is split, and person {person_id} would hold both manager seats "
            f"on {day}: choose another person or other days, or make the project's management `combined`."
        )
