"""The engine against figures counted day by day in plain Python, over small random portfolios."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.measures.catalogue import KPIS
from app.measures.definition import Conventions
from app.measures.engine import Question, evaluate
from tests.databases import RolledBack
from tests.measures import facts

FIRST, LAST = date(2026, 3, 2), date(2026, 3, 22)
ROLES = ("account_manager", "production_manager")

days = st.dates(FIRST, LAST)
spans = st.tuples(days, days).map(lambda pair: (min(pair), max(pair)))
hours = st.integers(0, 2400).map(lambda hundredths: Decimal(hundredths) / 100)
amounts = st.integers(0, 10**9).map(lambda units: Decimal(units) / 10_000)
weights = st.integers(0, 20_000).map(lambda units: Decimal(units) / 10_000)


@dataclass(frozen=True)
class Entry:
    project: int
    person: int
    span: tuple[date, date]
    hours: Decimal
    billable: bool
    rate: Decimal | None


@dataclass(frozen=True)
class Worker:
    weekly_hours: Decimal
    cap: Decimal
    employed: tuple[date, date]
    away: tuple[tuple[date, date, Decimal | None], ...]


@dataclass(frozen=True)
class Job:
    active: tuple[date, date]
    seats: dict[str, Decimal]
    # Of each seat: who holds it, over which days, whether confirmed. Days of one seat do not overlap.
    holders: dict[str, list[tuple[int, date, date, bool]]]


@dataclass(frozen=True)
class Portfolio:
    workers: list[Worker]
    jobs: list[Job]
    entries: list[Entry]
    expenses: list[tuple[int, date, Decimal, bool]]


workers = st.builds(
    Worker,
    st.integers(1, 6000).map(lambda hundredths: Decimal(hundredths) / 100),
    st.integers(1, 100_000).map(lambda units: Decimal(units) / 10_000),
    spans,
    st.lists(
        st.tuples(spans, st.none() | st.integers(0, 900).map(lambda h: Decimal(h) / 100)).map(lambda o: (*o[0], o[1])),
        max_size=2,
    ).map(tuple),
)


@st.composite
def jobs(draw: st.DrawFn, people: int) -> Job:
    seats = draw(st.dictionaries(st.sampled_from(ROLES), weights, max_size=2))
    holders = {}
    for role in seats:
        cuts = sorted(draw(st.lists(days, unique=True, max_size=4)))
        holders[role] = [
            (draw(st.integers(0, people - 1)), start, end, draw(st.booleans())) for start, end in pairwise(cuts)
        ]
    return Job(draw(spans), seats, holders)


@st.composite
def portfolios(draw: st.DrawFn) -> Portfolio:
    people = draw(st.lists(workers, min_size=1, max_size=3))
    projects = draw(st.lists(jobs(len(people)), min_size=1, max_size=3))
    project, person = st.integers(0, len(projects) - 1), st.integers(0, len(people) - 1)
    entry = st.builds(Entry, project, person, spans, hours, st.booleans(), st.none() | amounts)
    expenses = st.lists(st.tuples(project, days, amounts, st.booleans()), max_size=3)
    return Portfolio(people, projects, draw(st.lists(entry, max_size=6)), draw(expenses))


def store(conn: sa.Connection, portfolio: Portfolio) -> None:
    acme = facts.client(conn)
    people = [
        facts.person(
            conn,
            f"p{number}@agency.example",
            weekly_hours=worker.weekly_hours,
            active_cap=worker.cap,
            hired_on=worker.employed[0],
            left_on=worker.employed[1],
        )
        for number, worker in enumerate(portfolio.workers)
    ]
    for worker, id in zip(portfolio.workers, people, strict=True):
        for first, last, a_day in worker.away:
            facts.away(conn, id, first, last, None if a_day is None else str(a_day))
    projects = []
    for number, job in enumerate(portfolio.jobs):
        id = facts.project(conn, acme, f"P{number}")
        projects.append(id)
        facts.status(conn, id, "active", *job.active)
        facts.status(conn, id, "back_burner", job.active[1])
        for role, weight in job.seats.items():
            facts.seat(conn, id, role, str(weight))
            for person, start, end, confirmed in job.holders[role]:
                certainty = "confirmed" if confirmed else "tentative"
                facts.holder(conn, id, people[person], start, end, role, certainty=certainty)
    for entry in portfolio.entries:
        rate: dict[str, Any] = {} if entry.rate is None else {"cost_rate": entry.rate}
        facts.hours(
            conn,
            projects[entry.project],
            people[entry.person],
            entry.span[0],
            entry.hours,
            worked_until=entry.span[1],
            billable=entry.billable,
            **rate,
        )
    for project, day, amount, passed in portfolio.expenses:
        facts.expense(conn, projects[project], day, str(amount), pass_through=passed)


def every_day(window: tuple[date, date]) -> Iterator[date]:
    day = window[0]
    while day < window[1]:
        yield day
        day += timedelta(1)


def parts(entry: Entry, rule: str) -> dict[date, int]:
    """The seconds of each day on which a line counts."""
    seconds = int(entry.hours * 3600)
    working = [day for day in every_day((entry.span[0], entry.span[1] + timedelta(1))) if day.weekday() < 5]
    if rule == "first_day" or not working:
        return {entry.span[0]: seconds}
    shares, given_out = {}, 0
    for number, day in enumerate(working, 1):
        upto = seconds * number // len(working)
        shares[day], given_out = upto - given_out, upto
    return shares


def is_held(job: Job, role: str, day: date) -> bool:
    return any(start <= day < end and confirmed for _, start, end, confirmed in job.holders[role])


def naive(portfolio: Portfolio, window: tuple[date, date], rule: str) -> dict[str, tuple[Fraction, Fraction | None]]:
    """Numerators and denominators, counted one by one."""
    billable = worked = cost = available = load = caps = covered = active = Fraction(0)
    for entry in portfolio.entries:
        for day, seconds in parts(entry, rule).items():
            if window[0] <= day < window[1]:
                worked += Fraction(seconds, 3600)
                billable += Fraction(seconds, 3600) if entry.billable else 0
                cost += Fraction(seconds, 3600) * Fraction(entry.rate or 0)
    for _, day, amount, passed in portfolio.expenses:
        if window[0] <= day < window[1] and not passed:
            cost += Fraction(amount)
    for day in every_day(window):
        for worker in portfolio.workers:
            if worker.employed[0] <= day <= worker.employed[1]:
                caps += Fraction(worker.cap)
                if day.weekday() < 5:
                    whole_day = Fraction(worker.weekly_hours) / 5
                    off = [a_day for first, last, a_day in worker.away if first <= day <= last]
                    gone = whole_day if None in off else sum((Fraction(a_day or 0) for a_day in off), Fraction(0))
                    available += max(Fraction(0), whole_day - gone)
        for job in portfolio.jobs:
            if job.active[0] <= day < job.active[1]:
                active += 1
                held = [role for role in job.seats if is_held(job, role, day)]
                covered += len(held) == len(job.seats)
                load += sum(Fraction(job.seats[role]) for role in held)
    return {
        "billable_share": (billable, worked),
        "delivery_cost": (cost, None),
        "utilisation": (billable, available),
        "active_load": (load, caps),
        "seat_coverage": (covered, active),
    }


def check(conn: sa.Connection, portfolio: Portfolio, window: tuple[date, date], rule: Any) -> None:
    store(conn, portfolio)
    for name, expected in naive(portfolio, window, rule).items():
        question = Question(KPIS[name], *window)
        (figure,) = evaluate(conn, question, Conventions(week_line_rule=rule)).figures
        assert (figure.numerator, figure.denominator) == expected, name


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(portfolios(), spans, st.sampled_from(["first_day", "spread"]))
async def test_figures_are_what_counting_day_by_day_gives(
    database: RolledBack, portfolio: Portfolio, span: tuple[date, date], rule: str
) -> None:
    window = (span[0], span[1] + timedelta(1))
    await database.rehearse(check, portfolio, window, rule)
