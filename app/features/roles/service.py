"""Roles and their responsibilities. Each function is one step of a transaction that the caller has opened."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core.caller import Caller
from app.db.listing import ListQuery, Page, page
from app.features.capacity import service as capacity
from app.features.capacity.service import Burdens
from app.features.roles import events, rules
from app.features.roles.queries import (
    CONFIRMED_HOLDERS,
    HOLD_ASSIGNMENTS,
    RESPONSIBILITIES,
    ROLES,
    SHARED_BY_HOLDERS,
    in_use,
    lock,
    options_of,
    responsibilities,
    roles,
)
from app.features.roles.schemas import ResponsibilityCreate, RoleCreate
from app.messaging import records
from app.messaging.outbox import emit
from app.messaging.records import Row

REFERENCES = {"role": (roles, "key")}


def list_roles(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, ROLES, query)


def get_role(conn: sa.Connection, caller: Caller, ref: UUID | str) -> Row:
    return records.get(conn, roles, ref, "key")


def create_role(conn: sa.Connection, caller: Caller, data: RoleCreate) -> Row:
    row = records.add(conn, caller, roles, {**data.model_dump(), "built_in": False})
    emit(conn, caller, events.role_created(row.id))
    return row


def update_role(
    conn: sa.Connection, caller: Caller, ref: UUID | str, changes: Mapping[str, Any], expected: int | None
) -> Row:
    changes = dict(changes)
    override_reason = changes.pop("override_reason", None)
    capacity.check_override(caller, override_reason)
    before = get_role(conn, caller, ref)
    rules.check_may_change(before._asdict(), changes)
    _check_may_rename(conn, roles, before, changes)
    if changes.get("key", before.key) != before.key:
        records.check_version(before, expected)
        _check_unnamed(conn, before)
    becomes_exclusive = changes.get("exclusive") and not before.exclusive
    burdens = _hold_holders(conn, before.key) if becomes_exclusive else {}
    row = records.change(conn, caller, roles, before, changes, expected)
    if row is not before:
        capacity.check_capacity(
            conn, caller, burdens, subject_type="role", subject_id=row.id, override_reason=override_reason
        )
        emit(conn, caller, events.role_updated(row.id, sorted(changes)))
    return row


def delete_role(conn: sa.Connection, caller: Caller, ref: UUID | str, expected: int | None) -> None:
    before = get_role(conn, caller, ref)
    rules.check_may_delete(before._asdict())
    records.check_version(before, expected)
    _check_unnamed(conn, before)
    records.remove(conn, caller, roles, before, expected)
    emit(conn, caller, events.role_deleted(before.id))


def list_responsibilities(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, RESPONSIBILITIES, query)


def get_responsibility(conn: sa.Connection, caller: Caller, ref: UUID | str) -> Row:
    return records.get(conn, responsibilities, ref, "key")


def create_responsibility(conn: sa.Connection, caller: Caller, data: ResponsibilityCreate) -> Row:
    values = data.model_dump()
    records.check_references(conn, values, REFERENCES)
    row = records.add(conn, caller, responsibilities, values)
    emit(conn, caller, events.responsibility_created(row.id))
    return row


def update_responsibility(
    conn: sa.Connection, caller: Caller, ref: UUID | str, changes: Mapping[str, Any], expected: int | None
) -> Row:
    before = get_responsibility(conn, caller, ref)
    records.check_references(conn, changes, REFERENCES)
    _check_may_rename(conn, responsibilities, before, changes)
    row = records.change(conn, caller, responsibilities, before, changes, expected)
    if row is not before:
        emit(conn, caller, events.responsibility_updated(row.id, sorted(changes)))
    return row


def delete_responsibility(conn: sa.Connection, caller: Caller, ref: UUID | str, expected: int | None) -> None:
    before = get_responsibility(conn, caller, ref)
    records.remove(conn, caller, responsibilities, before, expected)
    emit(conn, caller, events.responsibility_deleted(before.id))


def _check_may_rename(conn: sa.Connection, table: sa.Table, before: Row, changes: Mapping[str, Any]) -> None:
    if changes.get("key", before.key) != before.key:
        rules.check_may_rename(before.key, conn.execute(in_use(table.c.key), {"value": before.key}).scalar_one())


def _check_unnamed(conn: sa.Connection, role: Row) -> None:
    lock(conn, role.id)
    rules.check_unnamed(role.key, options_of(conn, role.key))


def _hold_holders(conn: sa.Connection, key: str) -> Burdens:
    """What the holders of a role carry that is about to be exclusive; they, and who holds the role, are locked.

    People are locked first, as everywhere; whoever has become a holder in between is locked behind the table. That
    could be a deadlock, which is retried.
    """
    capacity.lock(conn, conn.execute(CONFIRMED_HOLDERS, {"role": key}).scalars())
    if conn.dialect.name == "postgresql":
        conn.execute(HOLD_ASSIGNMENTS)
    rules.check_may_be_exclusive(key, conn.execute(SHARED_BY_HOLDERS, {"role": key}).scalar_one())
    return capacity.watch(conn, conn.execute(CONFIRMED_HOLDERS, {"role": key}).scalars())
