"""Issues: what has gone wrong."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.caller import Caller
from app.db.listing import ListQuery, Page, page
from app.features.decisions import service as decisions
from app.features.projects import service as projects_service
from app.features.risks import events, queries, rules
from app.features.risks.errors import NoLongerOpen
from app.features.risks.queries import issues
from app.features.risks.schemas import IssueCreate
from app.messaging import records
from app.messaging.outbox import emit
from app.messaging.records import Row
from app.models.decision import DecisionKind
from app.models.risk import IssueStatus

COPIED = ("project_id", "cause", "event", "effect", "likelihood", "impact", "strategy", "owner_id", "response")


def list_issues(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, queries.ISSUES, query, {"today": clock.today()})


def get_issue(conn: sa.Connection, caller: Caller, id: UUID) -> Row:
    row = conn.execute(queries.ISSUE_BY_ID, {"which": id, "today": clock.today()}).one_or_none()
    return queries.found(row, "issue", id)


def create_issue(conn: sa.Connection, caller: Caller, data: IssueCreate) -> Row:
    today = clock.today()
    values = {**data.model_dump(), "raised_on": data.raised_on or today}
    rules.check_day("raised_on", values["raised_on"], None, today)
    records.check_references(conn, values, queries.REFERENCES)
    projects_service.lock(conn, data.project_id)
    return _add(conn, caller, values)


def from_risk(conn: sa.Connection, caller: Caller, risk: Row, on: date, effect: str | None) -> Row:
    """The issue that a risk has become; the project's row is locked. When it is to be resolved is to be said anew."""
    values = {**{name: risk._mapping[name] for name in COPIED}, "risk_id": risk.id, "raised_on": on}
    if effect is not None:
        values["effect"] = effect
    return _add(conn, caller, values)


def update_issue(
    conn: sa.Connection, caller: Caller, id: UUID, changes: Mapping[str, Any], expected: int | None
) -> Row:
    before = _lock(conn, id, expected)
    if before.status not in rules.WAITING:
        raise NoLongerOpen(f"It is `{before.status}`: only issues that are open or in progress are edited.")
    if "raised_on" in changes:
        rules.check_day("raised_on", changes["raised_on"], None, clock.today())
    records.check_references(conn, changes, queries.REFERENCES)
    row = records.change(conn, caller, issues, before, changes, expected)
    if row is not before:
        emit(conn, caller, events.issue_updated(id, row.project_id, sorted(changes)))
    return get_issue(conn, caller, id)


def start(conn: sa.Connection, caller: Caller, id: UUID, expected: int | None) -> Row:
    before = _move(conn, caller, id, expected, IssueStatus.IN_PROGRESS, "started")
    emit(conn, caller, events.issue_started(id, before.project_id))
    return get_issue(conn, caller, id)


def resolve(
    conn: sa.Connection, caller: Caller, id: UUID, resolution: str, on: date | None, expected: int | None
) -> Row:
    today = clock.today()
    values = {"resolution": resolution, "resolved_on": on or today}
    before = _move(conn, caller, id, expected, IssueStatus.RESOLVED, "resolved", values)
    rules.check_day("on", on or today, before.raised_on, today)
    emit(conn, caller, events.issue_resolved(id, before.project_id))
    return get_issue(conn, caller, id)


def withdraw(conn: sa.Connection, caller: Caller, id: UUID, reason: str, expected: int | None) -> Row:
    before = _move(conn, caller, id, expected, IssueStatus.WITHDRAWN, "withdrawn", {"resolution": reason})
    emit(conn, caller, events.issue_withdrawn(id, before.project_id))
    return get_issue(conn, caller, id)


def reopen(conn: sa.Connection, caller: Caller, id: UUID, reason: str, expected: int | None) -> Row:
    values = {"resolution": None, "resolved_on": None}
    before = _move(conn, caller, id, expected, IssueStatus.OPEN, "reopened", values)
    decisions.log(
        conn,
        caller,
        kind=DecisionKind.REOPENING,
        subject_type="issue",
        subject_id=id,
        project_id=before.project_id,
        what=f"Issue {before.number} of the project is open again.",
        why=reason,
    )
    emit(conn, caller, events.issue_reopened(id, before.project_id))
    return get_issue(conn, caller, id)


def _add(conn: sa.Connection, caller: Caller, values: Mapping[str, Any]) -> Row:
    """With its number; the project's row is locked."""
    last = conn.execute(queries.LAST_ISSUE, {"project_id": values["project_id"]}).scalar_one()
    row = records.add(conn, caller, issues, {**values, "number": (last or 0) + 1})
    emit(conn, caller, events.issue_created(row.id, row.project_id, row.risk_id))
    return get_issue(conn, caller, row.id)


def _move(
    conn: sa.Connection,
    caller: Caller,
    id: UUID,
    expected: int | None,
    to: IssueStatus,
    action: str,
    values: Mapping[str, Any] | None = None,
) -> Row:
    """Move an issue to another status; answers it as it was."""
    before = _lock(conn, id, expected)
    rules.ISSUES.check(IssueStatus(before.status), to)
    records.change(conn, caller, issues, before, {"status": to, **(values or {})}, None, action)
    return before


def _lock(conn: sa.Connection, id: UUID, expected: int | None) -> Row:
    row = queries.found(conn.execute(queries.LOCK_ISSUE, {"which": id}).one_or_none(), "issue", id)
    records.check_version(row, expected)
    return row
