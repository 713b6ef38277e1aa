"""Kick-off: one call begins a project from a template, or nothing happens."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from app.core.caller import AccessRole
from app.db.dispatcher import Database
from app.db.record import metadata
from app.features.templates.rules import working_day
from tests.commands import served
from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.factories import make_key
from tests.features.calls import Json, add, add_project, day, events, history, move
from tests.features.test_assignments import ACCOUNT, PRODUCTION, person
from tests.features.test_seats import add_role
from tests.features.test_templates import SHOP

MONDAY = "2027-03-01"


async def counts(database: Database) -> dict[str, int]:
    """How many rows each table has; keys and kept answers aside."""

    def count(conn: sa.Connection) -> dict[str, int]:
        tables = [table for name, table in metadata.tables.items() if name not in ("api_key", "idempotency_key")]
        return {t.name: conn.execute(sa.select(sa.func.count()).select_from(t)).scalar_one() for t in tables}

    return await database.read(count)


async def kick_off(
    client: httpx.AsyncClient, ref: str = "WEB", *, dry_run: bool = False, **given: Any
) -> httpx.Response:
    query = {"dry_run": "true"} if dry_run else {}
    return await client.post(f"/v1/projects/{ref}/kick-off", json=given, params=query)


async def refusal(client: httpx.AsyncClient, **given: Any) -> tuple[int, str]:
    answer = await kick_off(client, **given)
    return answer.status_code, answer.json()["code"]


def named(maria: str, jon: str) -> list[Json]:
    return [{"role": ACCOUNT, "person_id": maria}, {"role": PRODUCTION, "person_id": jon}]


@pytest.fixture
async def staff(database: RolledBack) -> tuple[str, str]:
    return await person(database, "maria", home_role=ACCOUNT), await person(database, "jon", home_role=PRODUCTION)


async def test_one_call_makes_everything(
    client: httpx.AsyncClient, database: RolledBack, staff: tuple[str, str]
) -> None:
    project = await add_project(client)
    template = await add(client, "project-templates", **SHOP)
    answer = await kick_off(client, template="SHOP", start_on=MONDAY, seats=named(*staff))
    assert answer.status_code == 200, answer.text
    made = answer.json()
    assert (made["project"]["status"], made["project"]["start_on"], made["project"]["due_on"]) == (
        "pipeline",
        MONDAY,
        "2027-06-29",
    )
    assert [status for status, *_ in await history(client, "WEB")] == ["pipeline", "active"]
    assert (made["baseline"]["number"], made["baseline"]["cause"], made["baseline"]["valid_from"]) == (
        1,
        "kick_off",
        MONDAY,
    )
    query = {"project_id": project["id"], "include": "milestones"}
    [baseline] = (await client.get("/v1/baselines", params=query)).json()["items"]
    assert {item["name"] for item in baseline["milestones"]} == {"Design", "Launch"}
    assert (baseline["start_on"], baseline["due_on"]) == (MONDAY, "2027-06-29")
    # Day 30 is a Wednesday, day 110 a Saturday.
    assert [item["planned_on"] for item in made["milestones"]] == ["2027-03-31", "2027-06-21"]
    assert [(item["role"], item["person_id"]) for item in made["seats"]] == [
        (ACCOUNT, staff[0]),
        (PRODUCTION, staff[1]),
    ]
    assert [(item["role"], item["hours_budget"]) for item in made["estimates"]] == [(PRODUCTION, "80")]
    assert [(item["skill"], item["from_on"], item["until_on"]) for item in made["skill_needs"]] == [
        ("payments", MONDAY, "2027-06-29")
    ]
    tasks = (await client.get("/v1/project-tasks", params={"project_id": project["id"]})).json()["items"]
    assert [(item["occasion"], item["due_on"]) for item in tasks] == [("kick_off", MONDAY)] * 6
    assert [item["id"] for item in made["tasks"]] == [item["id"] for item in tasks]
    assert {item["role"]: item["load_weight"] for item in made["seats"]} == {ACCOUNT: "0.5", PRODUCTION: "0.75"}
    assert made["warnings"] == []
    told = dict(await events(database))
    assert told["project.kicked_off"] == {
        "template_id": template["id"],
        "baseline_id": made["baseline"]["id"],
        "start_on": MONDAY,
        "seats": 2,
        "tasks": 6,
    }
    assert told["baseline.created"]["cause"] == "kick_off"


async def test_it_is_active_from_its_first_day(client: httpx.AsyncClient, staff: tuple[str, str]) -> None:
    with day("2027-03-01"):
        await add_project(client)
        made = (await kick_off(client, seats=named(*staff))).json()
    assert (made["project"]["status"], made["project"]["start_on"]) == ("active", MONDAY)
    assert made["warnings"] == []


async def test_what_the_project_has_stays(client: httpx.AsyncClient, staff: tuple[str, str]) -> None:
    project = await add_project(client, start_on=MONDAY, due_on="2027-05-31")
    own = await add(client, "milestones", project_id=project["id"], name="Design", planned_on="2027-03-15")
    await add(client, "estimates", project_id=project["id"], role=PRODUCTION, hours_budget="40", hours_remaining="40")
    await add(
        client,
        "assignments",
        project_id=project["id"],
        role=ACCOUNT,
        person_id=staff[0],
        valid_from="2027-02-01",
    )
    await add(client, "project-templates", **SHOP)
    made = (await kick_off(client, template="SHOP", seats=named(*staff)[1:])).json()
    assert made["project"]["due_on"] == "2027-05-31"
    assert [item["name"] for item in made["milestones"]] == ["Launch"]
    assert (await client.get(f"/v1/milestones/{own['id']}")).json()["planned_on"] == "2027-03-15"
    assert made["estimates"] == []
    assert [item["person_id"] for item in made["seats"]] == list(staff)
    assert "Planned after the project's due_on: Launch." in made["warnings"]


async def test_a_weight_that_was_set_by_hand_stays(client: httpx.AsyncClient, staff: tuple[str, str]) -> None:
    project = await add_project(client)
    [seat] = (await client.get("/v1/seats", params={"project_id": project["id"], "role": PRODUCTION})).json()["items"]
    await client.patch(f"/v1/seats/{seat['id']}", json={"load_weight": "1"}, headers={"If-Match": "*"})
    await add(client, "project-templates", **SHOP)
    made = (await kick_off(client, template="SHOP", start_on=MONDAY, seats=named(*staff))).json()
    assert {item["role"]: item["load_weight"] for item in made["seats"]} == {ACCOUNT: "0.5", PRODUCTION: "1"}
    assert made["warnings"] == ["The seat production_manager keeps its load weight: change it by PATCH /v1/seats/{id}."]


@pytest.mark.parametrize("already", [False, True], ids=["named now", "seated before"])
async def test_a_manager_is_held_to_the_cap_by_the_weight_that_the_template_gives(
    client: httpx.AsyncClient, database: RolledBack, staff: tuple[str, str], already: bool
) -> None:
    project = await add_project(client)
    half = await person(database, "half", active_cap=0.5, home_role=PRODUCTION)
    await add(client, "project-templates", **SHOP)
    seats = named(staff[0], half)
    if already:
        await add(client, "assignments", project_id=project["id"], valid_from="2027-01-01", **seats.pop())
    before = await counts(database)
    given: Json = {"template": "SHOP", "start_on": MONDAY, "seats": seats}
    assert await refusal(client, **given) == (409, "over-capacity")
    assert await counts(database) == before
    unfilled = (await kick_off(client, template="SHOP", start_on=MONDAY)).json()["unfilled"]
    offered = {item["role"]: [one["person_id"] for one in item["candidates"]] for item in unfilled}
    assert half not in offered.get(PRODUCTION, [])
    allowed = await kick_off(client, **given, override_reason="It is but a month.")
    assert allowed.status_code == 200, allowed.text


async def test_a_template_by_id_brings_its_own_checklist_and_seats(
    client: httpx.AsyncClient, database: RolledBack, staff: tuple[str, str]
) -> None:
    await add_project(client)
    await add_role(client, "designer")
    designer = await person(database, "dora", home_role="designer")
    own = await add(client, "checklists", occasion="kick_off", name="Ours")
    await add(client, "checklist-items", checklist_id=own["id"], statement="Buy a cake", position=1)
    seats = [*SHOP["seats"], {"role": "designer", "load_weight": "0"}]
    template = await add(client, "project-templates", **{**SHOP, "seats": seats, "checklist_id": own["id"]})
    given = [*named(*staff), {"role": "designer", "person_id": designer, "allocation_percent": "50"}]
    made = (await kick_off(client, template=template["id"], start_on=MONDAY, seats=given)).json()
    assert [item["statement"] for item in made["tasks"]] == ["Buy a cake"]
    assert {item["role"]: item["holders"] for item in made["seats"]}["designer"] == [designer]
    held = (await client.get("/v1/assignments", params={"role": "designer"})).json()["items"]
    assert [item["allocation_percent"] for item in held] == ["50"]


async def test_a_rehearsal_keeps_nothing(
    client: httpx.AsyncClient, database: RolledBack, staff: tuple[str, str]
) -> None:
    await add_project(client)
    await add(client, "project-templates", **SHOP)
    before = await counts(database)
    given: Json = {"template": "SHOP", "start_on": MONDAY, "seats": named(*staff)}
    rehearsed = await kick_off(client, dry_run=True, **given)
    assert (rehearsed.status_code, len(rehearsed.json()["tasks"])) == (200, 6)
    assert await counts(database) == before
    assert (await kick_off(client, **given)).status_code == 200


async def test_roles_without_a_person_are_refused_with_candidates(
    client: httpx.AsyncClient, database: RolledBack, staff: tuple[str, str]
) -> None:
    await add_project(client)
    await add_role(client, "designer")
    await add_role(client, "photographer")
    dora = await person(database, "dora", home_role="designer")
    seats = [*SHOP["seats"], {"role": "designer"}, {"role": "photographer"}]
    await add(client, "project-templates", **{**SHOP, "seats": seats})
    before = await counts(database)
    answer = await kick_off(client, template="SHOP", start_on=MONDAY, seats=named(*staff)[:1])
    assert (answer.status_code, answer.json()["code"]) == (409, "seats-unfilled")
    unfilled = {item["role"]: item for item in answer.json()["unfilled"]}
    assert unfilled.keys() == {PRODUCTION, "designer", "photographer"}
    # The account manager, who is named, can't be the other one too.
    candidates = [item["person_id"] for item in unfilled[PRODUCTION]["candidates"]]
    assert (candidates[0], staff[0] in candidates) == (staff[1], False)
    assert [item["person_id"] for item in unfilled["designer"]["candidates"]] == [dora]
    assert unfilled["photographer"]["candidates"] == []
    assert unfilled["photographer"]["reason"] == (
        "Nobody whose home role is `photographer` is employed on 2027-03-01 and free to take it."
    )
    assert await counts(database) == before


async def test_whoever_is_full_is_no_candidate(client: httpx.AsyncClient, database: RolledBack) -> None:
    await add_project(client)
    maria = await person(database, "maria", active_cap=0, home_role=ACCOUNT)
    await add(client, "project-templates", **{**SHOP, "seats": [{"role": ACCOUNT}]})
    answer = await kick_off(client, template="SHOP", start_on=MONDAY)
    [unfilled] = answer.json()["unfilled"]
    assert (unfilled["candidates"], unfilled["reason"]) == (
        [],
        "The only one whom it suits would carry more than the cap, or leaves.",
    )
    assert await refusal(client, template="SHOP", start_on=MONDAY, seats=[{"role": ACCOUNT, "person_id": maria}]) == (
        409,
        "over-capacity",
    )


async def test_a_refused_seat_leaves_nothing_behind(
    client: httpx.AsyncClient, database: RolledBack, staff: tuple[str, str]
) -> None:
    await add_project(client)
    full = await person(database, "full", active_cap=0)
    await add(client, "project-templates", **SHOP)
    before = await counts(database)
    given: Json = {"template": "SHOP", "start_on": MONDAY}
    assert await refusal(client, **given, seats=named(staff[0], full)) == (409, "over-capacity")
    assert await refusal(client, **given, seats=named(staff[0], staff[0])) == (409, "same-person-twice")
    assert await counts(database) == before
    allowed = await kick_off(client, **given, seats=named(staff[0], full), override_reason="It is but a month.")
    assert allowed.status_code == 200, allowed.text
    [decision] = (await client.get("/v1/decisions", params={"kind": "override"})).json()["items"]
    assert (decision["why"], decision["person_id"]) == ("It is but a month.", full)


async def test_only_some_may_override(client: httpx.AsyncClient, client_as: ClientFactory) -> None:
    await add_project(client)
    manager = await client_as("manager")
    assert await refusal(manager, override_reason="Because.") == (403, "forbidden")
    assert await refusal(await client_as("contributor")) == (403, "forbidden")


async def test_a_project_is_kicked_off_once(client: httpx.AsyncClient) -> None:
    await add_project(client)
    assert (await kick_off(client, start_on=MONDAY)).status_code == 200
    assert await refusal(client, start_on=MONDAY) == (409, "already-kicked-off")
    await add_project(client, "APP", status="active")
    assert (await kick_off(client, "APP")).json()["code"] == "already-kicked-off"


async def test_what_is_lost_or_rests_is_not_kicked_off(client: httpx.AsyncClient) -> None:
    await add_project(client)
    await move(client, "WEB", "lost")
    await add_project(client, "APP", status="on_hold")
    for code in ("WEB", "APP"):
        assert (await kick_off(client, code)).json()["code"] == "nothing-to-kick-off"


async def test_a_kick_off_that_did_not_come_does_not_stop_a_later_baseline(client: httpx.AsyncClient) -> None:
    with day("2026-12-01"):
        await add_project(client)
        await kick_off(client, start_on=MONDAY)
        [_, planned] = (await client.get("/v1/projects/WEB/transitions")).json()["items"]
        gone = await client.delete(f"/v1/projects/WEB/transitions/{planned['id']}", headers={"If-Match": "*"})
        assert gone.status_code == 204, gone.text
        await move(client, "WEB", "active")
    items = (await client.get("/v1/baselines", params={"sort": "number"})).json()["items"]
    assert [(item["number"], item["cause"]) for item in items] == [(1, "kick_off"), (2, "activation")]


async def test_what_is_named_must_exist(client: httpx.AsyncClient, staff: tuple[str, str]) -> None:
    await add_project(client, start_on=MONDAY, due_on="2027-04-30")
    nobody = "01890000-0000-7000-8000-999999999999"
    wrong: list[tuple[Json, list[str]]] = [
        ({"template": "NONE"}, ["/template"]),
        ({"seats": [{"role": "cook", "person_id": nobody}]}, ["/seats/0/role", "/seats/0/person_id"]),
        ({"seats": named(*staff)[:1] * 2}, ["/seats/0/role", "/seats/1/role", "/seats/1/person_id"]),
        ({"start_on": "2027-05-03"}, ["/start_on"]),
    ]
    for given, pointers in wrong:
        answer = await kick_off(client, **given)
        assert answer.status_code == 422, answer.text
        assert [error["pointer"] for error in answer.json()["errors"]] == pointers


async def test_a_stale_version_is_refused(client: httpx.AsyncClient) -> None:
    await add_project(client)
    answer = await client.post("/v1/projects/WEB/kick-off", json={}, headers={"If-Match": '"7"'})
    assert answer.status_code == 412


async def test_of_two_at_once_one_wins(own_client_as: ClientFactory, own_database: Database) -> None:
    maria, jon = await person(own_database, "maria"), await person(own_database, "jon")
    clients = [await own_client_as() for _ in range(2)]
    await add_project(clients[0])
    await add(clients[0], "project-templates", **SHOP)
    given: Json = {"template": "SHOP", "start_on": MONDAY, "seats": named(maria, jon)}
    answers = await asyncio.gather(*(kick_off(client, **given) for client in clients))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert [a.json()["code"] for a in answers if a.status_code == 409] == ["already-kicked-off"]
    assert len((await clients[0].get("/v1/baselines")).json()["items"]) == 1


Call = Callable[..., dict[str, Any]]


@pytest.mark.parametrize("after", [0.02, 0.06])
async def test_a_kill_amid_a_kick_off_leaves_all_of_it_or_nothing(
    clone_url: str, own_database: Database, after: float
) -> None:
    maria, jon = await person(own_database, "maria"), await person(own_database, "jon")
    key = await own_database.write(lambda conn: make_key(conn, AccessRole.PMO_LEAD))
    milestones = [{"name": f"Step {number}", "day": number} for number in range(60)]

    def calling(address: str) -> Call:
        def call(method: str, path: str, **body: Any) -> dict[str, Any]:
            answer = http.request(method, f"{address}/v1/{path}", json=body or None)
            assert answer.is_success, answer.text
            found: dict[str, Any] = answer.json()
            return found

        return call

    headers = {"Authorization": f"Bearer {key}"}
    with (
        httpx.Client(headers=headers, timeout=30) as http,
        ThreadPoolExecutor(1) as pool,
        served(clone_url) as (running, address),
    ):
        call = calling(address)
        client = call("POST", "clients", code="ACME", name="Acme")
        call("POST", "projects", code="WEB", name="A shop", client_id=client["id"])
        call("POST", "project-templates", **{**SHOP, "milestones": milestones})
        before = await counts(own_database)
        given: Json = {"template": "SHOP", "start_on": MONDAY, "seats": named(maria, jon)}
        kicking = pool.submit(http.post, f"{address}/v1/projects/WEB/kick-off", json=given)
        await asyncio.sleep(after)
        running.process.kill()
        error = kicking.exception()
        assert error is None or isinstance(error, httpx.TransportError)
    found = await counts(own_database)
    made = {name: found[name] - before[name] for name in found}
    whole = {"baseline": 1, "baseline_milestone": 60, "milestone": 60, "assignment": 2, "project_task": 6}
    assert {name: made[name] for name in whole} in (whole, dict.fromkeys(whole, 0))
    assert (made["audit_entry"] == 0) == (made["baseline"] == 0)


def test_a_day_off_moves_a_milestone_to_the_next_working_day() -> None:
    from_monday = [date(2027, 3, 1), date(2027, 3, 3)]
    assert working_day(date(2027, 3, 1), from_monday) == date(2027, 3, 1)
    assert working_day(date(2027, 3, 2), from_monday) == date(2027, 3, 3)
    assert working_day(date(2027, 3, 4), from_monday) == date(2027, 3, 4)
