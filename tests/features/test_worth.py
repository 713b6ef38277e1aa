from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import httpx
import pytest

from app.features.pmo import rules
from app.features.pmo.rules import Rate
from app.measures.definition import Direction
from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.features.calls import Json, add, add_project, day
from tests.features.test_charter import MEASURE, put
from tests.features.test_development import person

WINDOW = {"from": "2026-01-01", "until": "2026-04-01"}


async def worth(client: httpx.AsyncClient, **params: str) -> Json:
    answer = await client.get("/v1/worth", params={**WINDOW, **params})
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def member(client: httpx.AsyncClient, database: RolledBack, name: str, rate: str | None = "50") -> str:
    id = await person(database, name, hired_on=date(2025, 1, 1))
    if rate is not None:
        values = {"cost_rate": rate, "currency": "EUR", "valid_from": "2025-01-01"}
        await add(client, "rates", person_id=id, **values)
    return id


async def log(client: httpx.AsyncClient, project: Json, person_id: str, on: str, hours: str) -> None:
    await add(client, "time-entries", project_id=project["id"], person_id=person_id, worked_on=on, hours=hours)


# The pure rules.


def test_a_total_is_null_where_a_part_is() -> None:
    fine = rules.cost_of([(Fraction(2), Rate(Decimal(50), "EUR")), (Fraction(1), Rate(Decimal("12.5"), "EUR"))])
    assert (fine.amount, fine.currency, fine.reason) == (Fraction(225, 2), "EUR", None)
    missing = rules.cost_of([(Fraction(2), Rate(None, None))])
    assert (missing.amount, missing.reason) == (None, "missing_rate")
    francs = rules.cost_of([(Fraction(2), Rate(Decimal(1), "CHF"))])
    assert rules.total_of([fine, missing]).reason == "missing_rate"
    assert rules.total_of([fine, francs]).reason == "several_currencies"
    assert rules.total_of([]).reason == "no_members"


def test_declared_days_cost_the_rate_of_the_day() -> None:
    days = [date(2026, 1, 1) + timedelta(number) for number in range(3)]
    rates = [(date(2026, 1, 2), Rate(Decimal(10), "EUR")), (date(2026, 1, 3), Rate(Decimal(20), "EUR"))]
    assert [(hours, rate.amount) for hours, rate in rules.declared(Decimal(40), days, rates)] == [
        (Fraction(8), None),
        (Fraction(8), Decimal(10)),
        (Fraction(8), Decimal(20)),
    ]


@pytest.mark.parametrize(
    ("direction", "value", "reached", "way"),
    [
        (Direction.UP, 90, True, 1),
        (Direction.UP, 85, False, Fraction(3, 4)),
        (Direction.UP, 60, False, Fraction(-1, 2)),
        (Direction.DOWN, 95, False, Fraction(5, 4)),
        (Direction.BAND, 90, None, None),
        (Direction.UP, None, None, None),
    ],
)
def test_a_target_is_reached_by_the_direction_of_its_kpi(
    direction: Direction, value: int | None, reached: bool | None, way: Fraction | None
) -> None:
    figure = None if value is None else Fraction(value)
    assert rules.is_reached(direction, figure, Fraction(90)) is reached
    assert rules.share_of_the_way(direction, Fraction(70), figure, Fraction(90)) == way


# Over the API.


async def test_costs_what_members_logged_on_internal_projects(client: httpx.AsyncClient, database: RolledBack) -> None:
    maria = await member(client, database, "maria")
    internal = await add_project(client, "PMO", engagement="internal")
    billed = await add_project(client, "WEB")
    for on in ("2026-01-05", "2026-03-31", "2026-04-01"):
        await log(client, internal, maria, on, "4")
    await log(client, billed, maria, "2026-01-06", "8")
    await put(client, members=[maria])
    assert (await worth(client))["cost"] == {
        "hours": "8",
        "cost": "400.00",
        "currency": "EUR",
        "reason": None,
        "members": [
            {
                "person_id": maria,
                "display_name": "maria",
                "basis": "logged",
                "hours": "8",
                "cost": "400.00",
                "currency": "EUR",
                "reason": None,
            }
        ],
    }


async def test_who_logged_nothing_costs_the_weekly_hours(client: httpx.AsyncClient, database: RolledBack) -> None:
    maria = await member(client, database, "maria")
    await put(client, members=[maria])
    cost = (await worth(client, **{"from": "2026-03-02", "until": "2026-03-09"}))["cost"]
    assert (cost["members"][0]["basis"], cost["hours"], cost["cost"]) == ("declared", "40", "2000.00")


async def test_shows_a_cost_however_large(client: httpx.AsyncClient, database: RolledBack) -> None:
    maria = await member(client, database, "maria", "99999999999")
    await put(client, members=[maria])
    cost = (await worth(client, **{"from": "2026-03-02", "until": "2026-03-09"}))["cost"]
    assert cost["cost"] == cost["members"][0]["cost"] == "3999999999960.00"


async def test_days_that_have_not_come_cost_nothing_yet(client: httpx.AsyncClient, database: RolledBack) -> None:
    maria = await member(client, database, "maria")
    with day("2026-03-03"):
        await put(client, members=[maria])
        cost = (await worth(client, **{"from": "2026-03-02", "until": "2026-03-09"}))["cost"]
    assert (cost["hours"], cost["cost"]) == ("16", "800.00")


async def test_the_total_is_null_where_a_rate_is_missing(client: httpx.AsyncClient, database: RolledBack) -> None:
    maria, jon = await member(client, database, "maria"), await member(client, database, "jon", None)
    await put(client, members=[maria, jon])
    cost = (await worth(client))["cost"]
    assert (cost["cost"], cost["reason"]) == (None, "missing_rate")
    assert [(row["display_name"], row["reason"]) for row in cost["members"]] == [
        ("jon", "missing_rate"),
        ("maria", None),
    ]


async def test_holds_each_measure_against_its_baseline(client: httpx.AsyncClient, database: RolledBack) -> None:
    maria = await member(client, database, "maria")
    project = await add_project(client, "WEB", engagement="time_and_materials")
    internal = await add_project(client, "PMO", engagement="internal")
    await log(client, project, maria, "2026-01-05", "6")
    await add(
        client,
        "time-entries",
        project_id=internal["id"],
        person_id=maria,
        worked_on="2026-01-06",
        hours="2",
        billable=False,
    )
    billable = {**MEASURE, "kpi": "billable_share", "label": None, "baseline": "50", "target": "100"}
    await put(client, success_measures=[billable, MEASURE], members=[maria])
    first, second = (await worth(client))["measures"]
    assert first == {
        **billable,
        "label": "Billable share",
        "unit": "percent",
        "direction": first["direction"],
        "value": first["value"],
        "currency": None,
        "reason": None,
        "change": "25",
        "reached": first["reached"],
        "share_of_the_way": first["share_of_the_way"],
    }
    assert Decimal(first["value"]) == 75
    assert (second["value"], second["reason"], second["reached"]) == (None, "no_commitments_due", None)


async def test_money_of_several_currencies_is_no_value(client: httpx.AsyncClient, database: RolledBack) -> None:
    project = await add_project(client, "WEB")
    cost = {**MEASURE, "kpi": "delivery_cost", "label": None, "baseline": "100", "target": "50"}
    await put(client, success_measures=[cost])
    values = {"project_id": project["id"], "incurred_on": "2026-02-02", "amount": "75"}
    await add(client, "expenses", **values, currency="EUR")
    found = (await worth(client))["measures"][0]
    assert (found["value"], found["currency"], found["change"]) == ("75", "EUR", "-25")
    await add(client, "expenses", **values, currency="CHF")
    found = (await worth(client))["measures"][0]
    assert (found["value"], found["reason"]) == (None, "several_currencies")


async def test_is_for_those_who_see_money(client: httpx.AsyncClient, client_as: ClientFactory) -> None:
    await put(client)
    answer = await (await client_as("manager")).get("/v1/worth")
    assert (answer.status_code, answer.json()["code"]) == (403, "money-hidden")
    assert (await (await client_as("analyst")).get("/v1/worth")).status_code == 200


async def test_without_a_charter_says_how_to_write_one(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/worth")
    assert (answer.status_code, answer.json()["code"]) == (404, "no-charter")


async def test_without_a_window_it_is_the_year_until_and_with_today(client: httpx.AsyncClient) -> None:
    with day("2026-03-03"):
        await put(client)
        found = [(await client.get("/v1/worth", params=params)).json() for params in ({}, {"from": "2026-05-01"})]
    assert [(one["valid_from"], one["valid_to"]) for one in found] == [
        ("2025-03-04", "2026-03-04"),
        ("2026-05-01", "2026-05-02"),
    ]


async def test_a_window_ends_after_it_begins(client: httpx.AsyncClient) -> None:
    for until in ("2026-01-01", "2048-01-01"):
        answer = await client.get("/v1/worth", params={"from": "2026-01-01", "until": until})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "?until")


async def test_takes_the_same_few_statements_for_any_number_of_members(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    people = [await member(client, database, f"p{number}") for number in range(4)]
    await put(client, members=people[:1])
    await worth(client)
    with database.counting() as for_one:
        await worth(client)
    await put(client, members=people)
    with database.counting() as for_four:
        found = await worth(client)
    assert len(for_one) == len(for_four)
    assert len(found["cost"]["members"]) == 4
