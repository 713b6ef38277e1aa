"""What the office is for. A change is a new number; the old ones stay."""

from typing import Any

import sqlalchemy as sa

from app.core import clock
from app.core.caller import Caller
from app.core.errors import StaleVersion
from app.core.ids import new_id
from app.db.listing import ListQuery, Page, page
from app.features.pmo import events, rules
from app.features.pmo.errors import NoCharter
from app.features.pmo.queries import (
    ADD_CHARTER,
    CHARTER_OF,
    CHARTER_ON,
    CHARTER_VERSIONS,
    KNOWN,
    LOCK_CHARTERS,
    NEWEST_CHARTER,
)
from app.features.pmo.schemas import CharterPut
from app.messaging.audit import audit
from app.messaging.outbox import emit
from app.messaging.records import Row


def list_charters(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, CHARTER_VERSIONS, query)


def get_charter(conn: sa.Connection, caller: Caller) -> Row:
    """The charter in force today: the one with the highest number of those that have begun."""
    row = conn.execute(CHARTER_ON, {"day": clock.today()}).one_or_none()
    if row is None:
        raise NoCharter("No charter has begun yet. Write one: PUT /v1/charter with `If-Match: *`.")
    return row


def put_charter(conn: sa.Connection, caller: Caller, data: CharterPut, expected: int | None) -> Row:
    """Adopt a charter under the next number. No difference to the newest: that one stays."""
    if conn.dialect.name == "postgresql":
        conn.execute(LOCK_CHARTERS)
    newest = conn.execute(NEWEST_CHARTER).one_or_none()
    number = newest.number if newest is not None else 0
    if expected is not None and expected != number:
        raise StaleVersion(f"The newest charter is number {number}; you sent {expected}. Read it again, then retry.")
    people = list(dict.fromkeys(data.members))
    known = set(conn.execute(KNOWN, {"people": people}).scalars()) if people else set()
    rules.check_charter([measure.kpi for measure in data.success_measures], data.members, known)
    content = _content(data, [str(id) for id in people])
    today = clock.today()
    waits = newest is not None and newest.valid_from > content.get("valid_from", today)
    if newest is None or waits or any(newest._mapping[name] != value for name, value in content.items()):
        number += 1
        stamps = {"created_at": clock.now(), "recorded_by": caller.key_id}
        adopted = {"valid_from": today, **content, **stamps}
        row = conn.execute(ADD_CHARTER, {"id": new_id(), "number": number, **adopted}).one()
        audit(conn, caller, "created", "charter", row.id, None, row._asdict())
        emit(conn, caller, events.charter_adopted(row.id, row.number, row.valid_from))
    return conn.execute(CHARTER_OF, {"number": number}).one()


def _content(data: CharterPut, members: list[str]) -> dict[str, Any]:
    """The columns that are sent; figures and days of measures are kept as text."""
    unsaid = {"valid_from"} if data.valid_from is None else set()
    content = data.model_dump(exclude={"success_measures", "members"} | unsaid)
    measures = [measure.model_dump(mode="json") for measure in data.success_measures]
    return {**content, "success_measures": measures, "members": members}
