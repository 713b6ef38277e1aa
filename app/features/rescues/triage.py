"""Which live projects look troubled, and which of them are worth going on with: one pass over all of them."""

from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.caller import Caller, Right
from app.core.errors import MoneyHidden, invalid
from app.features.rescues import queries
from app.features.rescues import triage_rules as rules
from app.features.rescues.schemas import Part
from app.features.rescues.triage_rules import Finding, Weighing
from app.measures.catalogue import KPIS
from app.measures.definition import Conventions
from app.measures.engine import Answer, Question, evaluate, evaluate_many
from app.measures.figures import rounded
from app.messaging.records import Row

ESTIMATE = "etc"
# Promises and feedback are looked at over half a year, since a month has few; the others are as they stand on the day.
HALF_A_YEAR = 182
KPI_OF_PART = {
    Part.CPI: ("cpi", 1),
    Part.SPI_T: ("spi_t", 1),
    Part.FORECAST_MARGIN: ("forecast_margin", 1),
    Part.PROMISES_KEPT: ("commitments_kept", HALF_A_YEAR),
    Part.CSAT: ("csat", HALF_A_YEAR),
}
STATES = tuple(name for name, days in KPI_OF_PART.values() if days == 1)
PLACES = 4
MONEY_PLACES = 2

Findings = Mapping[UUID, Finding]


def rescue_triage(
    conn: sa.Connection,
    caller: Caller,
    on: date | None,
    project_id: UUID | None,
    limit: int,
    weighing: Weighing,
    conventions: Conventions,
) -> dict[str, Any]:
    """The live projects of a day whose money the caller may see, the most troubled first."""
    if not caller.sees_all_money and not caller.may(Right.SEE_OWN_MONEY):
        raise MoneyHidden(
            "Triage weighs money: it needs the right `see_money`, or `see_own_money` for one's own projects."
        )
    on = on or clock.today()
    if on > clock.today():
        raise invalid("?on", f"must not lie ahead: today is {clock.today()}")
    live = _live(conn, on, project_id)
    shown = [row for row in live if caller.sees_money_of(row.id)]
    items = _weighed(conn, shown, on, project_id, weighing, conventions)
    items.sort(key=lambda item: (item["score"] is None, -(item["score"] or 0), item["code"]))
    return {
        "on": on,
        "weights": {
            part: {name: rounded(getattr(scale, name), PLACES) for name in ("weight", "good", "bad")}
            for part, scale in weighing.scales.items()
        },
        "continue_below": rounded(weighing.continue_below, PLACES),
        "re_scope_share": rounded(weighing.re_scope_share, PLACES),
        "hidden": len(live) - len(shown),
        "items": items[:limit],
    }


def of_project(
    conn: sa.Connection, project_id: UUID, on: date, weighing: Weighing, conventions: Conventions
) -> dict[str, Any] | None:
    """The triage of one project; `None` where it is not live on that day."""
    items = _weighed(conn, _live(conn, on, project_id), on, project_id, weighing, conventions)
    return next(iter(items), None)


def _live(conn: sa.Connection, on: date, project_id: UUID | None) -> list[Row]:
    if project_id is None:
        return list(conn.execute(queries.LIVE, {"on": on}))
    return list(conn.execute(queries.LIVE_ONE, {"on": on, "project_id": project_id}))


def _weighed(
    conn: sa.Connection,
    live: list[Row],
    on: date,
    project_id: UUID | None,
    weighing: Weighing,
    conventions: Conventions,
) -> list[dict[str, Any]]:
    if not live:
        return []
    currencies = {row.id: row.currency for row in live}
    states = evaluate_many(
        conn, [KPIS[name] for name in (*STATES, ESTIMATE)], _question(ESTIMATE, on, 1, project_id), conventions
    )
    known = {}
    for part, (name, days) in KPI_OF_PART.items():
        answer = states.get(name) or evaluate(conn, _question(name, on, days, project_id), conventions)
        known[part] = _findings(answer, days, currencies)
    known[Part.OVERDUE_RISKS] = _overdue_risks(conn, on, project_id)
    to_complete = _findings(states[ESTIMATE], 1, currencies)
    return [_item(row, known, to_complete.get(row.id), weighing) for row in live]


def _question(name: str, on: date, days: int, project_id: UUID | None) -> Question:
    """A KPI by project, over the last `days` up to and with `on`."""
    filters = () if project_id is None else (("project", (project_id,)),)
    end = on + timedelta(1)
    return Question(KPIS[name], end - timedelta(days), end, None, ("project",), filters)


def _findings(answer: Answer, days: int, currencies: Mapping[UUID, str]) -> Findings:
    """What a KPI says of each project; money in the project's own currency."""
    found = {}
    for figure in answer.figures:
        project = figure.group["project_id"]
        if figure.currency in (None, currencies.get(project)):
            n = int(figure.denominator) if days > 1 and figure.denominator is not None else None  # a state has none
            found[project] = Finding(figure.value, figure.reason, n, figure.basis)
    return found


def _overdue_risks(conn: sa.Connection, on: date, project_id: UUID | None) -> Findings:
    """The exposure of the risks that are overdue. Where nobody has noted any risk, it is not known to be none."""
    if project_id is None:
        rows = conn.execute(queries.RISKS, {"on": on})
    else:
        rows = conn.execute(queries.RISKS_OF_ONE, {"on": on, "project_id": project_id})
    return {row.project_id: Finding(Fraction(int(row.exposure)), None, row.overdue) for row in rows}


NOT_THERE = {Part.OVERDUE_RISKS: "no_risks"}


def _item(row: Row, known: Mapping[Part, Findings], to_complete: Finding | None, weighing: Weighing) -> dict[str, Any]:
    findings = {part: known.get(part, {}).get(row.id) or Finding(None, _nothing(part)) for part in weighing.scales}
    score, scored = rules.score(findings, weighing.scales)
    forward = rules.forward(
        _fraction(row.remaining_value), to_complete or Finding(None, KPIS[ESTIMATE].nothing), _fraction(row.exit_cost)
    )
    placement, placement_reason = rules.place(score, forward, weighing)
    return {
        "project_id": row.id,
        "code": row.code,
        "name": row.name,
        "client_id": row.client_id,
        "status": row.status,
        "rescue_id": row.rescue_id,
        "score": _rounded(score),
        "placement": placement,
        "placement_reason": placement_reason,
        "parts": [
            {
                "key": part,
                "value": _rounded(finding.value),
                "n": finding.n,
                "badness": _rounded(scored[part].badness),
                "weight": _rounded(weighing.scales[part].weight),
                "contribution": _rounded(scored[part].contribution),
                "missing": finding.value is None,
                "reason": finding.reason,
            }
            for part, finding in findings.items()
        ],
        "forward_value": {
            "value": _rounded(forward.value, MONEY_PLACES),
            "currency": row.currency,
            "remaining_value": _rounded(forward.remaining_value, MONEY_PLACES),
            "estimate_to_complete": _rounded(forward.estimate_to_complete, MONEY_PLACES),
            "basis": forward.basis,
            "exit_cost": _rounded(forward.exit_cost, MONEY_PLACES),
            "exit_cost_assumed": forward.exit_cost_assumed,
            "reason": forward.reason,
        },
    }


def _nothing(part: Part) -> str:
    if part in NOT_THERE:
        return NOT_THERE[part]
    name, _ = KPI_OF_PART[part]
    return KPIS[name].nothing


def _fraction(value: Any) -> Fraction | None:
    return None if value is None else Fraction(value)


def _rounded(value: Fraction | None, places: int = PLACES) -> Any:
    return None if value is None else rounded(value, places)
