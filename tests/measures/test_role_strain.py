"""Role strain: min(client, project) / max(client, project) × mean load, each case counted by hand."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from app.core.calendar import Grain
from app.measures.catalogue import KPIS
from app.measures.definition import Conventions
from app.measures.derivations import Basis, role_strain
from app.measures.engine import Question, evaluate
from app.measures.figures import Figure
from app.models.duty import DutyProfile
from tests.databases import RolledBack
from tests.measures import facts

MARCH, APRIL, MAY = date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)
CLIENT, PROJECT = "client_relationship", "task_assignment"
NOBODY = {
    name: Fraction(0)
    for name in ("tagged", "client", "project", "declared_client", "declared_project", "seat_days", "days")
}
amounts = st.fractions(min_value=0, max_value=1000)


def ask(conn: sa.Connection, start: date = MARCH, end: date = APRIL, **options: Any) -> list[Figure]:
    return list(evaluate(conn, Question(KPIS["role_strain"], start, end, **options), Conventions()).figures)


def manager(conn: sa.Connection, email: str = "maria@agency.example", seats: int = 2, **values: Any) -> UUID:
    """Somebody with so many half seats on an active project each, from January on."""
    person = facts.person(conn, email, **values)
    for number in range(seats):
        project = facts.project(conn, facts.client(conn, f"{email[:3]}{number}"), f"{email[:3]}-{number}")
        facts.status(conn, project, "active", date(2026, 1, 1))
        facts.seat(conn, project)
        facts.holder(conn, project, person, date(2026, 1, 1))
    return person


def log(conn: sa.Connection, person: UUID, day: date, client: int, project: int) -> None:
    work = facts.project(conn, facts.client(conn, f"{day}{person.hex[-6:]}"), f"{day}{person.hex[-6:]}")
    facts.hours(conn, work, person, day, client, responsibility=CLIENT)
    facts.hours(conn, work, person, day, project, responsibility=PROJECT)


def declare(conn: sa.Connection, person: UUID, client: int, project: int) -> None:
    for responsibility, hours in ((CLIENT, client), (PROJECT, project)):
        said = {"person_id": person, "responsibility": responsibility, "weekly_hours": Decimal(hours)}
        facts.add(conn, DutyProfile, **said)


def shown(figure: Figure) -> tuple[Fraction | str | None, Basis | None]:
    return figure.reason if figure.value is None else figure.value, figure.basis


async def test_is_the_lesser_hours_over_the_greater_times_the_mean_load(database: RolledBack) -> None:
    def check(conn: sa.Connection) -> None:
        maria = manager(conn, seats=4)
        log(conn, maria, date(2026, 3, 2), 10, 4)
        (figure,) = ask(conn, grain=Grain.MONTH, group_by=("person",))
        assert shown(figure) == (Fraction(4, 10) * 2, Basis.LOGGED)
        assert (figure.numerator, figure.denominator) == (Fraction(8), Fraction(10))
        # Half of March, whose load is the same; and a month in which a seat is held for half of its days.
        assert [shown(figure) for figure in ask(conn, MARCH, date(2026, 3, 16))] == [(Fraction(8, 10), Basis.LOGGED)]
        work = facts.project(conn, facts.client(conn, "LATE"), "LATE")
        facts.status(conn, work, "active", date(2026, 4, 16))
        facts.seat(conn, work, weight="1")
        facts.holder(conn, work, maria, APRIL)
        log(conn, maria, date(2026, 4, 7), 5, 5)
        assert [figure.value for figure in ask(conn, APRIL, MAY)] == [2 + Fraction(15, 30)]

    await database.read(check)


async def test_a_profile_stands_in_for_months_without_tagged_hours(database: RolledBack) -> None:
    def check(conn: sa.Connection) -> None:
        maria = manager(conn)
        declare(conn, maria, 14, 7)
        log(conn, maria, date(2026, 4, 7), 4, 4)
        march, april = ask(conn, MARCH, MAY, grain=Grain.MONTH)
        assert shown(march) == (Fraction(1, 2), Basis.DECLARED)
        assert march.denominator == Fraction(14 * 31, 7)
        assert shown(april) == (Fraction(1), Basis.LOGGED)
        (both,) = ask(conn, MARCH, MAY)
        assert shown(both) == (Fraction(31 + 4, 62 + 4), Basis.MIXED)

    await database.read(check)


async def test_hours_that_bear_no_responsibility_leave_the_profile_in_its_place(database: RolledBack) -> None:
    def check(conn: sa.Connection) -> None:
        maria = manager(conn)
        declare(conn, maria, 10, 10)
        facts.hours(conn, facts.project(conn, facts.client(conn)), maria, date(2026, 3, 3), 8)
        assert [shown(figure) for figure in ask(conn)] == [(Fraction(1), Basis.DECLARED)]

    await database.read(check)


async def test_a_profile_counts_on_days_of_employment(database: RolledBack) -> None:
    def check(conn: sa.Connection) -> None:
        maria = manager(conn, hired_on=date(2026, 3, 25))
        declare(conn, maria, 14, 7)
        assert [figure.denominator for figure in ask(conn)] == [14]

    await database.read(check)


async def test_without_hours_on_duties_there_is_no_strain_but_a_reason(database: RolledBack) -> None:
    def check(conn: sa.Connection) -> None:
        manager(conn)
        facts.person(conn, "jon@agency.example")
        assert [shown(figure) for figure in ask(conn, group_by=("person",))] == [("no_duty_hours", None)]

    await database.read(check)


async def test_two_who_are_not_torn_make_no_torn_agency(database: RolledBack) -> None:
    def check(conn: sa.Connection) -> None:
        log(conn, manager(conn, "ada@agency.example"), date(2026, 3, 2), 10, 0)
        log(conn, manager(conn, "jon@agency.example"), date(2026, 3, 3), 0, 10)
        assert [figure.value for figure in ask(conn)] == [0]
        log(conn, manager(conn, "zoe@agency.example"), date(2026, 3, 4), 20, 20)
        assert [figure.value for figure in ask(conn)] == [Fraction(20, 40)]
        values = [figure.value for figure in ask(conn, group_by=("person",))]
        assert values == [0, 0, 1]

    await database.read(check)


async def test_a_quarter_is_the_ratio_of_the_sums_of_its_months(database: RolledBack) -> None:
    def check(conn: sa.Connection) -> None:
        maria = manager(conn)
        for month, client, project in ((1, 10, 5), (2, 3, 9), (3, 8, 8)):
            log(conn, maria, date(2026, month, 5), client, project)
        start = date(2026, 1, 1)
        (quarter,) = ask(conn, start, APRIL, grain=Grain.QUARTER)
        months = ask(conn, start, APRIL, grain=Grain.MONTH)
        assert quarter.numerator == sum(figure.numerator or 0 for figure in months) == 5 + 3 + 8
        assert quarter.value == Fraction(16, 27)
        assert quarter.period is not None
        assert quarter.period.label == "2026-Q1"

    await database.read(check)


@given(amounts, amounts, amounts)
def test_it_does_not_matter_which_of_the_two_duties_is_the_lesser(
    one: Fraction, other: Fraction, load: Fraction
) -> None:
    held = {**NOBODY, "tagged": one + other, "seat_days": load, "days": Fraction(1)}
    there = role_strain(**{**held, "client": one, "project": other})
    back = role_strain(**{**held, "client": other, "project": one})
    assert there == back
    if there is not None:
        assert 0 <= there.numerator <= there.denominator * load


def test_who_holds_no_seat_and_serves_no_duty_has_no_strain() -> None:
    assert role_strain(**NOBODY) is None
