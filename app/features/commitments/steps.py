"""What becomes of a promise. Each step is one transaction."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.caller import Caller
from app.core.errors import invalid
from app.core.ids import new_id
from app.features.commitments import events, queries, rules
from app.features.commitments.errors import CommitmentDue
from app.features.commitments.queries import commitments
from app.features.commitments.rules import STATES
from app.features.commitments.schemas import (
    CommitmentAchieve,
    CommitmentBreak,
    CommitmentRenegotiate,
)
from app.features.commitments.service import check_open
from app.messaging import records
from app.messaging.audit import audit
from app.messaging.outbox import emit
from app.messaging.records import Row
from app.models.commitment import CommitmentStatus


def renegotiate(
    conn: sa.Connection, caller: Caller, id: UUID, data: CommitmentRenegotiate, expected: int | None
) -> Row:
    """Another day, before the promised one: no breach, but counted. `original_due_on` stays."""
    commitment = _lock(conn, id, expected)
    check_open(commitment, "can't be moved")
    today = clock.today()
    if not rules.may_move(today, commitment.due_on):
        raise CommitmentDue(
            f"It was due on {commitment.due_on}, and today is {today}: POST …/achieve when the result is there, or "
            "POST …/break and promise anew."
        )
    if data.due_on < today:
        raise invalid("/due_on", f"must not lie before today, {today}")
    if data.due_on == commitment.due_on:
        raise invalid("/due_on", "must be another day than the promised one")
    moved = {
        "id": new_id(),
        "commitment_id": id,
        "former_due_on": commitment.due_on,
        "due_on": data.due_on,
        "renegotiated_on": today,
        "variance_reason": data.variance_reason,
        "recorded_at": clock.now(),
        "recorded_by": caller.person_id,
    }
    conn.execute(queries.ADD, moved)
    conn.execute(queries.ADD_TEXT, {"renegotiation_id": moved["id"], "reason": data.reason})
    audit(conn, caller, "created", "commitment_renegotiation", moved["id"], None, {**moved, "reason": data.reason})
    values = {"due_on": data.due_on, "renegotiations": commitment.renegotiations + 1}
    row = records.change(conn, caller, commitments, commitment, values, None, "renegotiated")
    emit(
        conn,
        caller,
        events.commitment_renegotiated(id, row.project_id, commitment.due_on, row.due_on, data.variance_reason),
    )
    return queries.read(conn, id, today)


def act(conn: sa.Connection, caller: Caller, id: UUID, done_at: datetime | None, expected: int | None) -> Row:
    """We did our part; the promise stays open until its result is there."""
    commitment = _lock(conn, id, expected)
    check_open(commitment, "needs no more action")
    values = {"action_done_at": _instant(done_at, commitment.promised_on, "/done_at")}
    row = records.change(conn, caller, commitments, commitment, values, None, "acted")
    if row is not commitment:
        emit(conn, caller, events.commitment_acted(id, row.project_id))
    return queries.read(conn, id, clock.today())


def achieve(conn: sa.Connection, caller: Caller, id: UUID, data: CommitmentAchieve, expected: int | None) -> Row:
    """The result is there: kept where the office's day of that is not after the promised one, else late."""
    commitment = _lock(conn, id, expected)
    at = _instant(data.achieved_at, commitment.promised_on, "/achieved_at")
    day, due_on, reason = clock.day_of(at), commitment.due_on, data.variance_reason
    status = rules.result_of(day, due_on)
    STATES.check(CommitmentStatus(commitment.status), status)
    values: dict[str, Any] = {
        "result_achieved_at": at,
        "result_achieved_on": day,
        "variance_reason": reason,
        "variance_note": data.note,
    }
    if status is CommitmentStatus.KEPT:
        if reason is not None:
            raise invalid("/variance_reason", f"must be left out: it is kept, on {day}, and due on {due_on}")
        event = events.commitment_kept(id, commitment.project_id, day)
    elif reason is None:
        raise invalid("/variance_reason", f"is required: it is late, on {day}, and was due on {due_on}", "required")
    else:
        event = events.commitment_missed(id, commitment.project_id, day, (day - due_on).days, reason)
    _close(conn, caller, commitment, status, day, values)
    emit(conn, caller, event)
    return queries.read(conn, id, clock.today())


def break_commitment(conn: sa.Connection, caller: Caller, id: UUID, data: CommitmentBreak, expected: int | None) -> Row:
    """Give it up."""
    commitment = _lock(conn, id, expected)
    STATES.check(CommitmentStatus(commitment.status), CommitmentStatus.BROKEN)
    values = {"variance_reason": data.variance_reason, "variance_note": data.note}
    _close(conn, caller, commitment, CommitmentStatus.BROKEN, clock.today(), values)
    emit(conn, caller, events.commitment_broken(id, commitment.project_id, data.variance_reason))
    return queries.read(conn, id, clock.today())


def withdraw(conn: sa.Connection, caller: Caller, id: UUID, note: str, expected: int | None) -> Row:
    """The one it was given to has released us from it."""
    commitment = _lock(conn, id, expected)
    STATES.check(CommitmentStatus(commitment.status), CommitmentStatus.WITHDRAWN)
    _close(conn, caller, commitment, CommitmentStatus.WITHDRAWN, clock.today(), {"variance_note": note})
    emit(conn, caller, events.commitment_withdrawn(id, commitment.project_id))
    return queries.read(conn, id, clock.today())


def _lock(conn: sa.Connection, id: UUID, expected: int | None) -> Row:
    commitment = queries.lock(conn, id)
    records.check_version(commitment, expected)
    return commitment


def _close(
    conn: sa.Connection, caller: Caller, commitment: Row, status: CommitmentStatus, on: date, values: dict[str, Any]
) -> None:
    values = {**values, "status": status, "closed_on": on}
    records.change(conn, caller, commitments, commitment, values, None, str(status))


def _instant(given: datetime | None, promised_on: date, pointer: str) -> datetime:
    """When it was: now unless told otherwise, since the promise was given and not in the future."""
    now = clock.now()
    if given is None:
        return now
    if given > now:
        raise invalid(pointer, "must not lie in the future")
    if clock.day_of(given) < promised_on:
        raise invalid(pointer, f"must not lie before the day of the promise, {promised_on}")
    return given
