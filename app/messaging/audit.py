"""audit(): every write leaves who did it, when, in which request, and what it changed; in the same transaction."""

from collections.abc import Mapping
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


def audit(
    conn: sa.Connection,
    caller: Caller,
    action: str,
    subject_type: str,
    subject_id: UUID,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
) -> None:
    """Record one write: `before` and `after` hold the fields that differ (all of them when made or deleted)."""
    if before is not None and after is not None:
        differing = [name for name in after if before.get(name) != after[name]]
        before = {name: before.get(name) for name in differing}
        after = {name: after[name] for name in differing}
    entry = new_id()
    conn.execute(
        ADD_ENTRY,
        {
            "id": entry,
            "at": clock.now(),
            "action": action,
            "subject_type": subject_type,
            "subject_id": subject_id,
            "key_id": caller.key_id,
            "person_id": caller.person_id,
            "request_id": caller.request_id,
        },
    )
    conn.execute(ADD_CHANGE, {"entry_id": entry, "before": _plain(before), "after": _plain(after)})


def _plain(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if values is None:
        return None
    return {name: _json(value) for name, value in values.items() if name not in UNSEEN}


def _json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format_decimal(value, 0)
    if isinstance(value, UUID | date | datetime):
        return str(value) if isinstance(value, UUID) else value.isoformat()
    return value
