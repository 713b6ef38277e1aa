from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from app.core.ids import new_id
from app.features.capacity.finish import outlook
from app.features.capacity.finish_rules import (
    Absence,
    Demand,
    Member,
    NoFinish,
    Share,
    Team,
    demand,
    free_seconds,
    plan,
    team,
)
from app.features.capacity.queries import projects
from app.features.capacity.rules import Days
from app.models.delivery import Estimate
from app.models.role import Role
from tests.databases import RolledBack
from tests.measures import facts

TODAY = date(2026, 3, 2)  # a Monday
HOUR = 3600
ROLES = ("account_manager", "designer", "developer")
DAYS = [day for n in range(60) if (day := TODAY + timedelta(n)).weekday() < 5]
ALWAYS = Days(date(2026, 1, 1))


def member(number: int = 1, *roles: str, **values: Any) -> Member:
    held = [(role, ALWAYS) for role in roles or ("designer",)]
    said: dict[str, Any] = {"person_id": UUID(int=number), "weekly": 40 * HOUR, "roles": held}
    return Member(**(said | values))


def of(*members: Member) -> Team:
    return team(TODAY, DAYS, members)


def finish(members: list[Member], remaining: Demand, added: Demand | None = None, **values: Any) -> date | None:
    return plan(of(*members), remaining, added or {}, **values).finish_on


# Free hours.


def test_a_day_is_a_fifth_of_the_week() -> None:
    assert free_seconds(member(weekly=30 * HOUR), DAYS[:3]) == [6 * HOUR] * 3


def test_time_off_takes_its_hours_or_the_whole_day_and_never_more_than_there_are() -> None:
    off = [
        Absence(DAYS[0], DAYS[1], 2 * HOUR),
        Absence(DAYS[1], DAYS[2], 3 * HOUR),
        Absence(DAYS[3], DAYS[3], None),
        Absence(DAYS[4], DAYS[4], 9 * HOUR),
    ]
    assert free_seconds(member(absences=off), DAYS[:6]) == [6 * HOUR, 3 * HOUR, 5 * HOUR, 0, 0, 8 * HOUR]


def test_other_projects_take_their_shares_while_they_last() -> None:
    shares = [Share(Days(TODAY, DAYS[2]), Fraction(1, 2)), Share(Days(DAYS[1]), Fraction(1, 3))]
    found = free_seconds(member(shares=shares), DAYS[:3])
    assert found == [4 * HOUR, 8 * HOUR // 6, 16 * HOUR // 3]
    assert free_seconds(member(shares=[*shares, Share(Days(TODAY), Fraction(1))]), DAYS[:3]) == [0, 0, 0]


def test_nobody_works_before_they_are_hired_or_after_they_left() -> None:
    assert free_seconds(member(hired_on=DAYS[1], left_on=DAYS[2]), DAYS[:4]) == [0, 8 * HOUR, 8 * HOUR, 0]


# The day of finishing.


def test_the_work_is_done_on_the_first_day_that_covers_it() -> None:
    assert finish([member()], {"designer": 16 * HOUR}) == DAYS[1]
    assert finish([member()], {"designer": 16 * HOUR + 1}) == DAYS[2]
    assert finish([member(), member(2)], {"designer": 16 * HOUR}) == DAYS[0]
    assert finish([member()], {}) == TODAY


def test_added_work_waits_for_its_start_and_for_what_remains() -> None:
    remaining: Demand = {"designer": 8 * HOUR}
    added: Demand = {"designer": 8 * HOUR}
    assert finish([member()], remaining, added) == DAYS[1]
    assert finish([member()], remaining, added, starts_on=DAYS[7]) == DAYS[7]
    assert finish([member()], remaining, added, starts_on=DAYS[0] - timedelta(9)) == DAYS[1]


def test_a_role_is_worked_by_those_who_hold_it_and_an_unheld_one_by_whoever_has_hours_left() -> None:
    people = [member(1, "designer"), member(2, "developer")]
    assert finish(people, {"designer": 16 * HOUR}) == DAYS[1]
    assert finish(people, {"account_manager": 16 * HOUR}) == DAYS[0]
    assert finish(people, {None: 16 * HOUR, "designer": 8 * HOUR}) == DAYS[1]


def test_somebody_who_holds_two_roles_has_one_day() -> None:
    assert finish([member(1, "designer", "developer")], {"designer": 8 * HOUR, "developer": 8 * HOUR}) == DAYS[1]


def test_who_can_do_everything_is_kept_for_what_nobody_else_can() -> None:
    people = [member(1, "designer", "developer"), member(2, "designer")]
    assert finish(people, {"designer": 8 * HOUR, "developer": 8 * HOUR}) == DAYS[0]


def test_assignments_count_while_they_are_in_force() -> None:
    late = member(1, roles=[("designer", Days(DAYS[3]))])
    assert finish([late], {"designer": 8 * HOUR}) == DAYS[3]


def test_tells_why_there_is_no_day() -> None:
    ending = member(1, roles=[("designer", Days(TODAY, DAYS[2]))])
    asked: Demand = {"designer": 999 * HOUR}
    assert plan(of(), asked, {}).reason == NoFinish.NO_CAPACITY
    assert plan(of(member(weekly=0)), asked, {}).reason == NoFinish.NO_CAPACITY
    assert plan(of(ending), asked, {}).reason == NoFinish.TEAM_ENDS
    assert plan(of(member()), asked, {}).reason == NoFinish.BEYOND_HORIZON
    assert plan(team(TODAY, [], [member()]), asked, {}).reason == NoFinish.NO_CAPACITY


def test_fewer_hours_shorten_what_remains_of_the_role_and_then_what_is_added() -> None:
    assert demand({"designer": 10}, {"designer": -4}) == ({"designer": 6}, {})
    assert demand({"designer": 10, "developer": 5}, {"designer": -14, "developer": 7}) == (
        {"developer": 5},
        {"developer": 3},
    )
    assert demand({}, {"designer": -4}) == ({}, {})


# Laws.

seconds = st.integers(0, 200 * HOUR)
demands = st.dictionaries(st.sampled_from([*ROLES, None]), seconds, max_size=4)
additions = st.dictionaries(st.sampled_from(ROLES), st.integers(-100 * HOUR, 100 * HOUR), max_size=3)
places = st.integers(0, len(DAYS) - 1)


@st.composite
def spans(draw: st.DrawFn) -> Days:
    start, stop = draw(places), draw(st.none() | places)
    return Days(DAYS[start], DAYS[stop] if stop is not None and stop > start else None)


shares = st.builds(Share, spans(), st.fractions(0, 1, max_denominator=6))
absences = st.builds(
    lambda first, more, lost: Absence(DAYS[first], DAYS[first] + timedelta(more), lost),
    places,
    st.integers(0, 9),
    st.none() | st.integers(0, 8 * HOUR),
)


@st.composite
def teams(draw: st.DrawFn) -> list[Member]:
    return [
        Member(
            UUID(int=number),
            draw(st.integers(0, 40 * HOUR)),
            draw(st.lists(st.tuples(st.sampled_from(ROLES), spans()), min_size=1, max_size=3)),
            absences=draw(st.lists(absences, max_size=2)),
            shares=draw(st.lists(shares, max_size=2)),
        )
        for number in range(draw(st.integers(0, 4)))
    ]


def day_of(found: date | None) -> date:
    return found or date.max


@given(teams(), demands, additions, st.sampled_from(ROLES), seconds, st.none() | st.sampled_from(DAYS), st.booleans())
def test_more_hours_never_finish_earlier(
    members: list[Member],
    remaining: dict[str | None, int],
    added: Demand,
    role: str,
    more: int,
    start: date,
    rest: bool,
) -> None:
    before = finish(members, remaining, added, starts_on=start)
    if rest:
        after = finish(members, {**remaining, role: remaining.get(role, 0) + more}, added, starts_on=start)
    else:
        after = finish(members, remaining, {**added, role: added.get(role, 0) + more}, starts_on=start)
    assert day_of(after) >= day_of(before)


@given(teams(), demands, additions, st.integers(0, 3), st.integers(0, 40 * HOUR), st.none() | st.sampled_from(DAYS))
def test_more_capacity_never_finishes_later(
    members: list[Member], remaining: Demand, added: Demand, who: int, more: int, start: date | None
) -> None:
    before = finish(members, remaining, added, starts_on=start)
    freer = [
        replace(member, weekly=member.weekly + more, shares=member.shares[1:], absences=member.absences[1:])
        if number == who
        else member
        for number, member in enumerate(members)
    ]
    assert day_of(finish(freer, remaining, added, starts_on=start)) <= day_of(before)


@given(teams(), demands, st.none() | st.sampled_from(DAYS))
def test_adding_nothing_changes_nothing(members: list[Member], remaining: Demand, start: date | None) -> None:
    assert plan(of(*members), remaining, dict.fromkeys(ROLES, 0), start) == plan(of(*members), remaining, {})


@given(teams(), demands, additions, st.none() | st.sampled_from(DAYS))
def test_what_is_planned_is_what_is_to_be_done_and_nobody_works_more_than_they_have_free(
    members: list[Member], remaining: Demand, added: Demand, start: date | None
) -> None:
    group = of(*members)
    found = plan(group, remaining, added, start)
    done: dict[tuple[bool, str | None], int] = defaultdict(int, found.left)
    worked: dict[tuple[UUID, date], int] = defaultdict(int)
    for piece in found.pieces:
        done[piece.added, piece.role] += piece.seconds
        worked[piece.person_id, piece.day] += piece.seconds
        assert piece.seconds > 0
        assert not piece.added or start is None or piece.day >= start
    remains, more = demand(remaining, added)
    assert dict(done) == {(False, r): s for r, s in remains.items()} | {(True, r): s for r, s in more.items()}
    for (person_id, day), total in worked.items():
        assert total <= group.free[person_id][DAYS.index(day)]
    assert (found.finish_on is None) == bool(found.left) == (found.reason is not None)
    if found.pieces and found.finish_on:
        assert found.finish_on == max(piece.day for piece in found.pieces)


# From the database.


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


async def test_the_outlook_takes_six_statements_for_any_number_of_people(database: RolledBack) -> None:
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
        assert len(statements) == 6
