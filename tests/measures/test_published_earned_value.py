"""Published examples of earned value, as their sources state them."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
import sqlalchemy as sa
import time_machine

from app.measures.catalogue import KPIS
from app.measures.definition import Conventions
from app.measures.engine import Question, evaluate
from app.measures.figures import rounded
from tests.databases import RolledBack
from tests.measures import facts, progress

MONDAY = date(2026, 1, 5)


@pytest.fixture(autouse=True)
def next_year() -> Iterator[None]:
    with time_machine.travel("2027-12-01T12:00:00Z"):
        yield


def end_of_month(number: int) -> date:
    """The Friday that ends the n-th month: four weeks each, so that all have as many working days."""
    return MONDAY + timedelta(28 * number - 3)


def on(conn: sa.Connection, kpi: str, day: date) -> Fraction:
    (figure,) = evaluate(conn, Question(KPIS[kpi], day, day + timedelta(1)), Conventions()).figures
    assert figure.value is not None
    return figure.value


async def test_eight_tasks_of_a_tutorial(database: RolledBack) -> None:
    # studylib.net/doc/8629314, "Earned value": eight tasks of 100; by the end of April six are planned, four done, at
    # 80, 100, 90 and 110. It states PV = 600, EV = 400, AC = 380, CV = 20, CPI = 1.05, and EAC = BAC × AC / EV.
    april, planned_by, costs = end_of_month(2), (1, 1, 1, 1, 2, 2, 3, 4), ("80", "100", "90", "110")

    def check(conn: sa.Connection) -> None:
        project = facts.project(conn, facts.client(conn))
        milestones = [(end_of_month(m), "1", april if task < 4 else None) for task, m in enumerate(planned_by)]
        progress.baseline(conn, project, milestones, start_on=MONDAY, cost_budget=Decimal(800))
        for cost in costs:
            facts.expense(conn, project, MONDAY, cost)
        assert [on(conn, kpi, april) for kpi in ("pv", "ev", "ac", "cv", "sv")] == [600, 400, 380, 20, -200]
        assert rounded(on(conn, "cpi", april), 2) == Decimal("1.05")
        assert on(conn, "eac", april) == Fraction(800 * 380, 400)

    await database.read(check)


async def test_ten_modules_that_took_twelve_months(database: RolledBack) -> None:
    # S. N. Dash, "Earned Schedule Management (ESM)", mpug.com: ten modules of 100,000 in ten months took twelve and
    # 1.3 million. It states SV = 0.0 million and SPI = 1.0 at the end, though the project is two months late.
    planned, actual = end_of_month(10), end_of_month(12)

    def check(conn: sa.Connection) -> None:
        project = facts.project(conn, facts.client(conn))
        reached = [end_of_month(month) for month in (1, 2, 4, 5, 6, 7, 9, 10, 11, 12)]
        milestones = [(end_of_month(n), "1", day) for n, day in enumerate(reached, 1)]
        progress.baseline(conn, project, milestones, start_on=MONDAY, cost_budget=Decimal(1_000_000))
        facts.expense(conn, project, MONDAY, "1300000")
        assert [on(conn, kpi, actual) for kpi in ("pv", "ev", "ac")] == [1_000_000, 1_000_000, 1_300_000]
        assert [on(conn, kpi, actual) for kpi in ("sv", "spi")] == [0, 1]
        # By time: of twelve months ten were earned, and of the first ten eight.
        assert (on(conn, "spi_t", actual), on(conn, "spi_t", planned)) == (Fraction(10, 12), Fraction(8, 10))
        assert on(conn, "vac", actual) == -300_000

    await database.read(check)


async def test_earned_schedule_of_a_late_july(database: RolledBack) -> None:
    # W. Lipke, "Earned Schedule Concept": at the end of July all that was planned through May is earned, and a part of
    # June: ES = 5 + (EV − PV(May)) / (PV(June) − PV(May)), AT = 7. With PV(May) = 40 %, PV(June) = 60 %, EV = 45 %.
    may, june, july = end_of_month(5), end_of_month(6), end_of_month(7)

    def check(conn: sa.Connection) -> None:
        project = facts.project(conn, facts.client(conn))
        milestones = [(may, "40", july), (june, "5", july), (june, "15", None), (end_of_month(9), "40", None)]
        progress.baseline(conn, project, milestones, start_on=MONDAY, cost_budget=Decimal(100))
        assert [on(conn, "pv", day) for day in (may, june)] == [40, 60]
        assert on(conn, "ev", july) == 45
        assert on(conn, "spi_t", july) == (5 + Fraction(45 - 40, 60 - 40)) / 7

    await database.read(check)
