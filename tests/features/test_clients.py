from uuid import uuid4

import httpx

from tests.databases import RolledBack

NORTHWIND = {"code": "NORTHWIND", "name": "Northwind Traders", "tier": "key"}


async def add(client: httpx.AsyncClient, **values: object) -> dict[str, object]:
    answer = await client.post("/v1/clients", json={**NORTHWIND, **values})
    assert answer.status_code == 201, answer.text
    made: dict[str, object] = answer.json()
    return made


async def test_is_read_back_by_id_and_by_code(client: httpx.AsyncClient) -> None:
    made = await add(client)
    by_id = await client.get(f"/v1/clients/{made['id']}")
    by_code = await client.get("/v1/clients/NORTHWIND")
    assert by_id.json() == by_code.json() == made
    assert by_id.headers["ETag"] == made["etag"] == '"1"'


async def test_refuses_a_code_that_is_taken(client: httpx.AsyncClient) -> None:
    await add(client)
    answer = await client.post("/v1/clients", json=NORTHWIND)
    assert (answer.status_code, answer.json()["code"]) == (409, "duplicate")
    assert answer.json()["errors"][0]["pointer"] == "/code"


async def test_a_stale_writer_changes_nothing(client: httpx.AsyncClient) -> None:
    await add(client)
    first = await client.patch("/v1/clients/NORTHWIND", json={"name": "N"}, headers={"If-Match": '"1"'})
    second = await client.patch("/v1/clients/NORTHWIND", json={"name": "O"}, headers={"If-Match": '"1"'})
    assert (first.status_code, second.status_code) == (200, 412)
    assert (await client.get("/v1/clients/NORTHWIND")).json()["name"] == "N"


async def test_names_a_reference_that_does_not_exist(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/clients", json={**NORTHWIND, "account_manager_id": str(uuid4())})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/account_manager_id")


async def test_a_list_takes_the_same_number_of_statements_for_any_number_of_rows(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    await add(client)
    with database.counting() as for_one:
        await client.get("/v1/clients")
    for number in range(5):
        await add(client, code=f"C{number}")
    with database.counting() as for_six:
        await client.get("/v1/clients")
    assert len(for_one) == len(for_six) == 1


async def test_finds_by_name_without_regard_to_case(client: httpx.AsyncClient) -> None:
    await add(client, name="Bäckerei Öztürk")
    answer = await client.get("/v1/clients", params={"q": "ÖZT"})
    assert [item["code"] for item in answer.json()["items"]] == ["NORTHWIND"]


async def test_two_writers_of_one_code_leave_one_client(own_client_as: object) -> None:
    import asyncio

    client = await own_client_as()  # type: ignore[operator]
    answers = await asyncio.gather(*(client.post("/v1/clients", json=NORTHWIND) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 9
