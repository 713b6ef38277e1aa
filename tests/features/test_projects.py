import json
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.features.projects import rules
from app.models.project import ProjectStatus
from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.factories import make_person
from tests.features.calls import Json, add, add_client, add_project, day, events, move

MONEY = {"fee": "48000.00", "cost_budget": "30000.00", "expected_value": "50000.00"}


def pointers(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 422, answer.text
    return [error["pointer"] for error in answer.json()["errors"]]


def codes(answer: httpx.Response) -> list[str]:
    return [item["code"] for item in answer.json()["items"]]


async def patch(client: httpx.AsyncClient, ref: str, **changes: Any) -> httpx.Response:
    return await client.patch(f"/v1/projects/{ref}", json=changes, headers={"If-Match": "*"})


async def test_is_read_back_by_id_and_by_code(client: httpx.AsyncClient) -> None:
    made = await add_project(client, **MONEY, hours_budget="400.5", win_probability="0.4")
    by_id = await client.get(f"/v1/projects/{made['id']}")
    by_code = await client.get("/v1/projects/WEB")
    assert by_id.json() == by_code.json() == made
    assert by_id.headers["ETag"] == made["etag"] == '"1.pipeline"'
    assert (made["status"], made["allowed_transitions"]) == ("pipeline", ["active", "lost", "cancelled"])
    assert (made["fee"], made["hours_budget"], made["win_probability"]) == ("48000.00", "400.5", "0.4")


async def test_is_born_with_both_manager_seats(client: httpx.AsyncClient) -> None:
    made = await add_project(client)
    seats = (await client.get("/v1/seats", params={"project_id": made["id"]})).json()["items"]
    assert [(seat["role"], seat["load_weight"]) for seat in seats] == [
        ("account_manager", "0.5"),
        ("production_manager", "0.5"),
    ]


async def test_tells_of_its_birth(client: httpx.AsyncClient, database: RolledBack) -> None:
    made = await add_project(client, status="active", status_on="2026-01-01")
    told = await events(database)
    types = [type for type, _ in told]
    assert types.count("project.created") == types.count("baseline.created") == 1
    assert types.count("seat.created") == 2
    assert ("project.created", {"client_id": made["client_id"], "status": "active"}) in told


@pytest.mark.parametrize("status", ["closed", "cancelled", "lost"])
async def test_is_not_created_in_a_final_status(client: httpx.AsyncClient, status: str) -> None:
    client_id = (await add_client(client))["id"]
    body = {"code": "WEB", "name": "Web", "client_id": client_id, "status": status}
    assert pointers(await client.post("/v1/projects", json=body)) == ["/status"]


async def test_names_a_client_that_does_not_exist(client: httpx.AsyncClient) -> None:
    body = {"code": "WEB", "name": "Web", "client_id": str(uuid4())}
    assert pointers(await client.post("/v1/projects", json=body)) == ["/client_id"]


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"start_on": "2026-03-01", "due_on": "2026-02-28"}, "/due_on"),
        ({"win_probability": "1.1"}, "/win_probability"),
        ({"engagement": "retainer"}, "/period_hours"),
        ({"period_hours": "20"}, "/period_hours"),
        ({"cause": "Clean water"}, "/cause"),
        ({"fee": "-1"}, "/fee"),
        ({"fee": "1.00001"}, "/fee"),
        ({"priority": 6}, "/priority"),
        ({"currency": "euro"}, "/currency"),
        ({"name": None}, "/name"),
        ({"closed_on": "2026-01-01"}, "/closed_on"),
    ],
)
async def test_names_the_field_that_is_wrong(client: httpx.AsyncClient, values: Json, pointer: str) -> None:
    await add_project(client)
    assert pointers(await patch(client, "WEB", **values)) == [pointer]


async def test_a_patch_is_checked_together_with_what_is_there(client: httpx.AsyncClient) -> None:
    await add_project(client, start_on="2026-03-01", due_on="2026-04-01")
    assert pointers(await patch(client, "WEB", start_on="2026-05-01")) == ["/due_on"]
    assert (await patch(client, "WEB", start_on="2026-05-01", due_on=None)).json()["due_on"] is None


async def test_a_retainer_and_pro_bono_work_carry_their_own_fields(client: httpx.AsyncClient) -> None:
    retainer = await add_project(client, "R", engagement="retainer", period_hours="20", rollover=True)
    given = await add_project(client, "P", engagement="pro_bono", cause="Clean water", declared_impact="3 wells")
    assert (retainer["period_hours"], retainer["rollover"]) == ("20", True)
    assert (given["cause"], given["declared_impact"]) == ("Clean water", "3 wells")


async def test_a_programme_does_not_belong_to_itself(client: httpx.AsyncClient) -> None:
    top = await add_project(client, "TOP")
    middle = await add_project(client, "MIDDLE", parent_id=top["id"])
    bottom = await add_project(client, "BOTTOM", parent_id=middle["id"])
    for parent in (top, middle, bottom):
        assert pointers(await patch(client, "TOP", parent_id=parent["id"])) == ["/parent_id"]
    assert (await patch(client, "BOTTOM", parent_id=top["id"])).status_code == 200


async def test_a_stale_writer_changes_nothing(client: httpx.AsyncClient) -> None:
    made = await add_project(client)
    first = await client.patch("/v1/projects/WEB", json={"name": "N"}, headers={"If-Match": made["etag"]})
    second = await client.patch("/v1/projects/WEB", json={"name": "O"}, headers={"If-Match": made["etag"]})
    assert (first.status_code, second.status_code) == (200, 412)
    assert (await client.get("/v1/projects/WEB")).json()["name"] == "N"


async def test_the_etag_changes_with_the_day_on_which_the_status_does(client: httpx.AsyncClient) -> None:
    with day("2026-03-01"):
        await add_project(client)
        await move(client, "WEB", "active", "2026-03-10")
        before = await client.get("/v1/projects/WEB")
        same = await client.get("/v1/projects/WEB", headers={"If-None-Match": before.headers["ETag"]})
    with day("2026-03-10"):
        after = await client.get("/v1/projects/WEB", headers={"If-None-Match": before.headers["ETag"]})
    assert (before.headers["ETag"], same.status_code) == ('"2.pipeline"', 304)
    assert (after.headers["ETag"], after.status_code) == ('"2.active"', 200)


async def test_a_list_takes_the_same_number_of_statements_for_any_number_of_rows(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    await add_project(client)
    address = "/v1/projects?include=client,seats"
    with database.counting() as for_one:
        await client.get(address)
    for number in range(5):
        await add_project(client, f"P{number}", f"C{number}")
    with database.counting() as for_six:
        answer = await client.get(address)
    assert len(for_one) == len(for_six) == 3
    assert len(answer.json()["items"]) == 6


async def test_a_list_embeds_clients_and_seats_on_request(client: httpx.AsyncClient, database: RolledBack) -> None:
    maria = str(await database.write(make_person))
    made = await add_project(client)
    await add(
        client,
        "assignments",
        project_id=made["id"],
        role="account_manager",
        person_id=maria,
        valid_from="2020-01-01",
    )
    (item,) = (await client.get("/v1/projects?include=client,seats")).json()["items"]
    assert item["client"] == {"id": made["client_id"], "code": "ACME", "name": "Acme"}
    assert [(seat["role"], seat["person_id"], seat["vacant"]) for seat in item["seats"]] == [
        ("account_manager", maria, False),
        ("production_manager", None, True),
    ]
    (plain,) = (await client.get("/v1/projects")).json()["items"]
    assert not {"client", "seats"} & plain.keys()


async def test_is_filtered_and_sorted_by_the_status_of_today(client: httpx.AsyncClient) -> None:
    with day("2026-03-01"):
        await add_project(client, "A", status="active")
        await add_project(client, "B", due_on="2026-06-01")
        await add_project(client, "C", status="active", due_on="2026-05-01")
        await move(client, "A", "on_hold", "2026-04-01")
        assert codes(await client.get("/v1/projects?status=active")) == ["A", "C"]
        assert codes(await client.get("/v1/projects?status=active,pipeline&sort=-status,code")) == ["B", "A", "C"]
        assert codes(await client.get("/v1/projects?due_on_from=2026-05-01&due_on_until=2026-05-31")) == ["C"]
        assert codes(await client.get("/v1/projects?sort=due_on")) == ["C", "B", "A"]
        assert codes(await client.get("/v1/projects?q=project b")) == ["B"]
        first = (await client.get("/v1/projects?sort=status&limit=1&include_total=true")).json()
        second = (await client.get(f"/v1/projects?sort=status&limit=1&cursor={first['next_cursor']}")).json()
        assert (first["total"], first["items"][0]["code"], second["items"][0]["code"]) == (3, "A", "C")
    with day("2026-04-01"):
        assert codes(await client.get("/v1/projects?status=active")) == ["C"]


async def test_a_first_status_that_lies_ahead_shows_already(client: httpx.AsyncClient) -> None:
    with day("2026-03-01"):
        made = await add_project(client, status="back_burner", status_on="2026-04-01")
        assert made["status"] == "back_burner"
        assert len((await client.get("/v1/projects?status=back_burner")).json()["items"]) == 1


async def test_money_is_hidden_from_those_without_the_right(
    client_as: ClientFactory, client: httpx.AsyncClient
) -> None:
    await add_project(client, **MONEY)
    viewer = await client_as("viewer")
    one = (await viewer.get("/v1/projects/WEB")).json()
    (item,) = (await viewer.get("/v1/projects")).json()["items"]
    for shown in (one, item):
        assert not {"fee", "cost_budget", "expected_value", "remaining_value", "exit_cost"} & shown.keys()
        assert shown["currency"] == "EUR"
    for query in ("sort=fee", "sort=-cost_budget", "fee=48000", "fee_from=1", "format=csv&fields=code,fee"):
        refused = await viewer.get(f"/v1/projects?{query}")
        assert (refused.status_code, refused.json()["code"]) == (403, "money-hidden")
    assert "48000" not in (await viewer.get("/v1/projects?format=csv")).text
    assert (await (await client_as("analyst")).get("/v1/projects/WEB")).json()["fee"] == "48000.00"


async def test_a_manager_sees_and_changes_the_money_of_own_projects_only(
    client_as: ClientFactory, client: httpx.AsyncClient, database: RolledBack
) -> None:
    maria = await database.write(make_person)
    own = await add_project(client, "OWN", **MONEY)
    await add_project(client, "OTHER", **MONEY)
    await add(
        client,
        "assignments",
        project_id=own["id"],
        role="account_manager",
        person_id=str(maria),
        valid_from="2020-01-01",
    )
    manager = await client_as("manager", person_id=maria)
    assert (await manager.get("/v1/projects/OWN")).json()["fee"] == "48000.00"
    assert "fee" not in (await manager.get("/v1/projects/OTHER")).json()
    shown = {item["code"]: "fee" in item for item in (await manager.get("/v1/projects")).json()["items"]}
    assert shown == {"OWN": True, "OTHER": False}
    lines = (await manager.get("/v1/projects?format=ndjson")).text.splitlines()
    assert {(line := json.loads(text))["code"]: "fee" in line for text in lines} == shown

    assert (await patch(manager, "OWN", fee="50000")).json()["fee"] == "50000.00"
    refused = await patch(manager, "OTHER", fee="1")
    assert (refused.status_code, refused.json()["code"]) == (403, "money-hidden")
    refused = await patch(manager, "OTHER", currency="JPY")
    assert (refused.status_code, refused.json()["code"]) == (403, "money-hidden")
    assert (await patch(manager, "OTHER", priority=5, currency="EUR")).status_code == 200
    await add_project(client, "FREE")
    assert (await patch(manager, "FREE", currency="JPY")).status_code == 200


async def test_only_writers_change_projects(client_as: ClientFactory, client: httpx.AsyncClient) -> None:
    await add_project(client)
    for role in ("viewer", "contributor", "analyst"):
        reader = await client_as(role)
        assert (await patch(reader, "WEB", priority=1)).status_code == 403
        assert (await move(reader, "WEB", "active")).status_code == 403


async def test_is_deleted_while_it_has_but_its_birth_rows(client: httpx.AsyncClient) -> None:
    made = await add_project(client)
    await add(client, "milestones", project_id=made["id"], name="Launch")
    gone = await client.delete("/v1/projects/WEB", headers={"If-Match": made["etag"]})
    assert gone.status_code == 204
    assert (await client.get("/v1/projects/WEB")).status_code == 404
    assert (await client.get("/v1/seats")).json()["items"] == []


async def test_is_not_deleted_once_it_has_a_baseline_or_a_child(client: httpx.AsyncClient) -> None:
    top = await add_project(client, "TOP")
    await add_project(client, "CHILD", parent_id=top["id"], status="active")
    for code, problem in (("TOP", "still-referenced"), ("CHILD", "append-only")):
        refused = await client.delete(f"/v1/projects/{code}", headers={"If-Match": "*"})
        assert (refused.status_code, refused.json()["code"]) == (409, problem)
    assert len((await client.get("/v1/seats")).json()["items"]) == 4


async def test_the_first_activation_freezes_a_baseline(client: httpx.AsyncClient) -> None:
    made = await add_project(client, **MONEY, hours_budget="400", start_on="2026-02-01", due_on="2026-07-31")
    launch = await add(client, "milestones", project_id=made["id"], name="Launch", planned_on="2026-07-01", weight="2")
    await move(client, "WEB", "active", "2026-02-10")
    await patch(client, "WEB", fee="99000.00")
    await client.patch(f"/v1/milestones/{launch['id']}", json={"name": "Later"}, headers={"If-Match": "*"})
    await move(client, "WEB", "on_hold", "2026-03-01")
    await move(client, "WEB", "active", "2026-04-01")
    address = f"/v1/baselines?project_id={made['id']}&include=milestones"
    (baseline,) = (await client.get(address)).json()["items"]
    assert (baseline["number"], baseline["cause"], baseline["valid_from"]) == (1, "activation", "2026-02-10")
    assert (baseline["fee"], baseline["hours_budget"], baseline["due_on"]) == ("48000.00", "400", "2026-07-31")
    assert baseline["milestones"] == [
        {"milestone_id": launch["id"], "name": "Launch", "planned_on": "2026-07-01", "weight": "2"}
    ]
    one = await client.get(f"/v1/baselines/{baseline['id']}")
    assert one.json() == {name: value for name, value in baseline.items() if name != "milestones"}


async def test_an_activation_that_came_otherwise_than_planned_freezes_a_baseline_of_its_own(
    client: httpx.AsyncClient,
) -> None:
    with day("2026-02-01"):
        made = await add_project(client, **MONEY, status_on="2026-01-01")
        await move(client, "WEB", "active", "2026-07-01")
        planned = (await client.get("/v1/projects/WEB/transitions")).json()["items"][-1]
        gone = await client.delete(f"/v1/projects/WEB/transitions/{planned['id']}", headers={"If-Match": "*"})
        assert gone.status_code == 204
        assert (await patch(client, "WEB", fee="99000.00")).status_code == 200
        await move(client, "WEB", "active", "2026-08-01")
        planned = (await client.get("/v1/projects/WEB/transitions")).json()["items"][-1]
        await client.delete(f"/v1/projects/WEB/transitions/{planned['id']}", headers={"If-Match": "*"})
    with day("2026-03-01"):
        for to in ("active", "on_hold", "active"):
            assert (await move(client, "WEB", to, "2026-03-01")).status_code == 200
    found = (await client.get(f"/v1/baselines?project_id={made['id']}&sort=number")).json()["items"]
    assert [(item["number"], item["cause"], item["valid_from"], item["fee"]) for item in found] == [
        (1, "activation", "2026-07-01", "48000.00"),
        (2, "activation", "2026-03-01", "99000.00"),
    ]


async def test_a_project_that_is_created_active_has_its_baseline(
    client: httpx.AsyncClient, client_as: ClientFactory
) -> None:
    made = await add_project(client, **MONEY, status="active", status_on="2026-02-01")
    (baseline,) = (await client.get(f"/v1/baselines?project_id={made['id']}")).json()["items"]
    assert (baseline["number"], baseline["valid_from"], baseline["fee"]) == (1, "2026-02-01", "48000.00")
    (hidden,) = (await (await client_as("viewer")).get("/v1/baselines")).json()["items"]
    assert not {"fee", "cost_budget"} & hidden.keys()


async def test_a_milestone_is_reached_once(client: httpx.AsyncClient, database: RolledBack) -> None:
    made = await add_project(client)
    milestone = await add(client, "milestones", project_id=made["id"], name="Launch", planned_on="2026-07-01")
    address = f"/v1/milestones/{milestone['id']}"
    reached = await client.patch(address, json={"reached_on": "2026-07-03"}, headers={"If-Match": '"1"'})
    await client.patch(address, json={"reached_on": "2026-07-04"}, headers={"If-Match": reached.headers["ETag"]})
    told = [data for type, data in await events(database) if type == "milestone.reached"]
    assert told == [{"project_id": made["id"], "on": "2026-07-03"}]
    assert (await client.delete(address, headers={"If-Match": "*"})).status_code == 204


async def test_a_dry_run_keeps_nothing(client: httpx.AsyncClient, database: RolledBack) -> None:
    client_id = (await add_client(client))["id"]
    told = await events(database)
    body = {"code": "WEB", "name": "Web", "client_id": client_id, "status": "active"}
    answer = await client.post("/v1/projects?dry_run=true", json=body)
    assert (answer.status_code, answer.json()["status"]) == (201, "active")
    assert (await client.get("/v1/projects")).json()["items"] == []
    assert await events(database) == told


def test_what_a_project_may_become_is_said_of_every_status() -> None:
    assert set(rules.STATES.moves) == set(ProjectStatus)


async def test_a_milestone_is_not_reached_ahead(client: httpx.AsyncClient) -> None:
    project = await add_project(client)
    ahead = {"project_id": project["id"], "name": "Launch", "reached_on": "2049-01-01"}
    refused = await client.post("/v1/milestones", json=ahead)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/reached_on")


async def test_keeps_a_milestone_that_was_agreed_and_reached(client: httpx.AsyncClient) -> None:
    project = await add_project(client, status_on="2026-01-02")
    made = await add(client, "milestones", project_id=project["id"], name="Design", reached_on="2026-01-12")
    assert (await move(client, project["id"], "active", "2026-01-05")).status_code == 200
    refused = await client.delete(f"/v1/milestones/{made['id']}", headers={"If-Match": "*"})
    assert (refused.status_code, refused.json()["code"]) == (409, "milestone-reached")
    other = await add(client, "milestones", project_id=project["id"], name="Fair", reached_on="2026-01-12")
    assert (await client.delete(f"/v1/milestones/{other['id']}", headers={"If-Match": "*"})).status_code == 204
