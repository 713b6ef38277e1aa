"""Writing rows: optimistic lock, audit and version kept the same way everywhere.

`add`, `change` and `remove` serve tables that are edited in place; `record`, `correct` and `withdraw` serve facts,
which are never overwritten. Each is one step of a transaction that the caller has opened. Rules and events are the
service's.
"""

import functools
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.caller import Caller
from app.core.errors import FieldError, Invalid, NotFound, StaleVersion
from app.core.ids import new_id
from app.db.books import check_withdrawal, kept
from app.messaging.audit import audit, audit_all

Row = sa.Row[Any]

# Values of one IN (…); both databases take no more than 32,766 in a statement.
IDS_AT_ONCE = 5000


def _shown(table: sa.Table) -> list[sa.ColumnElement[Any]]:
    """The columns of a row; a fact's `recorded_at` is also its `updated_at`, by which the API knows it."""
    columns: list[sa.ColumnElement[Any]] = list(table.c)
    return [*columns, table.c.recorded_at.label("updated_at")] if "superseded_at" in table.c else columns


@functools.cache
def _insert(table: sa.Table) -> sa.Insert:
    return sa.insert(table).returning(*_shown(table))


@functools.cache
def _update(table: sa.Table) -> sa.Update:
    return (
        sa.update(table)
        .where(table.c.id == sa.bindparam("which"), table.c.version == sa.bindparam("expected"))
        .values(version=table.c.version + 1, updated_at=sa.bindparam("now", type_=table.c.updated_at.type))
        .returning(*table.c)
    )


@functools.cache
def _delete(table: sa.Table) -> sa.Delete:
    return sa.delete(table).where(table.c.id == sa.bindparam("which"), table.c.version == sa.bindparam("expected"))


@functools.cache
def _by_id(table: sa.Table) -> sa.Select[Any]:
    statement = sa.select(*_shown(table)).where(table.c.id == sa.bindparam("which"))
    return statement.where(table.c.superseded_at.is_(None)) if "superseded_at" in table.c else statement


@functools.cache
def _by_key(table: sa.Table, key: str) -> sa.Select[Any]:
    return sa.select(table).where(table.c[key] == sa.bindparam("which"))


@functools.cache
def _close(table: sa.Table) -> sa.Update:
    return (
        sa.update(table)
        .where(
            table.c.id == sa.bindparam("which"),
            table.c.version == sa.bindparam("expected"),
            table.c.superseded_at.is_(None),
        )
        .values(superseded_at=sa.bindparam("now", type_=table.c.superseded_at.type))
        .returning(*table.c)
    )


def get(conn: sa.Connection, table: sa.Table, ref: UUID | str, key: str | None = None) -> Row:
    """The row of this id or, where the table has one, this human key; 404 when there is none."""
    if isinstance(ref, UUID):
        row = conn.execute(_by_id(table), {"which": ref}).one_or_none()
    elif key is not None:
        row = conn.execute(_by_key(table, key), {"which": ref}).one_or_none()
    else:
        row = None
    if row is None:
        raise NotFound(f"There is no {_noun(table)} {str(ref)!r}: look it up in the list.")
    return row


def check_version(row: Row, expected: int | None) -> None:
    """412 when the caller has read another version than the one that is there (`None`: whatever it is)."""
    if expected is not None and expected != row.version:
        raise StaleVersion(f"It is at version {row.version}; you sent {expected}. Read it again, then retry.")


def add(conn: sa.Connection, caller: Caller, table: sa.Table, values: Mapping[str, Any]) -> Row:
    """Insert a row with its audit; returns it with all columns."""
    now = clock.now()
    row = conn.execute(
        _insert(table), {"id": new_id(), **values, "version": 1, "created_at": now, "updated_at": now}
    ).one()
    audit(conn, caller, "created", table.name, row.id, None, row._asdict())
    return row


def change(
    conn: sa.Connection,
    caller: Caller,
    table: sa.Table,
    before: Row,
    values: Mapping[str, Any],
    expected: int | None,
    action: str = "updated",
) -> Row:
    """Update a row under its optimistic lock, with its audit. No difference: no write, the same version."""
    check_version(before, expected)
    if all(before._mapping[name] == value for name, value in values.items()):
        return before
    row = conn.execute(
        _update(table), {"which": before.id, "expected": before.version, "now": clock.now(), **values}
    ).one_or_none()
    if row is None:
        raise StaleVersion("Somebody else has just changed it. Read it again, then retry.")
    audit(conn, caller, action, table.name, row.id, before._asdict(), row._asdict())
    return row


def remove(conn: sa.Connection, caller: Caller, table: sa.Table, before: Row, expected: int | None) -> None:
    """Delete a row under its optimistic lock, with its audit."""
    check_version(before, expected)
    deleted = conn.execute(_delete(table), {"which": before.id, "expected": before.version})
    if deleted.rowcount != 1:
        raise StaleVersion("Somebody else has just changed it. Read it again, then retry.")
    audit(conn, caller, "deleted", table.name, before.id, before._asdict(), None)


def record(conn: sa.Connection, caller: Caller, table: sa.Table, values: Mapping[str, Any]) -> Row:
    """Insert the first version of a fact, with its audit."""
    now = clock.now()
    id = new_id()
    stamps = {"version": 1, "created_at": now, "recorded_at": now, "recorded_by": caller.key_id}
    with kept(conn, table, [values]):
        row = conn.execute(_insert(table), {"row_id": id, "id": id, **values, **stamps}).one()
    audit(conn, caller, "created", table.name, row.id, None, row._asdict())
    return row


def correct(
    conn: sa.Connection,
    caller: Caller,
    table: sa.Table,
    before: Row,
    values: Mapping[str, Any],
    expected: int | None,
    action: str = "updated",
) -> Row:
    """Close the version in force and add its successor, with the audit. No difference: no write."""
    check_version(before, expected)
    if all(before._mapping[name] == value for name, value in values.items()):
        return before
    closed = close(conn, table, before)
    successor = _successor(caller, table, closed, values, closed.superseded_at)
    with kept(conn, table, [before._mapping, successor]):
        row = conn.execute(_insert(table), successor).one()
    audit(conn, caller, action, table.name, row.id, before._asdict(), row._asdict())
    return row


def withdraw(conn: sa.Connection, caller: Caller, table: sa.Table, before: Row, expected: int | None) -> None:
    """Delete a fact: its version in force is closed without a successor."""
    check_version(before, expected)
    check_withdrawal(conn, table, before._mapping)
    close(conn, table, before)
    audit(conn, caller, "deleted", table.name, before.id, before._asdict(), None)


def close(conn: sa.Connection, table: sa.Table, before: Row) -> Row:
    """Close the version of a fact that is in force."""
    closing = {"which": before.id, "expected": before.version, "now": clock.now()}
    with kept(conn, table, [before._mapping]):
        closed = conn.execute(_close(table), closing).one_or_none()
    if closed is None:
        raise StaleVersion("Somebody else has just changed it. Read it again, then retry.")
    return closed


def record_all(
    conn: sa.Connection, caller: Caller, table: sa.Table, many: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Insert the first versions of many facts of the same columns, with their audit; the same few statements for any
    number of them. Answers their columns.
    """
    now = clock.now()
    made = []
    for values in many:
        id = new_id()
        stamps = {"version": 1, "created_at": now, "recorded_at": now, "recorded_by": caller.key_id}
        made.append({"row_id": id, "id": id, **values, **stamps})
    if made:
        with kept(conn, table, made):
            conn.execute(sa.insert(table), made)
        audit_all(conn, caller, "created", table.name, [(row["id"], None, row) for row in made])
    return made


def correct_all(
    conn: sa.Connection, caller: Caller, table: sa.Table, corrections: Sequence[tuple[Row, Mapping[str, Any]]]
) -> list[dict[str, Any]]:
    """Close the versions in force of many facts and add their successors. The audit is the service's: one for all."""
    now = clock.now()
    closing = [before.row_id for before, _ in corrections]
    for start in range(0, len(closing), IDS_AT_ONCE):
        chunk = closing[start : start + IDS_AT_ONCE]
        with kept(conn, table, [before._mapping for before, _ in corrections]):
            closed = conn.execute(_close_all(table), {"rows": chunk, "now": now}).rowcount
        if closed != len(chunk):
            raise StaleVersion("Somebody else has just changed some of them. Read them again, then retry.")
    made = [_successor(caller, table, before, values, now) for before, values in corrections]
    if made:
        with kept(conn, table, [*(before._mapping for before, _ in corrections), *made]):
            conn.execute(sa.insert(table), made)
    return made


def _successor(
    caller: Caller, table: sa.Table, before: Row, values: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    return {
        **{column.name: before._mapping[column.name] for column in table.c},
        **values,
        "row_id": new_id(),
        "version": before.version + 1,
        "recorded_at": now,
        "recorded_by": caller.key_id,
        "superseded_at": None,
    }


@functools.cache
def _close_all(table: sa.Table) -> sa.Update:
    rows = sa.bindparam("rows", type_=table.c.row_id.type, expanding=True)
    return (
        sa.update(table)
        .where(table.c.row_id.in_(rows), table.c.superseded_at.is_(None))
        .values(superseded_at=sa.bindparam("now", type_=table.c.superseded_at.type))
    )


@functools.cache
def _missing(references: tuple[tuple[str, sa.Table, str], ...]) -> sa.Select[*tuple[Any, ...]]:
    probes = []
    for name, table, column in references:
        found = sa.select(sa.literal(1)).where(table.c[column] == sa.bindparam(name, type_=table.c[column].type))
        if "superseded_at" in table.c:
            found = found.where(table.c.superseded_at.is_(None))
        probes.append(sa.exists(found).label(name))
    return sa.select(*probes)


def check_references(
    conn: sa.Connection, values: Mapping[str, Any], references: Mapping[str, tuple[sa.Table, str]]
) -> None:
    """422 naming each field of `values` that refers to a record that is not there; one statement for all."""
    given = tuple((name, table, column) for name, (table, column) in references.items() if values.get(name) is not None)
    if not given:
        return
    found = conn.execute(_missing(given), {name: values[name] for name, _, _ in given}).one()
    errors = [
        FieldError(f"/{name}", f"there is no {_noun(table)} {str(values[name])!r}", "unknown-reference")
        for name, table, _ in given
        if not found._mapping[name]
    ]
    if errors:
        raise Invalid("It refers to records that do not exist: look up their ids in the lists.", errors=errors)


def search_text(*parts: str | None) -> str:
    """What `q=` searches: case-folded by Unicode, so that both databases find the same."""
    return " ".join(part for part in parts if part).casefold()[:450]


def ids(rows: Iterable[Row], name: str) -> list[UUID]:
    """The distinct ids in a column of `rows`, for one statement about all of them."""
    return sorted({row._mapping[name] for row in rows if row._mapping[name] is not None})


def _noun(table: sa.Table) -> str:
    return table.name.replace("_", " ")
