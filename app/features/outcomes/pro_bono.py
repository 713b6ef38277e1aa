"""What the agency gives to those who cannot pay, by cause: the same few statements for any number of projects."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.calendar import Grain
from app.core.caller import Caller
from app.features.outcomes import queries
from app.features.outcomes.rules import NOTHING, Price, Worth, total, worth_of
from app.measures.catalogue import KPIS
from app.measures.definition import Conventions
from app.measures.engine import Question, evaluate
from app.measures.figures import rounded
from app.measures.rates import rates_to
from app.messaging.records import Row
from app.models.project import Engagement

# Its denominator is all hours worked.
HOURS = KPIS["billable_share"]
COST = KPIS["delivery_cost"]
ENGAGEMENT = (("engagement", (Engagement.PRO_BONO.value,)),)
PLACES = 2


@dataclass
class Taken:
    """What a project took, and what came of it."""

    hours: Fraction = Fraction(0)
    cost: Worth = NOTHING
    values: list[Worth] = field(default_factory=list)
    reviewed: int = 0
    achieved: int = 0

    def shown(self, sees_money: bool) -> dict[str, Any]:
        value = total(self.values)
        money = {
            "cost": _amount(self.cost),
            "cost_reason": self.cost.reason,
            "value": _amount(value),
            "value_reason": value.reason,
        }
        return {
            "hours": rounded(self.hours, PLACES),
            **(money if sees_money else {}),
            "outcomes": {"reviewed": self.reviewed, "achieved": self.achieved},
        }


def get_pro_bono(
    conn: sa.Connection, caller: Caller, year: int | None, currency: str, conventions: Conventions
) -> dict[str, Any]:
    """What was given in a year, by default this one; money in one currency."""
    year = year or clock.today().year
    start, end = date(year, 1, 1), date(year + 1, 1, 1)
    taken = _taken(conn, start, end, currency, conventions)
    by_cause: dict[str | None, list[Row]] = defaultdict(list)
    for project in conn.execute(queries.PRO_BONO_PROJECTS, {"start": start, "end": end}):
        if project.is_live or project.id in taken:
            by_cause[project.cause].append(project)
    named = sorted(by_cause, key=lambda cause: (cause is None, cause))
    return {"year": year, "currency": currency, "items": [_cause(c, by_cause[c], taken, caller) for c in named]}


def _taken(
    conn: sa.Connection, start: date, end: date, currency: str, conventions: Conventions
) -> defaultdict[UUID, Taken]:
    """What pro-bono projects took, of those that took anything."""
    taken: defaultdict[UUID, Taken] = defaultdict(Taken)
    prices: dict[str, list[Price]] = defaultdict(list)
    for row in conn.execute(queries.STANDARD_RATES):
        prices[row.role].append(Price(row.valid_from, row.rate, row.currency))
    rates = rates_to(conn, currency)
    # By day, since prices have days.
    asked = Question(HOURS, start, end, Grain.DAY, ("project", "role"), ENGAGEMENT)
    for figure in evaluate(conn, asked, conventions).figures:
        assert figure.period is not None
        hours, project = figure.denominator or Fraction(0), taken[figure.group["project_id"]]
        project.hours += hours
        worth = worth_of(hours, figure.group["role"], figure.period.start, prices, rates, currency)
        project.values.append(worth)
    asked = Question(COST, start, end, None, ("project",), ENGAGEMENT, currency)
    for figure in evaluate(conn, asked, conventions).figures:
        # A cost without some of its hours would mislead.
        reason = next(iter(figure.rows_excluded), None) if figure.value is not None else figure.reason
        taken[figure.group["project_id"]].cost = Worth(None, reason) if reason else Worth(figure.value)
    for row in conn.execute(queries.PRO_BONO_OUTCOMES, {"start": start, "end": end}):
        taken[row.project_id].reviewed, taken[row.project_id].achieved = row.reviewed, row.achieved
    return taken


def _cause(
    cause: str | None, projects: Sequence[Row], taken: defaultdict[UUID, Taken], caller: Caller
) -> dict[str, Any]:
    """A cause with its projects. Its money is that of all of them: it shows to those who may see each."""
    sees = {project.id: caller.sees_money_of(project.id) for project in projects}
    return {
        "cause": cause,
        **_together(taken[project.id] for project in projects).shown(all(sees.values())),
        "projects": [
            {
                "id": project.id,
                "code": project.code,
                "name": project.name,
                "client": {"id": project.client_id, "code": project.client_code, "name": project.client_name},
                "declared_impact": project.declared_impact,
                **taken[project.id].shown(sees[project.id]),
            }
            for project in projects
        ],
    }


def _together(parts: Iterable[Taken]) -> Taken:
    known = list(parts)
    return Taken(
        sum((part.hours for part in known), Fraction(0)),
        total(part.cost for part in known),
        [value for part in known for value in part.values],
        sum(part.reviewed for part in known),
        sum(part.achieved for part in known),
    )


def _amount(worth: Worth) -> Any:
    return None if worth.value is None else rounded(worth.value, PLACES)
