"""Milestones of projects."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.caller import Caller
from app.core.errors import invalid
from app.db.listing import Listing, ListQuery, Page, page
from app.db.record import table_of
from app.features.projects import events
from app.features.projects.errors import MilestoneReached
from app.features.projects.schemas import MilestoneCreate
from app.messaging import records
from app.messaging.outbox import emit
from app.messaging.records import Row
from app.models.project import BaselineMilestone, Milestone, Project

milestones = table_of(Milestone)
frozen = table_of(BaselineMilestone)

# What a baseline froze and was reached has been earned: without the row past figures would fall.
IS_AGREED = sa.select(sa.exists().where(frozen.c.milestone_id == sa.bindparam("which", type_=sa.Uuid)))
REFERENCES = {"project_id": (table_of(Project), "id")}
MILESTONES = Listing(
    name="milestones",
    columns={column.name: column for column in milestones.c},
    source=milestones,
    filters=("project_id", "name", "planned_on", "forecast_on", "reached_on"),
    sorts=("name", "planned_on", "forecast_on", "reached_on", "created_at", "updated_at"),
    default_sort=(("planned_on", False), ("name", False)),
)


def list_milestones(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, MILESTONES, query)


def get_milestone(conn: sa.Connection, caller: Caller, id: UUID) -> Row:
    return records.get(conn, milestones, id)


def create_milestone(conn: sa.Connection, caller: Caller, data: MilestoneCreate) -> Row:
    values = data.model_dump()
    _check_reached(values)
    records.check_references(conn, values, REFERENCES)
    row = records.add(conn, caller, milestones, values)
    emit(conn, caller, events.milestone_created(row.id, row.project_id))
    _tell_when_reached(conn, caller, None, row)
    return row


def update_milestone(
    conn: sa.Connection, caller: Caller, id: UUID, changes: Mapping[str, Any], expected: int | None
) -> Row:
    before = get_milestone(conn, caller, id)
    _check_reached(changes)
    row = records.change(conn, caller, milestones, before, changes, expected)
    if row is not before:
        emit(conn, caller, events.milestone_updated(row.id, row.project_id, sorted(changes)))
        _tell_when_reached(conn, caller, before, row)
    return row


def delete_milestone(conn: sa.Connection, caller: Caller, id: UUID, expected: int | None) -> None:
    before = get_milestone(conn, caller, id)
    records.check_version(before, expected)
    if before.reached_on is not None and conn.execute(IS_AGREED, {"which": id}).scalar_one():
        raise MilestoneReached(
            f"It was reached on {before.reached_on}: set its `weight` to 0 where it no longer counts."
        )
    records.remove(conn, caller, milestones, before, expected)
    emit(conn, caller, events.milestone_deleted(before.id, before.project_id))


def _check_reached(values: Mapping[str, Any]) -> None:
    day: date | None = values.get("reached_on")
    if day is not None and day > clock.today():
        raise invalid("/reached_on", "must not lie ahead: say by `forecast_on` when it is expected")


def _tell_when_reached(conn: sa.Connection, caller: Caller, before: Row | None, row: Row) -> None:
    if row.reached_on is not None and (before is None or before.reached_on is None):
        emit(conn, caller, events.milestone_reached(row.id, row.project_id, row.reached_on))
