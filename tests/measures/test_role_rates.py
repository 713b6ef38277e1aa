from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core.ids import new_id
from app.db.record import table_of
from app.measures.role_rates import Rate, role_rates
from app.models.person import PersonRate
from app.models.role import Role
from tests.databases import RolledBack
from tests.measures import facts

START, DAY, LATER = date(2026, 1, 1), date(2026, 3, 2), date(2026, 6, 1)

roles = table_of(Role)


def costs(conn: sa.Connection, person_id: UUID, amount: str, day: date = START, currency: str = "EUR") -> UUID:
    return facts.add(
        conn, PersonRate, person_id=person_id, cost_rate=Decimal(amount), currency=currency, valid_from=day
    )


def web(conn: sa.Connection, code: str = "WEB", currency: str = "EUR") -> UUID:
    if conn.execute(sa.select(roles.c.id).where(roles.c.key == "designer")).first() is None:
        facts.add(conn, Role, key="designer", name="Designer")
    return facts.project(conn, facts.client(conn, f"C-{code}"), code, currency=currency)


def colleague(conn: sa.Connection, project_id: UUID, name: str, amount: str | None, role: str = "designer") -> UUID:
    id = facts.person(conn, f"{name}@agency.example")
    facts.holder(conn, project_id, id, START, role=role)
    if amount is not None:
        costs(conn, id, amount)
    return id


async def test_a_role_costs_the_mean_of_those_who_hold_it(database: RolledBack) -> None:
    def ask(conn: sa.Connection) -> list[Rate]:
        project = web(conn)
        colleague(conn, project, "ana", "60")
        colleague(conn, project, "ben", "70.50")
        colleague(conn, project, "eva", "200", "account_manager")
        rates = role_rates(conn, [project])
        return [rates.on(project, role, DAY) for role in ("designer", "account_manager")]

    assert await database.write(ask) == [Rate(Fraction("65.25")), Rate(Fraction(200))]


async def test_a_role_that_nobody_holds_costs_the_mean_of_all_each_counted_once(database: RolledBack) -> None:
    def ask(conn: sa.Connection) -> list[Rate]:
        project = web(conn)
        ana = colleague(conn, project, "ana", "60")
        facts.holder(conn, project, ana, START, role="account_manager")
        colleague(conn, project, "ben", "90")
        rates = role_rates(conn, [project])
        return [rates.on(project, role, DAY) for role in ("developer", None)]

    assert await database.write(ask) == [Rate(Fraction(75)), Rate(Fraction(75))]


async def test_rates_and_holders_are_those_of_the_day(database: RolledBack) -> None:
    def ask(conn: sa.Connection) -> list[Rate]:
        project = web(conn)
        ana, ben = (facts.person(conn, f"{name}@agency.example") for name in ("ana", "ben"))
        costs(conn, ana, "60")
        costs(conn, ana, "80", DAY)
        costs(conn, ben, "100")
        facts.holder(conn, project, ana, START, LATER, role="designer")
        facts.holder(conn, project, ben, LATER, role="designer")
        rates = role_rates(conn, [project])
        days = (START, date(2026, 3, 1), DAY, date(2026, 5, 31), LATER, date(2025, 12, 31))
        return [rates.on(project, "designer", day) for day in days]

    known = [Rate(Fraction(amount)) for amount in (60, 60, 80, 80, 100)]
    assert await database.write(ask) == [*known, Rate(None, "nobody_assigned")]


async def test_rates_are_converted_into_the_currency_of_the_project_at_that_day(database: RolledBack) -> None:
    def ask(conn: sa.Connection) -> list[Rate]:
        project, overseas = web(conn), web(conn, "NYC", "USD")
        ana = facts.person(conn, "ana@agency.example")
        for id in (project, overseas):
            facts.holder(conn, id, ana, START, role="designer")
        costs(conn, ana, "60", currency="USD")
        facts.rate(conn, "EUR", "USD", "1.2", DAY)
        facts.rate(conn, "USD", "EUR", "0.5", LATER)
        rates = role_rates(conn, [project, overseas])
        asked = ((project, START), (project, DAY), (project, LATER), (overseas, START))
        return [rates.on(id, "designer", day) for id, day in asked]

    unknown = Rate(None, "missing_exchange_rate")
    assert await database.write(ask) == [unknown, *(Rate(Fraction(amount)) for amount in (50, 30, 60))]


async def test_one_without_a_rate_leaves_the_role_unknown(database: RolledBack) -> None:
    def ask(conn: sa.Connection) -> list[Rate]:
        project = web(conn)
        colleague(conn, project, "ana", "60")
        colleague(conn, project, "ben", None)
        colleague(conn, project, "eva", "90", "account_manager")
        rates = role_rates(conn, [project])
        return [rates.on(project, role, DAY) for role in ("designer", "account_manager")]

    assert await database.write(ask) == [Rate(None, "missing_rate"), Rate(Fraction(90))]


async def test_only_confirmed_holders_of_versions_in_force_count(database: RolledBack) -> None:
    def ask(conn: sa.Connection) -> Rate:
        project = web(conn)
        colleague(conn, project, "ana", "60")
        others: tuple[dict[str, Any], ...] = (
            {"kind": "shadow"},
            {"certainty": "tentative"},
            {"superseded_at": facts.MADE_AT},
        )
        for number, values in enumerate(others):
            id = facts.person(conn, f"other{number}@agency.example")
            costs(conn, id, "1000")
            facts.holder(conn, project, id, START, role="designer", **values)
        facts.holder(conn, project, None, START, role="designer")  # demand without a name
        return role_rates(conn, [project]).on(project, "designer", DAY)

    assert await database.write(ask) == Rate(Fraction(60))


async def test_a_corrected_rate_counts_as_corrected(database: RolledBack) -> None:
    def ask(conn: sa.Connection) -> Rate:
        project = web(conn)
        ana = colleague(conn, project, "ana", "60")
        facts.add(
            conn,
            PersonRate,
            person_id=ana,
            cost_rate=Decimal(10),
            currency="EUR",
            valid_from=DAY,
            superseded_at=facts.MADE_AT,
        )
        return role_rates(conn, [project]).on(project, "designer", DAY)

    assert await database.write(ask) == Rate(Fraction(60))


async def test_an_unknown_project_has_nobody(database: RolledBack) -> None:
    id = new_id()
    assert await database.read(lambda conn: role_rates(conn, [id]).on(id, "designer", DAY)) == Rate(
        None, "nobody_assigned"
    )


async def test_takes_as_many_statements_for_many_projects_as_for_one(database: RolledBack) -> None:
    def make(conn: sa.Connection) -> list[UUID]:
        ids = [web(conn, f"P{number}", ("EUR", "USD", "GBP")[number % 3]) for number in range(9)]
        for number, id in enumerate(ids):
            colleague(conn, id, f"p{number}", "60")
        return ids

    ids = await database.write(make)
    for asked in (ids[:1], ids):
        with database.counting() as statements:
            await database.read(role_rates, asked)
        assert len(statements) == 4
