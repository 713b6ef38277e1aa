"""emit(): an event is a row of the same transaction; a rollback leaves none. The worker sends it later."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.caller import Caller
from app.core.events import DomainEvent
from app.core.ids import new_id
from app.db.record import table_of
from app.models.outbox_event import OutboxEvent

outbox = table_of(OutboxEvent)
ADD_EVENT = sa.insert(outbox)

NUMBERED_AT_ONCE = 5000
LOCK_NUMBERS = sa.text("SELECT pg_advisory_xact_lock(7203392)")
_last = sa.select(sa.func.coalesce(sa.func.max(outbox.c.position), 0)).scalar_subquery()
_waiting = (
    sa.select(
        outbox.c.id,
        (_last + sa.func.row_number().over(order_by=(outbox.c.occurred_at, outbox.c.id))).label("position"),
    )
    .where(outbox.c.position.is_(None))
    .order_by(outbox.c.occurred_at, outbox.c.id)
    .limit(sa.bindparam("at_most"))
    .subquery()
)
NUMBER_EVENTS = sa.update(outbox).values(position=_waiting.c.position).where(outbox.c.id == _waiting.c.id)


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
        "project_id": _project_of(event),
        "occurred_at": clock.now(),
        "data": dict(event.data),
        "key_id": caller.key_id,
        "person_id": caller.person_id,
        "request_id": caller.request_id,
    }


def _project_of(event: DomainEvent) -> UUID | None:
    """The project that an event is about, by which the portfolio finds what has changed."""
    if event.subject_type == "project":
        return event.subject_id
    named = event.data.get("project_id")
    return None if named is None else UUID(str(named))


def number_events(conn: sa.Connection, at_most: int = NUMBERED_AT_ONCE) -> int:
    """Give events that have none their position, without gaps; returns how many. Whoever reads on from a position
    misses none: the order of commits is not that of ids, so a position is given only to what is committed already."""
    if conn.dialect.name == "postgresql":
        # A statement of its own: the next one then sees all that whoever held the lock before has numbered.
        conn.execute(LOCK_NUMBERS)
    return conn.execute(NUMBER_EVENTS, {"at_most": at_most}).rowcount
