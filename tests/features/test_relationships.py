import httpx

from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.factories import make_person
from tests.features.calls import Json, add, add_client, events


async def noted(client: httpx.AsyncClient, database: RolledBack, name: str = "maria", **values: object) -> Json:
    """A relationship of a new person with Acme."""
    person_id = await database.write(lambda conn: make_person(conn, f"{name}@agency.example"))
    of = (await client.get("/v1/clients", params={"code": "ACME"})).json()["items"]
    acme = of[0] if of else await add_client(client)
    return await add(
        client, "relationships", **{"person_id": str(person_id), "client_id": acme["id"], "strength": 4, **values}
    )


async def test_a_person_and_a_client_know_each_other_once(client: httpx.AsyncClient, database: RolledBack) -> None:
    made = await noted(client, database, since_on="2021-03-01")
    again = await client.post(
        "/v1/relationships", json={"person_id": made["person_id"], "client_id": made["client_id"], "strength": 1}
    )
    assert (again.status_code, again.json()["code"]) == (409, "duplicate")
    assert (await client.get(f"/v1/relationships/{made['id']}")).json() == made


async def test_grows_and_ends(client: httpx.AsyncClient, database: RolledBack) -> None:
    made = await noted(client, database)
    address = f"/v1/relationships/{made['id']}"
    grown = await client.patch(address, json={"strength": 5}, headers={"If-Match": made["etag"]})
    assert grown.json()["strength"] == 5
    stale = await client.patch(address, json={"strength": 1}, headers={"If-Match": made["etag"]})
    assert stale.status_code == 412
    assert (await client.delete(address, headers={"If-Match": "*"})).status_code == 204
    told = [(type, data["strength"]) for type, data in await events(database) if type == "relationship.updated"]
    assert told == [("relationship.updated", 5)]


async def test_refuses_a_strength_beyond_the_scale_and_people_who_do_not_exist(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    made = await noted(client, database)
    beyond = await client.patch(f"/v1/relationships/{made['id']}", json={"strength": 6}, headers={"If-Match": "*"})
    assert (beyond.status_code, beyond.json()["errors"][0]["pointer"]) == (422, "/strength")
    nobody = await client.post(
        "/v1/relationships", json={"person_id": made["client_id"], "client_id": made["client_id"], "strength": 1}
    )
    assert [error["pointer"] for error in nobody.json()["errors"]] == ["/person_id"]


async def test_a_list_shows_both_sides_in_the_same_number_of_statements(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    await noted(client, database)
    with database.counting() as for_one:
        await client.get("/v1/relationships", params={"include": "person,client"})
    await noted(client, database, "jon", strength=2)
    await noted(client, database, "ada", strength=5)
    with database.counting() as for_three:
        items = (await client.get("/v1/relationships", params={"include": "person,client"})).json()["items"]
    assert len(for_one) == len(for_three) == 3
    assert [item["strength"] for item in items] == [5, 4, 2]
    assert items[0]["person"]["email"] == "ada@agency.example"
    assert items[0]["client"]["code"] == "ACME"


async def test_those_who_only_read_note_none(client_as: ClientFactory) -> None:
    viewer = await client_as("viewer")
    assert (await viewer.get("/v1/relationships")).status_code == 200
    answer = await viewer.post("/v1/relationships", json={})
    assert answer.status_code == 403
