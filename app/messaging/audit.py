"""audit(): every write leaves who did it, when, in which request, and what it changed; in the same transaction."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.caller import Caller
from app.core.ids import new_id
from app.core.money import format_decimal
from app.db.record import table_of
from app.models.audit import AuditChange, AuditEntry

ADD_ENTRY = sa.insert(table_of(AuditEntry))
ADD_CHANGE = sa.insert(table_of(AuditChange))
# Never written down: secrets, and what follows from other columns.
UNSEEN = frozenset(
    {"secret_hash", "former_hash", "search_text", "seat_counter", "created_at", "updated_at", "recorded_at", "row_id"}
)

Values = Mapping[str, Any] | None
Write = tuple[UUID, Values, Values]  # whose it is, before, after


def audit(
    conn: sa.Connection,
    caller: Caller,
    action: str,
    subject_type: str,
    subject_id: UUID,
    before: Values,
    after: Values,
) -> None:
    """Record one write: `before` and `after` hold the fields that differ (all of them when made or deleted)."""
    before, after = _differing(before, after)
    entry = _entry(caller, action, subject_type, subject_id)
    conn.execute(ADD_ENTRY, entry)
    conn.execute(ADD_CHANGE, {"entry_id": entry["id"], "before": _plain(before), "after": _plain(after)})


def audit_all(conn: sa.Connection, caller: Caller, action: str, subject_type: str, writes: Sequence[Write]) -> None:
    """Record many writes of one kind; the same two statements for any number of them."""
    entries, changes = [], []
    for subject_id, before, after in writes:
        before, after = _differing(before, after)
        entry = _entry(caller, action, subject_type, subject_id)
        entries.append(entry)
        changes.append({"entry_id": entry["id"], "before": _plain(before), "after": _plain(after)})
    if entries:
        conn.execute(ADD_ENTRY, entries)
        conn.execute(ADD_CHANGE, changes)


def _differing(before: Values, after: Values) -> tuple[Values, Values]:
    if before is None or after is None:
        return before, after
    names = [name for name in after if before.get(name) != after[name]]
    return {name: before.get(name) for name in names}, {name: after[name] for name in names}


def _entry(caller: Caller, action: str, subject_type: str, subject_id: UUID) -> dict[str, Any]:
    return {
        "id": new_id(),
        "at": clock.now(),
        "action": action,
        "subject_type": subject_type,
        "subject_id": subject_id,
        "key_id": caller.key_id,
        "person_id": caller.person_id,
        "request_id": caller.request_id,
    }


def _plain(values: Values) -> dict[str, Any] | None:
    if values is None:
        return None
    return {name: _json(value) for name, value in values.items() if name not in UNSEEN}


def _json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format_decimal(value, 0)
    if isinstance(value, UUID | date | datetime):
        return str(value) if isinstance(value, UUID) else value.isoformat()
    return value
