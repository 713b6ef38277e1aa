import httpx
import pytest

from tests.databases import RolledBack
from tests.features.calls import Json, add, add_project, events

NEED = {"skill": "figma", "level": 3, "weekly_hours": "12", "from_on": "2026-03-02", "until_on": "2026-03-29"}


async def test_a_need_lives_and_tells_of_it(client: httpx.AsyncClient, database: RolledBack) -> None:
    project = await add_project(client)
    made = await add(client, "skill-needs", project_id=project["id"], **NEED)
    assert (await client.get(f"/v1/skill-needs/{made['id']}")).json() == made
    found = (await client.get("/v1/skill-needs", params={"skill": "figma", "project_id": project["id"]})).json()
    assert [item["id"] for item in found["items"]] == [made["id"]]
    answer = await client.patch(
        f"/v1/skill-needs/{made['id']}", json={"weekly_hours": "8"}, headers={"If-Match": made["etag"]}
    )
    assert (answer.status_code, answer.json()["weekly_hours"]) == (200, "8")
    assert (
        await client.delete(f"/v1/skill-needs/{made['id']}", headers={"If-Match": answer.headers["ETag"]})
    ).status_code == 204
    of = {"project_id": project["id"]}
    assert (await events(database))[-3:] == [
        ("skill_need.created", of),
        ("skill_need.updated", {**of, "fields": ["weekly_hours"]}),
        ("skill_need.deleted", of),
    ]


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"until_on": "2026-03-01"}, "/until_on"),
        ({"weekly_hours": "0"}, "/weekly_hours"),
        ({"level": 6}, "/level"),
        ({"project_id": "01890000-0000-7000-8000-00000000dead"}, "/project_id"),
    ],
)
async def test_names_the_field_of_a_need_that_is_wrong(client: httpx.AsyncClient, values: Json, pointer: str) -> None:
    project = await add_project(client)
    answer = await client.post("/v1/skill-needs", json={"project_id": project["id"], **NEED, **values})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
