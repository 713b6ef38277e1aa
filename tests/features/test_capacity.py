import asyncio
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.db.dispatcher import Database
from app.features.capacity import rules
from app.features.capacity.rules import Burden, Days, Weight
from app.features.capacity.schemas import Portfolio
from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.factories import make_person
from tests.features.calls import Json, add, add_project, day, move
from tests.features.test_seats import add_role, seat_of

ACCOUNT, PRODUCTION = "account_manager", "production_manager"
ACTIVE, BACK_BURNER = Portfolio
MONDAY = date(2026, 3, 2)


async def person(database: Database, name: str = "maria", **values: Any) -> str:
    return str(await database.write(lambda conn: make_person(conn, f"{name}@agency.example", **values)))


async def live(client: httpx.AsyncClient, code: str, status: str = "active", **values: Any) -> Json:
    return await add_project(
        client, code, status=status, status_on="2026-01-01", **{"management": "combined", **values}
    )


def seat(project: Json, person_id: str | None, role: str = ACCOUNT, **values: Any) -> Json:
    return {"project_id": project["id"], "role": role, "person_id": person_id, "valid_from": "2026-01-01", **values}


async def both_seats(client: httpx.AsyncClient, project: Json, person_id: str) -> None:
    for role in (ACCOUNT, PRODUCTION):
        await add(client, "assignments", **seat(project, person_id, role))


async def full(client: httpx.AsyncClient, database: Database) -> str:
    """A manager who has one active project, and room for no other."""
    maria = await person(database, active_cap=Decimal(1), back_burner_cap=Decimal(1))
    await both_seats(client, await live(client, "FIRST"), maria)
    return maria


# The pure rules.

days = st.builds(
    lambda start, length: Days(
        MONDAY + timedelta(start), None if length is None else MONDAY + timedelta(start + length)
    ),
    st.integers(0, 20),
    st.none() | st.integers(1, 20),
)
weights = st.lists(st.builds(Weight, days, st.sampled_from([Decimal("0.5"), Decimal(1), Decimal("1.25")])), max_size=6)


def load_on(found: list[Weight], on: date) -> Decimal:
    """The naive count of a day."""
    return sum((w.amount for w in found if w.days.start <= on < w.days.stop), Decimal(0))


def burden(found: list[Weight], cap: Decimal) -> Burden:
    return Burden("Maria", {ACTIVE: cap, BACK_BURNER: Decimal(0)}, {ACTIVE: found, BACK_BURNER: []})


@given(weights, weights, st.sampled_from([Decimal(1), Decimal(2)]), st.sampled_from([Decimal(1), Decimal(2)]))
def test_overloads_are_those_of_counting_day_by_day(
    before: list[Weight], after: list[Weight], former_cap: Decimal, cap: Decimal
) -> None:
    found = rules.overloads(uuid4(), burden(after, cap), burden(before, former_cap))
    for number in range(60):
        on = MONDAY + timedelta(number)
        excess, former = load_on(after, on) - cap, max(Decimal(0), load_on(before, on) - former_cap)
        told = [overload for overload in found if overload.days.start <= on < overload.days.stop]
        assert len(told) == (excess > former)
        assert all(overload.load >= load_on(after, on) for overload in told)


@given(weights, st.integers(0, 20), st.integers(1, 30))
def test_loads_of_a_window_and_peaks_are_those_of_counting_day_by_day(
    found: list[Weight], start: int, length: int
) -> None:
    window = Days(MONDAY + timedelta(start), MONDAY + timedelta(start + length))
    naive = [load_on(found, window.start + timedelta(number)) for number in range(length)]
    assert rules.by_day(found, window) == naive
    assert rules.peak(found, window.start) == max(load_on(found, window.start + timedelta(n)) for n in range(60))


@given(st.lists(days, max_size=5), st.lists(days, max_size=5))
def test_gaps_are_the_wanted_days_that_nobody_takes(wanted: list[Days], taken: list[Days]) -> None:
    found = rules.gaps(wanted, taken)
    for number in range(60):
        on = MONDAY + timedelta(number)
        missing = any(d.start <= on < d.stop for d in wanted) and not any(d.start <= on < d.stop for d in taken)
        assert any(d.start <= on < d.stop for d in found) == missing


# What is refused.


async def test_refuses_one_more_active_project_and_names_the_load_the_cap_and_the_days(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    maria = await full(client, database)
    project = await live(client, "SECOND")
    answer = await client.post("/v1/assignments", json=seat(project, maria, valid_from="2026-05-01"))
    assert (answer.status_code, answer.json()["code"]) == (409, "over-capacity")
    assert answer.json()["overloads"] == [
        {
            "person_id": maria,
            "portfolio": "active",
            "load": "1.5",
            "cap": "1",
            "valid_from": "2026-05-01",
            "valid_to": None,
        }
    ]
    for word in ("1.5", "active projects", "from 2026-05-01 on", "the cap is 1", "override_reason"):
        assert word in answer.json()["detail"]


async def test_shadows_covers_the_tentative_and_team_roles_weigh_nothing(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    maria, designer = await full(client, database), await add_role(client)
    project = await live(client, "SECOND")
    for values in ({"kind": "shadow"}, {"kind": "cover"}, {"role": designer}):
        await add(client, "assignments", **{**seat(project, maria), **values})
    made = await add(client, "assignments", **seat(project, maria, certainty="tentative"))
    answer = await client.patch(
        f"/v1/assignments/{made['id']}", json={"certainty": "confirmed"}, headers={"If-Match": "*"}
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "over-capacity")


@pytest.mark.parametrize("status", ["pipeline", "back_burner"])
async def test_other_statuses_weigh_on_the_other_cap_or_on_none(
    client: httpx.AsyncClient, database: RolledBack, status: str
) -> None:
    maria = await full(client, database)
    await both_seats(client, await live(client, "SECOND", status), maria)
    answer = await move(client, "SECOND", "active", "2026-04-01")
    assert (answer.status_code, answer.json()["code"]) == (409, "over-capacity")
    assert answer.json()["overloads"][0]["valid_from"] == "2026-04-01"
    assert (await move(client, "FIRST", "on_hold", "2026-04-01")).status_code == 200
    assert (await move(client, "SECOND", "active", "2026-04-01")).status_code == 200


async def test_a_full_back_burner_refuses_a_transition_to_it(client: httpx.AsyncClient, database: RolledBack) -> None:
    maria = await full(client, database)
    await both_seats(client, await live(client, "SECOND", "back_burner"), maria)
    answer = await move(client, "FIRST", "back_burner", "2026-04-01")
    assert answer.json()["overloads"][0]["portfolio"] == "back_burner"


async def test_cancelling_a_planned_transition_is_checked_too(client: httpx.AsyncClient, database: RolledBack) -> None:
    with day("2026-02-01"):
        maria = await full(client, database)
        await move(client, "FIRST", "on_hold", "2026-04-01")
        planned = (await client.get("/v1/projects/FIRST/transitions")).json()["items"][1]["id"]
        await add(client, "assignments", **seat(await live(client, "SECOND"), maria, valid_from="2026-04-01"))
        answer = await client.delete(f"/v1/projects/FIRST/transitions/{planned}", headers={"If-Match": "*"})
        assert (answer.status_code, answer.json()["code"]) == (409, "over-capacity")


async def test_a_heavier_seat_and_a_smaller_cap_are_refused_and_a_lighter_load_never_is(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    maria = await full(client, database)
    project = (await client.get("/v1/projects/FIRST")).json()
    address = f"/v1/seats/{(await seat_of(client, project, ACCOUNT))['id']}"
    heavier = await client.patch(address, json={"load_weight": "0.75"}, headers={"If-Match": "*"})
    assert (heavier.status_code, heavier.json()["overloads"][0]["load"]) == (409, "1.25")
    smaller = await client.patch(f"/v1/people/{maria}", json={"active_cap": "0.5"}, headers={"If-Match": "*"})
    assert (smaller.status_code, smaller.json()["overloads"][0]["cap"]) == (409, "0.5")
    forced = {"active_cap": "0.25", "override_reason": "She works half the week."}
    assert (await client.patch(f"/v1/people/{maria}", json=forced, headers={"If-Match": "*"})).status_code == 200
    lighter = await client.patch(address, json={"load_weight": "0.25"}, headers={"If-Match": "*"})
    assert lighter.status_code == 200
    held = (await client.get("/v1/assignments", params={"role": PRODUCTION})).json()["items"][0]
    ended = await client.patch(
        f"/v1/assignments/{held['id']}", json={"valid_to": "2026-06-01"}, headers={"If-Match": "*"}
    )
    assert ended.status_code == 200


async def test_a_role_that_becomes_exclusive_keeps_its_holders_within_their_caps(
    client: httpx.AsyncClient, client_as: ClientFactory, database: RolledBack
) -> None:
    await add(client, "roles", key="designer", name="Designer")
    maria = await person(database, active_cap=Decimal(1))
    for code in ("FIRST", "SECOND"):
        project = await live(client, code)
        await add(client, "seats", project_id=project["id"], role="designer", load_weight="0.75")
        await add(client, "assignments", **seat(project, maria, "designer"))
    address = "/v1/roles/designer"
    body: Json = {"exclusive": True}
    refused = await client.patch(address, json=body, headers={"If-Match": "*"})
    assert (refused.status_code, refused.json()["code"]) == (409, "over-capacity"), refused.text
    assert refused.json()["overloads"][0]["load"] == "1.5"
    body["override_reason"] = "The designers asked for it."
    manager = await client_as("manager")
    assert (await manager.patch(address, json=body, headers={"If-Match": "*"})).status_code == 403
    forced = await client.patch(address, json=body, headers={"If-Match": "*"})
    assert (forced.status_code, forced.json()["exclusive"]) == (200, True)
    (decision,) = (await client.get("/v1/decisions", params={"kind": "override"})).json()["items"]
    assert (decision["subject_type"], decision["person_id"]) == ("role", maria)


async def test_a_seat_that_a_holder_gets_afterwards_keeps_to_their_cap(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    await add(client, "roles", key="designer", name="Designer")
    maria, project = await person(database, active_cap=Decimal(1)), await live(client, "FIRST")
    await add(client, "assignments", **seat(project, maria, "designer"))
    exclusive = await client.patch("/v1/roles/designer", json={"exclusive": True}, headers={"If-Match": "*"})
    assert exclusive.status_code == 200
    body = {"project_id": project["id"], "role": "designer", "load_weight": "1.25"}
    refused = await client.post("/v1/seats", json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "over-capacity"), refused.text
    await add(client, "seats", **{**body, "load_weight": "1"})


# What may be overridden.


async def test_an_override_needs_the_right_and_is_in_the_decision_log(
    client: httpx.AsyncClient, client_as: ClientFactory, database: RolledBack
) -> None:
    maria = await full(client, database)
    project = await live(client, "SECOND")
    body = seat(project, maria, override_reason="The client is strategic.", valid_to="2026-03-01")
    manager = await client_as("manager")
    assert (await manager.post("/v1/assignments", json=body)).status_code == 403
    made = await add(client, "assignments", **body)
    assert "override_reason" not in made
    (decision,) = (await client.get("/v1/decisions", params={"kind": "override"})).json()["items"]
    assert (decision["subject_id"], decision["person_id"]) == (made["id"], maria)
    assert decision["project_id"] == project["id"]
    assert decision["why"] == "The client is strategic."
    assert decision["impact"]["load"] == "1.5"
    assert "2026-01-01 to 2026-02-28" in decision["what"]
    await both_seats(client, await live(client, "THIRD", "back_burner"), maria)
    moved = await move(client, "THIRD", "active", "2026-06-01", override_reason="It can't wait.")
    assert moved.status_code == 200
    assert len((await client.get("/v1/decisions", params={"kind": "override"})).json()["items"]) == 2


async def test_an_override_that_nothing_needs_is_not_logged(client: httpx.AsyncClient, database: RolledBack) -> None:
    project, maria = await live(client, "FIRST"), await person(database)
    await add(client, "assignments", **seat(project, maria, override_reason="Just in case."))
    assert (await client.get("/v1/decisions")).json()["items"] == []
    blank = await client.post("/v1/assignments", json=seat(project, maria, PRODUCTION, override_reason=" "))
    assert (blank.status_code, blank.json()["errors"][0]["pointer"]) == (422, "/override_reason")


async def test_many_projects_that_race_for_the_last_places_fill_exactly_the_cap(
    own_client_as: ClientFactory, own_database: Database
) -> None:
    client = await own_client_as()
    maria = await person(own_database, active_cap=Decimal(3))
    projects = [await live(client, f"P{number}") for number in range(20)]
    answers = await asyncio.gather(*(client.post("/v1/assignments", json=seat(p, maria)) for p in projects))
    assert sorted(answer.status_code for answer in answers) == [201] * 6 + [409] * 14
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"over-capacity"}
    load = (await client.get(f"/v1/people/{maria}/load")).json()["active"]
    assert load == {"load": "3", "cap": "3", "free": "0"}


async def test_transitions_and_assignments_that_race_keep_the_cap(
    own_client_as: ClientFactory, own_database: Database
) -> None:
    client = await own_client_as()
    maria = await person(own_database, active_cap=Decimal(1))
    waiting = [await live(client, f"B{number}", "back_burner") for number in range(5)]
    for project in waiting:
        await add(client, "assignments", **seat(project, maria))
    fresh = [await live(client, f"A{number}") for number in range(5)]
    answers = await asyncio.gather(
        *(move(client, project["code"], "active") for project in waiting),
        *(client.post("/v1/assignments", json=seat(project, maria)) for project in fresh),
    )
    assert sorted(answer.status_code for answer in answers if answer.status_code > 399) == [409] * 8
    assert (await client.get(f"/v1/people/{maria}/load")).json()["active"]["free"] == "0"


# What is answered.


async def test_a_load_lists_the_seats_of_the_day_with_their_weights(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    maria = await full(client, database)
    await add(client, "assignments", **seat(await live(client, "LATER", "back_burner"), maria, valid_from="2026-05-01"))
    await add(client, "assignments", **seat(await live(client, "IDEA", "pipeline"), maria))
    answer = (await client.get("/v1/people/maria@agency.example/load", params={"on": "2026-05-01"})).json()
    assert answer["active"] == {"load": "1", "cap": "1", "free": "0"}
    assert answer["back_burner"] == {"load": "0.5", "cap": "1", "free": "0.5"}
    assert [(held["project_code"], held["portfolio"]) for held in answer["seats"]] == [
        ("FIRST", "active"),
        ("FIRST", "active"),
        ("IDEA", None),
        ("LATER", "back_burner"),
    ]
    before = (await client.get(f"/v1/people/{maria}/load", params={"on": "2026-04-30"})).json()
    assert before["back_burner"]["load"] == "0"


async def weeks_of(client: httpx.AsyncClient, name: str, **params: str) -> list[Json]:
    answer = await client.get("/v1/capacity", params={"from": "2026-03-02", "until": "2026-03-16", **params})
    assert answer.status_code == 200, answer.text
    (found,) = [one for one in answer.json()["people"] if one["email"] == f"{name}@agency.example"]
    weeks: list[Json] = found["weeks"]
    return weeks


async def test_odd_shares_of_odd_days_are_rounded_to_hundredths(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    jon = await person(database, "jon", weekly_hours=Decimal("38.5"))
    designer = await add_role(client)
    await add(client, "assignments", **seat(await live(client, "WEB"), jon, designer, allocation_percent="33.33"))
    answer = await client.get("/v1/capacity", params={"from": "2026-03-02", "until": "2026-03-09", "person_id": jon})
    (week,) = answer.json()["people"][0]["weeks"]
    assert (week["available_hours"], week["booked_hours"], week["free_hours"]) == ("38.5", "12.83", "25.67")


async def test_hours_are_what_working_days_leave_after_time_off_and_bookings(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    jon, designer = await person(database, "jon", weekly_hours=Decimal(40)), await add_role(client)
    await add(client, "time-off", person_id=jon, from_on="2026-03-05", until_on="2026-03-08")
    project, idea = await live(client, "WEB"), await live(client, "IDEA", "pipeline")
    await add(client, "assignments", **seat(project, jon, designer, allocation_percent="50"))
    await add(client, "assignments", **seat(idea, jon, designer, allocation_percent="25", valid_from="2026-03-09"))
    first, second = await weeks_of(client, "jon")
    told = ("available_hours", "booked_hours", "tentative_hours", "free_hours")
    assert [first["week"], first["starts_on"]] == ["2026-W10", "2026-03-02"]
    assert [first[name] for name in told] == ["24", "12", "0", "12"]
    assert [second[name] for name in told] == ["40", "20", "10", "20"]
    assert (first["over"], first["bench"]) == (False, False)


async def test_says_who_is_over_and_who_is_on_the_bench(client: httpx.AsyncClient, database: RolledBack) -> None:
    maria = await full(client, database)
    await person(database, "idle")
    await add(
        client,
        "assignments",
        **seat(await live(client, "MORE"), maria, valid_from="2026-03-10", override_reason="It is short."),
    )
    assert [(week["over"], week["active_load"]) for week in await weeks_of(client, "maria")] == [
        (False, "1"),
        (True, "1.5"),
    ]
    assert [week["bench"] for week in await weeks_of(client, "idle")] == [True, True]
    answer = (await client.get("/v1/capacity", params={"from": "2026-03-02", "until": "2026-03-16"})).json()
    assert [(found["valid_from"], found["load"]) for found in answer["overloads"]] == [("2026-03-10", "1.5")]


async def test_vacant_seats_and_unnamed_demand_are_told_with_their_days(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    maria, designer = await person(database), await add_role(client)
    project = await live(client, "WEB")
    await add(client, "assignments", **seat(project, maria, valid_to="2026-03-05"))
    await add(client, "assignments", **seat(project, maria, valid_from="2026-03-10"))
    await add(client, "assignments", **seat(project, maria, PRODUCTION, certainty="tentative"))
    await live(client, "IDEA", "pipeline")
    await add(client, "assignments", **seat(project, None, designer, allocation_percent="40", valid_from="2026-03-03"))
    answer = (await client.get("/v1/capacity", params={"from": "2026-03-02", "until": "2026-03-16"})).json()
    assert [(seat["role"], seat["valid_from"], seat["valid_to"]) for seat in answer["vacant_seats"]] == [
        (ACCOUNT, "2026-03-05", "2026-03-10"),
        (PRODUCTION, "2026-03-02", "2026-03-16"),
    ]
    (unnamed,) = answer["unnamed_demand"]
    assert (unnamed["role"], unnamed["allocation_percent"], unnamed["project_code"]) == (designer, "40", "WEB")


async def test_takes_the_same_few_statements_for_any_number_of_people(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    await full(client, database)
    with database.counting() as for_one:
        await client.get("/v1/capacity")
    for number in range(4):
        jon = await person(database, f"jon{number}")
        await both_seats(client, await live(client, f"P{number}"), jon)
    with database.counting() as for_five:
        answer = await client.get("/v1/capacity")
    assert len(for_one) == len(for_five) == 7
    assert len(answer.json()["people"]) == 5


async def test_a_window_is_thirteen_weeks_from_monday_and_at_most_fifty_three(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    await person(database, team="Web")
    await person(database, "jon")
    with day("2026-03-04"):
        answer = (await client.get("/v1/capacity", params={"team": "Web"})).json()
    assert (answer["valid_from"], answer["valid_to"]) == ("2026-03-02", "2026-06-01")
    assert [(one["email"], len(one["weeks"])) for one in answer["people"]] == [("maria@agency.example", 13)]
    for until in ("2026-03-02", "2027-03-09"):
        wrong = await client.get("/v1/capacity", params={"from": "2026-03-02", "until": until})
        assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "?until")


def test_a_seat_that_moves_within_the_cap_is_no_overload() -> None:
    held = Weight(Days(MONDAY), Decimal(1))
    ended = Weight(Days(MONDAY, MONDAY + timedelta(7)), Decimal(1))
    next_one = Weight(Days(MONDAY + timedelta(7)), Decimal(1))
    one = UUID(int=1)
    assert rules.overloads(one, burden([ended, next_one], Decimal(1)), burden([held], Decimal(1))) == []
