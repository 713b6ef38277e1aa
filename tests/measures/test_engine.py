"""The laws of figures, each by an example."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine

from app.core.calendar import Grain
from app.measures.catalogue import KPIS
from app.measures.definition import Conventions
from app.measures.engine import Answer, Question, evaluate
from app.measures.figures import rounded
from tests.databases import RolledBack
from tests.measures import facts

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
MONDAY, FRIDAY = date(2026, 3, 2), date(2026, 3, 6)


@pytest.fixture(autouse=True)
def in_december() -> Iterator[None]:
    with time_machine.travel("2026-12-01T12:00:00Z"):
        yield


def ask(conn: sa.Connection, kpi: str, conventions: Conventions | None = None, **options: Any) -> Answer:
    return evaluate(conn, Question(KPIS[kpi], **options), conventions or Conventions())


def value(answer: Answer) -> Fraction | str | None:
    """The one figure's value, or the reason why there is none."""
    (figure,) = answer.figures
    assert (figure.value is None) == (figure.reason is not None)
    return figure.reason if figure.value is None else figure.value


async def test_a_ratios_total_is_the_ratio_of_the_sums(database: RolledBack) -> None:
    def check(conn: sa.Connection) -> None:
        project, person = facts.project(conn, facts.client(conn)), facts.person(conn)
        facts.hours(conn, project, person, MONDAY, 1, billable=True)
        facts.hours(conn, project, person, date(2026, 4, 1), 2, billable=True)
        facts.hours(conn, project, person, date(2026, 4, 1), 7, billable=False)
        answer = ask(conn, "billable_share", grain=Grain.MONTH)
        assert [figure.value for figure in answer.figures] == [100, Fraction(200, 9)]
        assert [figure.value for figure in answer.totals] == [30]

    await database.read(check)


async def test_nothing_to_divide_by_is_null_with_a_reason(database: RolledBack) -> None:
    def check(conn: sa.Connection) -> None:
        reasons = {name: value(ask(conn, name)) for name in KPIS}
        assert reasons == {
            "billable_share": "no_hours",
            "revenue_invoiced": "no_invoices",
            "delivery_cost": "no_costs",
            "utilisation": "no_capacity",
            "on_time": "no_closed_projects",
            "on_budget": "no_closed_projects",
            "active_load": "no_capacity",
            "seat_coverage": "no_active_projects",
            "role_strain": "no_duty_hours",
            "on_time_original": "no_closed_projects",
            "commitments_kept": "no_commitments_due",
            "csat": "no_feedback",
            "nps": "no_feedback",
            **dict.fromkeys(("pv", "ev", "ac", "bac", "etc", "cv", "sv", "eac", "vac", "tcpi"), "no_baseline"),
            "cpi": "no_costs",
            "spi": "no_planned_value",
            "spi_t": "not_begun",
            "forecast_margin": "no_fee",
        }
        project, person = facts.project(conn, facts.client(conn)), facts.person(conn)
        facts.hours(conn, project, person, MONDAY, 0)
        assert value(ask(conn, "billable_share")) == "no_hours"

    await database.read(check)


async def test_corrected_and_deleted_facts_count_no_more(database: RolledBack) -> None:
    def check(conn: sa.Connection) -> None:
        project = facts.project(conn, facts.client(conn))
        facts.hours(conn, project, facts.person(conn), MONDAY, 8, superseded_at=facts.MADE_AT)
        assert value(ask(conn, "billable_share")) == "no_hours"

    await database.read(check)


async def test_unlike_currencies_are_never_added(database: RolledBack) -> None:
    def check(conn: sa.Connection) -> None:
        project = facts.project(conn, facts.client(conn))
        for amount, currency in (("100", "EUR"), ("-30.5", "EUR"), ("7", "USD")):
            facts.invoice(conn, project, MONDAY, amount, currency)
        answer = ask(conn, "revenue_invoiced", grain=Grain.YEAR)
        by_currency = {figure.currency: figure.value for figure in answer.figures}
        assert by_currency == {"EUR": Fraction("69.5"), "USD": 7}
        assert {figure.currency: figure.value for figure in answer.totals} == by_currency

    await database.read(check)


async def test_money_converts_at_the_latest_rate_of_the_day_in_either_direction(database: RolledBack) -> None:
    def check(conn: sa.Connection) -> None:
        project = facts.project(conn, facts.client(conn))
        facts.rate(conn, "USD", "EUR", "0.8", date(2026, 1, 1))
        facts.rate(conn, "EUR", "USD", "3", date(2026, 3, 4))
        facts.rate(conn, "GBP", "EUR", "1.2", date(2026, 3, 2))
        facts.invoice(conn, project, MONDAY, "100", "USD")
        facts.invoice(conn, project, FRIDAY, "100", "USD")
        facts.invoice(conn, project, FRIDAY, "1", "EUR")
        answer = ask(conn, "revenue_invoiced", currency="EUR")
        assert value(answer) == 80 + Fraction(100, 3) + 1
        assert rounded(answer.totals[0].value or Fraction(0), 2) == Decimal("114.33")
        facts.invoice(conn, project, date(2026, 3, 1), "5", "GBP")
        answer = ask(conn, "revenue_invoiced", currency="EUR")
        assert value(answer) == "missing_rate"
        assert (answer.figures[0].rows_used, answer.figures[0].rows_excluded) == (3, {"missing_rate": 1})

    await database.read(check)


async def test_hours_without_a_rate_are_left_out_and_counted(database: RolledBack) -> None:
    def check(conn: sa.Connection) -> None:
        project, person = facts.project(conn, facts.client(conn)), facts.person(conn)
        facts.hours(conn, project, person, MONDAY, 3)
        assert value(ask(conn, "delivery_cost")) == "missing_rate"
        facts.hours(conn, project, person, MONDAY, "7.5", cost_rate=Decimal("60.4"))
        facts.expense(conn, project, MONDAY, "12.25")
        facts.expense(conn, project, MONDAY, "1000", pass_through=True)
        answer = ask(conn, "delivery_cost")
        assert value(answer) == Fraction("465.25")
        assert (answer.figures[0].rows_used, answer.figures[0].rows_excluded) == (2, {"missing_rate": 1})

    await database.read(check)


async def test_sums_of_money_leave_no_digit_out_however_large(database: RolledBack) -> None:
    def check(conn: sa.Connection) -> None:
        project, person = facts.project(conn, facts.client(conn)), facts.person(conn)
        rate = Decimal("99999999999.9999")
        for _ in range(3):
            facts.hours(conn, project, person, MONDAY, 24, cost_rate=rate)
            facts.invoice(conn, project, MONDAY, str(rate))
        assert value(ask(conn, "delivery_cost")) == 72 * Fraction(rate)
        assert value(ask(conn, "revenue_invoiced")) == 3 * Fraction(rate)

    await database.read(check)


async def test_a_line_over_days_is_spread_to_the_second(database: RolledBack) -> None:
    def check(conn: sa.Connection) -> None:
        project, person = facts.project(conn, facts.client(conn)), facts.person(conn)
        facts.hours(conn, project, person, MONDAY, "0.11", worked_until=date(2026, 3, 8))
        facts.hours(conn, project, person, date(2026, 3, 7), 2, worked_until=date(2026, 3, 8))
        spread = ask(conn, "billable_share", Conventions(week_line_rule="spread"), grain=Grain.DAY)
        seconds = {f.period.start.day: f.numerator * 3600 for f in spread.figures if f.period and f.numerator}
        # 396 s in five parts; the weekend's line holds no working day, so it counts on its first.
        assert seconds == {2: 79, 3: 79, 4: 79, 5: 79, 6: 80, 7: 7200}
        first_day = ask(conn, "billable_share", grain=Grain.DAY)
        assert [f.period.start.day for f in first_day.figures if f.period] == [2, 7]
        part = ask(
            conn, "billable_share", Conventions(week_line_rule="spread"), start=date(2026, 3, 4), end=date(2026, 3, 7)
        )
        assert part.figures[0].denominator == Fraction(79 + 79 + 80, 3600)

    await database.read(check)


async def test_available_hours_are_working_days_less_time_off(database: RolledBack) -> None:
    def check(conn: sa.Connection) -> None:
        project = facts.project(conn, facts.client(conn))
        maria = facts.person(conn, weekly_hours=Decimal("37.01"), hired_on=date(2026, 3, 3), left_on=date(2026, 3, 12))
        facts.away(conn, maria, date(2026, 3, 6), date(2026, 3, 9))
        facts.away(conn, maria, date(2026, 3, 10), date(2026, 3, 10), "2.5")
        facts.hours(conn, project, maria, date(2026, 3, 10), 4, billable=True)
        (figure,) = ask(conn, "utilisation", start=MARCH, end=APRIL).figures
        # Employed from Tuesday to Thursday of the next week: eight working days, two of them away, one in part.
        assert figure.denominator == 6 * Fraction("7.402") - Fraction("2.5")
        assert figure.numerator == 4

    await database.read(check)


async def test_projects_are_on_time_by_their_current_baseline(database: RolledBack) -> None:
    def check(conn: sa.Connection) -> None:
        acme = facts.client(conn)
        late = facts.project(conn, acme, "A", closed_on=FRIDAY, due_on=date(2026, 12, 31))
        facts.baseline(conn, late, 1, due_on=date(2026, 12, 31))
        facts.baseline(conn, late, 2, due_on=MONDAY)
        facts.project(conn, acme, "B", closed_on=FRIDAY, due_on=FRIDAY)
        facts.project(conn, acme, "C", closed_on=FRIDAY)
        facts.project(conn, acme, "D", due_on=FRIDAY)
        answer = ask(conn, "on_time", start=MARCH, end=APRIL)
        assert value(answer) == 50
        assert answer.figures[0].rows_excluded == {"no_due_date": 1}

    await database.read(check)


@pytest.mark.parametrize(("expense", "expected"), [("10", 100), ("10.0001", 0)])
async def test_a_budget_is_kept_up_to_the_tolerance(expense: str, expected: int, database: RolledBack) -> None:
    def check(conn: sa.Connection) -> None:
        acme, maria = facts.client(conn), facts.person(conn)
        done = facts.project(conn, acme, "A", closed_on=FRIDAY, cost_budget=Decimal(1))
        facts.baseline(conn, done, cost_budget=Decimal(100))
        facts.hours(conn, done, maria, MONDAY, 2, cost_rate=Decimal(50))
        facts.expense(conn, done, MONDAY, expense)
        unrated = facts.project(conn, acme, "B", closed_on=FRIDAY, cost_budget=Decimal(1))
        facts.hours(conn, unrated, maria, MONDAY, 2)
        foreign = facts.project(conn, acme, "C", closed_on=FRIDAY, cost_budget=Decimal(1), currency="USD")
        facts.expense(conn, foreign, MONDAY, "1")
        facts.project(conn, acme, "D", closed_on=FRIDAY)
        answer = ask(conn, "on_budget", start=MARCH, end=APRIL)
        assert value(answer) == expected
        assert answer.figures[0].rows_excluded == {"no_budget": 1, "missing_rate": 1, "other_currency": 1}

    await database.read(check)


async def test_load_weighs_confirmed_exclusive_seats_of_active_projects(database: RolledBack) -> None:
    def check(conn: sa.Connection) -> None:
        maria = facts.person(conn, active_cap=Decimal(4), home_role="account_manager")
        web = facts.project(conn, facts.client(conn))
        facts.status(conn, web, "active", MONDAY, FRIDAY)
        facts.status(conn, web, "on_hold", FRIDAY)
        facts.seat(conn, web, "account_manager", "0.75")
        facts.seat(conn, web, "production_manager")
        facts.holder(conn, web, maria, date(2026, 3, 3))
        facts.holder(conn, web, maria, MONDAY, role="production_manager", certainty="tentative")
        facts.holder(conn, web, maria, MONDAY, kind="shadow")
        answer = ask(conn, "active_load", start=MONDAY, end=date(2026, 3, 12), group_by=("role",))
        (figure,) = answer.figures
        assert figure.numerator == 3 * Fraction("0.75")
        assert figure.denominator == 10 * 4
        assert dict(figure.group) == {"role": "account_manager"}

    await database.read(check)


async def test_a_seat_is_covered_by_a_confirmed_holder_only(database: RolledBack) -> None:
    def check(conn: sa.Connection) -> None:
        maria, jon = facts.person(conn), facts.person(conn, "jon@agency.example")
        web = facts.project(conn, facts.client(conn))
        facts.status(conn, web, "active", MONDAY, date(2026, 3, 12))
        for role in ("account_manager", "production_manager"):
            facts.seat(conn, web, role)
        facts.holder(conn, web, maria, MONDAY)
        facts.holder(conn, web, jon, date(2026, 3, 4), date(2026, 3, 7), role="production_manager")
        facts.holder(conn, web, jon, date(2026, 3, 7), role="production_manager", certainty="tentative")
        (figure,) = ask(conn, "seat_coverage", start=MARCH, end=APRIL).figures
        assert [figure.numerator, figure.denominator, figure.value] == [3, 10, 30]

    await database.read(check)


async def test_without_a_window_days_are_counted_up_to_today(database: RolledBack) -> None:
    def check(conn: sa.Connection) -> None:
        web = facts.project(conn, facts.client(conn))
        facts.status(conn, web, "active", MONDAY)
        with time_machine.travel("2026-03-06T12:00:00Z"):
            answer = ask(conn, "seat_coverage")
        assert (answer.start, answer.end) == (MONDAY, date(2026, 3, 7))
        assert answer.figures[0].denominator == 5

    await database.read(check)


@pytest.mark.parametrize(
    ("value", "places", "shown"),
    [
        ("1/8", 2, "0.13"),
        ("-1/8", 2, "-0.13"),
        ("2/3", 4, "0.6667"),
        ("1/2", 0, "1"),
        ("124999999/1000000000", 2, "0.12"),
    ],
)
def test_figures_are_rounded_half_up_once(value: str, places: int, shown: str) -> None:
    assert str(rounded(Fraction(value), places)) == shown
