"""What the day of finishing is computed from, as the database holds it."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core.ids import new_id
from app.features.capacity.finish import outlook
from app.features.capacity.finish_rules import NoFinish, Work
from app.features.capacity.queries import projects
from app.features.capacity.rules import Days
from app.models.delivery import Estimate
from app.models.role import Role
from tests.databases import RolledBack
from tests.measures import facts

TODAY = date(2026, 3, 2)  # a Monday
LONG_AGO = date(2026, 1, 1)
HOUR = 3600
DAYS = [day for n in range(60) if (day := TODAY + timedelta(n)).weekday() < 5]


def office(conn: sa.Connection) -> UUID:
    """Two projects and two roles; the calendar is the office's."""
    for role in ("designer", "developer"):
        facts.add(conn, Role, key=role, name=role)
    client = facts.client(conn)
    facts.project(conn, client, "SHOP")
    return facts.project(conn, client, "WEB", hours_budget=Decimal(100))


def other(conn: sa.Connection, person_id: UUID, status: str, role: str = "designer", **values: Any) -> UUID:
    """An assignment on another project, which has that status from the second day on."""
    code = f"OTHER-{new_id()}"
    id = facts.project(conn, facts.client(conn, code), code)
    facts.status(conn, id, status, DAYS[1])
    if role == "account_manager":
        facts.seat(conn, id, role, "1.5")
    facts.holder(conn, id, person_id, TODAY, role=role, **values)
    return id


async def test_free_hours_are_read_from_all_that_keeps_people_from_working(database: RolledBack) -> None:
    def read(conn: sa.Connection) -> list[Any]:
        web = office(conn)
        found = []
        for number in range(9):
            id = facts.person(conn, f"p{number}@agency.example", left_on=DAYS[2])
            facts.holder(conn, web, id, TODAY, role="designer")
            found.append(id)
        facts.away(conn, found[1], DAYS[1], DAYS[1], "2.5")
        other(conn, found[2], "active", allocation_percent=Decimal(25))
        other(conn, found[3], "back_burner", allocation_percent=Decimal(50))
        other(conn, found[4], "on_hold", allocation_percent=Decimal(50))
        other(conn, found[5], "active", "account_manager")
        other(conn, found[6], "back_burner", "account_manager")
        other(conn, found[7], "active", allocation_percent=Decimal(50), certainty="tentative")
        other(conn, found[8], "active", "account_manager", allocation_percent=Decimal(10))
        seen = outlook(conn, web, TODAY)
        return [Fraction(sum(seen.team.free[id][:4]), HOUR) for id in found]

    hours = [24, Fraction(43, 2), 20, 16, 24, 20, 24, 24, Fraction(112, 5)]
    assert await database.write(read) == hours


async def test_the_team_are_the_confirmed_holders_of_days_ahead(database: RolledBack) -> None:
    def read(conn: sa.Connection) -> tuple[list[Any], list[UUID]]:
        web = office(conn)
        ids = [facts.person(conn, f"p{number}@agency.example") for number in range(6)]
        facts.holder(conn, web, ids[0], TODAY, role="designer")
        facts.holder(conn, web, ids[0], DAYS[3], role="developer")
        facts.holder(conn, web, ids[1], TODAY - timedelta(9), TODAY, role="designer")
        facts.holder(conn, web, ids[2], TODAY, role="designer", certainty="tentative")
        facts.holder(conn, web, ids[3], TODAY, role="designer", kind="shadow")
        facts.holder(conn, web, ids[4], TODAY, role="designer", superseded_at=facts.MADE_AT)
        facts.holder(conn, web, ids[5], TODAY + timedelta(800), role="designer")
        return [(member.person_id, len(member.roles)) for member in outlook(conn, web, TODAY).members], ids

    members, ids = await database.write(read)
    assert members == [(ids[0], 2)]


async def test_what_remains_are_the_latest_estimates_of_each_role(database: RolledBack) -> None:
    def read(conn: sa.Connection) -> Any:
        web = office(conn)
        said = [("designer", -9, "40"), ("designer", -1, "30"), ("designer", 1, "5"), ("developer", 0, "7.5")]
        for role, days, hours in said:
            as_of = TODAY + timedelta(days)
            left = Decimal(hours)
            facts.add(
                conn, Estimate, project_id=web, role=role, as_of=as_of, hours_budget=Decimal(50), hours_remaining=left
            )
        return outlook(conn, web, TODAY).remaining

    found = await database.write(read)
    assert found.basis == "estimates"
    assert found.hours == {"designer": 30 * HOUR, "developer": 27000}


async def test_without_estimates_what_remains_is_the_budget_less_what_is_logged(database: RolledBack) -> None:
    def read(conn: sa.Connection) -> list[Any]:
        web = office(conn)
        maria = facts.person(conn)
        facts.hours(conn, web, maria, TODAY, "10")
        facts.hours(conn, web, maria, TODAY + timedelta(1), "10")
        facts.hours(conn, web, maria, TODAY, "10", superseded_at=facts.MADE_AT)
        found = [outlook(conn, web, TODAY).remaining]
        facts.baseline(conn, web, 1, hours_budget=Decimal(500))
        facts.baseline(conn, web, 2, hours_budget=Decimal(80))
        found.append(outlook(conn, web, TODAY).remaining)
        facts.hours(conn, web, maria, TODAY, "100")
        found.append(outlook(conn, web, TODAY).remaining)
        return found

    assert [(str(found.basis), found.hours) for found in await database.write(read)] == [
        ("budget", {None: 90 * HOUR}),
        ("budget", {None: 70 * HOUR}),
        ("budget", {None: 0}),
    ]


async def test_without_estimates_and_budget_nothing_is_known_of_what_remains(database: RolledBack) -> None:
    def read(conn: sa.Connection) -> Any:
        office(conn)
        shop = conn.execute(sa.select(projects.c.id).where(projects.c.code == "SHOP")).scalar_one()
        return outlook(conn, shop, TODAY)

    found = await database.write(read)
    assert (found.remaining.basis, found.remaining.hours) == ("none", {})
    assert found.horizon == TODAY + timedelta(730)


async def test_the_days_of_work_follow_from_the_statuses_in_force(database: RolledBack) -> None:
    def read(conn: sa.Connection) -> Work:
        web = office(conn)
        shop = conn.execute(sa.select(projects.c.id).where(projects.c.code == "SHOP")).scalar_one()
        facts.status(conn, web, "active", LONG_AGO, DAYS[3])
        facts.status(conn, web, "on_hold", DAYS[3], DAYS[8])
        facts.status(conn, web, "active", DAYS[8], DAYS[20])
        facts.status(conn, web, "closed", DAYS[20])
        facts.status(conn, shop, "on_hold", LONG_AGO)
        return outlook(conn, web, TODAY).team.work

    assert await database.write(read) == Work([Days(LONG_AGO, DAYS[3]), Days(DAYS[8], DAYS[20])], NoFinish.PROJECT_ENDS)


async def test_the_outlook_takes_seven_statements_for_any_number_of_people(database: RolledBack) -> None:
    web = await database.write(office)
    for number in range(4):

        def join(conn: sa.Connection, number: int = number) -> None:
            id = facts.person(conn, f"p{number}@agency.example")
            facts.holder(conn, web, id, TODAY, role="designer")
            facts.away(conn, id, TODAY, TODAY)
            other(conn, id, "active", allocation_percent=Decimal(25))

        await database.write(join)
        with database.counting() as statements:
            await database.read(outlook, web, TODAY)
        assert len(statements) == 7
