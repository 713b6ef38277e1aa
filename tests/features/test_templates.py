from typing import Any
from uuid import UUID

import httpx

from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.features.calls import Json, add, add_project, day, events
from tests.features.test_assignments import person
from tests.features.test_seats import add_role

SHOP: Json = {
    "code": "SHOP",
    "name": "Web shop",
    "duration_days": 120,
    "seats": [{"role": "account_manager"}, {"role": "production_manager", "load_weight": "0.75"}],
    "milestones": [{"name": "Design", "day": 30, "weight": "2"}, {"name": "Launch", "day": 110}],
    "estimates": [{"role": "production_manager", "hours": "80"}],
    "skills": [{"skill": "payments", "weekly_hours": "6"}],
}


async def refused(client: httpx.AsyncClient, **values: Any) -> list[str]:
    answer = await client.post("/v1/project-templates", json={**SHOP, **values})
    assert answer.status_code == 422, answer.text
    return [error["pointer"] for error in answer.json()["errors"]]


async def patch(client: httpx.AsyncClient, path: str, **changes: Any) -> httpx.Response:
    return await client.patch(f"/v1/{path}", json=changes, headers={"If-Match": "*"})


async def test_a_template_is_found_by_its_code(client: httpx.AsyncClient) -> None:
    made = await add(client, "project-templates", **SHOP)
    found = (await client.get("/v1/project-templates/SHOP")).json()
    assert found == made
    assert found["seats"] == [
        {"role": "account_manager", "load_weight": "0.5"},
        {"role": "production_manager", "load_weight": "0.75"},
    ]
    assert found["milestones"][1] == {"name": "Launch", "day": 110, "weight": "1", "deliverable": None}
    assert found["estimates"] == [{"role": "production_manager", "hours": "80"}]
    assert found["skills"] == [{"skill": "payments", "level": 3, "weekly_hours": "6"}]


async def test_a_change_leaves_what_is_not_sent(client: httpx.AsyncClient, database: RolledBack) -> None:
    made = await add(client, "project-templates", **SHOP)
    changed = await patch(client, "project-templates/SHOP", milestones=[{"name": "Live", "day": 0}])
    assert changed.status_code == 200, changed.text
    assert (changed.json()["seats"], changed.json()["version"]) == (made["seats"], 2)
    assert [item["name"] for item in changed.json()["milestones"]] == ["Live"]
    assert (await client.delete("/v1/project-templates/SHOP", headers={"If-Match": '"2"'})).status_code == 204
    told = [event for event in await events(database) if event[0].startswith("project_template")]
    assert told == [
        ("project_template.created", {}),
        ("project_template.updated", {"fields": ["milestones"]}),
        ("project_template.deleted", {}),
    ]


async def test_roles_that_do_not_exist_are_named(client: httpx.AsyncClient) -> None:
    seats = [{"role": "account_manager"}, {"role": "astronaut"}]
    assert await refused(client, seats=seats, estimates=[{"role": "cook", "hours": "1"}]) == [
        "/seats/1/role",
        "/estimates/0/role",
    ]


async def test_nothing_is_named_twice(client: httpx.AsyncClient) -> None:
    assert await refused(client, seats=[{"role": "account_manager"}] * 2) == ["/seats/1/role"]
    assert await refused(client, milestones=[{"name": "Go", "day": 1}, {"name": "Go", "day": 2}]) == [
        "/milestones/1/name"
    ]


async def test_its_checklist_is_one_of_kick_offs(client: httpx.AsyncClient) -> None:
    other = await add(client, "checklists", occasion="rescue", name="Rescue")
    assert await refused(client, checklist_id=other["id"]) == ["/checklist_id"]
    own = await add(client, "checklists", occasion="kick_off", name="Ours")
    made = await add(client, "project-templates", **SHOP, checklist_id=own["id"])
    assert made["checklist_id"] == own["id"]


async def test_a_new_office_has_checklists_for_beginning_and_ending(client: httpx.AsyncClient) -> None:
    for occasion in ("kick_off", "closing"):
        query = {"occasion": occasion, "is_default": "true"}
        [checklist] = (await client.get("/v1/checklists", params=query)).json()["items"]
        items = await client.get("/v1/checklist-items", params={"checklist_id": checklist["id"]})
        assert [item["position"] for item in items.json()["items"]] == [1, 2, 3, 4, 5, 6]


async def task(client: httpx.AsyncClient, project: Json, **values: Any) -> Json:
    given = {"project_id": project["id"], "occasion": "kick_off", "statement": "Buy a cake", **values}
    return await add(client, "project-tasks", **given)


async def test_a_task_is_overdue_behind_its_day_until_it_is_done(
    client_as: ClientFactory, database: RolledBack
) -> None:
    maria = await person(database)
    client = await client_as(person_id=UUID(maria))
    project = await add_project(client)
    made = await task(client, project, due_on="2026-03-02", owner_id=maria)
    with day("2026-03-02"):
        assert not (await client.get(f"/v1/project-tasks/{made['id']}")).json()["overdue"]
    with day("2026-03-03"):
        late = await client.get("/v1/project-tasks", params={"overdue": "true", "done": "false"})
        assert [item["id"] for item in late.json()["items"]] == [made["id"]]
        ticked = (await patch(client, f"project-tasks/{made['id']}", done=True)).json()
        assert (ticked["done"], ticked["overdue"], ticked["done_by"]) == (True, False, maria)
        assert (await client.get("/v1/project-tasks", params={"overdue": "true"})).json()["items"] == []
        again = (await patch(client, f"project-tasks/{made['id']}", done=False)).json()
        assert (again["done"], again["done_at"], again["done_by"]) == (False, None, None)


async def test_a_task_without_a_day_is_never_overdue(client: httpx.AsyncClient) -> None:
    await task(client, await add_project(client))
    found = (await client.get("/v1/project-tasks", params={"overdue": "false"})).json()["items"]
    assert [item["overdue"] for item in found] == [False]


async def test_whoever_ticks_checklists_plans_none(client: httpx.AsyncClient, client_as: ClientFactory) -> None:
    made = await task(client, await add_project(client))
    contributor = await client_as("contributor")
    path = f"project-tasks/{made['id']}"
    planned = await patch(contributor, path, due_on="2026-05-01")
    assert (planned.status_code, planned.json()["code"]) == (403, "forbidden")
    assert (await patch(contributor, path, done=True)).json()["done"]
    assert (await contributor.delete(f"/v1/{path}", headers={"If-Match": "*"})).status_code == 403


async def test_what_is_done_is_not_deleted(client: httpx.AsyncClient, database: RolledBack) -> None:
    project = await add_project(client)
    made = await task(client, project)
    path = f"/v1/project-tasks/{made['id']}"
    await patch(client, f"project-tasks/{made['id']}", done=True)
    kept = await client.delete(path, headers={"If-Match": "*"})
    assert (kept.status_code, kept.json()["code"]) == (409, "task-done")
    await patch(client, f"project-tasks/{made['id']}", done=False)
    assert (await client.delete(path, headers={"If-Match": "*"})).status_code == 204
    told = [event for event in await events(database) if event[0].startswith("project_task")]
    of_project = {"project_id": project["id"]}
    assert told == [
        ("project_task.created", {**of_project, "occasion": "kick_off"}),
        ("project_task.updated", {**of_project, "fields": ["done"], "done": True}),
        ("project_task.updated", {**of_project, "fields": ["done"], "done": False}),
        ("project_task.deleted", of_project),
    ]


async def test_a_role_that_several_may_have_can_be_asked_for(client: httpx.AsyncClient) -> None:
    await add_role(client, "designer")
    made = await add(client, "project-templates", **{**SHOP, "seats": [{"role": "designer", "load_weight": "0"}]})
    assert made["seats"] == [{"role": "designer", "load_weight": "0"}]
