from typing import Any

import httpx
import pytest

from app.core.schema import Schema
from app.features.finance import schemas
from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.portfolio import Portfolio, make_portfolio, seat

ANY = {"If-Match": "*"}


@pytest.fixture
async def there(database: RolledBack) -> Portfolio:
    return await make_portfolio(database)


def expense_of(there: Portfolio, **values: Any) -> dict[str, Any]:
    return {**schemas.EXPENSE_EXAMPLE, "project_id": str(there.project), **values}


def invoice_of(there: Portfolio, **values: Any) -> dict[str, Any]:
    return {**schemas.INVOICE_EXAMPLE, "project_id": str(there.project), **values}


def rate_card_of(there: Portfolio, **values: Any) -> dict[str, Any]:
    return {**schemas.RATE_CARD_EXAMPLE, "client_id": str(there.client), **values}


async def add(client: httpx.AsyncClient, plural: str, values: dict[str, Any]) -> dict[str, Any]:
    answer = await client.post(f"/v1/{plural}", json=values)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def problem(answer: httpx.Response) -> tuple[int, str, list[str]]:
    body = answer.json()
    return answer.status_code, body["code"], [error["pointer"] for error in body.get("errors", ())]


async def test_each_is_read_back_corrected_and_deleted(client: httpx.AsyncClient, there: Portfolio) -> None:
    cases: list[tuple[str, dict[str, Any], type[Schema], dict[str, Any]]] = [
        ("expenses", expense_of(there), schemas.ExpenseRead, {"amount": "380.00"}),
        ("invoices", invoice_of(there), schemas.InvoiceRead, {"amount": "-12.50"}),
        ("rate-cards", rate_card_of(there), schemas.RateCardRead, {"rate": "140.00"}),
        ("exchange-rates", schemas.EXCHANGE_RATE_EXAMPLE, schemas.ExchangeRateRead, {"rate": "0.92345678"}),
    ]
    for plural, values, shape, change in cases:
        made = await add(client, plural, values)
        shape.model_validate(made)
        assert values.items() <= made.items()
        address = f"/v1/{plural}/{made['id']}"
        assert (await client.get(address)).json() == made
        answer = await client.patch(address, json=change, headers={"If-Match": made["etag"]})
        changed = answer.json()
        assert (answer.status_code, changed["version"]) == (200, 2)
        assert change.items() <= changed.items()
        assert changed["created_at"] == made["created_at"] < changed["updated_at"]
        assert (await client.get(f"/v1/{plural}")).json()["items"] == [changed]
        assert (await client.delete(address, headers={"If-Match": made["etag"]})).status_code == 412
        assert (await client.delete(address, headers={"If-Match": changed["etag"]})).status_code == 204
        assert (await client.get(f"/v1/{plural}")).json()["items"] == []
        assert (await client.get(address)).status_code == 404


async def test_a_credit_note_is_negative_and_an_expense_is_not(client: httpx.AsyncClient, there: Portfolio) -> None:
    await add(client, "invoices", invoice_of(there, amount="-500.00"))
    answer = await client.post("/v1/expenses", json=expense_of(there, amount="-1"))
    assert problem(answer) == (422, "invalid", ["/amount"])


async def test_hides_amounts_from_those_who_may_not_see_the_money_of_the_project(
    client: httpx.AsyncClient, client_as: ClientFactory, database: RolledBack, there: Portfolio
) -> None:
    expense = await add(client, "expenses", expense_of(there))
    invoice = await add(client, "invoices", invoice_of(there))
    card = await add(client, "rate-cards", rate_card_of(there))
    outside = await client_as("manager", person_id=there.maria)
    for plural, made, name in (
        ("expenses", expense, "amount"),
        ("invoices", invoice, "amount"),
        ("rate-cards", card, "rate"),
    ):
        shown = (await outside.get(f"/v1/{plural}/{made['id']}")).json()
        assert shown == {**{field: value for field, value in made.items() if field != name}, "etag": '"1.hidden"'}
        for query in (f"sort={name}", f"{name}_from=1", f"format=csv&fields={name}"):
            assert (await outside.get(f"/v1/{plural}?{query}")).json()["code"] == "money-hidden"
    await database.write(seat, there.project, there.jon)
    inside = await client_as("manager", person_id=there.jon)
    assert (await inside.get(f"/v1/invoices/{invoice['id']}")).json()["amount"] == "12500.00"
    assert "rate" not in (await inside.get(f"/v1/rate-cards/{card['id']}")).json()


@pytest.mark.parametrize(
    "change",
    [
        {"amount": "1"},
        {"currency": "USD"},
        {"project_id": "same"},
        {"pass_through": "true"},
        {"change_request_id": "same"},
    ],
)
async def test_a_change_never_tells_an_amount_to_those_who_may_not_see_it(
    client: httpx.AsyncClient, client_as: ClientFactory, there: Portfolio, change: dict[str, str]
) -> None:
    made = await add(client, "expenses", expense_of(there))
    manager = await client_as("manager", person_id=there.jon)
    address = f"/v1/expenses/{made['id']}"
    known = {"same": str(there.project), "true": True}
    sent = {name: known.get(value, value) for name, value in change.items()}
    assert problem(await manager.patch(address, json=sent, headers=ANY))[:2] == (403, "money-hidden")
    answer = await manager.patch(address, json={"description": "Fonts"}, headers=ANY)
    assert (answer.status_code, answer.json()["description"]) == (200, "Fonts")


async def test_nobody_deletes_an_amount_that_they_may_not_see(
    client: httpx.AsyncClient, client_as: ClientFactory, there: Portfolio
) -> None:
    manager = await client_as("manager", person_id=there.jon)
    for plural, values in (("expenses", expense_of(there)), ("invoices", invoice_of(there))):
        address = f"/v1/{plural}/{(await add(client, plural, values))['id']}"
        assert problem(await manager.delete(address, headers=ANY))[:2] == (403, "money-hidden")
        assert (await client.delete(address, headers=ANY)).status_code == 204


async def test_names_a_reference_that_does_not_exist(client: httpx.AsyncClient, there: Portfolio) -> None:
    nowhere = "01890000-0000-7000-8000-00000000ffff"
    for plural, values, pointer in (
        ("expenses", expense_of(there, project_id=nowhere), "/project_id"),
        ("invoices", invoice_of(there, project_id=nowhere), "/project_id"),
        ("rate-cards", rate_card_of(there, client_id=nowhere), "/client_id"),
        ("rate-cards", rate_card_of(there, role="juggler"), "/role"),
    ):
        assert problem(await client.post(f"/v1/{plural}", json=values)) == (422, "invalid", [pointer])


async def test_a_rate_is_for_a_client_or_a_project_or_neither(client: httpx.AsyncClient, there: Portfolio) -> None:
    both = rate_card_of(there, project_id=str(there.project))
    assert problem(await client.post("/v1/rate-cards", json=both)) == (422, "invalid", ["/client_id"])
    for scope in ({}, {"client_id": None}, {"client_id": None, "project_id": str(there.project)}):
        await add(client, "rate-cards", rate_card_of(there, **scope))
        again = await client.post("/v1/rate-cards", json=rate_card_of(there, **scope))
        assert problem(again) == (409, "rate-card-taken", ["/valid_from"])


async def test_a_rate_card_keeps_its_own_day_when_it_is_corrected(client: httpx.AsyncClient, there: Portfolio) -> None:
    made = await add(client, "rate-cards", rate_card_of(there))
    other = await add(client, "rate-cards", rate_card_of(there, valid_from="2026-07-01"))
    day = {"valid_from": made["valid_from"]}
    assert (await client.patch(f"/v1/rate-cards/{made['id']}", json=day, headers=ANY)).status_code == 200
    assert (await client.patch(f"/v1/rate-cards/{other['id']}", json=day, headers=ANY)).status_code == 409


async def test_an_exchange_rate_is_of_two_currencies_positive_and_one_a_day(client: httpx.AsyncClient) -> None:
    example = schemas.EXCHANGE_RATE_EXAMPLE
    await add(client, "exchange-rates", {**example, "rate": "0.00000001"})
    again = problem(await client.post("/v1/exchange-rates", json=example))
    assert again[:2] == (409, "duplicate")
    same = await client.post("/v1/exchange-rates", json={**example, "quote": "USD"})
    assert problem(same) == (422, "invalid", ["/quote"])
    for rate in ("0", "-1", "0.000000001"):
        answer = await client.post("/v1/exchange-rates", json={**example, "base": "GBP", "rate": rate})
        assert problem(answer) == (422, "invalid", ["/rate"])


async def test_rates_are_written_by_pmo_leads_alone(client_as: ClientFactory, there: Portfolio) -> None:
    manager = await client_as("manager", person_id=there.jon)
    assert (await manager.post("/v1/rate-cards", json=rate_card_of(there))).status_code == 403
    assert (await manager.post("/v1/exchange-rates", json=schemas.EXCHANGE_RATE_EXAMPLE)).status_code == 403
    viewer = await client_as("viewer")
    assert (await viewer.post("/v1/expenses", json=expense_of(there))).status_code == 403
