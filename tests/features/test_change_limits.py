"""Where change control ends: what has no price, what is too large, and what a client could not answer."""

from decimal import Decimal

import httpx
import pytest
import pytest_asyncio

from app.features.change_requests import rules
from app.features.change_requests.errors import ImpactIncomplete
from app.models.change_request import Charge, OptionKind
from tests.conftest import ClientFactory
from tests.features.calls import Json, add_client, day, move
from tests.features.test_change_decisions import decide, project_of
from tests.features.test_change_links import asked, chosen, proposed, staffed
from tests.features.test_change_requests import HOURS, START, Shop, shop

__all__ = ["shop"]

MOST = "99999999999"
PURCHASES = [{"statement": "A company", "amount": MOST}] * 3


class Unpriced:
    id, number, kind, price = "an option", 1, OptionKind.AS_ASKED, None


@pytest_asyncio.fixture(loop_scope="session")
async def team(client: httpx.AsyncClient) -> Shop:
    """A shop with somebody who works, whose clients can be asked."""
    with day(START):
        return await staffed(client)


def test_a_price_that_is_missing_is_above_every_amount_and_never_approved() -> None:
    assert rules.amount_of(Charge.BILLABLE, Unpriced, Decimal(7)) is None
    with pytest.raises(ImpactIncomplete):
        rules.check_priced(Charge.BILLABLE, Unpriced)
    rules.check_priced(Charge.GOODWILL, Unpriced)


async def test_refuses_to_approve_a_billable_option_without_a_price(shop: Shop) -> None:
    change = await shop.file()
    option = await shop.option(change, hours=HOURS)
    await shop.option(change, kind="declined")
    await shop.step(change, "submit", "assess", "present")
    answer = await decide(shop, change, "approved", option_id=option["id"])
    assert (answer.status_code, answer.json()["code"]) == (409, "impact-incomplete")
    assert answer.json()["missing"] == [{"option": 1, "what": "price", "detail": "send its price, 0 where it is free"}]
    assert (await shop.patch("change-options", option, price="0")).status_code == 200
    assert (await decide(shop, change, "approved", option_id=option["id"])).status_code == 200


async def test_shows_and_freezes_figures_that_no_project_could_take(shop: Shop) -> None:
    change = await shop.file()
    option = await shop.option(change, price=MOST, purchases=PURCHASES)
    await shop.option(change, kind="smaller", price="0.0001", purchases=PURCHASES)
    await shop.step(change, "submit", "assess", "present")

    async def figures() -> list[tuple[str, str, str]]:
        answer = await shop.client.get(f"/v1/change-requests/{change['id']}/impact")
        assert answer.status_code == 200, answer.text
        return [(found["cost"], found["fee"], found["margin_percent"]) for found in answer.json()["options"]]

    first, second = open_ones = await figures()
    assert first == ("299999999997.00", "100000049999.00", "-200")
    assert second[2].startswith("-2999999999969")
    answer = await decide(shop, change, "approved", option_id=option["id"], contact_id=shop.ada)
    assert (answer.status_code, answer.json()["code"]) == (409, "change-does-not-fit")
    assert (await decide(shop, change, "rejected")).status_code == 200
    assert await figures() == open_ones


async def test_a_cost_that_is_too_large_is_refused_where_no_budget_is_known(shop: Shop) -> None:
    answer = await shop.client.patch(
        f"/v1/projects/{shop.project['id']}", json={"cost_budget": None}, headers={"If-Match": "*"}
    )
    assert answer.status_code == 200
    change = await shop.file()
    option = await shop.option(change, price="1", purchases=PURCHASES)
    await shop.option(change, kind="declined")
    await shop.step(change, "submit", "assess", "present")
    answer = await decide(shop, change, "approved", option_id=option["id"])
    assert (answer.status_code, answer.json()["code"]) == (409, "change-does-not-fit")


@pytest.mark.parametrize("what", ["currency", "client_id"])
async def test_a_link_dies_with_the_currency_or_the_client_of_its_project(
    team: Shop, visitor: httpx.AsyncClient, what: str
) -> None:
    with day(START):
        link = await asked(team, await proposed(team))
        value = "USD" if what == "currency" else (await add_client(team.client, "OTHER"))["id"]
        path = f"/v1/projects/{team.project['id']}"
        assert (await team.client.patch(path, json={what: value}, headers={"If-Match": "*"})).status_code == 200
        before = await project_of(team)
        for answer in (await visitor.get(link), await visitor.post(link, json=chosen())):
            assert (answer.status_code, answer.json()["code"]) == (410, "link-gone")
        assert await project_of(team) == before


async def test_asks_nobody_what_could_not_be_approved(team: Shop, client_as: ClientFactory) -> None:
    with day(START):
        change = await proposed(team)
        assert (await move(team.client, team.project["id"], "cancelled")).status_code == 200
        answer = await team.act(change, "ask", contact_id=team.ada)
    assert (answer.status_code, answer.json()["code"]) == (409, "project-not-running")


@pytest.mark.parametrize(("status", "reason"), [("on_hold", "return"), ("closed", "end")])
async def test_asks_for_a_return_or_a_later_end_before_a_client_is_asked(team: Shop, status: str, reason: str) -> None:
    with day(START):
        change = await proposed(team)
        assert (await move(team.client, team.project["id"], status, "2026-06-02")).status_code == 200
        answer = await team.act(change, "ask", contact_id=team.ada)
        found = (await team.client.get(f"/v1/change-requests/{change['id']}/impact?inputs=true")).json()
    assert (answer.status_code, answer.json()["code"]) == (409, "impact-incomplete")
    assert f"plan the project's {reason}" in answer.json()["detail"]
    assert {option["finish_reason"] for option in found["options"]} == {
        "on_hold" if reason == "return" else "project_ends"
    }
    assert found["inputs"]["worked_on"] == [{"valid_from": START, "valid_to": "2026-06-02"}]


async def test_promises_no_day_before_the_project_begins(team: Shop) -> None:
    with day(START):
        path, dates = f"/v1/projects/{team.project['id']}", {"start_on": "2026-11-02", "due_on": None}
        assert (await team.client.patch(path, json=dates, headers={"If-Match": "*"})).status_code == 200
        change = await proposed(team)
        found: Json = (await team.client.get(f"/v1/change-requests/{change['id']}/impact")).json()["options"][0]
        assert found["finish_on"] < "2026-11-02" == found["due_on"]
        answer = await decide(team, change, "approved", option_id=found["option_id"], contact_id=team.ada)
        assert answer.status_code == 200, answer.text
        assert (await project_of(team))["due_on"] == "2026-11-02"
