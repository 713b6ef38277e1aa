"""What is done in the course of a rescue."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.caller import Caller
from app.db.listing import ListQuery, Page, page
from app.features.rescues import events, queries, rules, service
from app.features.rescues.errors import WrongRescueStatus
from app.features.rescues.queries import actions
from app.features.rescues.schemas import RescueActionCreate
from app.messaging import records
from app.messaging.outbox import emit
from app.messaging.records import Row

REFERENCES = {"rescue_id": (queries.rescues, "id"), "owner_id": (queries.people, "id")}


def list_actions(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, queries.ACTIONS, query)


def get_action(conn: sa.Connection, caller: Caller, id: UUID) -> Row:
    return queries.found(conn.execute(queries.ACTION_BY_ID, {"which": id}).one_or_none(), "rescue action", id)


def create_action(conn: sa.Connection, caller: Caller, data: RescueActionCreate) -> Row:
    values = data.model_dump()
    records.check_references(conn, values, REFERENCES)
    rescue = _running(conn, data.rescue_id)
    row = records.add(conn, caller, actions, values)
    emit(conn, caller, events.action_created(row.id, rescue.project_id, rescue.id))
    return get_action(conn, caller, row.id)


def update_action(
    conn: sa.Connection, caller: Caller, id: UUID, changes: Mapping[str, Any], expected: int | None
) -> Row:
    before = records.get(conn, actions, id)
    records.check_version(before, expected)
    rescue = _running(conn, before.rescue_id)
    records.check_references(conn, changes, REFERENCES)
    row = records.change(conn, caller, actions, before, changes, expected)
    if row is not before:
        done = row.done_at is not None
        emit(conn, caller, events.action_updated(id, rescue.project_id, rescue.id, sorted(changes), done))
    return get_action(conn, caller, id)


def delete_action(conn: sa.Connection, caller: Caller, id: UUID, expected: int | None) -> None:
    before = records.get(conn, actions, id)
    records.check_version(before, expected)
    rescue = _running(conn, before.rescue_id)
    records.remove(conn, caller, actions, before, expected)
    emit(conn, caller, events.action_deleted(id, rescue.project_id, rescue.id))


def set_done(conn: sa.Connection, caller: Caller, id: UUID, done: bool, expected: int | None) -> Row:
    """Say that it is done, or that it is not after all."""
    before = get_action(conn, caller, id)
    records.check_version(before, expected)
    if done == before.done:
        return before
    return update_action(conn, caller, id, {"done_at": clock.now() if done else None}, expected)


def _running(conn: sa.Connection, rescue_id: UUID) -> Row:
    """The rescue, locked; 409 where it does not run any more."""
    rescue = service.lock(conn, rescue_id, None)
    if rescue.status not in rules.RUNNING:
        raise WrongRescueStatus(f"The rescue is {rescue.status}: its actions stay as they are.")
    return rescue
