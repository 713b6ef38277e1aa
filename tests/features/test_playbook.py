import httpx

from tests.databases import RolledBack
from tests.features.calls import Json, add, events


async def default_of(client: httpx.AsyncClient, occasion: str = "handover") -> list[Json]:
    query = {"occasion": occasion, "is_default": "true"}
    items: list[Json] = (await client.get("/v1/checklists", params=query)).json()["items"]
    return items


async def test_a_new_office_has_the_checklist_of_hand_overs(client: httpx.AsyncClient) -> None:
    [checklist] = await default_of(client)
    query = {"checklist_id": checklist["id"]}
    items = (await client.get("/v1/checklist-items", params=query)).json()["items"]
    assert [item["position"] for item in items] == [1, 2, 3, 4, 5, 6]


async def test_a_new_default_takes_the_former_one_s_place(client: httpx.AsyncClient) -> None:
    [former] = await default_of(client)
    made = await add(client, "checklists", occasion="handover", name="Ours", is_default=True)
    assert [item["id"] for item in await default_of(client)] == [made["id"]]
    path = f"/v1/checklists/{former['id']}"
    assert (await client.patch(path, json={"is_default": True}, headers={"If-Match": '"2"'})).status_code == 200
    assert [item["id"] for item in await default_of(client)] == [former["id"]]


async def test_the_default_stays_until_another_takes_its_place(client: httpx.AsyncClient) -> None:
    [default] = await default_of(client)
    path, headers = f"/v1/checklists/{default['id']}", {"If-Match": "*"}
    unset = await client.patch(path, json={"is_default": False}, headers=headers)
    deleted = await client.delete(path, headers=headers)
    assert [(a.status_code, a.json()["code"]) for a in (unset, deleted)] == [(409, "default-checklist")] * 2


async def test_defaults_of_other_occasions_stay(client: httpx.AsyncClient) -> None:
    await add(client, "checklists", occasion="closing", name="Closing", is_default=True)
    assert (len(await default_of(client)), len(await default_of(client, "closing"))) == (1, 1)


async def test_a_line_says_something(client: httpx.AsyncClient) -> None:
    [checklist] = await default_of(client)
    answer = await client.post("/v1/checklist-items", json={"checklist_id": checklist["id"], "statement": " "})
    assert (answer.status_code, [error["pointer"] for error in answer.json()["errors"]]) == (422, ["/statement"])


async def test_a_checklist_goes_with_its_items(client: httpx.AsyncClient) -> None:
    made = await add(client, "checklists", occasion="rescue", name="Rescue")
    item = await add(client, "checklist-items", checklist_id=made["id"], statement="Look at the facts", position=1)
    gone = await client.delete(f"/v1/checklists/{made['id']}", headers={"If-Match": "*"})
    assert gone.status_code == 204
    assert (await client.get(f"/v1/checklist-items/{item['id']}")).status_code == 404


async def test_a_change_of_an_item_is_a_change_of_its_checklist(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    made = await add(client, "checklists", occasion="rescue", name="Rescue")
    item = await add(client, "checklist-items", checklist_id=made["id"], statement="Look at the facts")
    path = f"/v1/checklist-items/{item['id']}"
    changed = await client.patch(path, json={"position": 3}, headers={"If-Match": item["etag"]})
    assert (changed.status_code, changed.json()["position"]) == (200, 3)
    assert (await client.delete(path, headers={"If-Match": "*"})).status_code == 204
    told = [data for type, data in await events(database) if type == "checklist.updated"]
    assert told == [{"occasion": "rescue", "fields": ["items"]}] * 3
