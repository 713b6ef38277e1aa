"""What somebody said. Requests for it lie in a module beside this one."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.caller import Caller
from app.core.errors import NotFound
from app.db.listing import ListQuery, Page, page
from app.features.feedback import events, queries, requests, rules
from app.features.feedback.errors import AnonymousStays
from app.features.feedback.queries import feedback
from app.features.feedback.schemas import FeedbackCreate
from app.messaging import records
from app.messaging.outbox import emit
from app.messaging.records import Row

request_for_client = requests.request_for_client
answer_request = requests.answer_request
view = requests.view


def list_feedback(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, queries.FEEDBACK, query, {"today": clock.today()})


def get_feedback(conn: sa.Connection, caller: Caller, id: UUID) -> Row:
    """404 also for an anonymous answer that still waits for others."""
    row = conn.execute(queries.BY_ID, {"which": id, "today": clock.today()}).one_or_none()
    if row is None:
        raise NotFound(f"There is no feedback {str(id)!r}: look it up in the list.")
    return row


def get_withheld_feedback(
    conn: sa.Connection, caller: Caller, client_id: UUID | None, project_id: UUID | None
) -> dict[str, int]:
    which = {"client_id": client_id, "project_id": project_id, "today": clock.today()}
    counts = conn.execute(queries.WITHHELD, which).one()
    return {"answers": counts.answers, "told": counts.told, "withheld": counts.answers - counts.told}


def create_feedback(conn: sa.Connection, caller: Caller, data: FeedbackCreate) -> Row:
    today = clock.today()
    values = data.model_dump() | {"given_on": data.given_on or today}
    rules.check_given_on(values["given_on"], today)
    _check(values)
    records.check_references(conn, values, queries.REFERENCES)
    row = records.record(
        conn, caller, feedback, {**values, "client_id": requests.client_of(conn, values), "anonymous": False}
    )
    emit(conn, caller, events.feedback_created(row.id, row.subject, row.project_id, row.client_id))
    return row


def update_feedback(
    conn: sa.Connection, caller: Caller, id: UUID, changes: Mapping[str, Any], expected: int | None
) -> Row:
    before = get_feedback(conn, caller, id)
    if before.anonymous:
        raise AnonymousStays("Leave it as it was given, or delete it.")
    after = {name: before._mapping[name] for name in FeedbackCreate.model_fields} | dict(changes)
    if "client_id" not in changes and (after["project_id"] or (before.contact_id and after["subject"] != "client")):
        after["client_id"] = None  # it followed from these, and does so anew
    rules.check_given_on(after["given_on"], clock.today())
    _check(after)
    records.check_references(conn, changes, queries.REFERENCES)
    values = {**changes, "client_id": requests.client_of(conn, after)}
    row = records.correct(conn, caller, feedback, before, values, expected)
    if row is not before:
        emit(conn, caller, events.feedback_updated(id, row.project_id, sorted(changes)))
    return row


def delete_feedback(conn: sa.Connection, caller: Caller, id: UUID, expected: int | None) -> None:
    before = get_feedback(conn, caller, id)
    records.withdraw(conn, caller, feedback, before, expected)
    emit(conn, caller, events.feedback_deleted(id, before.project_id))


def _check(values: Mapping[str, Any]) -> None:
    rules.check_subject(values)
    rules.check_giver(values)
    rules.check_says_something(values)
