"""The steps of a change request up to its decision, and away from it. Each is one transaction."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.caller import Caller
from app.core.events import DomainEvent
from app.features.change_requests import events, queries, rules
from app.features.change_requests.errors import CannotMerge
from app.features.change_requests.queries import requests
from app.messaging import records
from app.messaging.outbox import emit
from app.messaging.records import Row
from app.models.change_request import ChangeStatus

REFERENCES = {"into_id": (requests, "id")}
# What a postponement said; the decision itself stays in the log.
UNDECIDED = dict.fromkeys(
    ("decided_at", "decided_by_contact_id", "decided_by_person_id", "decision_reason", "postponed_until")
)


def submit(conn: sa.Connection, caller: Caller, id: UUID, expected: int | None) -> Row:
    change = _lock(conn, id, expected, ChangeStatus.SUBMITTED)
    event = events.change_submitted(id, change.project_id)
    return _move(conn, caller, change, {"status": ChangeStatus.SUBMITTED, "submitted_at": clock.now()}, event)


def assess(conn: sa.Connection, caller: Caller, id: UUID, expected: int | None) -> Row:
    change = _lock(conn, id, expected, ChangeStatus.ASSESSING)
    event = events.assessment_begun(id, change.project_id)
    return _move(conn, caller, change, {"status": ChangeStatus.ASSESSING, **UNDECIDED}, event)


def present(conn: sa.Connection, caller: Caller, id: UUID, expected: int | None) -> Row:
    """It awaits a decision: there must be something to choose from."""
    change = _lock(conn, id, expected, ChangeStatus.AWAITING_DECISION)
    options = queries.options_of(conn, id)
    rules.check_presentable(options)
    event = events.change_presented(id, change.project_id, len(options))
    return _move(conn, caller, change, {"status": ChangeStatus.AWAITING_DECISION}, event)


def withdraw(conn: sa.Connection, caller: Caller, id: UUID, reason: str, expected: int | None) -> Row:
    change = _lock(conn, id, expected, ChangeStatus.WITHDRAWN)
    event = events.change_withdrawn(id, change.project_id)
    return _move(conn, caller, change, {"status": ChangeStatus.WITHDRAWN, "decision_reason": reason}, event)


def merge(conn: sa.Connection, caller: Caller, id: UUID, into_id: UUID, expected: int | None) -> Row:
    """It goes into another open one of the same project, and is over."""
    queries.read(conn, id)
    records.check_references(conn, {"into_id": into_id}, REFERENCES)
    if into_id == id:
        raise CannotMerge("It can't go into itself: choose another open change request of the project.")
    locked = {each: queries.lock(conn, each) for each in sorted((id, into_id))}
    change, into = locked[id], locked[into_id]
    _check(change, expected, ChangeStatus.MERGED)
    if into.project_id != change.project_id:
        raise CannotMerge("The other one belongs to another project: choose one of the same project.")
    if into.status in rules.CLOSED:
        raise CannotMerge(f"The other one is `{into.status}`: choose one that is open.")
    event = events.change_merged(id, change.project_id, into_id)
    return _move(conn, caller, change, {"status": ChangeStatus.MERGED, "merged_into_id": into_id}, event)


def _lock(conn: sa.Connection, id: UUID, expected: int | None, to: ChangeStatus) -> Row:
    change = queries.lock(conn, id)
    _check(change, expected, to)
    return change


def _check(change: Row, expected: int | None, to: ChangeStatus) -> None:
    records.check_version(change, expected)
    rules.STATES.check(ChangeStatus(change.status), to)


def _move(conn: sa.Connection, caller: Caller, change: Row, values: dict[str, Any], event: DomainEvent) -> Row:
    records.change(conn, caller, requests, change, values, None, event.type.partition(".")[2])
    emit(conn, caller, event)
    return queries.read(conn, change.id)
