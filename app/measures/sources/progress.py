"""How each project stands on a status date: its plan, what is done of it, what that cost and what remains to be spent.

Projects count from their first baseline on; one that is over counts up to the period in which it ended, as it ended.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.measures.derivations import Basis
from app.measures.earned_value import (
    Curve,
    WorkingDays,
    by_performance,
    earned_schedule,
    percent_complete,
    planned_curve,
    planned_share,
)
from app.measures.rates import rates_to_each
from app.measures.role_rates import MISSING_RATE, NOBODY_ASSIGNED, RoleRates, role_rates
from app.measures.sources.base import TODAY, Asked, Snapshot, StatusDay, extent
from app.measures.sources.progress_facts import (
    NO_COSTS,
    Costs,
    PlannedMilestone,
    baselines,
    read_costs,
    read_ends,
    read_estimates,
    read_milestones,
    read_plans,
    read_reports,
    read_working_days,
)

NO_ESTIMATE = "no_estimate"
PERCENT = 100


@dataclass(frozen=True, slots=True)
class Remaining:
    """What remains to be spent, by the estimates of roles or by performance so far; null with a reason."""

    cost: Fraction | None
    basis: Basis | None = None
    reason: str | None = None


UNKNOWN = Remaining(None, reason=NO_ESTIMATE)


@dataclass(frozen=True, slots=True)
class Progress:
    """A project on a status date; money in its currency, `es` and `at` in working days."""

    period: int | None
    status_on: date
    project_id: UUID
    project_code: str
    project_name: str
    client_id: UUID
    client_code: str
    client_name: str
    engagement: str
    baseline: int
    currency: str
    fee: Fraction | None
    bac: Fraction | None
    planned: Fraction | None
    complete: Fraction | None
    ac: Fraction | None
    es: Fraction | None
    at: Fraction | None
    remaining: Remaining

    @property
    def pv(self) -> Fraction | None:
        return None if self.bac is None or self.planned is None else self.bac * self.planned

    @property
    def ev(self) -> Fraction | None:
        return None if self.bac is None or self.complete is None else self.bac * self.complete

    @property
    def cv(self) -> Fraction | None:
        return None if self.ev is None or self.ac is None else self.ev - self.ac

    @property
    def sv(self) -> Fraction | None:
        return None if self.ev is None or self.pv is None else self.ev - self.pv

    @property
    def work_left(self) -> Fraction | None:
        return None if self.bac is None or self.ev is None else self.bac - self.ev

    @property
    def budget_left(self) -> Fraction | None:
        return None if self.bac is None or self.ac is None else self.bac - self.ac

    @property
    def etc(self) -> Fraction | None:
        return self.remaining.cost

    @property
    def etc_basis(self) -> Basis | None:
        return self.remaining.basis

    @property
    def forecast_profit(self) -> Fraction | None:
        return None if self.fee is None or self.ac is None or self.etc is None else self.fee - self.ac - self.etc

    @property
    def has_fee(self) -> bool:
        return self.fee is not None

    @property
    def has_budget(self) -> bool:
        return self.bac is not None

    @property
    def has_dates(self) -> bool:
        return self.planned is not None

    @property
    def has_progress(self) -> bool:
        return self.complete is not None

    @property
    def has_rates(self) -> bool:
        return self.ac is not None

    @property
    def has_etc_rates(self) -> bool:
        return self.remaining.reason != MISSING_RATE

    @property
    def has_forecast_rates(self) -> bool:
        return self.has_rates and self.has_etc_rates

    @property
    def has_staff(self) -> bool:
        return self.remaining.reason != NOBODY_ASSIGNED

    @property
    def has_estimate(self) -> bool:
        return self.remaining.reason != NO_ESTIMATE


COLUMNS = frozenset(name for name in dir(Progress) if not name.startswith("_") and name != "remaining")
COSTED = frozenset({"ac", "cv", "budget_left", "etc", "forecast_profit"})
ESTIMATED = frozenset({"etc", "forecast_profit"})


def progress(conn: sa.Connection, asked: Asked) -> Iterator[Progress]:
    """A row for each project and status date on which it counts."""
    plans = read_plans(conn, asked)
    if not plans:
        return
    facts = _Facts(conn, asked, plans)
    for status_day in asked.days:
        for project_id, agreed in plans.items():
            valid = [baseline for baseline in agreed if baseline.valid_from <= status_day.day]
            ended_on = facts.ended_on(project_id, agreed[0].closed_on, status_day.day)
            if valid and (ended_on is None or ended_on >= status_day.since):
                yield facts.row(valid[-1], status_day, ended_on)


class _Facts:
    """All that is known of the projects, and how they stand on a day by that."""

    def __init__(self, conn: sa.Connection, asked: Asked, plans: Mapping[UUID, Sequence[sa.Row[Any]]]) -> None:
        currencies = {project_id: agreed[0].currency for project_id, agreed in plans.items()}
        self._milestones = read_milestones(conn, asked)
        self._reports = read_reports(conn, asked)
        self._ends = read_ends(conn, asked)
        self._working = _working_days(conn, asked, plans, self._milestones)
        self._exchange = rates_to_each(conn, currencies.values())
        self._costs: Mapping[UUID, Costs] = {}
        self._estimates: Mapping[UUID, Mapping[str, Sequence[tuple[date, Decimal]]]] = {}
        self._role_rates: RoleRates | None = None
        if asked.columns & COSTED:
            self._costs = read_costs(conn, asked, currencies, self._exchange)
        if asked.columns & ESTIMATED:
            self._estimates = read_estimates(conn, asked)
            self._role_rates = role_rates(conn, self._estimates)
        self._curves: dict[UUID, Curve | None] = {}

    def ended_on(self, project_id: UUID, closed_on: date | None, day: date) -> date | None:
        """Since when the project is over, as of a day."""
        for span in self._ends.get(project_id, ()):
            if span.valid_from <= day and (span.valid_to is None or day < span.valid_to):
                since: date = span.valid_from
                return since
        return closed_on if closed_on is not None and closed_on <= day else None

    def row(self, baseline: Any, status_day: StatusDay, ended_on: date | None) -> Progress:
        day, project_id = status_day.day, baseline.project_id
        curve = self._curve(baseline)
        complete = self._complete(baseline, day)
        # The time of a project that is over stands still; what it costs may still come in.
        last = day if ended_on is None else min(day, ended_on)
        elapsed = None if curve is None else self._working.between(baseline.start_on, last)
        bac = self._agreed(baseline, baseline.cost_budget, day)
        ac = self._costs.get(project_id, NO_COSTS).up_to(status_day.period or 0)
        if ended_on is not None:
            remaining = Remaining(Fraction(0))
        else:
            remaining = self._remaining(project_id, day) or _by_performance(bac, complete, ac)
        return Progress(
            period=status_day.period,
            status_on=day,
            project_id=project_id,
            project_code=baseline.project_code,
            project_name=baseline.project_name,
            client_id=baseline.client_id,
            client_code=baseline.client_code,
            client_name=baseline.client_name,
            engagement=baseline.engagement,
            baseline=baseline.number,
            currency=baseline.currency,
            fee=self._agreed(baseline, baseline.fee, day),
            bac=bac,
            planned=None if curve is None or elapsed is None else planned_share(curve, elapsed),
            complete=complete,
            ac=ac,
            es=None if curve is None or complete is None else earned_schedule(curve, complete),
            at=None if elapsed is None else Fraction(elapsed),
            remaining=remaining,
        )

    def _agreed(self, baseline: Any, amount: Decimal | None, day: date) -> Fraction | None:
        """An amount of a baseline; of one in a former currency, at the day's rate."""
        if amount is None:
            return None
        if baseline.agreed_currency == baseline.currency:
            return Fraction(amount)
        factor = self._exchange[baseline.currency].on(baseline.agreed_currency, day)
        return None if factor is None else Fraction(amount) * factor

    def _curve(self, baseline: Any) -> Curve | None:
        """The plan of a baseline; `None` without the days that it needs."""
        if baseline.id not in self._curves:
            self._curves[baseline.id] = self._plan(baseline)
        return self._curves[baseline.id]

    def _plan(self, baseline: Any) -> Curve | None:
        frozen = [milestone for milestone in self._milestones.get(baseline.id, ()) if milestone.weight > 0]
        planned = [(milestone.planned_on or baseline.due_on, milestone.weight) for milestone in frozen]
        planned = planned or [(baseline.due_on, Fraction(1))]
        if baseline.start_on is None or any(on is None for on, _ in planned):
            return None
        return planned_curve((self._working.between(baseline.start_on, on), weight) for on, weight in planned)

    def _complete(self, baseline: Any, day: date) -> Fraction | None:
        share = percent_complete(
            (milestone.weight, milestone.reached_on is not None and milestone.reached_on <= day)
            for milestone in self._milestones.get(baseline.id, ())
        )
        if share is not None:
            return share
        reported = [report for report in self._reports.get(baseline.project_id, ()) if report.reported_on <= day]
        return Fraction(reported[-1].percent_complete) / PERCENT if reported else None

    def _remaining(self, project_id: UUID, day: date) -> Remaining | None:
        """The hours that roles still need, at their rates of the day; `None` where nobody has estimated them."""
        latest = {}
        for role, estimated in self._estimates.get(project_id, {}).items():
            hours = [hours for as_of, hours in estimated if as_of <= day]
            if hours:
                latest[role] = hours[-1]
        if not latest or self._role_rates is None:
            return None
        cost = Fraction(0)
        for role, hours_left in latest.items():
            if not hours_left:
                continue
            rate = self._role_rates.on(project_id, role, day)
            if rate.value is None:
                return Remaining(None, reason=NOBODY_ASSIGNED if rate.reason == NOBODY_ASSIGNED else MISSING_RATE)
            cost += Fraction(hours_left) * rate.value
        return Remaining(cost, Basis.ESTIMATED)


def _by_performance(bac: Fraction | None, complete: Fraction | None, ac: Fraction | None) -> Remaining:
    if bac is None or complete is None or ac is None:
        return UNKNOWN
    cost = by_performance(bac, bac * complete, ac)
    return UNKNOWN if cost is None else Remaining(cost, Basis.PERFORMANCE)


def _working_days(
    conn: sa.Connection,
    asked: Asked,
    plans: Mapping[UUID, Sequence[sa.Row[Any]]],
    milestones: Mapping[UUID, Sequence[PlannedMilestone]],
) -> WorkingDays:
    """The working days from the first day of any plan to the last that any looks at."""
    agreed = [baseline for of_project in plans.values() for baseline in of_project]
    starts = [baseline.start_on for baseline in agreed if baseline.start_on is not None]
    ends = [baseline.due_on for baseline in agreed] + [m.planned_on for frozen in milestones.values() for m in frozen]
    if not starts:
        return WorkingDays(())
    return read_working_days(conn, min(starts), max([asked.days[-1].day, *(day for day in ends if day is not None)]))


PROGRESS = Snapshot(
    "progress",
    "status_on",
    columns=COLUMNS,
    dimensions=frozenset({"client", "project", "engagement"}),
    rows=progress,
    extent=extent(baselines.c.valid_from, TODAY),
)
