"""Risks: what may go wrong. Issues, which have, lie in the module beside this one."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.caller import Caller
from app.db.listing import ListQuery, Page, page
from app.features.decisions import service as decisions
from app.features.projects import service as projects_service
from app.features.risks import events, issues, queries, rules
from app.features.risks.errors import NoLongerOpen
from app.features.risks.queries import risks
from app.features.risks.schemas import RiskCreate
from app.messaging import records
from app.messaging.outbox import emit
from app.messaging.records import Row
from app.models.decision import DecisionKind
from app.models.risk import RiskStatus

exposure = rules.exposure


def list_risks(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, queries.RISKS, query, {"today": clock.today()})


def get_risk(conn: sa.Connection, caller: Caller, id: UUID) -> Row:
    row = conn.execute(queries.RISK_BY_ID, {"which": id, "today": clock.today()}).one_or_none()
    return queries.found(row, "risk", id)


def open_risks(conn: sa.Connection, project_ids: Sequence[UUID]) -> dict[UUID, list[Row]]:
    """The open risks of projects, the greatest first; one statement."""
    found: dict[UUID, list[Row]] = {project_id: [] for project_id in project_ids}
    for row in conn.execute(queries.OPEN, {"projects": list(found)}):
        found[row.project_id].append(row)
    return found


def create_risk(conn: sa.Connection, caller: Caller, data: RiskCreate) -> Row:
    today = clock.today()
    values = {**data.model_dump(), "identified_on": data.identified_on or today}
    rules.check_day("identified_on", values["identified_on"], None, today)
    records.check_references(conn, values, queries.REFERENCES)
    projects_service.lock(conn, data.project_id)
    last = conn.execute(queries.LAST_RISK, {"project_id": data.project_id}).scalar_one()
    row = records.add(conn, caller, risks, {**values, "number": (last or 0) + 1})
    emit(conn, caller, events.risk_created(row.id, row.project_id, exposure([row])))
    return get_risk(conn, caller, row.id)


def update_risk(conn: sa.Connection, caller: Caller, id: UUID, changes: Mapping[str, Any], expected: int | None) -> Row:
    before = _lock(conn, id, expected)
    if before.status != RiskStatus.OPEN:
        raise NoLongerOpen(f"It is `{before.status}`: only open risks are edited.")
    if "identified_on" in changes:
        rules.check_day("identified_on", changes["identified_on"], None, clock.today())
    records.check_references(conn, changes, queries.REFERENCES)
    row = records.change(conn, caller, risks, before, changes, expected)
    if row is not before:
        emit(conn, caller, events.risk_updated(id, row.project_id, sorted(changes), exposure([row])))
    return get_risk(conn, caller, id)


def rate_risk(conn: sa.Connection, caller: Caller, id: UUID, likelihood: int, impact: int) -> Row:
    """Rate an open risk anew, as a change of the project brings it about. One that is over stays as it was."""
    if _lock(conn, id, None).status != RiskStatus.OPEN:
        return get_risk(conn, caller, id)
    return update_risk(conn, caller, id, {"likelihood": likelihood, "impact": impact}, None)


def close(conn: sa.Connection, caller: Caller, id: UUID, reason: str | None, expected: int | None) -> Row:
    before = _lock(conn, id, expected)
    rules.RISKS.check(RiskStatus(before.status), RiskStatus.CLOSED)
    values = {"status": RiskStatus.CLOSED, "closed_on": clock.today()}
    records.change(conn, caller, risks, before, values, None, "closed")
    if reason is not None:
        _log(conn, caller, before, DecisionKind.OTHER, f"Risk {before.number} of the project is closed.", reason)
    emit(conn, caller, events.risk_closed(id, before.project_id))
    return get_risk(conn, caller, id)


def reopen(conn: sa.Connection, caller: Caller, id: UUID, reason: str, expected: int | None) -> Row:
    before = _lock(conn, id, expected)
    rules.RISKS.check(RiskStatus(before.status), RiskStatus.OPEN)
    values = {"status": RiskStatus.OPEN, "closed_on": None}
    records.change(conn, caller, risks, before, values, None, "reopened")
    what = f"Risk {before.number} of the project is open again."
    _log(conn, caller, before, DecisionKind.REOPENING, what, reason)
    emit(conn, caller, events.risk_reopened(id, before.project_id))
    return get_risk(conn, caller, id)


def occur(conn: sa.Connection, caller: Caller, id: UUID, data: Mapping[str, Any], expected: int | None) -> Row:
    """The risk has become an issue, which is answered."""
    projects_service.lock(conn, get_risk(conn, caller, id).project_id)
    before = _lock(conn, id, expected)
    rules.RISKS.check(RiskStatus(before.status), RiskStatus.OCCURRED)
    today = clock.today()
    on = data["on"] or today
    rules.check_day("on", on, before.identified_on, today)
    records.change(conn, caller, risks, before, {"status": RiskStatus.OCCURRED}, None, "occurred")
    issue = issues.from_risk(conn, caller, before, on, data["effect"])
    emit(conn, caller, events.risk_occurred(id, before.project_id, issue.id))
    return issue


def _lock(conn: sa.Connection, id: UUID, expected: int | None) -> Row:
    row = queries.found(conn.execute(queries.LOCK_RISK, {"which": id}).one_or_none(), "risk", id)
    records.check_version(row, expected)
    return row


def _log(conn: sa.Connection, caller: Caller, risk: Row, kind: DecisionKind, what: str, why: str) -> None:
    decisions.log(
        conn,
        caller,
        kind=kind,
        subject_type="risk",
        subject_id=risk.id,
        project_id=risk.project_id,
        what=what,
        why=why,
    )
