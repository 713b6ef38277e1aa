"""emit(): an event is a row of the same transaction; a rollback leaves none. The worker sends it later."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from app.core import clock
from app.core.caller import Caller
from app.core.events import DomainEvent
from app.core.ids import new_id
from app.db.record import table_of
from app.models.outbox_event import OutboxEvent

ADD_EVENT = sa.insert(table_of(OutboxEvent))


def emit(conn: sa.Connection, caller: Caller, event: DomainEvent) -> None:
    """Add `event` to the outbox, in the caller's transaction."""
    conn.execute(ADD_EVENT, _row(caller, event))


def emit_all(conn: sa.Connection, caller: Caller, events: Sequence[DomainEvent]) -> None:
    """Add `events` to the outbox; one statement for any number of them."""
    if events:
        conn.execute(ADD_EVENT, [_row(caller, event) for event in events])


def _row(caller: Caller, event: DomainEvent) -> dict[str, Any]:
    return {
        "id": new_id(),
        "type": event.type,
        "subject_type": event.subject_type,
        "subject_id": event.subject_id,
        "occurred_at": clock.now(),
        "data": dict(event.data),
        "key_id": caller.key_id,
        "person_id": caller.person_id,
        "request_id": caller.request_id,
    }
