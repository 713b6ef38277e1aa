"""What the office cost in a window, against what its success measures have become since their baselines."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.caller import Caller
from app.core.errors import MoneyHidden, invalid
from app.core.hours import SECONDS
from app.features.pmo import queries, rules
from app.features.pmo.charter import get_charter
from app.features.pmo.rules import Cost, Rate
from app.features.pmo.schemas import CostBasis
from app.measures.catalogue import KPIS
from app.measures.definition import Conventions, Definition
from app.measures.engine import Question, evaluate
from app.measures.figures import rounded
from app.messaging.records import Row

A_YEAR = timedelta(365)
MOST = timedelta(3660)

Told = dict[str, Any]


def get_worth(
    conn: sa.Connection, caller: Caller, start: date | None, until: date | None, conventions: Conventions
) -> Told:
    """By the charter that is in force today; a few statements for the cost, and a few for each measure."""
    if not caller.sees_all_money:
        raise MoneyHidden("What the office costs is shown with the right `see_money`; GET /v1/charter needs none.")
    tomorrow = clock.today() + timedelta(1)
    stop = until or (tomorrow if start is None else max(tomorrow, start + timedelta(1)))
    first = start or stop - A_YEAR
    if not first < stop <= first + MOST:
        raise invalid("?until", f"must lie after `from`, by {MOST.days} days at most: it is the day after the last")
    charter = get_charter(conn, caller)
    return {
        "valid_from": first,
        "valid_to": stop,
        "charter_number": charter.number,
        "cost": _cost(conn, [UUID(id) for id in charter.members], first, stop, min(stop, tomorrow)),
        "measures": [_measure(conn, measure, first, stop, conventions) for measure in charter.success_measures],
    }


def _cost(conn: sa.Connection, members: list[UUID], start: date, stop: date, declared_until: date) -> Told:
    binds = {"members": members, "start": start, "stop": stop}
    logged: dict[UUID, list[tuple[Fraction, Rate]]] = defaultdict(list)
    for row in conn.execute(queries.LOGGED, binds):
        hours = Fraction(int(row.seconds), SECONDS)
        logged[row.person_id].append((hours, Rate(row.cost_rate, row.cost_currency)))
    rates: dict[UUID, list[tuple[date, Rate]]] = defaultdict(list)
    for row in conn.execute(queries.RATES_OF, binds):
        rates[row.person_id].append((row.valid_from, Rate(row.cost_rate, row.currency)))
    # Days that have not come have cost nothing yet.
    days = list(conn.execute(queries.WORKING_DAYS, {"start": start, "stop": declared_until}).scalars())
    costs: list[Cost] = []
    rows = []
    for person in conn.execute(queries.MEMBERS, {"members": members}):
        basis = CostBasis.LOGGED if person.id in logged else CostBasis.DECLARED
        cost = rules.cost_of(logged[person.id] if person.id in logged else _declared(person, days, rates[person.id]))
        costs.append(cost)
        rows.append({"person_id": person.id, "display_name": person.display_name, "basis": basis, **_shown(cost)})
    return {**_shown(rules.total_of(costs)), "members": rows}


def _declared(person: Row, days: list[date], rates: list[tuple[date, Rate]]) -> list[tuple[Fraction, Rate]]:
    hired, left = person.hired_on or date.min, person.left_on or date.max
    return rules.declared(person.weekly_hours, [day for day in days if hired <= day <= left], rates)


def _shown(cost: Cost) -> Told:
    return {
        "hours": rounded(cost.hours, 2),
        "cost": None if cost.amount is None else rounded(cost.amount, 2),
        "currency": cost.currency,
        "reason": cost.reason,
    }


def _measure(
    conn: sa.Connection, measure: Mapping[str, Any], start: date, stop: date, conventions: Conventions
) -> Told:
    definition = KPIS[measure["kpi"]]
    value, currency, reason = _value(conn, definition, start, stop, conventions)
    baseline, target = Fraction(measure["baseline"]), Fraction(measure["target"])
    way = rules.share_of_the_way(definition.direction, baseline, value, target)
    return {
        **measure,
        "label": measure["label"] or definition.label,
        "unit": definition.unit,
        "direction": definition.direction,
        "value": None if value is None else rounded(value, definition.scale),
        "currency": currency,
        "reason": reason,
        "change": None if value is None else rounded(value - baseline, 4),
        "reached": rules.is_reached(definition.direction, value, target),
        "share_of_the_way": None if way is None else rounded(way, 4),
    }


def _value(
    conn: sa.Connection, definition: Definition, start: date, stop: date, conventions: Conventions
) -> tuple[Fraction | None, str | None, str | None]:
    """A KPI over the whole window, with its currency, or why it has none."""
    totals = evaluate(conn, Question(definition, start, stop), conventions).totals
    if len(totals) != 1:
        return None, None, "several_currencies"
    return totals[0].value, totals[0].currency, totals[0].reason
