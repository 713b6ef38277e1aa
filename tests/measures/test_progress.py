"""Earned value of projects, each case counted by hand."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
import time_machine

from app.measures.catalogue import KPIS
from app.measures.definition import Conventions
from app.measures.derivations import Basis
from app.measures.engine import Answer, Question, evaluate
from app.models.person import PersonRate
from tests.databases import RolledBack
from tests.measures import facts, progress

MONDAY, FRIDAY = date(2026, 3, 2), date(2026, 3, 6)
NEXT_FRIDAY = date(2026, 3, 13)


@pytest.fixture(autouse=True)
def in_december() -> Iterator[None]:
    with time_machine.travel("2026-12-01T12:00:00Z"):
        yield


def ask(conn: sa.Connection, kpi: str, start: date, end: date, **options: Any) -> Answer:
    return evaluate(conn, Question(KPIS[kpi], start, end, **options), Conventions())


def on(conn: sa.Connection, kpi: str, day: date, **options: Any) -> Fraction | str | None:
    """The value as of a day, or the reason why there is none."""
    (figure,) = ask(conn, kpi, day, date.fromordinal(day.toordinal() + 1), **options).figures
    return figure.reason if figure.value is None else figure.value


def web(conn: sa.Connection, **values: Any) -> UUID:
    """A project of two weeks and 1,000: a quarter due by the first Friday, which was reached on that Thursday."""
    project = facts.project(conn, facts.client(conn))
    milestones = [(FRIDAY, "1", date(2026, 3, 5)), (None, "3", None)]
    said = {"start_on": MONDAY, "due_on": NEXT_FRIDAY, "cost_budget": Decimal(1000), "fee": Decimal(1600)}
    progress.baseline(conn, project, milestones, **said | values)
    return project


async def test_value_is_planned_by_working_days_and_earned_by_milestones(database: RolledBack) -> None:
    def check(conn: sa.Connection) -> None:
        project = web(conn)
        facts.hours(conn, project, facts.person(conn), MONDAY, 4, cost_rate=Decimal(50))
        facts.expense(conn, project, date(2026, 3, 5), "30")
        wednesday, thursday, sunday = date(2026, 3, 4), date(2026, 3, 5), date(2026, 3, 8)
        assert [on(conn, "pv", day) for day in (date(2026, 3, 1), MONDAY, wednesday)] == [0, 50, 150]
        assert [on(conn, "pv", day) for day in (FRIDAY, sunday, date(2026, 3, 9), NEXT_FRIDAY)] == [250, 250, 400, 1000]
        assert on(conn, "pv", date(2026, 5, 1)) == 1000
        assert [on(conn, "ev", day) for day in (wednesday, thursday)] == [0, 250]
        assert [on(conn, "ac", day) for day in (date(2026, 3, 1), wednesday, thursday)] == [0, 200, 230]
        assert (on(conn, "cv", thursday), on(conn, "sv", thursday)) == (20, 50)
        assert (on(conn, "cpi", thursday), on(conn, "spi", thursday)) == (Fraction(250, 230), Fraction(250, 200))
        assert on(conn, "eac", thursday) == 920
        assert on(conn, "vac", thursday) == 80
        assert on(conn, "tcpi", thursday) == Fraction(750, 770)
        assert on(conn, "spi_t", thursday) == Fraction(5, 4)
        assert on(conn, "spi_t", FRIDAY) == 1

    await database.read(check)


async def test_what_remains_is_estimated_hours_at_the_rates_of_roles_else_by_performance(database: RolledBack) -> None:
    def check(conn: sa.Connection) -> None:
        project, maria = web(conn), facts.person(conn)
        facts.hours(conn, project, maria, MONDAY, 4, cost_rate=Decimal(50))
        assert on(conn, "etc", MONDAY) == "no_estimate"
        (figure,) = ask(conn, "etc", MONDAY, FRIDAY).figures
        assert (figure.value, figure.basis) == (Fraction(750 * 200, 250), Basis.PERFORMANCE)
        progress.estimate(conn, project, "account_manager", MONDAY, "99")
        progress.estimate(conn, project, "account_manager", FRIDAY, "10")
        progress.estimate(conn, project, "production_manager", FRIDAY, "0")
        assert on(conn, "etc", FRIDAY) == "nobody_assigned"
        facts.holder(conn, project, maria, MONDAY)
        assert on(conn, "etc", FRIDAY) == "missing_rate"
        facts.add(conn, PersonRate, person_id=maria, cost_rate=Decimal(60), currency="EUR", valid_from=MONDAY)
        (figure,) = ask(conn, "etc", MONDAY, NEXT_FRIDAY).figures
        assert (figure.value, figure.basis) == (600, Basis.ESTIMATED)
        assert on(conn, "forecast_margin", FRIDAY) == Fraction(100 * (1600 - 200 - 600), 1600)

    await database.read(check)
