"""Roles that options of changes ask hours of."""

import asyncio

import httpx
import pytest

from tests.conftest import ClientFactory
from tests.features.calls import Json, day
from tests.features.test_change_decisions import approved, decide
from tests.features.test_change_requests import START, Shop, shop, shop_of
from tests.features.test_seats import add_role

__all__ = ["shop"]

ANY = {"If-Match": "*"}
BY_ROLE = [{"role": "illustrator", "hours": "3"}]


async def delete(shop: Shop, key: str = "illustrator") -> httpx.Response:
    return await shop.client.delete(f"/v1/roles/{key}", headers=ANY)


async def asking(shop: Shop) -> tuple[Json, Json, Json]:
    """A presented change, of which the first option asks for an illustrator."""
    await add_role(shop.client, "illustrator")
    change = await shop.file()
    option = await shop.option(change, price="100", hours=BY_ROLE)
    declined = await shop.option(change, kind="declined")
    await shop.step(change, "submit", "assess", "present")
    return change, option, declined


async def test_a_role_that_an_open_option_asks_for_is_neither_deleted_nor_renamed(shop: Shop) -> None:
    change, option, _ = await asking(shop)
    renamed = await shop.client.patch("/v1/roles/illustrator", json={"key": "artist"}, headers=ANY)
    for answer in (await delete(shop), renamed):
        assert (answer.status_code, answer.json()["code"]) == (409, "still-referenced")
        assert "Option 1 of change request 1 of 'WEB'" in answer.json()["detail"]
        assert answer.json()["change_request_id"] == change["id"]
    assert (await approved(shop, change, option))["status"] == "approved"


@pytest.mark.parametrize("outcome", ["rejected", "postponed"])
async def test_what_is_refused_frees_the_role_and_what_is_postponed_keeps_it(shop: Shop, outcome: str) -> None:
    change, _, _ = await asking(shop)
    until = {"postponed_until": "2026-09-01"} if outcome == "postponed" else {}
    assert (await decide(shop, change, outcome, **until)).status_code == 200
    assert (await delete(shop)).status_code == (204 if outcome == "rejected" else 409)


async def test_a_role_of_a_longer_name_is_another_role(shop: Shop) -> None:
    await asking(shop)
    for key in ("illustrat", "rator", "role"):
        await add_role(shop.client, key)
        assert (await delete(shop, key)).status_code == 204


async def test_without_the_option_the_role_goes(shop: Shop) -> None:
    await add_role(shop.client, "illustrator")
    change = await shop.file()
    option = await shop.option(change, hours=BY_ROLE)
    assert (await delete(shop)).status_code == 409
    assert (await shop.delete("change-options", option)).status_code == 204
    assert (await delete(shop)).status_code == 204


async def test_an_option_and_the_end_of_its_role_at_once_are_not_both_taken(own_client_as: ClientFactory) -> None:
    maria, jon = await own_client_as(), await own_client_as()
    with day(START):
        shop = await shop_of(maria)
        await add_role(maria, "illustrator")
        change = await shop.file()
        body = {"change_request_id": change["id"], "title": "One", "hours": BY_ROLE}
        made, gone = await asyncio.gather(
            maria.post("/v1/change-options", json=body), jon.delete("/v1/roles/illustrator", headers=ANY)
        )
    assert (made.status_code, gone.status_code) in ((201, 409), (422, 204))
