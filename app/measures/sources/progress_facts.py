"""The facts from which the progress of projects is computed: one statement for each kind, for all projects at once."""

import bisect
import functools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core.calendar import FIRST_DAY, Grain
from app.db.record import table_of
from app.measures.earned_value import WorkingDays
from app.measures.periods import period_index
from app.measures.rates import Rates
from app.measures.sources.base import (
    IS_WORKING,
    PART,
    SECONDS_AN_HOUR,
    UNTIL_DAY,
    Asked,
    Source,
    calendar,
    clients,
    projects,
)
from app.measures.sources.facts import EXPENSE, TIME_ENTRY, TIME_ENTRY_SPREAD
from app.models.delivery import Estimate, StatusReport
from app.models.project import Baseline, BaselineMilestone, Milestone, ProjectStatus, ProjectStatusSpan

baselines, baseline_milestones = table_of(Baseline), table_of(BaselineMilestone)
milestones, statuses = table_of(Milestone), table_of(ProjectStatusSpan)
reports, estimates = table_of(StatusReport), table_of(Estimate)

UNITS_OF_MONEY = 10_000
ENDED = (ProjectStatus.CLOSED, ProjectStatus.CANCELLED, ProjectStatus.LOST)
LABOUR = {"first_day": TIME_ENTRY, "spread": TIME_ENTRY_SPREAD}
FILTERED = {"client": projects.c.client_id, "project": projects.c.id, "engagement": projects.c.engagement}

Filters = tuple[str, ...]
Terms = tuple[sa.ColumnElement[Any], sa.ColumnElement[Any], sa.ColumnElement[Any]]  # by PART, the rest, unrated


@dataclass(frozen=True, slots=True)
class PlannedMilestone:
    """A milestone as a baseline has it, and when it was reached."""

    planned_on: date | None
    weight: Fraction
    reached_on: date | None


class Costs:
    """What a project has cost up to each period (without a grain there is one, 0), in its own currency."""

    def __init__(self, amounts: Sequence[tuple[int, Fraction | None]]) -> None:
        known = sorted((period, amount) for period, amount in amounts if amount is not None)
        self._periods = [period for period, _ in known]
        self._sums = [Fraction(0), *accumulate(amount for _, amount in known)]
        self._unknown_from = min((period for period, amount in amounts if amount is None), default=None)

    def up_to(self, period: int) -> Fraction | None:
        """`None` from where an hour without a rate, or money without an exchange rate, is among them."""
        if self._unknown_from is not None and self._unknown_from <= period:
            return None
        return self._sums[bisect.bisect_right(self._periods, period)]


NO_COSTS = Costs(())


def read_plans(conn: sa.Connection, asked: Asked) -> dict[UUID, list[sa.Row[Any]]]:
    """The baselines of each project, in order, with what the project is called."""
    return _by_project(conn.execute(_plans(_names(asked)), _binds(asked)))


def read_milestones(conn: sa.Connection, asked: Asked) -> Mapping[UUID, list[PlannedMilestone]]:
    """The milestones of each baseline."""
    found: dict[UUID, list[PlannedMilestone]] = defaultdict(list)
    for row in conn.execute(_milestones(_names(asked)), _binds(asked)):
        found[row.baseline_id].append(PlannedMilestone(row.planned_on, Fraction(row.weight), row.reached_on))
    return found


def read_reports(conn: sa.Connection, asked: Asked) -> Mapping[UUID, list[sa.Row[Any]]]:
    """What status reports say of each project's completion, in order."""
    return _by_project(conn.execute(_reports(_names(asked)), _binds(asked)))


def read_ends(conn: sa.Connection, asked: Asked) -> Mapping[UUID, list[sa.Row[Any]]]:
    """The spans in which projects are over."""
    return _by_project(conn.execute(_ends(_names(asked)), _binds(asked)))


def read_estimates(conn: sa.Connection, asked: Asked) -> Mapping[UUID, dict[str, list[tuple[date, Decimal]]]]:
    """The hours that remain, by project and role, in order."""
    found: dict[UUID, dict[str, list[tuple[date, Decimal]]]] = defaultdict(lambda: defaultdict(list))
    for row in conn.execute(_estimates(_names(asked)), _binds(asked)):
        found[row.project_id][row.role].append((row.as_of, row.hours_remaining))
    return found


def read_working_days(conn: sa.Connection, first: date, last: date) -> WorkingDays:
    """The office's working days of a span."""
    return WorkingDays(conn.execute(WORKING_DAYS, {"first": first, "last": last}).scalars().all())


def read_costs(
    conn: sa.Connection, asked: Asked, currencies: Mapping[UUID, str], rates: Mapping[str, Rates]
) -> Mapping[UUID, Costs]:
    """Hours at their cost rates and own expenses; what is in another currency, at the rate of its day."""
    found: dict[UUID, list[tuple[int, Fraction | None]]] = defaultdict(list)
    for statement, per in (
        (_labour(_names(asked), asked.week_line_rule, asked.grain, asked.fiscal_start_month), SECONDS_AN_HOUR),
        (_expenses(_names(asked), asked.grain, asked.fiscal_start_month), 1),
    ):
        for row in conn.execute(statement, _binds(asked)):
            own = currencies.get(row.project_id)
            if own is None:
                continue
            factor = Fraction(1) if row.rate_day is None else rates[own].on(row.currency, row.rate_day)
            amount = None
            if factor is not None and not row.unrated:
                amount = Fraction(PART * int(row.part or 0) + int(row.sum or 0), per * UNITS_OF_MONEY) * factor
            found[row.project_id].append((row.period, amount))
    return {project_id: Costs(amounts) for project_id, amounts in found.items()}


WORKING_DAYS = (
    sa.select(calendar.c.day)
    .where(IS_WORKING, calendar.c.day >= sa.bindparam("first"), calendar.c.day <= sa.bindparam("last"))
    .order_by(calendar.c.day)
)


def _names(asked: Asked) -> Filters:
    return tuple(name for name, _ in asked.filters)


def _binds(asked: Asked) -> dict[str, Any]:
    filters = {f"filter_{name}": list(keys) for name, keys in asked.filters}
    return {"from_day": FIRST_DAY, "last_day": asked.days[-1].day, "until_day": asked.until, **filters}


def _by_project(rows: Iterable[sa.Row[Any]]) -> dict[UUID, list[sa.Row[Any]]]:
    found: dict[UUID, list[sa.Row[Any]]] = {}
    for row in rows:
        found.setdefault(row.project_id, []).append(row)
    return found


LAST_DAY = sa.bindparam("last_day", type_=sa.Date)


@functools.cache
def _baselines(filters: Filters) -> sa.Select[Any]:
    """The ids of projects and baselines that count on one of the days."""
    kept = [
        FILTERED[name].in_(sa.bindparam(f"filter_{name}", expanding=True, type_=FILTERED[name].type))
        for name in filters
    ]
    return (
        sa.select(baselines.c.id, baselines.c.project_id)
        .join_from(baselines, projects, projects.c.id == baselines.c.project_id)
        .where(baselines.c.valid_from <= LAST_DAY, *kept)
    )


def _projects(filters: Filters) -> sa.Select[Any]:
    return sa.select(_baselines(filters).subquery("counted").c.project_id)


@functools.cache
def _plans(filters: Filters) -> sa.Select[Any]:
    counted = _baselines(filters).subquery("counted")
    return (
        sa.select(
            baselines.c.project_id,
            projects.c.code.label("project_code"),
            projects.c.name.label("project_name"),
            projects.c.client_id,
            clients.c.code.label("client_code"),
            clients.c.name.label("client_name"),
            projects.c.engagement,
            projects.c.closed_on,
            projects.c.currency,
            baselines.c.id,
            baselines.c.number,
            baselines.c.valid_from,
            baselines.c.currency.label("agreed_currency"),
            baselines.c.fee,
            baselines.c.cost_budget,
            baselines.c.start_on,
            baselines.c.due_on,
        )
        .select_from(
            counted.join(baselines, baselines.c.id == counted.c.id)
            .join(projects, projects.c.id == baselines.c.project_id)
            .join(clients, clients.c.id == projects.c.client_id)
        )
        .order_by(baselines.c.project_id, baselines.c.number)
    )


@functools.cache
def _milestones(filters: Filters) -> sa.Select[Any]:
    counted = _baselines(filters).subquery("counted")
    frozen = baseline_milestones
    return sa.select(frozen.c.baseline_id, frozen.c.planned_on, frozen.c.weight, milestones.c.reached_on).select_from(
        counted.join(frozen, frozen.c.baseline_id == counted.c.id).outerjoin(
            milestones, milestones.c.id == frozen.c.milestone_id
        )
    )


@functools.cache
def _reports(filters: Filters) -> sa.Select[Any]:
    return (
        sa.select(reports.c.project_id, reports.c.reported_on, reports.c.percent_complete)
        .where(
            reports.c.project_id.in_(_projects(filters)),
            reports.c.reported_on <= LAST_DAY,
            reports.c.percent_complete.is_not(None),
        )
        .order_by(reports.c.reported_on)
    )


@functools.cache
def _ends(filters: Filters) -> sa.Select[Any]:
    return sa.select(statuses.c.project_id, statuses.c.valid_from, statuses.c.valid_to).where(
        statuses.c.project_id.in_(_projects(filters)),
        statuses.c.status.in_(ENDED),
        statuses.c.superseded_at.is_(None),
        statuses.c.valid_from <= LAST_DAY,
    )


@functools.cache
def _estimates(filters: Filters) -> sa.Select[Any]:
    return (
        sa.select(estimates.c.project_id, estimates.c.role, estimates.c.as_of, estimates.c.hours_remaining)
        .where(estimates.c.project_id.in_(_projects(filters)), estimates.c.as_of <= LAST_DAY)
        .order_by(estimates.c.as_of)
    )


@functools.cache
def _labour(filters: Filters, rule: str, grain: Grain | None, fiscal_start_month: int) -> sa.Select[Any]:
    source = LABOUR[rule]
    seconds, rate = source.columns["seconds"], source.columns["cost_rate"]
    unrated = sa.func.count(sa.case((rate.is_(None), 1)))
    sums = (seconds * (rate // PART), seconds * (rate % PART), unrated)
    return _summed(filters, source, "cost_currency", sums, grain, fiscal_start_month)


@functools.cache
def _expenses(filters: Filters, grain: Grain | None, fiscal_start_month: int) -> sa.Select[Any]:
    amount = EXPENSE.columns["amount"]
    sums: Terms = (amount // PART, amount % PART, sa.literal_column("0"))
    return _summed(filters, EXPENSE, "currency", sums, grain, fiscal_start_month, EXPENSE.columns["own"])


def _summed(
    filters: Filters,
    source: Source,
    currency_name: str,
    terms: Terms,
    grain: Grain | None,
    fiscal_start_month: int,
    *where: sa.ColumnElement[bool],
) -> sa.Select[Any]:
    """Money by project, period and currency, and of another currency than the project's by day."""
    project_id, currency = source.columns["project_id"], source.columns[currency_name]
    period = sa.literal_column("0") if grain is None else period_index(source.day, grain, fiscal_start_month)
    groups = (
        project_id.label("project_id"),
        period.label("period"),
        currency.label("currency"),
        sa.case((currency != projects.c.currency, source.day)).label("rate_day"),
    )
    part, rest, unrated = terms
    return (
        sa.select(*groups, sa.func.sum(part).label("part"), sa.func.sum(rest).label("sum"), unrated.label("unrated"))
        .select_from(source.rows.join(projects, projects.c.id == project_id))
        .where(*source.where, source.day < UNTIL_DAY, project_id.in_(_projects(filters)), *where)
        .group_by(*(sa.literal_column(str(position)) for position in range(1, len(groups) + 1)))
    )
