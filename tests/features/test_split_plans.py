"""Split plans over HTTP: who should hold every seat, edited, compared and handed over, and nobody moved by a plan."""

from typing import Any

import httpx
import pytest

from tests.databases import RolledBack

Json = dict[str, Any]
DAY = "2026-03-02"
AM, PM = "account_manager", "production_manager"


async def made(client: httpx.AsyncClient, path: str, **body: Any) -> Json:
    answer = await client.post(f"/v1/{path}", json=body)
    assert answer.status_code == 201, answer.text
    found: Json = answer.json()
    return found


class Agency:
    """Two managers who hold both seats of all their projects, before the split."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.people: dict[str, str] = {}
        self.clients: dict[str, str] = {}
        self.projects: dict[str, str] = {}

    async def hire(self, name: str, **values: Any) -> None:
        person = await made(
            self.client, "people", email=f"{name}@agency.example", display_name=name, hired_on="2020-01-01", **values
        )
        self.people[name] = person["id"]

    async def win(self, code: str, *projects: str, holder: str | None = None, **values: Any) -> None:
        self.clients[code] = (await made(self.client, "clients", code=code, name=code, **values))["id"]
        for project in projects:
            row = await made(
                self.client,
                "projects",
                code=project,
                name=project,
                client_id=self.clients[code],
                status="active",
                start_on="2026-01-01",
                management="combined",
            )
            self.projects[project] = row["id"]
            for role in (AM, PM) if holder else ():
                await made(
                    self.client,
                    "assignments",
                    project_id=row["id"],
                    role=role,
                    person_id=self.people[str(holder)],
                    valid_from="2026-01-02",
                )

    async def plan(self, **body: Any) -> Json:
        return await made(self.client, "split-plans", **{"name": "Split", "on": DAY, **body})

    @property
    def both(self) -> Json:
        everybody = list(self.people.values())
        return {"account_managers": everybody, "production_managers": everybody}


@pytest.fixture
async def agency(client: httpx.AsyncClient) -> Agency:
    agency = Agency(client)
    await agency.hire("maria", home_role=AM, preferred_duty="client")
    await agency.hire("jon", home_role=PM, preferred_duty="project")
    await agency.win("A", "A1", "A2", holder="maria", tier="strategic")
    await agency.win("B", "B1", holder="jon")
    await agency.win("C", "C1")
    return agency


async def test_says_who_should_hold_every_seat_and_why(agency: Agency) -> None:
    plan = await agency.plan()
    assert plan["status"] == "optimal"
    assert plan["gap"] == 0
    moves = {(move["project_id"], move["role"]): move for move in plan["moves"]}
    maria, jon, projects = agency.people["maria"], agency.people["jon"], agency.projects
    assert {key: move["to_person_id"] for key, move in moves.items()} == {
        (projects["A1"], PM): jon,
        (projects["A2"], PM): jon,
        (projects["B1"], AM): maria,
        (projects["C1"], AM): maria,
        (projects["C1"], PM): jon,
    }
    assert moves[projects["A1"], PM]["from_person_id"] == maria
    assert moves[projects["C1"], AM]["from_person_id"] is None
    assert all(move["reason"].endswith(".") for move in plan["moves"])
    assert "Two people manage a project" in moves[projects["A1"], PM]["reason"]
    assert "vacant" in moves[projects["C1"], AM]["reason"]
    loads = {load["person_id"]: load for load in plan["loads"]}
    assert (loads[maria]["active_before"], loads[maria]["active_after"]) == ("2", "2")
    assert plan["baseline_objective"] is None


async def test_a_plan_is_read_back_listed_and_found_by_its_moves(agency: Agency, client: httpx.AsyncClient) -> None:
    plan = await agency.plan()
    read = await client.get(f"/v1/split-plans/{plan['id']}")
    assert read.json() == plan
    assert read.headers["ETag"] == plan["etag"]
    listed = (await client.get("/v1/split-plans", params={"include": "moves"})).json()["items"]
    assert listed == [plan]
    moves = (await client.get("/v1/split-plan-moves", params={"plan_id": plan["id"]})).json()["items"]
    assert len(moves) == 5
    assert (await client.get(f"/v1/split-plan-moves/{moves[0]['id']}")).json() == moves[0]


async def test_a_plan_moves_nobody(agency: Agency, client: httpx.AsyncClient) -> None:
    before = (await client.get("/v1/assignments")).json()
    await agency.plan()
    assert (await client.get("/v1/assignments")).json() == before


async def test_the_same_question_has_the_same_answer(agency: Agency) -> None:
    one, other = await agency.plan(people=agency.both), await agency.plan(people=agency.both)
    assert one["moves"] == other["moves"]
    assert one["objective"] == other["objective"]


async def test_keeps_a_locked_relationship(agency: Agency) -> None:
    lock = {"client_id": agency.clients["B"], "person_id": agency.people["jon"]}
    plan = await agency.plan(locks={"relationships": [lock]})
    to = {(move["project_id"], move["role"]): move["to_person_id"] for move in plan["moves"]}
    assert plan["status"] == "infeasible" or (agency.projects["B1"], AM) not in to
    await agency.hire("kim", home_role=PM)
    plan = await agency.plan(locks={"relationships": [lock]})
    to = {(move["project_id"], move["role"]): move["to_person_id"] for move in plan["moves"]}
    assert (agency.projects["B1"], AM) not in to
    assert to[agency.projects["B1"], PM] == agency.people["kim"]


async def test_says_which_caps_bind_and_by_how_much(agency: Agency) -> None:
    caps = {agency.people["maria"]: {"active_cap": "1"}}
    plan = await agency.plan(caps=caps)
    assert plan["status"] == "infeasible"
    assert plan["moves"] == []
    assert plan["objective"] is None
    (binding,) = plan["binding"]
    assert (binding["kind"], binding["person_id"], binding["bucket"]) == ("cap", agency.people["maria"], "active")
    assert (binding["limit"], binding["by"]) == ("1", "1")
    caps = {agency.people["maria"]: {"active_cap": "2"}}
    assert (await agency.plan(caps=caps))["status"] == "optimal"


async def test_a_seat_outside_the_scope_counts_in_the_loads(agency: Agency) -> None:
    scope = {"project_ids": [agency.projects["C1"]]}
    plan = await agency.plan(scope=scope)
    loads = {load["person_id"]: load for load in plan["loads"]}
    assert loads[agency.people["maria"]]["active_after"] == "2.5"
    assert {move["project_id"] for move in plan["moves"]} == {agency.projects["C1"]}


async def test_a_move_is_replaced_by_hand_and_scored_again(agency: Agency, client: httpx.AsyncClient) -> None:
    await agency.hire("kim")
    plan = await agency.plan()
    path = f"/v1/split-plans/{plan['id']}/replace-move"
    body = {"project_id": agency.projects["C1"], "role": PM, "to_person_id": agency.people["kim"]}
    answer = await client.post(path, json=body, headers={"If-Match": plan["etag"]})
    assert answer.status_code == 200, answer.text
    edited = answer.json()
    assert (edited["status"], edited["version"]) == ("edited", 2)
    (by_hand,) = [move for move in edited["moves"] if move["by_hand"]]
    assert by_hand["to_person_id"] == agency.people["kim"]
    assert float(edited["objective"]["misfit"]) > float(plan["objective"]["misfit"])
    loads = {load["person_id"]: load["active_after"] for load in edited["loads"]}
    assert loads[agency.people["kim"]] == "0.5"
    compared = (await client.get(f"/v1/split-plans/{plan['id']}/compare", params={"with": plan["id"]})).json()
    assert compared["moves"] == []


async def test_a_move_that_breaks_a_rule_is_refused_and_named(agency: Agency, client: httpx.AsyncClient) -> None:
    plan = await agency.plan()
    body = {"project_id": agency.projects["C1"], "role": PM, "to_person_id": agency.people["maria"]}
    answer = await client.post(f"/v1/split-plans/{plan['id']}/replace-move", json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "move-breaks-rule")
    assert answer.json()["binding"][0]["kind"] == "two_people"


async def test_a_plan_whose_seats_have_changed_hands_is_not_edited(agency: Agency, client: httpx.AsyncClient) -> None:
    await agency.hire("kim")
    plan = await agency.plan()
    await made(
        client,
        "assignments",
        project_id=agency.projects["C1"],
        role=AM,
        person_id=agency.people["kim"],
        valid_from="2026-03-01",
    )
    body = {"project_id": agency.projects["C1"], "role": PM, "to_person_id": agency.people["kim"]}
    answer = await client.post(f"/v1/split-plans/{plan['id']}/replace-move", json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "plan-outdated")


async def test_two_plans_are_compared(agency: Agency, client: httpx.AsyncClient) -> None:
    await agency.hire("kim", home_role=PM)
    one = await agency.plan()
    lock = {"project_id": agency.projects["C1"], "role": PM, "person_id": agency.people["kim"]}
    other = await agency.plan(locks={"seats": [lock]})
    answer = await client.get(f"/v1/split-plans/{one['id']}/compare", params={"with": other["id"]})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    differing = {(move["project_id"], move["role"]): move["with_to_person_id"] for move in found["moves"]}
    to = {(m["project_id"], m["role"]): m["to_person_id"] for m in one["moves"]}
    if to[agency.projects["C1"], PM] != agency.people["kim"]:
        assert differing[agency.projects["C1"], PM] == agency.people["kim"]
    expected = float(one["objective"]["total"]) - float(other["objective"]["total"])
    assert float(found["objective_difference"]["total"]) == pytest.approx(expected)


async def test_becomes_hand_overs_in_waves_that_cut_no_client(agency: Agency, client: httpx.AsyncClient) -> None:
    plan = await agency.plan()
    body = {
        "waves": 2,
        "first_effective_on": "2049-03-01",
        "days_between": 14,
        "notice_days": 7,
        "reason": "One for you, one for the work.",
        "benefit": "You reach each at once.",
    }
    path = f"/v1/split-plans/{plan['id']}/handovers"
    answer = await client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    first, second = answer.json()["items"]
    assert (first["wave"], second["wave"]) == (1, 2)
    assert (first["effective_on"], second["effective_on"]) == ("2049-03-01", "2049-03-15")
    assert first["notice_days"] == 7
    moves = (await client.get("/v1/handover-moves", params={"handover_id": second["id"]})).json()["items"]
    # The strategic client, which asks most, comes last, and whole.
    assert {agency.projects["A1"], agency.projects["A2"]} <= {move["project_id"] for move in moves}
    again = await client.post(path, json=body)
    assert (again.status_code, again.json()["code"]) == (409, "already-handed-over")


async def test_names_what_a_request_refers_to_in_vain(agency: Agency, client: httpx.AsyncClient) -> None:
    nobody = "01890000-0000-7000-8000-0000000000ff"
    body = {
        "name": "Split",
        "on": DAY,
        "scope": {"client_ids": [nobody]},
        "people": {"account_managers": [nobody]},
        "locks": {"seats": [{"project_id": nobody, "role": AM, "person_id": agency.people["maria"]}]},
    }
    answer = await client.post("/v1/split-plans", json=body)
    assert answer.status_code == 422
    pointers = {error["pointer"] for error in answer.json()["errors"]}
    assert pointers == {"/people/account_managers", "/scope/client_ids", "/locks/seats/0"}


async def test_a_rehearsed_plan_is_answered_and_not_kept(agency: Agency, client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/split-plans", params={"dry_run": "true"}, json={"name": "Split", "on": DAY})
    assert answer.status_code == 201
    assert (await client.get("/v1/split-plans")).json()["items"] == []


async def test_a_deleted_plan_is_gone_with_its_moves(agency: Agency, client: httpx.AsyncClient) -> None:
    plan = await agency.plan()
    answer = await client.delete(f"/v1/split-plans/{plan['id']}", headers={"If-Match": plan["etag"]})
    assert answer.status_code == 204, answer.text
    assert (await client.get("/v1/split-plan-moves")).json()["items"] == []


async def test_planning_takes_the_same_number_of_statements_for_any_number_of_projects(
    agency: Agency, database: RolledBack
) -> None:
    with database.counting() as few:
        await agency.plan()
    await agency.win("D", "D1", "D2", "D3", holder="jon")
    with database.counting() as more:
        await agency.plan()
    assert len(few) == len(more)


async def test_only_those_who_may_write_make_a_plan(client_as: Any) -> None:
    viewer = await client_as("viewer")
    answer = await viewer.post("/v1/split-plans", json={"name": "Split", "on": DAY})
    assert answer.status_code == 403
