"""Goals and the projects that serve them. Each function is one step of a transaction that the caller has opened."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.caller import Caller
from app.db.listing import Listing, ListQuery, Page, page
from app.db.record import table_of
from app.features.goals import events, rules
from app.features.goals.schemas import GoalCreate, GoalLinkCreate
from app.messaging import records
from app.messaging.outbox import emit
from app.messaging.records import Row
from app.models.delivery import Goal, GoalLink
from app.models.person import Person
from app.models.project import Project, ProjectStatus, ProjectStatusSpan

goals = table_of(Goal)
links = table_of(GoalLink)
projects = table_of(Project)
spans = table_of(ProjectStatusSpan)

REFERENCES = {
    "owner_id": (table_of(Person), "id"),
    "project_id": (projects, "id"),
    "goal_id": (goals, "id"),
}
LIVE = (ProjectStatus.ACTIVE, ProjectStatus.BACK_BURNER, ProjectStatus.ON_HOLD)

_BRIEFS = {
    name: sa.select(table.c.id, table.c.code, table.c.name).where(table.c.id.in_(sa.bindparam("ids", expanding=True)))
    for name, table in (("project", projects), ("goal", goals))
}


def project_of(conn: sa.Connection, rows: Sequence[Row]) -> Mapping[UUID, Any]:
    return _briefs(conn, rows, "project")


def goal_of(conn: sa.Connection, rows: Sequence[Row]) -> Mapping[UUID, Any]:
    return _briefs(conn, rows, "goal")


GOALS = Listing(
    name="goals",
    columns={column.name: column for column in goals.c},
    source=goals,
    filters=("code", "starts_on", "ends_on", "owner_id"),
    sorts=("code", "name", "starts_on", "ends_on", "created_at", "updated_at"),
    default_sort=(("code", False),),
)
GOAL_LINKS = Listing(
    name="goal_links",
    columns={column.name: column for column in links.c},
    source=links,
    filters=("project_id", "goal_id"),
    sorts=("weight", "created_at", "updated_at"),
    default_sort=(("created_at", False),),
    includes={"project": project_of, "goal": goal_of},
)

_on = sa.bindparam("on", type_=sa.Date)
# A goal counts within its period alone.
_SERVES = sa.exists().where(
    links.c.project_id == projects.c.id,
    goals.c.id == links.c.goal_id,
    sa.or_(goals.c.starts_on.is_(None), goals.c.starts_on <= _on),
    sa.or_(goals.c.ends_on.is_(None), goals.c.ends_on >= _on),
)
LIVE_PROJECTS = (
    sa.select(projects.c.id.label("project_id"), projects.c.code, _SERVES.label("aligned"))
    .select_from(projects.join(spans, spans.c.project_id == projects.c.id))
    .where(
        spans.c.superseded_at.is_(None),
        spans.c.status.in_(LIVE),
        spans.c.valid_from <= _on,
        sa.or_(spans.c.valid_to.is_(None), spans.c.valid_to > _on),
    )
    .order_by(projects.c.code)
)


def list_goals(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, GOALS, query)


def get_goal(conn: sa.Connection, caller: Caller, ref: UUID | str) -> Row:
    return records.get(conn, goals, ref, "code")


def create_goal(conn: sa.Connection, caller: Caller, data: GoalCreate) -> Row:
    values = data.model_dump()
    rules.check_period(values)
    records.check_references(conn, values, REFERENCES)
    row = records.add(conn, caller, goals, values)
    emit(conn, caller, events.goal_created(row.id))
    return row


def update_goal(
    conn: sa.Connection, caller: Caller, ref: UUID | str, changes: Mapping[str, Any], expected: int | None
) -> Row:
    before = get_goal(conn, caller, ref)
    rules.check_period({**before._asdict(), **changes})
    records.check_references(conn, changes, REFERENCES)
    row = records.change(conn, caller, goals, before, changes, expected)
    if row is not before:
        emit(conn, caller, events.goal_updated(row.id, sorted(changes)))
    return row


def delete_goal(conn: sa.Connection, caller: Caller, ref: UUID | str, expected: int | None) -> None:
    before = get_goal(conn, caller, ref)
    records.remove(conn, caller, goals, before, expected)
    emit(conn, caller, events.goal_deleted(before.id))


def list_goal_links(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, GOAL_LINKS, query)


def get_goal_link(conn: sa.Connection, caller: Caller, id: UUID) -> Row:
    return records.get(conn, links, id)


def create_goal_link(conn: sa.Connection, caller: Caller, data: GoalLinkCreate) -> Row:
    values = data.model_dump()
    records.check_references(conn, values, REFERENCES)
    row = records.add(conn, caller, links, values)
    emit(conn, caller, events.goal_link_created(row.id, row.project_id, row.goal_id))
    return row


def update_goal_link(
    conn: sa.Connection, caller: Caller, id: UUID, changes: Mapping[str, Any], expected: int | None
) -> Row:
    before = get_goal_link(conn, caller, id)
    row = records.change(conn, caller, links, before, changes, expected)
    if row is not before:
        emit(conn, caller, events.goal_link_updated(row.id, row.project_id, row.goal_id))
    return row


def delete_goal_link(conn: sa.Connection, caller: Caller, id: UUID, expected: int | None) -> None:
    before = get_goal_link(conn, caller, id)
    records.remove(conn, caller, links, before, expected)
    emit(conn, caller, events.goal_link_deleted(before.id, before.project_id, before.goal_id))


def get_alignment(conn: sa.Connection, caller: Caller, on: date | None) -> dict[str, Any]:
    """Which of the projects that are live on a day (by default today) serve a goal of that day."""
    day = on or clock.today()
    found = conn.execute(LIVE_PROJECTS, {"on": day}).all()
    unaligned = [row for row in found if not row.aligned]
    return {"on": day, "projects": len(found), "aligned": len(found) - len(unaligned), "unaligned": unaligned}


def _briefs(conn: sa.Connection, rows: Sequence[Row], name: str) -> Mapping[UUID, Any]:
    found = conn.execute(_BRIEFS[name], {"ids": records.ids(rows, f"{name}_id")})
    by_id = {row.id: row._asdict() for row in found}
    return {row.id: by_id[row._mapping[f"{name}_id"]] for row in rows}
