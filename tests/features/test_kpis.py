import json
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa
import time_machine

from app.core.caller import AccessRole
from app.measures.catalogue import CATALOGUE, KPIS
from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.measures import facts, progress

MONDAY = date(2026, 3, 2)
MONEY = [kpi.name for kpi in CATALOGUE if kpi.money]


@pytest.fixture(autouse=True)
def in_december() -> Iterator[None]:
    with time_machine.travel("2026-12-01T12:00:00Z"):
        yield


async def fill(database: RolledBack, work: Callable[[sa.Connection], Any]) -> Any:
    return await database.write(work)


def portfolio(conn: sa.Connection) -> dict[str, UUID]:
    acme, globex = facts.client(conn), facts.client(conn, "GLOBEX")
    web, app = facts.project(conn, acme), facts.project(conn, globex, "GLOBEX-APP", engagement="retainer")
    maria = facts.person(conn)
    facts.hours(conn, web, maria, MONDAY, 6, billable=True, cost_rate=Decimal(50))
    facts.hours(conn, web, maria, MONDAY, 2, billable=False, cost_rate=Decimal(50))
    facts.hours(conn, app, maria, date(2026, 4, 1), "0.5", billable=True, cost_rate=Decimal(50))
    return {"acme": acme, "globex": globex, "web": web, "app": app, "maria": maria}


async def values(client: httpx.AsyncClient, kpi: str, **parameters: str) -> dict[str, Any]:
    answer = await client.get(f"/v1/kpis/{kpi}/values", params=parameters)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def problem(client: httpx.AsyncClient, kpi: str, **parameters: str) -> tuple[int, str, str]:
    answer = await client.get(f"/v1/kpis/{kpi}/values", params=parameters)
    body = answer.json()
    return answer.status_code, body["code"], body.get("errors", [{"pointer": ""}])[0]["pointer"]


async def test_the_catalogue_is_listed_and_read_one_by_one(client: httpx.AsyncClient) -> None:
    listed = (await client.get("/v1/kpis")).json()
    assert [item["name"] for item in listed["items"]] == [kpi.name for kpi in CATALOGUE]
    assert listed["next_cursor"] is None
    one = await client.get("/v1/kpis/billable_share")
    assert one.json() == listed["items"][0]
    again = await client.get("/v1/kpis/billable_share", headers={"If-None-Match": one.headers["ETag"]})
    assert again.status_code == 304


async def test_the_catalogue_comes_as_a_table(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/kpis", headers={"Accept": "text/csv"})
    lines = answer.text.split("\r\n")
    assert lines[0].startswith("name,label,description,type,")
    assert len(lines) == len(CATALOGUE) + 2


async def test_an_unknown_kpi_is_not_found(client: httpx.AsyncClient) -> None:
    for path in ("/v1/kpis/happiness", "/v1/kpis/happiness/values"):
        answer = await client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown-kpi")


async def test_a_series_says_what_it_is(client: httpx.AsyncClient, database: RolledBack) -> None:
    await fill(database, portfolio)
    with time_machine.travel("2026-05-15T12:00:00Z", tick=False):
        found = await values(client, "billable_share", grain="quarter", include="totals,coverage")
    assert found["rows"][0] == {
        "period": "2026-Q1",
        "from": "2026-01-01",
        "until": "2026-04-01",
        "numerator": "6.00",
        "denominator": "8.00",
        "value": "75.0000",
        "reason": None,
        "is_partial": False,
        "coverage": {"rows_used": 2, "rows_excluded": 0, "reasons": {}},
    }
    assert [(row["period"], row["is_partial"]) for row in found["rows"]] == [("2026-Q1", False), ("2026-Q2", True)]
    assert [(row["numerator"], row["value"]) for row in found["totals"]] == [("6.50", "76.4706")]
    meta = found["meta"]
    assert meta.pop("generated_at") == "2026-05-15T12:00:00Z"
    assert meta == {
        "kpi": "billable_share",
        "label": "Billable share",
        "unit": "percent",
        "scale": 4,
        "version": 1,
        "currency": None,
        "time_zone": "UTC",
        "week_start": "monday",
        "fiscal_start_month": 1,
        "from": "2026-03-02",
        "until": "2026-04-02",
        "grain": "quarter",
        "complete_through": "2026-04-01",
    }


async def test_a_period_cut_by_the_window_is_partial(client: httpx.AsyncClient, database: RolledBack) -> None:
    await fill(database, portfolio)
    found = await values(client, "billable_share", grain="month", **{"from": "2026-03-01", "until": "2026-04-02"})
    assert [(row["period"], row["is_partial"]) for row in found["rows"]] == [("2026-03", False), ("2026-04", True)]


async def test_groups_carry_keys_and_labels(client: httpx.AsyncClient, database: RolledBack) -> None:
    ids = await fill(database, portfolio)
    found = await values(client, "billable_share", group_by="client,engagement")
    first = found["rows"][0]
    assert (first["period"], first["client_id"], first["client_code"]) == (None, str(ids["acme"]), "ACME")
    assert (first["client_name"], first["engagement"], first["value"]) == ("ACME Inc.", "fixed_fee", "75.0000")
    assert [row["client_code"] for row in found["rows"]] == ["ACME", "GLOBEX"]


async def test_filters_keep_what_is_one_of(client: httpx.AsyncClient, database: RolledBack) -> None:
    ids = await fill(database, portfolio)
    both = await values(client, "billable_share", project_id=f"{ids['web']},{ids['app']}")
    assert both["rows"][0]["denominator"] == "8.50"
    one = await values(client, "billable_share", client_id=str(ids["globex"]), engagement="retainer")
    assert one["rows"][0]["denominator"] == "0.50"
    none = await values(client, "billable_share", client_id=str(ids["acme"]), engagement="retainer")
    assert (none["rows"][0]["value"], none["rows"][0]["reason"]) == (None, "no_hours")


async def test_money_has_a_row_for_each_currency(client: httpx.AsyncClient, database: RolledBack) -> None:
    def work(conn: sa.Connection) -> None:
        project = portfolio(conn)["web"]
        facts.invoice(conn, project, MONDAY, "1250.5")
        facts.invoice(conn, project, MONDAY, "100", "USD")
        facts.rate(conn, "USD", "EUR", "0.9", MONDAY)

    await fill(database, work)
    apart = await values(client, "revenue_invoiced")
    assert [(row["currency"], row["numerator"], row["denominator"], row["value"]) for row in apart["rows"]] == [
        ("EUR", "1250.50", None, "1250.50"),
        ("USD", "100.00", None, "100.00"),
    ]
    converted = await values(client, "revenue_invoiced", currency="EUR")
    assert [(row["currency"], row["value"]) for row in converted["rows"]] == [("EUR", "1340.50")]
    assert converted["meta"]["currency"] == "EUR"
    missing = await values(client, "revenue_invoiced", currency="JPY")
    assert (missing["rows"][0]["value"], missing["rows"][0]["reason"]) == (None, "missing_rate")


async def test_figures_come_as_numbers_on_request(client: httpx.AsyncClient, database: RolledBack) -> None:
    await fill(database, portfolio)
    row = (await values(client, "billable_share", number="float"))["rows"][0]
    assert (row["numerator"], row["denominator"], row["value"]) == (6.5, 8.5, 76.4706)


async def test_tables_hold_the_same_figures(client: httpx.AsyncClient, database: RolledBack) -> None:
    await fill(database, portfolio)
    question = {"grain": "quarter", "group_by": "client"}
    rows = (await values(client, "billable_share", **question))["rows"]
    csv = await client.get("/v1/kpis/billable_share/values", params=question, headers={"Accept": "text/csv"})
    header, first, *_ = csv.text.split("\r\n")
    assert header == "period,from,until,client_id,client_code,client_name,numerator,denominator,value,reason,is_partial"
    assert first.split(",")[6:9] == [rows[0]["numerator"], rows[0]["denominator"], rows[0]["value"]]
    lines = await client.get("/v1/kpis/billable_share/values", params={**question, "format": "ndjson"})
    assert [json.loads(line) for line in lines.text.splitlines()] == rows


async def test_says_what_a_kpi_can_be_asked_for(client: httpx.AsyncClient) -> None:
    some_id = "01890000-0000-7000-8000-000000000001"
    assert await problem(client, "utilisation", group_by="client") == (422, "invalid", "?group_by")
    assert await problem(client, "utilisation", client_id=some_id) == (422, "invalid", "?client_id")
    assert await problem(client, "billable_share", client_id="ACME") == (422, "invalid", "?client_id")
    assert await problem(client, "billable_share", group_by="shoe_size") == (422, "invalid", "?group_by")
    assert await problem(client, "billable_share", grain="fortnight") == (422, "invalid", "?grain")
    assert await problem(client, "billable_share", currency="EUR") == (422, "invalid", "?currency")
    assert await problem(client, "billable_share", include="totals", format="csv") == (422, "invalid", "?include")
    assert await problem(client, "billable_share", bom="maybe") == (422, "invalid", "?bom")
    assert await problem(client, "billable_share", colour="red") == (422, "invalid", "?colour")
    window = {"from": "2026-03-02", "until": "2026-03-02"}
    assert await problem(client, "billable_share", **window) == (422, "invalid", "?until")
    assert await problem(client, "billable_share", **{"from": "yesterday"}) == (422, "invalid", "?from")


@pytest.mark.parametrize("kpi", MONEY)
async def test_money_is_for_those_who_may_see_it(kpi: str, client_as: ClientFactory, database: RolledBack) -> None:
    ids = await fill(database, portfolio)
    web, app = str(ids["web"]), str(ids["app"])
    for role in (AccessRole.CONTRIBUTOR, AccessRole.VIEWER):
        assert (await problem(await client_as(role), kpi, project_id=web))[:2] == (403, "money-hidden")
    await values(await client_as(AccessRole.ANALYST), kpi)

    def take_a_seat(conn: sa.Connection) -> None:
        facts.holder(conn, ids["web"], ids["maria"], MONDAY)

    await fill(database, take_a_seat)
    manager = await client_as(AccessRole.MANAGER, person_id=ids["maria"])
    await values(manager, kpi, project_id=web)
    assert (await problem(manager, kpi))[:2] == (403, "money-hidden")
    assert (await problem(manager, kpi, project_id=f"{web},{app}"))[:2] == (403, "money-hidden")


async def test_an_integration_reads_no_kpis(client_as: ClientFactory) -> None:
    integration = await client_as(AccessRole.INTEGRATION)
    for path in ("/v1/kpis", "/v1/kpis/billable_share", "/v1/kpis/billable_share/values"):
        assert (await integration.get(path)).status_code == 403


@pytest.mark.parametrize("kpi", [kpi.name for kpi in CATALOGUE])
async def test_a_question_takes_the_same_number_of_statements_for_any_number_of_rows(
    kpi: str, client: httpx.AsyncClient, database: RolledBack
) -> None:
    question = {"grain": "month", "include": "totals,coverage"}
    ids = await fill(database, portfolio)

    def add(conn: sa.Connection, number: int) -> None:
        done = facts.project(conn, ids["acme"], f"P{number}", closed_on=MONDAY, due_on=MONDAY)
        facts.status(conn, done, "active", MONDAY)
        facts.seat(conn, done)
        facts.holder(conn, done, ids["maria"], MONDAY)
        facts.hours(conn, done, ids["maria"], date(2026, number, 5), 1)
        facts.invoice(conn, done, date(2026, number, 5), "1")
        facts.commitment(conn, ids["maria"], date(2026, number, 5), project_id=done)
        facts.feedback(conn, done, ids["acme"], date(2026, number, 5), 5, 9)
        begun = facts.project(conn, ids["acme"], f"B{number}")
        progress.baseline(conn, begun, [(MONDAY, "1", MONDAY)], start_on=MONDAY, cost_budget=Decimal(100))
        progress.estimate(conn, begun, "account_manager", MONDAY, "5")

    await database.write(add, 1)
    await values(client, kpi)  # signs in
    with database.counting() as for_few:
        few = await values(client, kpi, **question)
    for number in range(2, 8):
        await database.write(add, number)
    with database.counting() as for_many:
        many = await values(client, kpi, **question)
    assert few["totals"] != many["totals"] or few["totals"][0]["coverage"] != many["totals"][0]["coverage"]
    # One for the window, and one for each source of facts; states are computed from facts of several kinds.
    assert len(for_few) == len(for_many) <= (16 if KPIS[kpi].is_snapshot else 1 + len(KPIS[kpi].sources))


async def test_a_window_beside_all_there_is_holds_nothing(client: httpx.AsyncClient, database: RolledBack) -> None:
    await fill(database, portfolio)
    for window in ({"from": "2027-01-01"}, {"until": "2020-01-01"}, {"from": "2019-01-01", "until": "2020-01-01"}):
        found = await values(client, "billable_share", **window)
        assert [(row["value"], row["reason"]) for row in found["rows"]] == [(None, "no_hours")]
        assert (await values(client, "billable_share", grain="month", **window))["rows"] == []


async def test_a_share_of_promises_says_of_how_many_and_what_it_is_at_least(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    ids = await fill(database, portfolio)

    def promise(conn: sa.Connection) -> None:
        for status in ("kept", "kept", "late", "broken", "open"):
            facts.commitment(conn, ids["maria"], MONDAY, status, project_id=ids["web"])

    await fill(database, promise)
    found = await values(client, "commitments_kept", group_by="person", include="totals")
    (row,), (total,) = found["rows"], found["totals"]
    shown = [row[name] for name in ("person_email", "numerator", "denominator", "value", "n", "lower_bound")]
    assert shown == ["maria@agency.example", "2", "5", "40.0000", 5, "11.7621"]
    assert (total["n"], total["lower_bound"]) == (5, "11.7621")
    as_numbers = await values(client, "commitments_kept", number="float")
    assert as_numbers["rows"][0]["lower_bound"] == 11.7621
    answer = await client.get("/v1/kpis/commitments_kept/values", params={"format": "csv"})
    assert "value,n,lower_bound,reason" in answer.text
    none_due = await values(client, "commitments_kept", **{"from": "2026-04-01", "until": "2026-05-01"})
    assert [none_due["rows"][0][name] for name in ("value", "n", "lower_bound", "reason")] == [
        None,
        0,
        None,
        "no_commitments_due",
    ]
    assert "n" not in (await values(client, "billable_share"))["rows"][0]


async def test_a_state_is_asked_for_as_any_figure(
    client: httpx.AsyncClient, client_as: ClientFactory, database: RolledBack
) -> None:
    ids = await fill(database, portfolio)

    def begin(conn: sa.Connection) -> None:
        agreed: dict[str, Any] = {"start_on": MONDAY, "cost_budget": Decimal(1000), "fee": Decimal(2000)}
        milestones = [(date(2026, 3, 6), "1", date(2026, 3, 9)), (date(2026, 3, 13), "1", None)]
        progress.baseline(conn, ids["web"], milestones, **agreed)

    await fill(database, begin)
    window = {"from": "2026-03-02", "until": "2026-03-14", "grain": "week", "group_by": "project"}
    found = await values(client, "cpi", include="totals,coverage", **window)
    assert [(row["period"], row["currency"], row["value"]) for row in found["rows"]] == [
        ("2026-W10", "EUR", "0.0000"),
        ("2026-W11", "EUR", "1.2500"),
    ]
    assert [found["rows"][1][name] for name in ("project_code", "numerator", "denominator")] == [
        "ACME-WEB",
        "500.00",
        "400.00",
    ]
    assert [(total["numerator"], total["value"]) for total in found["totals"]] == [("500.00", "1.2500")]
    margin = await values(client, "forecast_margin", **window)
    assert [(row["value"], row["basis"]) for row in margin["rows"]] == [(None, None), ("60.0000", "performance")]
    viewer = await client_as(AccessRole.VIEWER)
    on_time = await values(viewer, "spi_t", **window)
    assert [(row["numerator"], row["value"]) for row in on_time["rows"]] == [("0", "0.0000"), ("5", "0.5000")]
    assert (await viewer.get("/v1/kpis/spi_t")).json()["additivity"] == "non_additive"
    assert (await viewer.get("/v1/kpis/ev")).json()["additivity"] == "semi_additive"
