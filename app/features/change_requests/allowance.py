"""Small changes, out of the hours that were agreed for them beforehand: filed and approved in one call."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core.caller import Caller
from app.features.change_requests import decide, events, impact, options, queries, rules, service
from app.features.change_requests.outcome_schemas import AllowanceCreate, SmallLine
from app.features.change_requests.queries import requests
from app.features.projects import service as projects_service
from app.messaging import records
from app.messaging.outbox import emit
from app.messaging.records import Row
from app.models.change_request import ChangeStatus, Charge, OptionKind


def get_change_allowance(conn: sa.Connection, caller: Caller, ref: UUID | str) -> dict[str, Any]:
    """What was agreed, what of it is used, and what is left."""
    project = projects_service.get_project(conn, caller, ref)
    used = _used(conn, project.id)
    return {
        "project_id": project.id,
        "allowance_hours": project.change_allowance_hours,
        "used_hours": used,
        "left_hours": rules.hours_left(project.change_allowance_hours, used),
    }


def create_within_allowance(conn: sa.Connection, caller: Caller, data: AllowanceCreate) -> Row:
    """File a small change and approve it."""
    asked = data.model_dump(include={"project_id", "title", "value_statement", "requested_by_id"})
    change = service.file_change(conn, caller, {**asked, "charge": Charge.INCLUDED})
    return _approve(conn, caller, change, data.hours, data.why)


def approve_within_allowance(
    conn: sa.Connection, caller: Caller, id: UUID, lines: Sequence[SmallLine], why: str, expected: int | None
) -> Row:
    """Approve a change that nobody has presented yet, out of the allowance."""
    projects_service.lock(conn, queries.read(conn, id).project_id)
    change = queries.lock(conn, id)
    decide.check_undecided(change)
    records.check_version(change, expected)
    if change.status not in rules.SMALL:
        instead = "Out of the allowance goes only what is not presented yet: POST …/decide instead."
        former = ChangeStatus(change.status)
        raise rules.STATES.refusal(former, rules.STATES.allowed(former), instead)
    return _approve(conn, caller, change, lines, why)


def _approve(conn: sa.Connection, caller: Caller, change: Row, lines: Sequence[SmallLine], why: str) -> Row:
    """Under the locks of the project and of the change: the hours of two small changes never exceed the allowance."""
    project = projects_service.get_project(conn, caller, change.project_id)
    decide.check_running(project)
    hours = [line.model_dump(mode="json") for line in lines]
    left = rules.hours_left(project.change_allowance_hours, _used(conn, project.id))
    rules.check_allowance(left, rules.total_hours(hours))
    values = {
        "kind": OptionKind.AS_ASKED,
        "title": change.title,
        "price": None,
        "hours": hours,
        "purchases": [],
        "risk_changes": [],
    }
    included = records.change(conn, caller, requests, change, {"charge": Charge.INCLUDED}, None)
    option = options.add_option(conn, caller, included, values)
    figures = impact.assess(conn, included, queries.options_of(conn, change.id))
    impact.freeze(conn, included, figures, option.id, caller)
    told = "approved within the allowance"
    decision = decide.write_down(conn, caller, included, project, told, why, figures.options[option.id])
    decided = decide.decided_by(caller, None, why, decision.id)
    approved = {"status": ChangeStatus.APPROVED, "within_allowance": True, "option_id": option.id, **decided}
    records.change(conn, caller, requests, included, approved, None, "decided")
    event = events.change_decided(
        change.id,
        project.id,
        ChangeStatus.APPROVED,
        decision_id=decision.id,
        option_id=option.id,
        baseline_id=None,
        within_allowance=True,
    )
    emit(conn, caller, event)
    return queries.read(conn, change.id)


def _used(conn: sa.Connection, project_id: UUID) -> Decimal:
    taken = conn.execute(queries.SMALL_HOURS, {"project": project_id}).scalars()
    return sum((rules.total_hours(lines) for lines in taken), Decimal(0))
