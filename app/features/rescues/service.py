"""Rescues of troubled projects. Their actions and the triage lie in modules beside this one."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic import TypeAdapter

from app.core import clock
from app.core.caller import Caller
from app.core.errors import MoneyHidden, invalid
from app.core.schema import sensitive_fields
from app.db.listing import ListQuery, Page, page
from app.features.decisions import service as decisions
from app.features.projects import service as projects_service
from app.features.rescues import events, queries, rules, triage
from app.features.rescues.errors import ProjectNotLive, RescuerHoldsSeat, RescueRunning, WrongRescueStatus
from app.features.rescues.queries import rescues
from app.features.rescues.rules import Prospect
from app.features.rescues.schemas import RescueClose, RescueCreate, RescueDecide, RescueRead, TriageItem
from app.features.rescues.triage_rules import Weighing
from app.measures.catalogue import KPIS
from app.measures.definition import Conventions
from app.measures.engine import Question, evaluate
from app.measures.figures import rounded
from app.messaging import records
from app.messaging.outbox import emit
from app.messaging.records import Row
from app.models.decision import DecisionKind
from app.models.rescue import RescueStatus

MONEY = sensitive_fields(RescueRead)
REFERENCES = {"project_id": (queries.projects, "id"), "rescuer_id": (queries.people, "id")}
FROZEN: TypeAdapter[Any] = TypeAdapter(TriageItem)
# Names are looked up by their id; what is frozen stays free of them.
NAMES = {"code", "name"}
COST = KPIS["delivery_cost"]
FORECASTS = ("forecast_finish_on", "forecast_cost_to_complete", "forecast_value")
PLACES = 4


def list_rescues(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, queries.RESCUES, query)


def get_rescue(conn: sa.Connection, caller: Caller, id: UUID) -> Row:
    return queries.found(conn.execute(queries.RESCUE_BY_ID, {"which": id}).one_or_none(), "rescue", id)


def create_rescue(
    conn: sa.Connection, caller: Caller, data: RescueCreate, weighing: Weighing, conventions: Conventions
) -> Row:
    """Open a rescue, with the project's triage of this moment."""
    rescuer_id = data.rescuer_id or caller.person_id
    if rescuer_id is None:
        raise invalid("/rescuer_id", "is required: your key belongs to no person", "required")
    values = {"project_id": data.project_id, "rescuer_id": rescuer_id, "trigger": data.trigger}
    records.check_references(conn, values, REFERENCES)
    project = projects_service.lock(conn, data.project_id)
    _check_stands_outside(conn, caller, project, rescuer_id)
    running = conn.execute(queries.RUNNING, {"project_id": project.id}).scalar_one_or_none()
    if running is not None:
        raise RescueRunning(f"Go on with rescue {running} of {project.code}.", extra={"rescue_id": str(running)})
    today = clock.today()
    nominated = triage.of_project(conn, project.id, today, weighing, conventions)
    if nominated is None:
        raise ProjectNotLive(f"{project.code} is neither active, nor on the back burner or on hold.")
    frozen = FROZEN.dump_python(FROZEN.validate_python(nominated), mode="json", exclude=NAMES)
    row = records.add(conn, caller, rescues, {**values, "opened_on": today, "triage": frozen})
    emit(conn, caller, events.rescue_created(row.id, project.id, rescuer_id))
    return get_rescue(conn, caller, row.id)


def update_rescue(
    conn: sa.Connection, caller: Caller, id: UUID, changes: Mapping[str, Any], expected: int | None
) -> Row:
    before = lock(conn, id, expected)
    _check_money(caller, before, changes)
    if before.status != RescueStatus.ASSESSING:
        raise WrongRescueStatus(f"It is `{before.status}`: what was assessed before stays as it is.")
    row = records.change(conn, caller, rescues, before, changes, expected)
    if row is not before:
        emit(conn, caller, events.rescue_updated(id, row.project_id, sorted(changes)))
    return get_rescue(conn, caller, id)


def decide(conn: sa.Connection, caller: Caller, id: UUID, data: RescueDecide, expected: int | None) -> Row:
    """Choose the project's course. Its status stays: that is moved by a transition of the project."""
    project = projects_service.lock(conn, get_rescue(conn, caller, id).project_id)
    before = lock(conn, id, expected)
    forecast = {name: value for name in FORECASTS if (value := getattr(data, name)) is not None}
    _check_money(caller, before, forecast)
    rules.STATES.check(RescueStatus(before.status), RescueStatus.DECIDED)
    _check_stands_outside(conn, caller, project, before.rescuer_id)
    finish_on = forecast.get("forecast_finish_on", before.forecast_finish_on)
    decision = decisions.log(
        conn,
        caller,
        kind=DecisionKind.RESCUE,
        subject_type="rescue",
        subject_id=id,
        project_id=project.id,
        client_id=project.client_id,
        what=f"The course of the project is `{data.course}`.",
        why=data.why,
        impact={"course": data.course, "forecast_finish_on": finish_on.isoformat() if finish_on else None},
    )
    values = {
        **forecast,
        "status": RescueStatus.DECIDED,
        "course": data.course,
        "course_reason": data.why,
        "decided_on": clock.today(),
        "decision_id": decision.id,
    }
    records.change(conn, caller, rescues, before, values, None, "decided")
    emit(conn, caller, events.rescue_decided(id, project.id, data.course, decision.id))
    return get_rescue(conn, caller, id)


def close(
    conn: sa.Connection, caller: Caller, id: UUID, data: RescueClose, conventions: Conventions, expected: int | None
) -> Row:
    """Hold what came of it against the forecast."""
    before = lock(conn, id, expected)
    _check_money(caller, before, {name: v for name, v in data.model_dump().items() if v is not None})
    rules.STATES.check(RescueStatus(before.status), RescueStatus.CLOSED)
    today = clock.today()
    if data.actual_finish_on is not None and data.actual_finish_on > today:
        raise invalid("/actual_finish_on", f"must not lie ahead: today is {today}")
    cost = data.actual_cost_to_complete
    if cost is None:
        cost = _cost_since_decided(conn, before, conventions)
    forecast = Prospect(before.forecast_finish_on, before.forecast_cost_to_complete, before.forecast_value)
    actual = Prospect(data.actual_finish_on, cost, data.actual_value)
    met = rules.met_forecast(forecast, actual, conventions.budget_tolerance)
    values = {
        "status": RescueStatus.CLOSED,
        "closed_on": today,
        "actual_finish_on": actual.finish_on,
        "actual_cost_to_complete": actual.cost,
        "actual_value": actual.value,
        "met_forecast": met,
        "outcome": data.outcome,
    }
    records.change(conn, caller, rescues, before, values, None, "closed")
    if before.decision_id is not None:
        finish_on = data.actual_finish_on
        decisions.record_outcome(
            conn,
            caller,
            before.decision_id,
            found_on=today,
            statement=data.outcome,
            as_expected=met,
            figures={"actual_finish_on": finish_on.isoformat() if finish_on else None},
        )
    emit(conn, caller, events.rescue_closed(id, before.project_id, met))
    return get_rescue(conn, caller, id)


def cancel(conn: sa.Connection, caller: Caller, id: UUID, reason: str, expected: int | None) -> Row:
    before = lock(conn, id, expected)
    rules.STATES.check(RescueStatus(before.status), RescueStatus.CANCELLED)
    values = {"status": RescueStatus.CANCELLED, "closed_on": clock.today(), "outcome": reason}
    records.change(conn, caller, rescues, before, values, None, "cancelled")
    emit(conn, caller, events.rescue_cancelled(id, before.project_id))
    return get_rescue(conn, caller, id)


def lock(conn: sa.Connection, id: UUID, expected: int | None) -> Row:
    """The rescue, locked until the transaction ends."""
    row = queries.found(conn.execute(queries.LOCK, {"which": id}).one_or_none(), "rescue", id)
    records.check_version(row, expected)
    return row


def _check_stands_outside(conn: sa.Connection, caller: Caller, project: Row, rescuer_id: UUID) -> None:
    """409 where the rescuer, or whoever calls, has or is to have a seat on the project, whose row is locked."""
    who = [rescuer_id] if caller.person_id is None else [rescuer_id, caller.person_id]
    given = {"project_id": project.id, "people": who, "today": clock.today()}
    seated = conn.execute(queries.SEATED, given).one_or_none()
    if seated is not None:
        raise RescuerHoldsSeat(
            f"{seated.display_name} sits on {project.code}, or is to: choose somebody who doesn't.",
            extra={"person_id": str(seated.id)},
        )


def _check_money(caller: Caller, rescue: Row, given: Mapping[str, Any]) -> None:
    hidden = sorted(MONEY & given.keys())
    if hidden and not caller.sees_money_of(rescue.project_id):
        raise MoneyHidden(f"Leave out {', '.join(hidden)}: only those who see the money of a project may say it.")


def _cost_since_decided(conn: sa.Connection, rescue: Row, conventions: Conventions) -> Decimal | None:
    """The delivery cost of the project from the decision on, in its currency: nothing where nothing was spent, `None`
    where some of it is not known.
    """
    currency = conn.execute(queries.CURRENCY, {"which": rescue.project_id}).scalar_one()
    question = Question(
        COST,
        rescue.decided_on,
        clock.today() + timedelta(1),
        filters=(("project", (rescue.project_id,)),),
        currency=currency,
    )
    [total] = evaluate(conn, question, conventions).totals
    if total.rows_excluded:  # what has no rate is left out of the sum, which then is too small to be held against
        return None
    cost = Fraction(0) if total.reason == COST.nothing else total.value
    return None if cost is None else rounded(cost, PLACES)
