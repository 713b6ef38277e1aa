import asyncio
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from app.core.caller import SYSTEM
from app.db.dispatcher import Database
from app.features.pmo import charter
from app.features.pmo.schemas import CharterPut
from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.factories import make_person
from tests.features.calls import Json, day, events

MEASURE = {
    "kpi": "commitments_kept",
    "label": "Promises kept",
    "baseline": "71.5",
    "baseline_on": "2025-12-31",
    "target": "90",
    "by": "2026-12-31",
}
CHARTER: Json = {
    "purpose": "Projects keep what they promise.",
    "value_proposition": "Who leads knows what needs them.",
    "services": ["Portfolio review"],
    "guiding_values": ["Say it early"],
    "success_measures": [MEASURE],
    "members": [],
}


async def put(client: httpx.AsyncClient, if_match: str = "*", **values: Any) -> httpx.Response:
    return await client.put("/v1/charter", json={**CHARTER, **values}, headers={"If-Match": if_match})


async def numbers(client: httpx.AsyncClient) -> list[int]:
    return [item["number"] for item in (await client.get("/v1/charter-versions")).json()["items"]]


async def test_says_how_to_write_the_first_one(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/charter")
    assert (answer.status_code, answer.json()["code"]) == (404, "no-charter")
    assert "PUT /v1/charter" in answer.json()["detail"]


async def test_a_change_is_a_new_number_and_the_old_ones_stay(client: httpx.AsyncClient, database: RolledBack) -> None:
    with day("2026-03-02"):
        first = await put(client)
        assert first.status_code == 200, first.text
        second = await put(client, first.headers["ETag"], purpose="Projects end well.")
        assert (second.status_code, second.json()["number"]) == (200, 2)
        now = await client.get("/v1/charter")
    assert now.json() == second.json()
    assert now.headers["ETag"] == second.headers["ETag"] == now.json()["etag"]
    items = (await client.get("/v1/charter-versions")).json()["items"]
    assert [(item["number"], item["purpose"]) for item in items] == [
        (1, CHARTER["purpose"]),
        (2, "Projects end well."),
    ]
    assert {name: now.json()[name] for name in CHARTER} == {**CHARTER, "purpose": "Projects end well."}
    assert (await events(database))[-1] == ("charter.adopted", {"number": 2, "valid_from": "2026-03-02"})


async def test_a_charter_waits_for_its_day(client: httpx.AsyncClient) -> None:
    with day("2026-03-02"):
        first = await put(client)
        await put(client, first.headers["ETag"], purpose="Later.", valid_from="2026-04-01")
        before = await client.get("/v1/charter")
        # What comes is there already: who has not read it does not replace it unseen.
        assert (await put(client, first.headers["ETag"], purpose="Other.")).status_code == 412
    with day("2026-04-01"):
        after = await client.get("/v1/charter")
    assert (before.json()["number"], after.json()["number"]) == (1, 2)
    assert before.headers["ETag"] != after.headers["ETag"]
    assert await numbers(client) == [1, 2]


async def test_nothing_new_adds_no_number(client: httpx.AsyncClient) -> None:
    await put(client)
    again = await put(client)
    assert (again.status_code, again.json()["number"]) == (200, 1)
    assert await numbers(client) == [1]


async def test_a_day_that_is_null_is_today(client: httpx.AsyncClient) -> None:
    with day("2026-03-02"):
        answer = await put(client, valid_from=None)
    assert (answer.status_code, answer.json()["valid_from"]) == (200, "2026-03-02")


async def test_what_waits_for_its_day_can_be_adopted_for_today(client: httpx.AsyncClient) -> None:
    with day("2026-03-02"):
        await put(client, valid_from="2026-04-01")
        answer = await put(client)
    assert (answer.json()["number"], answer.json()["valid_from"]) == (2, "2026-03-02")


async def test_charters_adopted_at_once_get_a_number_each(own_database: Database) -> None:
    def adopt(conn: sa.Connection, purpose: str) -> int:
        data = CharterPut(purpose=purpose, value_proposition="They know.")
        number: int = charter.put_charter(conn, SYSTEM, data, None).number
        return number

    found = await asyncio.gather(*(own_database.write(adopt, f"Purpose {n}") for n in range(8)))
    assert sorted(found) == list(range(1, 9))


async def test_guards_the_charter_that_was_read(client: httpx.AsyncClient) -> None:
    assert (await put(client, '"1"')).status_code == 412
    await put(client)
    assert (await put(client, '"7"', purpose="x")).status_code == 412
    answer = await client.put("/v1/charter", json=CHARTER)
    assert (answer.status_code, answer.json()["code"]) == (428, "precondition-required")


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"success_measures": [MEASURE, {**MEASURE, "kpi": "happiness"}]}, "/success_measures/1/kpi"),
        ({"members": ["01890000-0000-7000-8000-00000000dead"]}, "/members/0"),
        ({"purpose": " "}, "/purpose"),
    ],
)
async def test_names_what_is_not_there(client: httpx.AsyncClient, values: Json, pointer: str) -> None:
    answer = await put(client, **values)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_counts_each_member_once(client: httpx.AsyncClient, database: RolledBack) -> None:
    maria = str(await database.write(make_person))
    assert (await put(client, members=[maria, maria])).json()["members"] == [maria]


async def test_only_the_lead_adopts_it_and_all_may_read_it(client: httpx.AsyncClient, client_as: ClientFactory) -> None:
    manager, viewer = await client_as("manager"), await client_as("viewer")
    assert (await put(manager)).status_code == 403
    await put(client)
    assert (await viewer.get("/v1/charter")).status_code == 200


async def test_leaves_the_figures_of_money_out_for_those_who_may_not_see_them(
    client: httpx.AsyncClient, client_as: ClientFactory
) -> None:
    money = {**MEASURE, "kpi": "delivery_cost", "baseline": "100000", "target": "90000"}
    answer = await put(client, success_measures=[MEASURE, money])
    assert answer.status_code == 200, answer.text
    viewer = await client_as("viewer")
    seen = await viewer.get("/v1/charter")
    listed = (await viewer.get("/v1/charter-versions")).json()["items"][0]
    assert [set(MEASURE) - set(m) for m in seen.json()["success_measures"]] == [set(), {"baseline", "target"}]
    assert listed["success_measures"] == seen.json()["success_measures"]
    assert seen.headers["ETag"] != answer.headers["ETag"]
