import httpx
import pytest

from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.features.calls import Json, add, add_project, day, events
from tests.features.test_seats import add_role


async def estimate(client: httpx.AsyncClient, **values: str) -> Json:
    """An estimate of a designer's hours, as a body."""
    await add_role(client, "designer")
    project = await add_project(client)
    body = {"project_id": project["id"], "role": "designer", "hours_budget": "100", "hours_remaining": "62.5"}
    return {**body, **values}


async def test_is_of_today_unless_said_otherwise(client: httpx.AsyncClient) -> None:
    with day("2026-03-02"):
        body = await estimate(client)
        made = await add(client, "estimates", **body)
        assert made["as_of"] == "2026-03-02"
        assert {name: made[name] for name in body} == body
        before = await add(client, "estimates", **body, as_of="2026-02-02")
        items = (await client.get("/v1/estimates", params={"project_id": body["project_id"]})).json()["items"]
        assert [item["id"] for item in items] == [made["id"], before["id"]]
        found = await client.get("/v1/estimates", params={"role": "designer", "as_of_until": "2026-02-28"})
        assert [item["id"] for item in found.json()["items"]] == [before["id"]]


async def test_is_changed_and_deleted_and_tells_so(client: httpx.AsyncClient, database: RolledBack) -> None:
    made = await add(client, "estimates", **await estimate(client))
    path = f"/v1/estimates/{made['id']}"
    changed = await client.patch(path, json={"hours_remaining": "40"}, headers={"If-Match": made["etag"]})
    assert (changed.status_code, changed.json()["hours_remaining"]) == (200, "40")
    stale = await client.patch(path, json={"hours_remaining": "41"}, headers={"If-Match": made["etag"]})
    assert stale.status_code == 412
    assert (await client.delete(path, headers={"If-Match": "*"})).status_code == 204
    assert (await client.get(path)).status_code == 404
    told = [(type, data) for type, data in await events(database) if type.startswith("estimate.")]
    of = {"project_id": made["project_id"], "role": "designer"}
    assert told == [("estimate.created", of), ("estimate.updated", of), ("estimate.deleted", of)]


async def test_there_is_one_a_role_and_day(client: httpx.AsyncClient) -> None:
    body = await estimate(client)
    await add(client, "estimates", **body)
    answer = await client.post("/v1/estimates", json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "duplicate")


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"role": "astronaut"}, "/role"),
        ({"project_id": "01890000-0000-7000-8000-00000000dead"}, "/project_id"),
        ({"as_of": "2026-03-03"}, "/as_of"),
        ({"hours_remaining": "-1"}, "/hours_remaining"),
        ({"hours_budget": "0.001"}, "/hours_budget"),
    ],
)
async def test_names_the_field_that_is_wrong(client: httpx.AsyncClient, values: dict[str, str], pointer: str) -> None:
    with day("2026-03-02"):
        answer = await client.post("/v1/estimates", json=await estimate(client, **values))
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_only_writers_estimate(client: httpx.AsyncClient, client_as: ClientFactory) -> None:
    body = await estimate(client)
    viewer = await client_as("viewer")
    assert (await viewer.post("/v1/estimates", json=body)).status_code == 403
    assert (await viewer.get("/v1/estimates")).status_code == 200
