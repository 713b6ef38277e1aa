"""The options of change requests: ways to answer them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core.caller import Caller
from app.core.errors import Invalid, MoneyHidden
from app.core.schema import Schema, sensitive_fields
from app.db.listing import ListQuery, Page, page
from app.features.change_requests import events, queries, rules
from app.features.change_requests.errors import ChangeClosed
from app.features.change_requests.queries import options, requests
from app.features.change_requests.schemas import (
    ChangeOptionCreate,
    ChangeOptionRead,
    HoursLine,
    PurchaseLine,
    RiskChange,
)
from app.messaging import records
from app.messaging.outbox import emit
from app.messaging.records import Row
from app.models.change_request import ChangeStatus

MONEY = sensitive_fields(ChangeOptionRead)
REFERENCES = {"change_request_id": (requests, "id")}
LINES: Mapping[str, type[Schema]] = {"hours": HoursLine, "purchases": PurchaseLine, "risk_changes": RiskChange}


def list_change_options(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, queries.OPTIONS, query)


def get_change_option(conn: sa.Connection, caller: Caller, id: UUID) -> Row:
    return queries.read_option(conn, id)


def create_change_option(conn: sa.Connection, caller: Caller, data: ChangeOptionCreate) -> Row:
    values = _stored(data.model_dump())
    records.check_references(conn, values, REFERENCES)
    row = add_option(conn, caller, queries.lock(conn, data.change_request_id), values)
    return queries.read_option(conn, row.id)


def add_option(conn: sa.Connection, caller: Caller, change: Row, values: Mapping[str, Any]) -> Row:
    """An option of a change request, whose row is locked."""
    _check(conn, change, values)
    last = conn.execute(queries.LAST_OPTION, {"which": change.id}).scalar_one()
    row = records.add(conn, caller, options, {**values, "change_request_id": change.id, "number": (last or 0) + 1})
    emit(conn, caller, events.option_created(row.id, change.project_id, change.id, row.number))
    return row


def update_change_option(
    conn: sa.Connection, caller: Caller, id: UUID, changes: Mapping[str, Any], expected: int | None
) -> Row:
    change, before = _locked(conn, id)
    hidden = sorted(MONEY & changes.keys())
    if hidden and not caller.sees_money_of(change.project_id):
        raise MoneyHidden(f"Leave out {', '.join(hidden)}: you may not see the money of this project.")
    values = _stored(changes)
    records.check_version(before, expected)
    _check(conn, change, {**before._asdict(), **values})
    row = records.change(conn, caller, options, before, values, expected)
    if row is not before:
        emit(conn, caller, events.option_updated(id, change.project_id, change.id, sorted(changes)))
        _check_presentable(conn, change)
    return queries.read_option(conn, id)


def delete_change_option(conn: sa.Connection, caller: Caller, id: UUID, expected: int | None) -> None:
    change, before = _locked(conn, id)
    if not caller.sees_money_of(change.project_id):
        raise MoneyHidden("Ask somebody who sees the money of this project to delete it.")
    _check_open(change)
    records.remove(conn, caller, options, before, expected)
    emit(conn, caller, events.option_deleted(id, change.project_id, change.id))
    _check_presentable(conn, change)


def remove_all(conn: sa.Connection, caller: Caller, change: Row) -> None:
    """Delete the options of a draft that goes."""
    for row in queries.options_of(conn, change.id):
        records.remove(conn, caller, options, row, None)
        emit(conn, caller, events.option_deleted(row.id, change.project_id, change.id))


def _locked(conn: sa.Connection, id: UUID) -> tuple[Row, Row]:
    """The change request, locked, and its option as it is then."""
    change = queries.lock(conn, queries.read_option(conn, id).change_request_id)
    return change, records.get(conn, options, id)


def _check_open(change: Row) -> None:
    if change.status in rules.CLOSED:
        raise ChangeClosed(f"The change request is `{change.status}`: its options stay as they were decided on.")


def _check_presentable(conn: sa.Connection, change: Row) -> None:
    """What awaits its decision must stay something to choose from."""
    if change.status == ChangeStatus.AWAITING_DECISION:
        rules.check_presentable(queries.options_of(conn, change.id))


def _check(conn: sa.Connection, change: Row, values: Mapping[str, Any]) -> None:
    _check_open(change)
    hours, risks = values["hours"], values["risk_changes"]
    keys = sorted({line["role"] for line in hours})
    asked = sorted({line["risk_id"] for line in risks if line["risk_id"] is not None})
    roles = set(conn.execute(queries.ROLES, {"keys": keys}).scalars()) if keys else set()
    open_risks: set[str] = set()
    if asked:
        found = conn.execute(queries.OPEN_RISKS, {"ids": [UUID(id) for id in asked], "project": change.project_id})
        open_risks = {str(id) for id in found.scalars()}
    errors = rules.option_errors(values, change.charge, roles, open_risks)
    if errors:
        fields = ", ".join(error.pointer for error in errors[:5])
        raise Invalid(f"Correct {fields}; `errors` says what is allowed.", errors=errors)


def _stored(values: Mapping[str, Any]) -> dict[str, Any]:
    """`values` with its lists as the JSON columns hold them: decimals and ids as text."""
    return {name: _plain(name, value) for name, value in values.items()}


def _plain(name: str, value: Any) -> Any:
    if name not in LINES:
        return value
    return [LINES[name].model_validate(line).model_dump(mode="json") for line in value]
