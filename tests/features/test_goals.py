from typing import Any

import httpx
import pytest

from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.features.calls import Json, add, add_project, day, events

GOAL = {"code": "SHOPS", "name": "Known for shops", "starts_on": "2026-01-01", "ends_on": "2026-12-31"}


async def link(client: httpx.AsyncClient, project: Json, goal: Json, **values: Any) -> Json:
    return await add(client, "goal-links", project_id=project["id"], goal_id=goal["id"], **values)


async def alignment(client: httpx.AsyncClient, **params: str) -> Json:
    answer = await client.get("/v1/goal-alignment", params=params)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def test_is_read_by_id_and_by_code_and_tells_of_its_life(client: httpx.AsyncClient, database: RolledBack) -> None:
    made = await add(client, "goals", **GOAL, measure="Share of shops", target="50.5")
    by_code = await client.get("/v1/goals/SHOPS")
    assert by_code.json() == (await client.get(f"/v1/goals/{made['id']}")).json() == made
    assert made["target"] == "50.5"
    answer = await client.patch("/v1/goals/SHOPS", json={"target": "60"}, headers={"If-Match": made["etag"]})
    assert (answer.status_code, answer.json()["target"]) == (200, "60")
    assert (await client.delete("/v1/goals/SHOPS", headers={"If-Match": "*"})).status_code == 204
    assert await events(database) == [
        ("goal.created", {}),
        ("goal.updated", {"fields": ["target"]}),
        ("goal.deleted", {}),
    ]


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"ends_on": "2025-12-31"}, "/ends_on"),
        ({"owner_id": "01890000-0000-7000-8000-00000000dead"}, "/owner_id"),
        ({"code": "not a code"}, "/code"),
    ],
)
async def test_names_the_field_that_is_wrong(client: httpx.AsyncClient, values: Json, pointer: str) -> None:
    answer = await client.post("/v1/goals", json={**GOAL, **values})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_a_patch_is_checked_together_with_what_is_there(client: httpx.AsyncClient) -> None:
    await add(client, "goals", **GOAL)
    answer = await client.patch("/v1/goals/SHOPS", json={"ends_on": "2025-01-01"}, headers={"If-Match": "*"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/ends_on")


async def test_a_project_serves_a_goal_once_by_a_weight(client: httpx.AsyncClient, database: RolledBack) -> None:
    project, goal = await add_project(client), await add(client, "goals", **GOAL)
    made = await link(client, project, goal, weight="2")
    twice = await client.post("/v1/goal-links", json={"project_id": project["id"], "goal_id": goal["id"]})
    assert (twice.status_code, twice.json()["code"]) == (409, "duplicate")
    path = f"/v1/goal-links/{made['id']}"
    for weight, status in (("0", 422), ("0.5", 200)):
        answer = await client.patch(path, json={"weight": weight}, headers={"If-Match": "*"})
        assert answer.status_code == status, answer.text
    params = {"goal_id": goal["id"], "include": "project,goal"}
    [found] = (await client.get("/v1/goal-links", params=params)).json()["items"]
    assert (found["weight"], found["project"]["code"], found["goal"]["code"]) == ("0.5", "WEB", "SHOPS")
    assert (await client.delete(path, headers={"If-Match": "*"})).status_code == 204
    of = {"project_id": project["id"], "goal_id": goal["id"]}
    told = [event for event in await events(database) if event[0].startswith("goal_link")]
    assert told == [("goal_link.created", of), ("goal_link.updated", of), ("goal_link.deleted", of)]


async def test_a_goal_that_a_project_serves_is_not_deleted(client: httpx.AsyncClient) -> None:
    await link(client, await add_project(client), await add(client, "goals", **GOAL))
    answer = await client.delete("/v1/goals/SHOPS", headers={"If-Match": "*"})
    assert (answer.status_code, answer.json()["code"]) == (409, "still-referenced")


async def test_the_office_writes_goals_and_managers_link_to_them(
    client: httpx.AsyncClient, client_as: ClientFactory
) -> None:
    project, goal, manager = await add_project(client), await add(client, "goals", **GOAL), await client_as("manager")
    assert (await manager.post("/v1/goals", json={**GOAL, "code": "MINE"})).status_code == 403
    assert (await manager.get("/v1/goals/SHOPS")).status_code == 200
    await link(manager, project, goal)
    viewer = await client_as("viewer")
    assert (await viewer.post("/v1/goal-links", json={})).status_code == 403


async def test_live_projects_without_a_goal_of_the_day_are_listed(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    with day("2026-06-01"):
        goal = await add(client, "goals", **GOAL)
        later = await add(client, "goals", code="LATER", name="Later", starts_on="2027-01-01")
        projects = {
            code: await add_project(client, code, status=status, start_on="2026-02-01")
            for code, status in (("A", "active"), ("B", "back_burner"), ("H", "on_hold"), ("P", "pipeline"))
        }
        await link(client, projects["A"], goal)
        await link(client, projects["A"], later)
        await link(client, projects["B"], later)
        with database.counting() as statements:
            found = await alignment(client)
        assert len(statements) == 1
        assert (found["on"], found["projects"], found["aligned"]) == ("2026-06-01", 3, 1)
        unaligned = [{"project_id": projects[code]["id"], "code": code} for code in ("B", "H")]
        assert found["unaligned"] == unaligned
        assert (await alignment(client, on="2026-01-31"))["projects"] == 0
        assert [p["code"] for p in (await alignment(client, on="2027-01-01"))["unaligned"]] == ["H"]
