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

from app.core.calendar import Grain
from app.measures.catalogue import KPIS
from app.measures.definition import Conventions
from app.measures.derivations import Basis
from app.measures.engine import Answer, Question, evaluate
from app.measures.sources.progress import COLUMNS, PROGRESS
from app.measures.states import states
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
    said: dict[str, Any] = {
        "start_on": MONDAY,
        "due_on": NEXT_FRIDAY,
        "cost_budget": Decimal(1000),
        "fee": Decimal(1600),
    }
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
        assert [on(conn, kpi, thursday) for kpi in ("cv", "sv")] == [20, 50]
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
        assert (figure.value, figure.basis) == (Fraction(600), Basis.ESTIMATED)
        assert on(conn, "forecast_margin", FRIDAY) == Fraction(100 * (1600 - 200 - 600), 1600)

    await database.read(check)


async def test_a_period_is_shown_by_its_last_day_and_the_total_by_the_last_of_all(database: RolledBack) -> None:
    def check(conn: sa.Connection) -> None:
        web(conn)
        start, end = date(2026, 2, 1), date(2026, 4, 1)
        weeks = ask(conn, "pv", MONDAY, end, grain=Grain.WEEK)
        assert [figure.value for figure in weeks.figures] == [250, 1000, 1000, 1000, 1000]
        assert [figure.value for figure in weeks.totals] == [1000]
        months = ask(conn, "pv", start, date(2026, 3, 7), grain=Grain.MONTH)
        assert [figure.value for figure in months.figures] == [0, 250]
        with time_machine.travel("2026-03-05T12:00:00Z"):
            running = ask(conn, "pv", start, end, grain=Grain.MONTH)
            assert [figure.value for figure in running.figures] == [0, 200]
            assert [figure.value for figure in ask(conn, "pv", start, end).figures] == [200]
            assert [figure.reason for figure in ask(conn, "pv", FRIDAY, end).figures] == ["no_baseline"]

    await database.read(check)


async def test_a_project_counts_from_its_first_baseline_to_the_period_in_which_it_ends(database: RolledBack) -> None:
    def check(conn: sa.Connection) -> None:
        project = web(conn, valid_from=FRIDAY)
        progress.baseline(conn, project, number=2, valid_from=NEXT_FRIDAY, cost_budget=Decimal(3000))
        facts.status(conn, project, "active", MONDAY, date(2026, 4, 20))
        facts.status(conn, project, "closed", date(2026, 4, 20))
        facts.expense(conn, project, date(2026, 4, 22), "90")
        assert on(conn, "bac", date(2026, 3, 5)) == "no_baseline"
        assert [on(conn, "bac", day) for day in (FRIDAY, date(2026, 3, 12), NEXT_FRIDAY)] == [1000, 1000, 3000]
        months = ask(conn, "ac", MONDAY, date(2026, 6, 1), grain=Grain.MONTH)
        assert [f.period.label for f in months.figures if f.period] == ["2026-03", "2026-04"]
        assert [figure.value for figure in months.figures] == [0, 90]
        assert [figure.reason for figure in months.totals] == ["no_baseline"]
        assert on(conn, "etc", date(2026, 4, 20)) == 0

    await database.read(check)


async def test_the_time_of_a_project_that_is_over_stands_still(database: RolledBack) -> None:
    def check(conn: sa.Connection) -> None:
        project = web(conn)
        facts.status(conn, project, "closed", date(2026, 3, 10))
        (figure,) = ask(conn, "spi_t", MONDAY, date(2026, 6, 1)).figures
        assert [figure.numerator, figure.denominator] == [5, 7]

    await database.read(check)


async def test_what_can_not_be_told_is_left_out_and_counted(database: RolledBack) -> None:
    def check(conn: sa.Connection) -> None:
        acme, maria = facts.client(conn), facts.person(conn)
        known: dict[str, Any] = {"start_on": MONDAY, "due_on": FRIDAY, "cost_budget": Decimal(100)}
        for code, lacking in (("A", "start_on"), ("B", "due_on"), ("C", "cost_budget"), ("D", None)):
            project = facts.project(conn, acme, code)
            progress.baseline(conn, project, **known | ({} if lacking is None else {lacking: None}))
            progress.report(conn, project, MONDAY, "50" if code == "C" else None)
        assert ask(conn, "pv", FRIDAY, NEXT_FRIDAY).figures[0].rows_excluded == {"no_baseline_dates": 2, "no_budget": 1}
        assert ask(conn, "ev", FRIDAY, NEXT_FRIDAY).figures[0].rows_excluded == {"no_budget": 1, "no_progress": 3}
        facts.hours(conn, project, maria, MONDAY, 3)
        assert ask(conn, "ac", FRIDAY, NEXT_FRIDAY).figures[0].rows_excluded == {"missing_rate": 1}
        progress.report(conn, project, FRIDAY, "25.5")
        assert on(conn, "ev", FRIDAY) == Fraction("25.5")

    await database.read(check)


async def test_money_of_states_converts_at_the_rate_of_their_day(database: RolledBack) -> None:
    def check(conn: sa.Connection) -> None:
        acme, maria = facts.client(conn), facts.person(conn)
        facts.rate(conn, "USD", "EUR", "0.5", MONDAY)
        facts.rate(conn, "USD", "EUR", "0.8", FRIDAY)
        shop = facts.project(conn, acme, "SHOP", currency="USD")
        progress.baseline(conn, shop, cost_budget=Decimal(100), currency="USD")
        web = facts.project(conn, acme)
        progress.baseline(conn, web, cost_budget=Decimal(7))
        # An hour in euros is in the project's dollars by the rate of its day.
        facts.hours(conn, shop, maria, MONDAY, 1, cost_rate=Decimal(10))
        assert on(conn, "ac", FRIDAY, currency="USD") == 20
        assert on(conn, "bac", FRIDAY, currency="EUR") == 87
        by_currency = {f.currency: f.value for f in ask(conn, "bac", FRIDAY, NEXT_FRIDAY).figures}
        assert by_currency == {"EUR": 7, "USD": 100}
        assert on(conn, "bac", date(2026, 3, 1), currency="EUR") == "missing_rate"
        facts.hours(conn, shop, maria, date(2026, 3, 1), 1, cost_rate=Decimal(10))
        assert ask(conn, "ac", FRIDAY, NEXT_FRIDAY).figures[0].rows_excluded == {}
        assert {f.currency: f.reason for f in ask(conn, "ac", FRIDAY, NEXT_FRIDAY).figures} == {
            "EUR": None,
            "USD": "missing_rate",
        }

    await database.read(check)


async def test_the_rows_behind_a_cell_add_up_to_it(database: RolledBack) -> None:
    def check(conn: sa.Connection) -> None:
        web(conn)
        globex = facts.client(conn, "GLOBEX")
        for number in range(3):
            project = facts.project(conn, globex, f"G{number}", engagement="retainer")
            progress.baseline(
                conn, project, [(FRIDAY, "1", MONDAY)], start_on=MONDAY, cost_budget=Decimal(number), fee=Decimal(9)
            )
            facts.expense(conn, project, MONDAY, "3")
        for name in ("pv", "ev", "ac", "cpi", "spi", "spi_t", "etc", "forecast_margin"):
            kpi = KPIS[name]
            for group in kpi.dimensions:
                question = Question(kpi, MONDAY, NEXT_FRIDAY, Grain.WEEK, (group,))
                figures = evaluate(conn, question, Conventions()).figures
                rows = list(states(conn, question, Conventions(), PROGRESS, COLUMNS))
                key = "engagement" if group == "engagement" else f"{group}_id"
                assert {row.status_on for row in rows} == {date(2026, 3, 8), date(2026, 3, 12)}
                for figure in figures:
                    behind = [row for row in rows if getattr(row, key) == figure.group[key] and figure.period]
                    behind = [
                        r for r in behind if figure.period and figure.period.start <= r.status_on < figure.period.end
                    ]
                    used = [
                        row for row in behind if all(getattr(row, c) for m in kpi.measures for c in m.needs.values())
                    ]
                    assert len(used) == figure.rows_used
                    assert sum(getattr(row, kpi.numerator[0].value) for row in used) == figure.numerator
                    if kpi.denominator:
                        assert sum(getattr(row, kpi.denominator[0].value) for row in used) == figure.denominator

    await database.read(check)
