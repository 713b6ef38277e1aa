"""Touchpoints with clients. Each function is one step of a transaction that the caller has opened."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.caller import Caller
from app.core.errors import FieldError, Invalid, invalid
from app.db.listing import ListQuery, Page, page
from app.features.touchpoints import events, queries, rules
from app.features.touchpoints.queries import touchpoints
from app.features.touchpoints.rules import Allowed
from app.features.touchpoints.schemas import GapReason, TouchpointCreate
from app.messaging import records
from app.messaging.outbox import emit
from app.messaging.records import Row
from app.models.client import ClientTier

RECENT_DAYS = 90
NOUNS = {"project_id": "project", "contact_id": "contact"}


def list_touchpoints(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, queries.TOUCHPOINTS, query)


def get_touchpoint(conn: sa.Connection, caller: Caller, id: UUID) -> Row:
    return records.get(conn, touchpoints, id)


def create_touchpoint(conn: sa.Connection, caller: Caller, data: TouchpointCreate) -> Row:
    values = data.model_dump()
    values["person_id"] = data.person_id or caller.person_id
    if values["person_id"] is None:
        raise invalid("/person_id", "is required: your key belongs to no person", "required")
    rules.check_days(data.happened_on, data.next_on, clock.today())
    records.check_references(conn, values, queries.REFERENCES)
    _check_parties(conn, values)
    row = records.record(conn, caller, touchpoints, values)
    emit(conn, caller, events.touchpoint_recorded(row.id, row.client_id, row.person_id, row.kind))
    return row


def update_touchpoint(
    conn: sa.Connection, caller: Caller, id: UUID, changes: Mapping[str, Any], expected: int | None
) -> Row:
    before = get_touchpoint(conn, caller, id)
    after = {**before._mapping, **changes}
    rules.check_days(after["happened_on"], after["next_on"], clock.today())
    records.check_references(conn, changes, queries.REFERENCES)
    if changes.keys() & NOUNS.keys():
        _check_parties(conn, after)
    row = records.correct(conn, caller, touchpoints, before, changes, expected)
    if row is not before:
        emit(conn, caller, events.touchpoint_corrected(id, row.client_id, sorted(changes)))
    return row


def delete_touchpoint(conn: sa.Connection, caller: Caller, id: UUID, expected: int | None) -> None:
    before = get_touchpoint(conn, caller, id)
    records.withdraw(conn, caller, touchpoints, before, expected)
    emit(conn, caller, events.touchpoint_withdrawn(id, before.client_id))


def touchpoint_gaps(
    conn: sa.Connection,
    caller: Caller,
    on: date | None,
    days: int,
    account_manager_id: UUID | None,
    limit: int,
    allowed: Allowed,
) -> dict[str, Any]:
    """The active clients that have been left alone for `days` at least, for longest first; one statement."""
    on = on or clock.today()
    asked = {
        "on": on,
        "not_after": on - timedelta(days),
        "recent_after": on - timedelta(RECENT_DAYS),
        "account_manager_id": account_manager_id,
        "most": limit,
    }
    found = conn.execute(queries.GAPS, asked)
    return {"on": on, "items": [_gap(row, on, allowed[ClientTier(row.tier)]) for row in found]}


def _gap(row: Row, on: date, allowed: int) -> dict[str, Any]:
    manager, last, days = None, None, None
    if row.account_manager_id is not None:
        manager = {"id": row.account_manager_id, "email": row.email, "display_name": row.display_name}
    if row.touchpoint_id is not None:
        last = {"id": row.touchpoint_id, "kind": row.kind, "happened_on": row.happened_on}
        days = (on - row.happened_on).days
    return {
        "client": {"id": row.id, "code": row.code, "name": row.name, "tier": row.tier},
        "account_manager": manager,
        "last_touchpoint": last,
        "days": days,
        "reason": GapReason.NEVER if days is None else None,
        "allowed_days": allowed,
        "next_on": row.next_on,
        "overdue": rules.is_overdue(days, allowed, row.next_on, on),
        "last_90_days": {
            "touchpoints": row.recent,
            "proactive": row.proactive,
            "proactive_share": rules.share(row.proactive, row.recent),
        },
    }


def _check_parties(conn: sa.Connection, values: Mapping[str, Any]) -> None:
    """422 where the project or the contact is another client's."""
    named = {name: values[name] for name in NOUNS}
    if not any(named.values()):
        return
    whose = conn.execute(queries.WHOSE, named).one()._mapping
    errors = [
        FieldError(f"/{name}", f"must be a {noun} of the client")
        for name, noun in NOUNS.items()
        if named[name] is not None and whose[name] != values["client_id"]
    ]
    if errors:
        fields = ", ".join(error.pointer for error in errors)
        raise Invalid(f"Correct {fields}; `errors` says what is allowed.", errors=errors)
