"""Estimates: the hours that a role is given on a project and those that remain, as somebody saw it on a day."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.caller import Caller
from app.core.errors import invalid
from app.core.ids import new_id
from app.db.listing import Listing, ListQuery, Page, page
from app.db.record import table_of
from app.features.projects import events
from app.features.projects.queries import projects
from app.features.projects.rules import Effort, efforts_after_change
from app.features.projects.schemas import EstimateCreate
from app.messaging import records
from app.messaging.audit import audit_all
from app.messaging.outbox import emit, emit_all
from app.messaging.records import Row
from app.models.delivery import Estimate
from app.models.role import Role

estimates = table_of(Estimate)

REFERENCES = {"project_id": (projects, "id"), "role": (table_of(Role), "key")}
ESTIMATES = Listing(
    name="estimates",
    columns={column.name: column for column in estimates.c},
    source=estimates,
    filters=("project_id", "role", "as_of"),
    sorts=("as_of", "role", "created_at", "updated_at"),
    default_sort=(("as_of", True), ("role", False)),
)

_later = estimates.alias("later")
LATEST = sa.select(estimates).where(
    estimates.c.project_id == sa.bindparam("project_id"),
    estimates.c.as_of <= sa.bindparam("today", type_=sa.Date),
    ~sa.exists().where(
        _later.c.project_id == estimates.c.project_id,
        _later.c.role == estimates.c.role,
        _later.c.as_of > estimates.c.as_of,
        _later.c.as_of <= sa.bindparam("today", type_=sa.Date),
    ),
)
LOCK_LATEST = LATEST.with_for_update(of=estimates)
ADD = sa.insert(estimates)
CHANGE = (
    sa.update(estimates)
    .where(estimates.c.id == sa.bindparam("which"))
    .values(
        hours_budget=sa.bindparam("budget", type_=estimates.c.hours_budget.type),
        hours_remaining=sa.bindparam("remaining", type_=estimates.c.hours_remaining.type),
        version=estimates.c.version + 1,
        updated_at=sa.bindparam("now", type_=estimates.c.updated_at.type),
    )
)


def list_estimates(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, ESTIMATES, query)


def get_estimate(conn: sa.Connection, caller: Caller, id: UUID) -> Row:
    return records.get(conn, estimates, id)


def create_estimate(conn: sa.Connection, caller: Caller, data: EstimateCreate) -> Row:
    values = {**data.model_dump(), "as_of": data.as_of or clock.today()}
    if values["as_of"] > clock.today():
        raise invalid("/as_of", "must not lie ahead: an estimate is how somebody sees it on that day")
    records.check_references(conn, values, REFERENCES)
    row = records.add(conn, caller, estimates, values)
    emit(conn, caller, events.estimate_created(row.id, row.project_id, row.role))
    return row


def update_estimate(
    conn: sa.Connection, caller: Caller, id: UUID, changes: Mapping[str, Any], expected: int | None
) -> Row:
    before = get_estimate(conn, caller, id)
    row = records.change(conn, caller, estimates, before, changes, expected)
    if row is not before:
        emit(conn, caller, events.estimate_updated(row.id, row.project_id, row.role))
    return row


def delete_estimate(conn: sa.Connection, caller: Caller, id: UUID, expected: int | None) -> None:
    before = get_estimate(conn, caller, id)
    records.remove(conn, caller, estimates, before, expected)
    emit(conn, caller, events.estimate_deleted(before.id, before.project_id, before.role))


def add_hours(conn: sa.Connection, caller: Caller, project_id: UUID, hours: Mapping[str, Decimal]) -> None:
    """Today's estimates with the hours of a change, by role; the same few statements for any number of roles."""
    found = conn.execute(LOCK_LATEST, {"project_id": project_id, "today": clock.today()})
    known = {row.role: row for row in found}
    efforts = efforts_after_change(
        {role: Effort(row.hours_budget, row.hours_remaining) for role, row in known.items()}, hours
    )
    today, now = clock.today(), clock.now()
    made: list[dict[str, Any]] = []
    changed: list[tuple[Row, dict[str, Any]]] = []
    for role, effort in efforts.items():
        values = {"hours_budget": effort.hours_budget, "hours_remaining": effort.hours_remaining}
        before = known.get(role)
        if before is not None and before.as_of == today:
            changed.append((before, {**before._asdict(), **values, "version": before.version + 1, "updated_at": now}))
        else:
            stamps = {"id": new_id(), "version": 1, "created_at": now, "updated_at": now}
            made.append({**stamps, "project_id": project_id, "role": role, "as_of": today, **values})
    if made:
        conn.execute(ADD, made)
        audit_all(conn, caller, "created", "estimate", [(row["id"], None, row) for row in made])
    if changed:
        conn.execute(
            CHANGE,
            [
                {
                    "which": before.id,
                    "budget": after["hours_budget"],
                    "remaining": after["hours_remaining"],
                    "now": now,
                }
                for before, after in changed
            ],
        )
        audit_all(
            conn, caller, "updated", "estimate", [(before.id, before._asdict(), after) for before, after in changed]
        )
    emit_all(
        conn,
        caller,
        [
            *(events.estimate_created(row["id"], project_id, row["role"]) for row in made),
            *(events.estimate_updated(before.id, project_id, before.role) for before, _ in changed),
        ],
    )
