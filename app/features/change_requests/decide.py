"""Deciding a change: figures frozen, decision logged, project moved, baseline made; all of it, or nothing."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.caller import Caller
from app.core.errors import invalid
from app.core.money import format_plain
from app.features.change_requests import authorities, events, impact, queries, rules
from app.features.change_requests.errors import AlreadyDecided, ProjectNotRunning
from app.features.change_requests.impact_rules import OptionImpact
from app.features.change_requests.queries import requests
from app.features.change_requests.schemas import ChangeDecide
from app.features.decisions import service as decisions
from app.features.projects import service as projects_service
from app.features.risks import service as risks
from app.features.risks.schemas import RiskCreate
from app.messaging import records
from app.messaging.outbox import emit
from app.messaging.records import Row
from app.models.change_request import ChangeStatus
from app.models.decision import DecisionKind
from app.models.project import ProjectStatus

RUNNING = (ProjectStatus.ACTIVE, ProjectStatus.BACK_BURNER, ProjectStatus.ON_HOLD)


def decide(
    conn: sa.Connection,
    caller: Caller,
    id: UUID,
    *,
    outcome: ChangeStatus,
    option_id: UUID | None,
    why: str,
    contact_id: UUID | None,
    postponed_until: date | None = None,
    promised_due_on: date | None = None,
    expected: int | None = None,
) -> Row:
    """Approve, reject or postpone a change that awaits it. A second decider hears what the first has decided.

    `promised_due_on` is the day that a client was shown, and counts then; else the day follows from the figures.
    """
    projects_service.lock(conn, queries.read(conn, id).project_id)
    change = queries.lock(conn, id)
    check_undecided(change)
    records.check_version(change, expected)
    if change.status != ChangeStatus.AWAITING_DECISION:
        former = ChangeStatus(change.status)
        raise rules.STATES.refusal(former, rules.STATES.allowed(former), "Decide one that is `awaiting_decision`.")
    project = projects_service.get_project(conn, caller, change.project_id)
    options = queries.options_of(conn, id)
    option = _chosen(options, option_id)
    decided = rules.outcome_of(outcome, option, postponed_until, clock.today())
    if decided == ChangeStatus.APPROVED:
        check_running(project)
        rules.check_priced(change.charge, option)
    figures = impact.assess(conn, change, options)
    chosen = None if option is None else figures.options[option.id]
    amount = rules.amount_of(change.charge, option, None if chosen is None else chosen.cost)
    rule = authorities.rule_for(conn, change, project.currency, amount)
    authorities.check(conn, caller, rule, project.client_id, contact_id)
    if decided != ChangeStatus.POSTPONED:
        impact.freeze(conn, change, figures, option_id, caller)
    decision = write_down(conn, caller, change, project, str(decided), why, chosen, promised_due_on)
    baseline_id = None
    if decided == ChangeStatus.APPROVED and option is not None and chosen is not None:
        baseline_id = _apply(conn, caller, change, option, chosen, promised_due_on or chosen.due_on)
    values = {
        "status": decided,
        "option_id": option_id,
        "baseline_id": baseline_id,
        "postponed_until": postponed_until,
        **decided_by(caller, contact_id, why, decision.id),
    }
    records.change(conn, caller, requests, change, values, None, "decided")
    event = events.change_decided(
        id,
        project.id,
        decided,
        decision_id=decision.id,
        option_id=option_id,
        baseline_id=baseline_id,
        within_allowance=False,
    )
    emit(conn, caller, event)
    return queries.read(conn, id)


def decide_as_asked(conn: sa.Connection, caller: Caller, id: UUID, data: ChangeDecide, expected: int | None) -> Row:
    """`decide`, as the API asks for it."""
    return decide(
        conn,
        caller,
        id,
        outcome=ChangeStatus(data.outcome),
        option_id=data.option_id,
        why=data.why,
        contact_id=data.contact_id,
        postponed_until=data.postponed_until,
        expected=expected,
    )


def get_authority(conn: sa.Connection, caller: Caller, id: UUID, option_id: UUID | None) -> dict[str, Any]:
    """Who must decide on an option; without one, who may reject or postpone."""
    change = queries.read(conn, id)
    project = projects_service.get_project(conn, caller, change.project_id)
    options = queries.options_of(conn, id)
    option = next((option for option in options if option.id == option_id), None)
    if option is None and option_id is not None:
        raise invalid("?option_id", "must be an option of this change request", "unknown-reference")
    cost = None if option is None else impact.assess(conn, change, [option]).options[option.id].cost
    rule = authorities.rule_for(conn, change, project.currency, rules.amount_of(change.charge, option, cost))
    answer = {
        "change_request_id": id,
        "option_id": option_id,
        "contact_role": None if rule is None else rule.contact_role,
        "access_role": None if rule is None else rule.access_role,
        "contacts": authorities.contacts_for(conn, project.client_id, rule),
    }
    # The rule has an amount, which would tell between which sums the option lies.
    if caller.sees_money_of(change.project_id):
        answer["rule_id"] = None if rule is None else rule.id
    return answer


def check_undecided(change: Row) -> None:
    """409 that says what has been decided, and where to read it."""
    if change.status not in rules.DECIDED:
        return
    what = ChangeStatus.APPROVED if change.status == ChangeStatus.IMPLEMENTED else change.status
    on = clock.day_of(change.decided_at)
    told = f"read GET /v1/decisions/{change.decision_id}."
    if change.status == ChangeStatus.POSTPONED:
        told = f"POST /v1/change-requests/{change.id}/assess brings it back, then present it and decide; {told}"
    raise AlreadyDecided(
        f"It was {what} on {on}: {told}",
        extra={
            "outcome": str(what),
            "decided_on": on.isoformat(),
            "change_request_id": str(change.id),
            "decision_id": str(change.decision_id),
        },
    )


def check_running(project: Row) -> None:
    if project.status not in RUNNING:
        raise ProjectNotRunning(f"The project is `{project.status}` today: move it by POST …/transitions first.")


def write_down(
    conn: sa.Connection,
    caller: Caller,
    change: Row,
    project: Row,
    outcome: str,
    why: str,
    chosen: OptionImpact | None,
    promised_due_on: date | None = None,
) -> Row:
    """The decision in the log, which everybody may read: no money."""
    option = "" if chosen is None else f" (option {chosen.number})"
    figures: dict[str, Any] = {"change_request_id": str(change.id), "outcome": outcome}
    if chosen is not None:
        due_on = promised_due_on or chosen.due_on
        figures |= {
            "option": chosen.number,
            "hours": format_plain(chosen.hours),
            "finish_on": None if chosen.finish_on is None else chosen.finish_on.isoformat(),
            "due_on": None if due_on is None else due_on.isoformat(),
        }
    return decisions.log(
        conn,
        caller,
        kind=DecisionKind.CHANGE,
        subject_type="change_request",
        subject_id=change.id,
        project_id=project.id,
        client_id=project.client_id,
        what=f"Change request {change.number}, “{change.title}”, is {outcome}{option}.",
        why=why,
        impact=figures,
        supersedes_id=_postponement(conn, caller, change),
    )


def _postponement(conn: sa.Connection, caller: Caller, change: Row) -> UUID | None:
    """The earlier decision that this one supersedes, where nothing has superseded it yet."""
    if change.decision_id is None:
        return None
    former = decisions.get_decision(conn, caller, change.decision_id)
    id: UUID | None = former.id if former.superseded_by_id is None else None
    return id


def decided_by(caller: Caller, contact_id: UUID | None, why: str, decision_id: UUID) -> dict[str, Any]:
    return {
        "decided_at": clock.now(),
        "decided_by_contact_id": contact_id,
        "decided_by_person_id": caller.person_id,
        "decision_reason": why,
        "decision_id": decision_id,
    }


def _chosen(options: Sequence[Row], option_id: UUID | None) -> Row | None:
    if option_id is None:
        return None
    option = next((option for option in options if option.id == option_id), None)
    if option is None:
        raise invalid("/option_id", "must be an option of this change request", "unknown-reference")
    return option


def _apply(
    conn: sa.Connection, caller: Caller, change: Row, option: Row, chosen: OptionImpact, due_on: date | None
) -> UUID:
    """Move the project, and its risks, by what was chosen; answers the baseline that it makes."""
    baseline = projects_service.apply_change(
        conn,
        caller,
        projects_service.lock(conn, change.project_id),
        change_request_id=change.id,
        price=option.price or Decimal(0),
        cost=chosen.cost,
        hours=rules.hours_by_role(option.hours),
        due_on=due_on,
    )
    for line in option.risk_changes:
        if line["risk_id"] is not None:
            risks.rate_risk(conn, caller, UUID(line["risk_id"]), line["likelihood"], line["impact"])
        else:
            new = {name: value for name, value in line.items() if name != "risk_id"}
            risks.create_risk(conn, caller, RiskCreate(project_id=change.project_id, **new))
    id: UUID = baseline.id
    return id
