import httpx
import pytest
import sqlalchemy as sa

from app.db.record import table_of
from app.models.time_entry import TimeEntry
from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.features.test_people import ANY, INES, actions_on, add, events_of, problem
from tests.portfolio import Portfolio, make_portfolio


async def cost_rates(database: RolledBack) -> list[str]:
    """What an hour of each time entry in force costs, by the day."""
    entries = table_of(TimeEntry)
    statement = sa.select(entries.c.cost_rate).where(entries.c.superseded_at.is_(None)).order_by(entries.c.worked_on)
    found = await database.read(lambda conn: list(conn.execute(statement).scalars()))
    return [str(rate.normalize()) for rate in found]


@pytest.fixture
async def there(database: RolledBack) -> Portfolio:
    return await make_portfolio(database)


async def test_rates_are_dated_and_listed_from_the_latest_on(client: httpx.AsyncClient, there: Portfolio) -> None:
    values = {"person_id": str(there.maria), "cost_rate": "55.5", "currency": "EUR", "valid_from": "2026-04-01"}
    made = await add(client, "rates", **values)
    assert made["cost_rate"] == "55.50"
    listed = (await client.get(f"/v1/rates?person_id={there.maria}")).json()["items"]
    assert [item["valid_from"] for item in listed] == ["2026-07-01", "2026-04-01", "2026-01-01"]
    assert listed[1] == made == (await client.get(f"/v1/rates/{made['id']}")).json()
    dearer = (await client.get("/v1/rates?cost_rate_from=55&sort=-cost_rate")).json()["items"]
    assert [item["cost_rate"] for item in dearer] == ["60.00", "55.50"]
    some = (await client.get("/v1/rates?cost_rate_until=50&currency=EUR,CHF")).json()["items"]
    assert [item["cost_rate"] for item in some] == ["50.00"]
    spring = (await client.get("/v1/rates?valid_from_from=2026-04-01&valid_from_until=2026-06-30")).json()["items"]
    assert spring == [made]
    again = await client.post("/v1/rates", json={**values, "cost_rate": "57"})
    assert problem(again)[:2] == (409, "duplicate")


async def test_a_rate_is_corrected_under_its_lock_and_deleted(
    client: httpx.AsyncClient, database: RolledBack, there: Portfolio
) -> None:
    made = await add(client, "rates", person_id=str(there.jon), cost_rate="40", currency="EUR", valid_from="2026-01-01")
    address = f"/v1/rates/{made['id']}"
    read = {"If-Match": made["etag"]}
    changed = await client.patch(address, json={"cost_rate": "45", "valid_from": "2026-02-01"}, headers=read)
    assert (changed.status_code, changed.json()["version"], changed.json()["cost_rate"]) == (200, 2, "45.00")
    assert (changed.json()["id"], changed.json()["created_at"]) == (made["id"], made["created_at"])
    assert (await client.patch(address, json={"cost_rate": "46"}, headers=read)).status_code == 412
    assert (await client.get(f"/v1/rates?person_id={there.jon}")).json()["items"] == [changed.json()]
    assert (await client.delete(address, headers=read)).status_code == 412
    assert (await client.delete(address, headers=ANY)).status_code == 204
    assert (await client.get(address)).status_code == 404
    assert (await client.get(f"/v1/rates?person_id={there.jon}")).json()["items"] == []
    assert await actions_on(database, made["id"]) == ["created", "updated", "deleted"]
    told = await events_of(database, made["id"])
    assert [name for name, _ in told] == ["rate.created", "rate.updated", "rate.deleted"]
    assert all(data.keys() == {"person_id", "valid_from"} for _, data in told)


async def test_a_rate_costs_anew_the_hours_of_its_days(
    client: httpx.AsyncClient, database: RolledBack, there: Portfolio
) -> None:
    for day in ("2026-02-02", "2026-04-01", "2026-05-04", "2026-07-01"):
        entry = {"project_id": str(there.project), "person_id": str(there.maria), "worked_on": day, "hours": "8"}
        assert (await client.post("/v1/time-entries", json=entry)).status_code == 201
    assert await cost_rates(database) == ["5E+1", "5E+1", "5E+1", "6E+1"]
    made = await add(
        client, "rates", person_id=str(there.maria), cost_rate="55", currency="EUR", valid_from="2026-04-01"
    )
    assert await cost_rates(database) == ["5E+1", "55", "55", "6E+1"]
    address = f"/v1/rates/{made['id']}"
    for change, expected in (
        ({"cost_rate": "57"}, ["5E+1", "57", "57", "6E+1"]),
        ({"valid_from": "2026-05-01"}, ["5E+1", "5E+1", "57", "6E+1"]),
        ({"valid_from": "2026-02-01"}, ["57", "57", "57", "6E+1"]),
        ({"valid_from": "2026-08-01"}, ["5E+1", "5E+1", "5E+1", "6E+1"]),
        ({"valid_from": "2026-06-01"}, ["5E+1", "5E+1", "5E+1", "6E+1"]),
        ({"valid_from": "2026-04-15"}, ["5E+1", "5E+1", "57", "6E+1"]),
    ):
        assert (await client.patch(address, json=change, headers=ANY)).status_code == 200
        assert await cost_rates(database) == expected, change
    assert (await client.delete(address, headers=ANY)).status_code == 204
    assert await cost_rates(database) == ["5E+1", "5E+1", "5E+1", "6E+1"]


@pytest.mark.parametrize("role", ["manager", "contributor", "viewer"])
async def test_hides_rates_from_those_who_may_not_see_money(
    client_as: ClientFactory, there: Portfolio, role: str
) -> None:
    client = await client_as(role, person_id=there.maria)
    listed = (await client.get("/v1/rates?sort=valid_from")).json()["items"]
    assert [item["valid_from"] for item in listed] == ["2026-01-01", "2026-07-01"]
    shown = (await client.get(f"/v1/rates/{listed[0]['id']}")).json()
    assert shown == listed[0]
    assert "cost_rate" not in shown
    for format in ("csv", "ndjson"):
        assert "cost_rate" not in (await client.get(f"/v1/rates?format={format}")).text
    for query in (
        "sort=cost_rate",
        "sort=-cost_rate",
        "cost_rate=50",
        "cost_rate_from=1",
        "format=csv&fields=cost_rate",
    ):
        answer = await client.get(f"/v1/rates?{query}")
        assert (answer.status_code, answer.json()["code"]) == (403, "money-hidden"), query


async def test_an_analyst_sees_rates_and_exports_them(client_as: ClientFactory, there: Portfolio) -> None:
    analyst = await client_as("analyst")
    export = (await analyst.get("/v1/rates?format=csv&fields=valid_from,cost_rate&sort=valid_from")).text
    assert export == "valid_from,cost_rate\r\n2026-01-01,50.00\r\n2026-07-01,60.00\r\n"


async def test_rates_are_written_by_those_who_may_override(client_as: ClientFactory, there: Portfolio) -> None:
    manager = await client_as("manager", person_id=there.maria)
    values = {"person_id": str(there.jon), "cost_rate": "1", "currency": "EUR", "valid_from": "2026-01-01"}
    assert problem(await manager.post("/v1/rates", json=values))[:2] == (403, "forbidden")
    assert (await manager.patch(f"/v1/people/{there.jon}", json={"team": "Web"}, headers=ANY)).status_code == 200
    viewer = await client_as("viewer")
    assert (await viewer.post("/v1/people", json=INES)).status_code == 403
    assert (await viewer.post("/v1/skills", json={})).status_code == 403


@pytest.mark.parametrize(
    ("field", "value"),
    [("cost_rate", "-1"), ("cost_rate", "1.00001"), ("currency", "eur"), ("valid_from", "1999-12-31")],
)
async def test_names_what_is_wrong_with_a_rate(
    client: httpx.AsyncClient, there: Portfolio, field: str, value: str
) -> None:
    values = {"person_id": str(there.jon), "cost_rate": "1", "currency": "EUR", "valid_from": "2026-01-01"}
    assert problem(await client.post("/v1/rates", json={**values, field: value}))[::2] == (422, [f"/{field}"])


async def test_a_dry_run_keeps_nothing(client: httpx.AsyncClient, there: Portfolio) -> None:
    values = {"person_id": str(there.jon), "cost_rate": "1", "currency": "EUR", "valid_from": "2026-01-01"}
    answer = await client.post("/v1/rates?dry_run=true", json=values)
    assert (answer.status_code, answer.json()["cost_rate"]) == (201, "1.00")
    assert (await client.get(f"/v1/rates?person_id={there.jon}")).json()["items"] == []
