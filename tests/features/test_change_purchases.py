"""What was bought for a change: expenses that name it, and its cost beside the estimate."""

from typing import Any

import httpx

from app.core.caller import AccessRole
from tests.conftest import ClientFactory
from tests.features.calls import Json, add, add_project, day
from tests.features.test_change_decisions import approved
from tests.features.test_change_requests import HOURS, START, Shop, shop

__all__ = ["shop"]

SPENT = {"incurred_on": START, "amount": "100", "currency": "EUR"}
MONEY = ("cost", "labour", "purchases")


async def bought(shop: Shop, change: str | None, **values: Any) -> Json:
    project_id = shop.project["id"]
    return await add(shop.client, "expenses", **{**SPENT, "project_id": project_id, **values}, change_request_id=change)


async def outcome(client: httpx.AsyncClient, change: Json) -> Json:
    answer = await client.get(f"/v1/change-requests/{change['id']}/outcome")
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def with_purchases(shop: Shop) -> Json:
    """An approved change: 12.5 hours at 60, and 600 of purchases."""
    maria = await add(shop.client, "people", email="maria@agency.example", display_name="Maria")
    await add(shop.client, "rates", person_id=maria["id"], cost_rate="60", currency="EUR", valid_from=START)
    seat = {"project_id": shop.project["id"], "role": "designer", "person_id": maria["id"], "valid_from": START}
    await add(shop.client, "assignments", **seat)
    change = await shop.file()
    lines = [{"statement": "Gift card service", "amount": "600"}]
    option = await shop.option(change, price="4800", hours=HOURS, purchases=lines)
    await shop.option(change, kind="declined")
    await shop.step(change, "submit", "assess", "present")
    made = await approved(shop, change, option)
    worked = {"project_id": shop.project["id"], "person_id": maria["id"], "worked_on": START, "hours": "2"}
    await add(shop.client, "time-entries", **worked, change_request_id=change["id"])
    return made


async def test_what_was_bought_stands_beside_labour_and_what_is_passed_on_costs_nothing(
    shop: Shop, client_as: ClientFactory
) -> None:
    change = await with_purchases(shop)
    await bought(shop, change["id"], amount="550.50")
    await bought(shop, change["id"], amount="900", pass_through=True)
    await bought(shop, None, amount="70")
    gone = await bought(shop, change["id"], amount="33")
    assert (await shop.delete("expenses", gone)).status_code == 204
    found = await outcome(shop.client, change)
    assert [found["estimated"][name] for name in MONEY] == ["1350.00", "750.00", "600.00"]
    assert [found["actual"][name] for name in MONEY] == ["670.50", "120.00", "550.50"]
    assert (found["difference"]["cost"], found["reasons"]) == ("-679.50", [])
    hidden = await outcome(await client_as(AccessRole.VIEWER), change)
    assert all(name not in hidden[part] for part in ("estimated", "actual", "difference") for name in MONEY)


async def test_expenses_count_at_the_rate_of_their_day_and_without_one_the_cost_is_unknown(shop: Shop) -> None:
    change = await with_purchases(shop)
    await bought(shop, change["id"], currency="USD")
    found = await outcome(shop.client, change)
    assert [found["actual"][name] for name in MONEY] == [None, "120.00", None]
    assert (found["difference"]["cost"], found["reasons"]) == (None, ["missing_exchange_rate"])
    for rate, valid_from in (("0.9", START), ("0.5", "2026-06-02")):
        await add(shop.client, "exchange-rates", base="USD", quote="EUR", rate=rate, valid_from=valid_from)
    with day("2026-06-10"):
        found = await outcome(shop.client, change)
    assert [found["actual"][name] for name in MONEY] == ["210.00", "120.00", "90.00"]


async def test_an_expense_names_a_change_of_its_own_project(shop: Shop) -> None:
    change = await shop.file()
    other = await add_project(shop.client, "APP")
    elsewhere = await shop.file(project_id=other["id"])
    body = {**SPENT, "project_id": shop.project["id"], "change_request_id": elsewhere["id"]}
    refused = [await shop.client.post("/v1/expenses", json=body)]
    made = await bought(shop, change["id"])
    assert made["change_request_id"] == change["id"]
    refused += [
        await shop.patch("expenses", made, change_request_id=elsewhere["id"]),
        await shop.patch("expenses", made, project_id=other["id"]),
    ]
    for answer in refused:
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/change_request_id")
    moved = {"project_id": other["id"], "change_request_id": elsewhere["id"]}
    assert (await shop.patch("expenses", made, **moved)).status_code == 200
    assert (await shop.patch("expenses", made, change_request_id=None)).json()["change_request_id"] is None


async def test_expenses_are_found_by_their_change_which_stays_as_long(shop: Shop) -> None:
    change = await shop.file()
    made = await bought(shop, change["id"])
    await bought(shop, None)
    found = await shop.client.get("/v1/expenses", params={"change_request_id": change["id"]})
    assert [item["id"] for item in found.json()["items"]] == [made["id"]]
    answer = await shop.delete("change-requests", change)
    assert (answer.status_code, answer.json()["code"]) == (409, "still-referenced")
