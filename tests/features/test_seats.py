import httpx

from tests.databases import RolledBack
from tests.factories import make_person
from tests.features.calls import Json, add, add_project, day, events


async def add_role(client: httpx.AsyncClient, key: str = "designer", *, exclusive: bool = False) -> str:
    await add(client, "roles", key=key, name=key.title(), exclusive=exclusive)
    return key


async def seat_of(client: httpx.AsyncClient, project: Json, role: str) -> Json:
    (seat,) = (await client.get("/v1/seats", params={"project_id": project["id"], "role": role})).json()["items"]
    found: Json = seat
    return found


async def seats_on(client: httpx.AsyncClient, ref: str, on: str) -> dict[str, Json]:
    answer = await client.get(f"/v1/projects/{ref}/seats", params={"on": on})
    assert answer.status_code == 200, answer.text
    assert answer.json()["next_cursor"] is None
    return {seat["role"]: seat for seat in answer.json()["items"]}


async def test_a_project_gets_a_seat_for_another_role_once(client: httpx.AsyncClient) -> None:
    project, role = await add_project(client), await add_role(client)
    seat = await add(client, "seats", project_id=project["id"], role=role, load_weight="0.25")
    assert seat["load_weight"] == "0.25"
    again = await client.post("/v1/seats", json={"project_id": project["id"], "role": role})
    assert (again.status_code, again.json()["code"]) == (409, "duplicate")


async def test_names_a_role_that_does_not_exist(client: httpx.AsyncClient) -> None:
    project = await add_project(client)
    answer = await client.post("/v1/seats", json={"project_id": project["id"], "role": "juggler"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/role")


async def test_a_seat_is_weighed_by_hand(client: httpx.AsyncClient, database: RolledBack) -> None:
    project = await add_project(client)
    seat = await seat_of(client, project, "account_manager")
    address = f"/v1/seats/{seat['id']}"
    changed = await client.patch(address, json={"load_weight": "0.75"}, headers={"If-Match": seat["etag"]})
    assert (changed.json()["load_weight"], changed.headers["ETag"]) == ("0.75", '"2"')
    assert (await events(database))[-1] == (
        "seat.updated",
        {"project_id": project["id"], "role": "account_manager"},
    )
    for weight in ("-0.1", "100.1", "0.00001", "much"):
        refused = await client.patch(address, json={"load_weight": weight}, headers={"If-Match": "*"})
        assert refused.status_code == 422
    moved = await client.patch(address, json={"role": "production_manager"}, headers={"If-Match": "*"})
    assert moved.json()["errors"][0]["code"] == "unknown-field"


async def test_a_manager_seat_stays(client: httpx.AsyncClient) -> None:
    seat = await seat_of(client, await add_project(client), "production_manager")
    refused = await client.delete(f"/v1/seats/{seat['id']}", headers={"If-Match": "*"})
    assert (refused.status_code, refused.json()["code"]) == (409, "manager-seat")


async def test_a_seat_is_deleted_when_nobody_sits_there_any_more(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    project, role = await add_project(client), await add_role(client)
    seat = await add(client, "seats", project_id=project["id"], role=role)
    person_id = str(await database.write(make_person))
    with day("2026-03-01"):
        await add(
            client,
            "assignments",
            project_id=project["id"],
            role=role,
            person_id=person_id,
            valid_from="2026-01-01",
            valid_to="2026-03-02",
        )
        refused = await client.delete(f"/v1/seats/{seat['id']}", headers={"If-Match": "*"})
        assert (refused.status_code, refused.json()["code"]) == (409, "seat-in-use")
    with day("2026-03-02"):
        assert (await client.delete(f"/v1/seats/{seat['id']}", headers={"If-Match": "*"})).status_code == 204


async def test_shows_who_sits_stands_in_and_learns_on_a_day(client: httpx.AsyncClient, database: RolledBack) -> None:
    project = await add_project(client)
    maria, jon, ada = [
        str(await database.write(make_person, f"{name}@agency.example")) for name in ("maria", "jon", "ada")
    ]
    seat = {"project_id": project["id"], "role": "account_manager"}
    await add(client, "assignments", **seat, person_id=maria, valid_from="2026-01-01", valid_to="2026-03-01")
    await add(client, "assignments", **seat, person_id=jon, valid_from="2026-03-01")
    await add(
        client, "assignments", **seat, person_id=jon, kind="shadow", valid_from="2026-02-01", valid_to="2026-03-01"
    )
    await add(
        client, "assignments", **seat, person_id=ada, kind="cover", valid_from="2026-02-10", valid_to="2026-02-12"
    )
    shown = {}
    for on in ("2025-12-31", "2026-01-01", "2026-02-28", "2026-02-11", "2026-03-01"):
        account = (await seats_on(client, "WEB", on))["account_manager"]
        shown[on] = (account["person_id"], account["shadows"], account["covers"], account["vacant"])
    assert shown == {
        "2025-12-31": (None, [], [], True),
        "2026-01-01": (maria, [], [], False),
        "2026-02-28": (maria, [jon], [], False),
        "2026-02-11": (maria, [jon], [ada], False),
        "2026-03-01": (jon, [], [], False),
    }
    assert (await seats_on(client, "WEB", "2026-03-01"))["production_manager"]["vacant"] is True


async def test_a_role_that_several_may_have_shows_all_its_holders(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    project, role = await add_project(client), await add_role(client)
    await add(client, "seats", project_id=project["id"], role=role)
    people = [str(await database.write(make_person, f"{name}@agency.example")) for name in ("maria", "jon")]
    for person_id in (None, *people):
        await add(
            client, "assignments", project_id=project["id"], role=role, person_id=person_id, valid_from="2026-01-01"
        )
    seat = (await seats_on(client, "WEB", "2026-01-01"))[role]
    assert (seat["holders"], seat["person_id"]) == (people, people[0])


async def test_a_day_that_is_none_is_refused(client: httpx.AsyncClient) -> None:
    await add_project(client)
    answer = await client.get("/v1/projects/WEB/seats?on=tomorrow")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "?on")
    assert (await client.get("/v1/projects/NONE/seats")).status_code == 404
