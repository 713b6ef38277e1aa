"""Outcomes of projects. Each function is one step of a transaction that the caller has opened."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.caller import Caller
from app.core.errors import NotFound, PreconditionRequired
from app.db.listing import ListQuery, Page, page
from app.features.outcomes import events, queries, rules
from app.features.outcomes.errors import OutcomeReviewed
from app.features.outcomes.queries import outcomes
from app.features.outcomes.schemas import OutcomeCreate, OutcomeReview
from app.messaging import records
from app.messaging.outbox import emit
from app.messaging.records import Row


def list_outcomes(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, queries.OUTCOMES, query, {"today": clock.today()})


def get_outcome(conn: sa.Connection, caller: Caller, id: UUID) -> Row:
    return _found(conn.execute(queries.BY_ID, {"which": id, "today": clock.today()}).one_or_none(), id)


def create_outcome(conn: sa.Connection, caller: Caller, data: OutcomeCreate) -> Row:
    values = data.model_dump()
    records.check_references(conn, values, queries.REFERENCES)
    row = records.add(conn, caller, outcomes, values)
    emit(conn, caller, events.outcome_created(row.id, row.project_id))
    return get_outcome(conn, caller, row.id)


def update_outcome(
    conn: sa.Connection, caller: Caller, id: UUID, changes: Mapping[str, Any], expected: int | None
) -> Row:
    """What was aimed for stays once it has been reviewed; whose it is may still change."""
    before = _lock(conn, id, expected)
    aims = sorted(changes.keys() - {"owner_id"})
    if aims and before.reviewed_on is not None:
        raise OutcomeReviewed(f"It was reviewed on {before.reviewed_on}: leave out {', '.join(aims)}.")
    records.check_references(conn, changes, queries.REFERENCES)
    row = records.change(conn, caller, outcomes, before, changes, expected)
    if row is not before:
        emit(conn, caller, events.outcome_updated(id, row.project_id, sorted(changes)))
    return get_outcome(conn, caller, id)


def review(
    conn: sa.Connection, caller: Caller, id: UUID, data: OutcomeReview, expected: int | None, names_version: bool
) -> Row:
    """What came of it. One that has been reviewed is reviewed anew only by who has read that: `names_version`."""
    before = _lock(conn, id, expected)
    if before.reviewed_on is not None and not names_version:
        raise PreconditionRequired(
            f"It was reviewed on {before.reviewed_on}: read it, and send its `etag` as `If-Match` to correct that."
        )
    today = clock.today()
    reviewed_on = data.reviewed_on or today
    rules.check_day(before.review_on, reviewed_on, today)
    values = {"actual": data.actual, "evidence": data.evidence, "reviewed_on": reviewed_on}
    row = records.change(conn, caller, outcomes, before, values, expected, "reviewed")
    if row is not before:
        achieved = rules.is_achieved(row.actual, row.target, row.lower_is_better)
        emit(conn, caller, events.outcome_reviewed(id, row.project_id, achieved))
    return get_outcome(conn, caller, id)


def delete_outcome(conn: sa.Connection, caller: Caller, id: UUID, expected: int | None) -> None:
    before = _lock(conn, id, expected)
    if before.reviewed_on is not None:
        raise OutcomeReviewed(f"It was reviewed on {before.reviewed_on}, and stays: correct its review where it errs.")
    records.remove(conn, caller, outcomes, before, expected)
    emit(conn, caller, events.outcome_deleted(id, before.project_id))


def _lock(conn: sa.Connection, id: UUID, expected: int | None) -> Row:
    row = _found(conn.execute(queries.LOCK, {"which": id}).one_or_none(), id)
    records.check_version(row, expected)
    return row


def _found(row: Row | None, id: UUID) -> Row:
    if row is None:
        raise NotFound(f"There is no outcome {str(id)!r}: look it up in the list.")
    return row
