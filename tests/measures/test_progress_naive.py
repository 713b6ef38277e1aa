"""Earned value against figures counted project by project in plain Python, over small random portfolios."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.measures.catalogue import KPIS
from app.measures.definition import Conventions
from app.measures.engine import Question, evaluate
from app.models.person import PersonRate
from tests.databases import RolledBack
from tests.measures import facts, progress

FIRST, LAST = date(2026, 3, 2), date(2026, 3, 29)
USD_IN_EUR = Fraction(4, 5)
ROLE_RATE = 60

days = st.dates(FIRST, LAST)
maybe_days = st.none() | days
amounts = st.integers(1, 10**8).map(lambda units: Decimal(units) / 10_000)
currencies = st.sampled_from(["EUR", "USD"])


@dataclass(frozen=True)
class Agreed:
    valid_from: date
    budget: Decimal | None
    fee: Decimal | None
    start_on: date | None
    due_on: date | None
    milestones: list[tuple[date | None, int, date | None]]  # planned on, weight, reached on


@dataclass(frozen=True)
class Job:
    currency: str
    baselines: list[Agreed]
    reports: dict[date, int]
    entries: list[tuple[date, int, Decimal | None]]  # day, hours, rate in euros
    expenses: list[tuple[date, Decimal, str, bool]]
    remaining: dict[date, int]
    staffed: bool
    ended_on: date | None


agreed = st.builds(
    Agreed,
    days,
    st.none() | amounts,
    st.none() | amounts,
    maybe_days,
    maybe_days,
    st.lists(st.tuples(maybe_days, st.integers(0, 3), maybe_days), max_size=3),
).filter(lambda found: found.start_on is None or found.due_on is None or found.start_on <= found.due_on)
jobs = st.builds(
    Job,
    currencies,
    st.lists(agreed, max_size=2),
    st.dictionaries(days, st.integers(0, 100), max_size=2),
    st.lists(st.tuples(days, st.integers(0, 10), amounts | amounts | st.none()), max_size=3),
    st.lists(st.tuples(days, amounts, currencies, st.booleans()), max_size=2),
    st.dictionaries(days, st.integers(0, 50), max_size=2),
    st.booleans(),
    st.none() | days,
)


def store(conn: sa.Connection, portfolio: list[Job]) -> None:
    acme, maria = facts.client(conn), facts.person(conn)
    facts.rate(conn, "USD", "EUR", "0.8", date(2026, 1, 1))
    facts.add(conn, PersonRate, person_id=maria, cost_rate=Decimal(ROLE_RATE), currency="EUR", valid_from=FIRST)
    for place, job in enumerate(portfolio):
        project = facts.project(conn, acme, f"P{place}", currency=job.currency)
        for number, one in enumerate(job.baselines, 1):
            said: dict[str, Any] = {
                "cost_budget": one.budget,
                "fee": one.fee,
                "start_on": one.start_on,
                "due_on": one.due_on,
            }
            milestones = [(planned, str(weight), reached) for planned, weight, reached in one.milestones]
            said |= {"valid_from": one.valid_from, "currency": job.currency}
            progress.baseline(conn, project, milestones, number, **said)
        for day, percent in job.reports.items():
            progress.report(conn, project, day, str(percent))
        for day, hours, rate in job.entries:
            facts.hours(conn, project, maria, day, hours, **({} if rate is None else {"cost_rate": rate}))
        for day, amount, currency, passed in job.expenses:
            facts.expense(conn, project, day, str(amount), currency=currency, pass_through=passed)
        for day, left in job.remaining.items():
            progress.estimate(conn, project, "account_manager", day, str(left))
        if job.staffed:
            facts.holder(conn, project, maria, FIRST)
        if job.ended_on is not None:
            facts.status(conn, project, "closed", job.ended_on)


def worked_days(first: date, last: date) -> int:
    days = range((last - first).days + 1)
    return sum((first + timedelta(number)).weekday() < 5 for number in days)


Plan = Callable[[int], Fraction]


def plan_of(one: Agreed) -> tuple[Plan, int] | None:
    """The share planned after so many working days, each day between two milestones adding the same, and the last."""
    weighed = [(planned or one.due_on, weight) for planned, weight, _ in one.milestones if weight]
    weighed = weighed or [(one.due_on, 1)]
    if one.start_on is None or any(day is None for day, _ in weighed):
        return None
    placed = sorted((max(1, worked_days(one.start_on, day)), weight) for day, weight in weighed if day)
    a_day: dict[int, Fraction] = {}
    former = 0
    for place in sorted({place for place, _ in placed}):
        weight = sum(weight for other, weight in placed if other == place)
        for number in range(former + 1, place + 1):
            a_day[number] = Fraction(weight, place - former) / sum(weight for _, weight in placed)
        former = place
    return lambda n: sum((a_day[number] for number in a_day if number <= n), Fraction(0)), former


def schedule_of(planned: Plan, last: int, earned: Fraction) -> Fraction:
    """Day by day until more is planned than is earned."""
    n = 0
    while n < last and planned(n + 1) <= earned:
        n += 1
    if n == last:
        return Fraction(n)
    return n + (earned - planned(n)) / (planned(n + 1) - planned(n))


@dataclass
class State:
    bac: Fraction | None
    fee: Fraction | None
    planned: Fraction | None
    complete: Fraction | None
    ac: Fraction | None
    es: Fraction | None
    at: Fraction | None
    etc: Fraction | str


def state(job: Job, since: date, day: date) -> State | None:
    valid = [one for one in job.baselines if one.valid_from <= day]
    over = job.ended_on is not None and job.ended_on <= day
    if not valid or (over and job.ended_on is not None and job.ended_on < since):
        return None
    one = valid[-1]
    weight = sum(weight for _, weight, _ in one.milestones)
    complete = None
    if weight:
        complete = Fraction(sum(w for _, w, on in one.milestones if on is not None and on <= day), weight)
    elif stated := [percent for on, percent in sorted(job.reports.items()) if on <= day]:
        complete = Fraction(stated[-1], 100)
    at = es = planned = None
    if (plan := plan_of(one)) and one.start_on:
        last = job.ended_on if over and job.ended_on else day
        elapsed = worked_days(one.start_on, last) if last >= one.start_on else 0
        planned, at = plan[0](elapsed), Fraction(elapsed)
        es = None if complete is None else schedule_of(*plan, complete)
    worth = {("USD", "EUR"): USD_IN_EUR, ("EUR", "USD"): 1 / USD_IN_EUR}
    ac: Fraction | None = Fraction(0)
    for on, hours, rate in job.entries:
        if on <= day:
            foreign = worth.get(("EUR", job.currency), Fraction(1)) if rate is not None else Fraction(1)
            ac = None if rate is None or ac is None else ac + hours * Fraction(rate) * foreign
    for on, amount, currency, passed in job.expenses:
        if on <= day and not passed and ac is not None:
            ac += Fraction(amount) * worth.get((currency, job.currency), Fraction(1))
    bac = None if one.budget is None else Fraction(one.budget)
    left = [hours for on, hours in sorted(job.remaining.items()) if on <= day]
    etc: Fraction | str = "no_estimate"
    if over:
        etc = Fraction(0)
    elif left:
        an_hour = ROLE_RATE * worth.get(("EUR", job.currency), Fraction(1))
        etc = left[-1] * an_hour if job.staffed or not left[-1] else "nobody_assigned"
    elif bac is not None and complete and ac:
        etc = (bac - bac * complete) / (bac * complete / ac)
    return State(bac, None if one.fee is None else Fraction(one.fee), planned, complete, ac, es, at, etc)


Parts = tuple[Fraction, Fraction | None]


def parts(kpi: str, at: State) -> Parts | str:
    """Numerator and denominator of one project, or why it is left out."""
    needs = {
        "no_fee": kpi == "forecast_margin" and at.fee is None,
        "no_budget": kpi not in ("ac", "etc", "spi_t", "forecast_margin") and at.bac is None,
        "no_progress": kpi in ("ev", "cv", "sv", "cpi", "spi", "spi_t") and at.complete is None,
        "no_baseline_dates": kpi in ("pv", "sv", "spi", "spi_t") and at.planned is None,
        "missing_rate": kpi in ("ac", "cv", "cpi", "forecast_margin") and at.ac is None,
        str(at.etc): kpi in ("etc", "forecast_margin") and isinstance(at.etc, str),
    }
    for reason, lacking in needs.items():
        if lacking:
            return reason
    bac, fee, ac, etc = at.bac or Fraction(0), at.fee or Fraction(0), at.ac or Fraction(0), at.etc
    pv, ev = bac * (at.planned or 0), bac * (at.complete or 0)
    rest = etc if isinstance(etc, Fraction) else Fraction(0)
    found: dict[str, Parts] = {
        "pv": (pv, None),
        "ev": (ev, None),
        "ac": (ac, None),
        "bac": (bac, None),
        "etc": (rest, None),
        "cv": (ev - ac, None),
        "sv": (ev - pv, None),
        "cpi": (ev, ac),
        "spi": (ev, pv),
        "spi_t": (at.es or Fraction(0), at.at),
        "forecast_margin": (fee - ac - rest, fee),
    }
    return found[kpi]


SUMMED = ("pv", "ev", "ac", "bac", "etc", "cv", "sv", "cpi", "spi", "spi_t", "forecast_margin")


def check(conn: sa.Connection, portfolio: list[Job], since: date, day: date) -> None:
    store(conn, portfolio)
    for kpi in SUMMED:
        expected: dict[str | None, list[Any]] = defaultdict(lambda: [Fraction(0), Fraction(0), 0, {}])
        for job in portfolio:
            if (at := state(job, since, day)) is None:
                continue
            sums = expected[job.currency if KPIS[kpi].in_currency else None]
            found = parts(kpi, at)
            if isinstance(found, str):
                sums[3][found] = sums[3].get(found, 0) + 1
            else:
                sums[0], sums[1], sums[2] = sums[0] + found[0], sums[1] + (found[1] or 0), sums[2] + 1
        answer = evaluate(conn, Question(KPIS[kpi], since, day + timedelta(1)), Conventions())
        shown = {
            figure.currency: [
                figure.numerator,
                figure.denominator or Fraction(0),
                figure.rows_used,
                figure.rows_excluded,
            ]
            for figure in answer.figures
            if figure.rows_used or figure.rows_excluded
        }
        assert shown == dict(expected), kpi
        for figure in answer.figures:
            if figure.denominator and figure.numerator is not None:
                scale = 100 if kpi == "forecast_margin" else 1
                assert figure.value == scale * figure.numerator / figure.denominator
    check_forecasts(conn, portfolio, since, day)


def check_forecasts(conn: sa.Connection, portfolio: list[Job], since: date, day: date) -> None:
    """Those that are made of a portfolio's sums."""
    sums: dict[str, list[Fraction]] = defaultdict(lambda: [Fraction(0)] * 3)
    for job in portfolio:
        at = state(job, since, day)
        if at and at.bac is not None and at.complete is not None and at.ac is not None:
            bac, ev, ac = sums[job.currency]
            sums[job.currency] = [bac + at.bac, ev + at.bac * at.complete, ac + at.ac]
    for kpi in ("eac", "vac", "tcpi"):
        answer = evaluate(conn, Question(KPIS[kpi], since, day + timedelta(1)), Conventions())
        values = {figure.currency: figure.value for figure in answer.figures if figure.rows_used}
        expected = {}
        for currency, (bac, ev, ac) in sums.items():
            if kpi == "tcpi":
                expected[currency] = (bac - ev) / (bac - ac) if bac > ac else None
            else:
                eac = bac * ac / ev if ev and ac else None
                expected[currency] = eac if kpi == "eac" or eac is None else bac - eac
        assert values == expected, kpi


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(jobs, min_size=1, max_size=3), days, days)
async def test_states_are_what_counting_project_by_project_gives(
    database: RolledBack, portfolio: list[Job], one: date, other: date
) -> None:
    with time_machine.travel("2026-12-01T12:00:00Z"):
        await database.rehearse(check, portfolio, min(one, other), max(one, other))
