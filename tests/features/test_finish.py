from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from app.features.capacity.finish_rules import (
    ALWAYS,
    Absence,
    Demand,
    Member,
    NoFinish,
    Share,
    Team,
    Work,
    demand,
    free_seconds,
    plan,
    team,
    work_of,
)
from app.features.capacity.rules import Days

TODAY = date(2026, 3, 2)  # a Monday
HOUR = 3600
ROLES = ("account_manager", "designer", "developer")
DAYS = [day for n in range(60) if (day := TODAY + timedelta(n)).weekday() < 5]
EVER = Days(date(2026, 1, 1))


def member(number: int = 1, *roles: str, **values: Any) -> Member:
    held = [(role, EVER) for role in roles or ("designer",)]
    said: dict[str, Any] = {"person_id": UUID(int=number), "weekly": 40 * HOUR, "roles": held}
    return Member(**(said | values))


def of(*members: Member, work: Work = ALWAYS) -> Team:
    return team(TODAY, DAYS, members, work)


def finish(
    members: list[Member], remaining: Demand, added: Demand | None = None, work: Work = ALWAYS, **values: Any
) -> date | None:
    return plan(of(*members, work=work), remaining, added or {}, **values).finish_on


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


# The project's own status.


def history(*moves: tuple[str, date]) -> list[tuple[str, Days]]:
    """Its statuses, each from its day until the next."""
    stops = [*(start for _, start in moves[1:]), None]
    return [(status, Days(start, stop)) for (status, start), stop in zip(moves, stops, strict=True)]


def worked(*moves: tuple[str, date]) -> Work:
    return work_of(history(*moves), TODAY)


LONG_AGO = date(2026, 1, 1)
ACTIVE = ("active", LONG_AGO)


def test_nothing_is_done_while_the_project_is_on_hold() -> None:
    pause = worked(ACTIVE, ("on_hold", DAYS[1]), ("active", DAYS[4]), ("back_burner", DAYS[5]))
    assert [finish([member()], {"designer": hours * HOUR}, work=pause) for hours in (8, 9, 17)] == [
        DAYS[0],
        DAYS[4],
        DAYS[5],
    ]
    assert finish([member()], {"designer": HOUR}, work=worked(("on_hold", LONG_AGO), ("active", DAYS[3]))) == DAYS[3]


def test_what_is_in_the_pipeline_begins_on_its_planned_activation_or_else_today() -> None:
    tender = ("pipeline", LONG_AGO)
    assert finish([member()], {"designer": HOUR}, work=worked(tender)) == TODAY
    assert finish([member()], {"designer": HOUR}, work=worked(tender, ("active", DAYS[6]))) == DAYS[6]
    assert finish([member()], {"designer": HOUR}, work=worked(tender, ("lost", DAYS[1]))) == TODAY


def test_a_status_that_lasted_no_day_counts_for_nothing() -> None:
    assert worked(("pipeline", TODAY), ("active", TODAY), ("on_hold", TODAY)).days == []
    assert work_of([], TODAY) == ALWAYS


def test_tells_which_status_leaves_the_work_undone() -> None:
    def why(*moves: tuple[str, date], **values: Any) -> NoFinish | None:
        return plan(of(member(**values), work=worked(*moves)), {"designer": 32 * HOUR}, {}).reason

    ending = [("designer", Days(TODAY, DAYS[1]))]
    later = DAYS[-1] + timedelta(30)
    assert why(("on_hold", LONG_AGO)) == NoFinish.ON_HOLD
    assert why(("on_hold", LONG_AGO), ("cancelled", DAYS[9])) == NoFinish.ON_HOLD
    assert why(("on_hold", LONG_AGO), ("active", later)) == NoFinish.BEYOND_HORIZON
    assert why(ACTIVE, ("on_hold", DAYS[2])) == NoFinish.ON_HOLD
    assert why(ACTIVE, ("closed", DAYS[2])) == NoFinish.PROJECT_ENDS
    assert why(ACTIVE, ("cancelled", TODAY)) == NoFinish.PROJECT_ENDS
    assert why(("pipeline", LONG_AGO), ("lost", DAYS[2])) == NoFinish.PROJECT_ENDS
    assert why(ACTIVE, ("closed", DAYS[2]), roles=ending) == NoFinish.TEAM_ENDS
    assert why(ACTIVE, ("closed", DAYS[2]), weekly=0) == NoFinish.NO_CAPACITY
    assert why(ACTIVE, ("closed", later), weekly=HOUR) == NoFinish.BEYOND_HORIZON
    assert why(ACTIVE, ("closed", DAYS[4])) is None


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


works = st.just(ALWAYS) | st.builds(Work, st.lists(spans(), max_size=3), st.none() | st.just(NoFinish.ON_HOLD))


def day_of(found: date | None) -> date:
    return found or date.max


@given(
    teams(),
    demands,
    additions,
    st.sampled_from(ROLES),
    seconds,
    st.none() | st.sampled_from(DAYS),
    st.booleans(),
    works,
)
def test_more_hours_never_finish_earlier(
    members: list[Member],
    remaining: dict[str | None, int],
    added: Demand,
    role: str,
    more: int,
    start: date,
    rest: bool,
    work: Work,
) -> None:
    before = finish(members, remaining, added, work, starts_on=start)
    if rest:
        after = finish(members, {**remaining, role: remaining.get(role, 0) + more}, added, work, starts_on=start)
    else:
        after = finish(members, remaining, {**added, role: added.get(role, 0) + more}, work, starts_on=start)
    assert day_of(after) >= day_of(before)


@given(
    teams(), demands, additions, st.integers(0, 3), st.integers(0, 40 * HOUR), st.none() | st.sampled_from(DAYS), works
)
def test_more_capacity_never_finishes_later(
    members: list[Member], remaining: Demand, added: Demand, who: int, more: int, start: date | None, work: Work
) -> None:
    before = finish(members, remaining, added, work, starts_on=start)
    freer = [
        replace(member, weekly=member.weekly + more, shares=member.shares[1:], absences=member.absences[1:])
        if number == who
        else member
        for number, member in enumerate(members)
    ]
    assert day_of(finish(freer, remaining, added, work, starts_on=start)) <= day_of(before)


@given(teams(), demands, additions, st.none() | st.sampled_from(DAYS), st.lists(spans(), max_size=3), spans())
def test_a_project_that_is_worked_on_for_longer_never_finishes_later(
    members: list[Member], remaining: Demand, added: Demand, start: date | None, days: list[Days], more: Days
) -> None:
    before = finish(members, remaining, added, Work(days), starts_on=start)
    assert day_of(finish(members, remaining, added, Work([*days, more]), starts_on=start)) <= day_of(before)


@given(teams(), demands, st.none() | st.sampled_from(DAYS))
def test_adding_nothing_changes_nothing(members: list[Member], remaining: Demand, start: date | None) -> None:
    assert plan(of(*members), remaining, dict.fromkeys(ROLES, 0), start) == plan(of(*members), remaining, {})


@given(teams(), demands, additions, st.none() | st.sampled_from(DAYS), works)
def test_what_is_planned_is_what_is_to_be_done_and_nobody_works_more_than_they_have_free(
    members: list[Member], remaining: Demand, added: Demand, start: date | None, work: Work
) -> None:
    group = of(*members, work=work)
    found = plan(group, remaining, added, start)
    done: dict[tuple[bool, str | None], int] = defaultdict(int, found.left)
    worked: dict[tuple[UUID, date], int] = defaultdict(int)
    for piece in found.pieces:
        done[piece.added, piece.role] += piece.seconds
        worked[piece.person_id, piece.day] += piece.seconds
        assert piece.seconds > 0
        assert not piece.added or start is None or piece.day >= start
        assert work.on(piece.day)
    remains, more = demand(remaining, added)
    assert dict(done) == {(False, r): s for r, s in remains.items()} | {(True, r): s for r, s in more.items()}
    for (person_id, day), total in worked.items():
        assert total <= group.free[person_id][DAYS.index(day)]
    assert (found.finish_on is None) == bool(found.left) == (found.reason is not None)
    if found.pieces and found.finish_on:
        assert found.finish_on == max(piece.day for piece in found.pieces)
