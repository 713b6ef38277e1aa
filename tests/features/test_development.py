from typing import Any
from uuid import UUID

import httpx
import pytest

from app.db.dispatcher import Database
from tests.databases import RolledBack
from tests.factories import make_person
from tests.features.calls import Json, add, day, events


async def person(database: Database, name: str, **values: Any) -> str:
    def work(conn: Any) -> UUID:
        return make_person(conn, f"{name}@agency.example", display_name=name, **values)

    return str(await database.write(work))


async def skilled(client: httpx.AsyncClient, database: Database, name: str, level: int, skill: str = "figma") -> str:
    id = await person(database, name)
    await add(client, "skills", person_id=id, skill=skill, level=level)
    return id


async def level_of(client: httpx.AsyncClient, person_id: str, skill: str = "figma") -> int | None:
    items = (await client.get("/v1/skills", params={"person_id": person_id, "skill": skill})).json()["items"]
    return items[0]["level"] if items else None


def training(person_id: str, target: int = 3, **values: Any) -> Json:
    said = {"person_id": person_id, "skill": "figma", "kind": "training", "target_level": target}
    return {**said, "starts_on": "2026-03-02", **values}


async def test_completing_raises_the_skill_and_tells_of_it(client: httpx.AsyncClient, database: RolledBack) -> None:
    with day("2026-03-31"):
        jon = await skilled(client, database, "jon", 1)
        made = await add(client, "developments", **training(jon))
        answer = await client.post(f"/v1/developments/{made['id']}/complete")
    assert (answer.status_code, answer.json()["completed_on"]) == (200, "2026-03-31")
    assert await level_of(client, jon) == 3
    assert (await events(database))[-1] == (
        "development.completed",
        {"person_id": jon, "completed_on": "2026-03-31", "former_level": 1, "level": 3},
    )


async def test_completing_gives_a_skill_that_the_person_did_not_have(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    jon = await person(database, "jon")
    made = await add(client, "developments", **training(jon, 2))
    with day("2026-03-31"):
        await client.post(f"/v1/developments/{made['id']}/complete", json={"completed_on": "2026-03-20"})
    assert await level_of(client, jon) == 2


async def test_completing_never_lowers_a_skill(client: httpx.AsyncClient, database: RolledBack) -> None:
    jon = await skilled(client, database, "jon", 1)
    made = await add(client, "developments", **training(jon, 2))
    skill = (await client.get("/v1/skills", params={"person_id": jon})).json()["items"][0]
    await client.patch(f"/v1/skills/{skill['id']}", json={"level": 4}, headers={"If-Match": "*"})
    with day("2026-03-31"):
        answer = await client.post(f"/v1/developments/{made['id']}/complete")
    assert answer.status_code == 200
    assert await level_of(client, jon) == 4


async def test_a_completed_development_stays_as_it_is(client: httpx.AsyncClient, database: RolledBack) -> None:
    jon = await skilled(client, database, "jon", 1)
    made = await add(client, "developments", **training(jon))
    path = f"/v1/developments/{made['id']}"
    with day("2026-03-31"):
        await client.post(f"{path}/complete")
        answers = [
            await client.post(f"{path}/complete"),
            await client.patch(path, json={"note": "x"}, headers={"If-Match": "*"}),
            await client.delete(path, headers={"If-Match": "*"}),
        ]
    assert [(a.status_code, a.json()["code"]) for a in answers] == [(409, "development-completed")] * 3


@pytest.mark.parametrize("on", ["2026-03-01", "2026-04-01"])
async def test_is_completed_between_its_start_and_today(
    client: httpx.AsyncClient, database: RolledBack, on: str
) -> None:
    made = await add(client, "developments", **training(await person(database, "jon")))
    with day("2026-03-31"):
        answer = await client.post(f"/v1/developments/{made['id']}/complete", json={"completed_on": on})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/completed_on")


async def test_a_rehearsed_completion_leaves_the_skill(client: httpx.AsyncClient, database: RolledBack) -> None:
    jon = await skilled(client, database, "jon", 1)
    made = await add(client, "developments", **training(jon))
    with day("2026-03-31"):
        answer = await client.post(f"/v1/developments/{made['id']}/complete", params={"dry_run": "true"})
    assert answer.status_code == 200
    assert await level_of(client, jon) == 1


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"target_level": 2}, "/target_level"),
        ({"kind": "mentoring"}, "/mentor_id"),
        ({"kind": "mentoring", "mentor_id": "weak"}, "/mentor_id"),
        ({"kind": "mentoring", "mentor_id": "jon"}, "/mentor_id"),
        ({"mentor_id": "strong"}, "/mentor_id"),
        ({"ends_on": "2026-03-01"}, "/ends_on"),
    ],
)
async def test_names_what_does_not_fit_the_levels_that_people_have(
    client: httpx.AsyncClient, database: RolledBack, values: Json, pointer: str
) -> None:
    ids = {
        "jon": await skilled(client, database, "jon", 2),
        "weak": await skilled(client, database, "weak", 2),
        "strong": await skilled(client, database, "strong", 3),
    }
    given = training(ids["jon"], **values)
    given |= {"mentor_id": ids[values["mentor_id"]]} if "mentor_id" in values else {}
    answer = await client.post("/v1/developments", json=given)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_a_mentor_has_the_target_level_at_least(client: httpx.AsyncClient, database: RolledBack) -> None:
    jon, maria = await person(database, "jon"), await skilled(client, database, "maria", 4)
    made = await add(client, "developments", **training(jon, 4, kind="mentoring", mentor_id=maria))
    assert made["mentor_id"] == maria
    answer = await client.patch(
        f"/v1/developments/{made['id']}", json={"target_level": 5}, headers={"If-Match": made["etag"]}
    )
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/mentor_id")


async def test_a_change_of_days_asks_nothing_of_the_levels(client: httpx.AsyncClient, database: RolledBack) -> None:
    jon = await skilled(client, database, "jon", 1)
    made = await add(client, "developments", **training(jon, 2))
    skill = (await client.get("/v1/skills", params={"person_id": jon})).json()["items"][0]
    await client.patch(f"/v1/skills/{skill['id']}", json={"level": 4}, headers={"If-Match": "*"})
    answer = await client.patch(
        f"/v1/developments/{made['id']}", json={"ends_on": "2026-05-01"}, headers={"If-Match": made["etag"]}
    )
    assert (answer.status_code, answer.json()["ends_on"]) == (200, "2026-05-01")
