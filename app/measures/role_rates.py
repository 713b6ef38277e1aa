"""What an hour of a role costs on a project on a day: the mean rate of those who hold the role there that day."""

import functools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.db.record import table_of
from app.measures.rates import Rates, rates_to_each
from app.models.assignment import Assignment, AssignmentKind, Certainty
from app.models.person import PersonRate
from app.models.project import Project

assignments, person_rates, projects = table_of(Assignment), table_of(PersonRate), table_of(Project)

NOBODY_ASSIGNED = "nobody_assigned"
MISSING_RATE = "missing_rate"
MISSING_EXCHANGE_RATE = "missing_exchange_rate"

_PROJECTS: sa.BindParameter[UUID] = sa.bindparam("projects", expanding=True)
_HOLDS = sa.and_(
    assignments.c.project_id.in_(_PROJECTS),
    assignments.c.person_id.is_not(None),
    assignments.c.kind == AssignmentKind.HOLDER,
    assignments.c.certainty == Certainty.CONFIRMED,
    assignments.c.superseded_at.is_(None),
)
CURRENCIES = sa.select(projects.c.id, projects.c.currency).where(projects.c.id.in_(_PROJECTS))
HOLDERS: sa.Select[Any] = sa.select(
    assignments.c.project_id,
    assignments.c.role,
    assignments.c.person_id,
    assignments.c.valid_from,
    assignments.c.valid_to,
).where(_HOLDS)
PERSON_RATES: sa.Select[Any] = (
    sa.select(person_rates.c.person_id, person_rates.c.valid_from, person_rates.c.cost_rate, person_rates.c.currency)
    .where(
        person_rates.c.superseded_at.is_(None),
        person_rates.c.person_id.in_(sa.select(assignments.c.person_id).where(_HOLDS)),
    )
    .order_by(person_rates.c.person_id, person_rates.c.valid_from)
)


@dataclass(frozen=True, slots=True)
class Rate:
    """What an hour costs, in the project's currency; `None` with the reason why it is not known."""

    value: Fraction | None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Holding:
    """Somebody holds a role from `start` up to, and without, `end`."""

    role: str
    person_id: UUID
    start: date
    end: date | None

    def covers(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)


@dataclass(frozen=True, slots=True)
class PersonCost:
    """An hour of a person costs this from a day on."""

    start: date
    amount: Decimal
    currency: str


class RoleRates:
    """The rates of roles on projects. Those of a person are in the order of their days."""

    def __init__(
        self,
        currencies: Mapping[UUID, str],
        holdings: Mapping[UUID, Sequence[Holding]],
        costs: Mapping[UUID, Sequence[PersonCost]],
        exchange: Mapping[str, Rates],
    ) -> None:
        self._currencies, self._holdings, self._costs, self._exchange = currencies, holdings, costs, exchange
        self._cached = functools.cache(self._rate)

    def on(self, project_id: UUID, role: str | None, day: date) -> Rate:
        """The mean of those who hold `role` that day, each once; where nobody does, of all who hold any.

        One of them without a rate, or without an exchange rate, leaves it unknown: a mean of the others would mislead.
        """
        return self._cached(project_id, role, day)

    def _rate(self, project_id: UUID, role: str | None, day: date) -> Rate:
        there = [holding for holding in self._holdings.get(project_id, ()) if holding.covers(day)]
        people = {holding.person_id for holding in there if holding.role == role}
        people = people or {holding.person_id for holding in there}
        if not people:
            return Rate(None, NOBODY_ASSIGNED)
        found = [self._cost(project_id, person_id, day) for person_id in people]
        values = [rate.value for rate in found if rate.value is not None]
        if len(values) < len(found):
            return Rate(None, max(rate.reason for rate in found if rate.reason is not None))
        return Rate(sum(values, Fraction(0)) / len(values))

    def _cost(self, project_id: UUID, person_id: UUID, day: date) -> Rate:
        cost = next((cost for cost in reversed(self._costs.get(person_id, ())) if cost.start <= day), None)
        if cost is None:
            return Rate(None, MISSING_RATE)
        currency = self._currencies[project_id]
        factor = Fraction(1) if cost.currency == currency else self._exchange[currency].on(cost.currency, day)
        return Rate(None, MISSING_EXCHANGE_RATE) if factor is None else Rate(Fraction(cost.amount) * factor)


def role_rates(conn: sa.Connection, project_ids: Iterable[UUID]) -> RoleRates:
    """The rates of the roles of these projects, on any day: four statements for any number of projects."""
    binds = {"projects": sorted(set(project_ids))}
    currencies = {row.id: row.currency for row in conn.execute(CURRENCIES, binds)}
    holdings: dict[UUID, list[Holding]] = defaultdict(list)
    for row in conn.execute(HOLDERS, binds):
        holdings[row.project_id].append(Holding(row.role, row.person_id, row.valid_from, row.valid_to))
    costs: dict[UUID, list[PersonCost]] = defaultdict(list)
    for row in conn.execute(PERSON_RATES, binds):
        costs[row.person_id].append(PersonCost(row.valid_from, row.cost_rate, row.currency))
    return RoleRates(currencies, holdings, costs, rates_to_each(conn, currencies.values()))
