"""Change requests and their options: filing, changing, finding."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import pytest_asyncio

from app.core.caller import AccessRole
from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.features.calls import Json, add, add_client, add_project, day, events
from tests.features.test_seats import add_role

START = "2026-06-01"
HOURS = [{"role": "designer", "hours": "12.5"}]
NEW_RISK = {"cause": "A new till", "event": "It fails", "effect": "We are late", "likelihood": 2, "impact": 3}


@dataclass
class Shop:
    """A project of Acme, whose contacts may ask and decide."""

    client: httpx.AsyncClient
    project: Json
    ada: str  # the sponsor
    bob: str  # the approver
    uma: str  # a user

    async def file(self, **values: Any) -> Json:
        body = {"project_id": self.project["id"], "title": "Gift cards", "value_statement": "They sell.", **values}
        return await add(self.client, "change-requests", **body)

    async def option(self, change: Json, **values: Any) -> Json:
        return await add(self.client, "change-options", **{"change_request_id": change["id"], "title": "One", **values})

    async def act(self, change: Json, verb: str, **body: Any) -> httpx.Response:
        return await self.client.post(f"/v1/change-requests/{change['id']}/{verb}", json=body or None)

    async def step(self, change: Json, *verbs: str) -> Json:
        found = change
        for verb in verbs:
            answer = await self.act(change, verb)
            assert answer.status_code == 200, answer.text
            found = answer.json()
        return found

    async def presented(self, **values: Any) -> tuple[Json, Json, Json]:
        """A change request that awaits its decision, with two options: as asked, and declined."""
        change = await self.file(**values)
        price = {"price": "4800"} if values.get("charge", "billable") == "billable" else {}
        asked = await self.option(change, hours=HOURS, value_points=8, **price)
        declined = await self.option(change, kind="declined")
        await self.step(change, "submit", "assess", "present")
        return change, asked, declined

    async def read(self, change: Json) -> Json:
        found: Json = (await self.client.get(f"/v1/change-requests/{change['id']}")).json()
        return found

    async def patch(self, what: str, made: Json, **changes: Any) -> httpx.Response:
        return await self.client.patch(f"/v1/{what}/{made['id']}", json=changes, headers={"If-Match": "*"})

    async def delete(self, what: str, made: Json) -> httpx.Response:
        return await self.client.delete(f"/v1/{what}/{made['id']}", headers={"If-Match": "*"})


async def shop_of(client: httpx.AsyncClient, **values: Any) -> Shop:
    given = {"status": "active", "status_on": START, "fee": "50000", "cost_budget": "30000", "hours_budget": "400"}
    project = await add_project(client, "WEB", start_on=START, due_on="2026-12-18", **{**given, **values})
    await add_role(client, "designer")
    who = {}
    for name, role in (("Ada", "sponsor"), ("Bob", "approver"), ("Uma", "user")):
        who[name] = (await add(client, "contacts", client_id=project["client_id"], name=name, role=role))["id"]
    return Shop(client, project, who["Ada"], who["Bob"], who["Uma"])


@pytest_asyncio.fixture(loop_scope="session")
async def shop(client: httpx.AsyncClient) -> AsyncIterator[Shop]:
    with day(START):
        yield await shop_of(client)


async def test_requests_are_numbered_within_their_project(shop: Shop) -> None:
    first, second = await shop.file(), await shop.file()
    assert [first["number"], second["number"]] == [1, 2]
    assert (first["status"], first["allowed_transitions"]) == ("draft", ["submitted", "approved", "withdrawn"])
    other = await add_project(shop.client, "APP")
    assert (await shop.file(project_id=other["id"]))["number"] == 1


async def test_the_requester_is_a_contact_of_the_projects_client(shop: Shop) -> None:
    stranger = await add(shop.client, "contacts", client_id=(await add_client(shop.client, "BETA"))["id"], name="Zoe")
    change = await shop.file(requested_by_id=shop.uma)
    for answer in (
        await shop.patch("change-requests", change, requested_by_id=stranger["id"]),
        await shop.client.post(
            "/v1/change-requests",
            json={
                "project_id": shop.project["id"],
                "title": "A",
                "value_statement": "B",
                "requested_by_id": stranger["id"],
            },
        ),
    ):
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/requested_by_id"
    assert (await shop.patch("change-requests", change, requested_by_id=shop.ada)).status_code == 200


async def test_lists_filter_and_include_options_without_money(shop: Shop) -> None:
    change = await shop.file(urgency=5)
    await shop.file()
    await shop.option(change, price="100", hours=HOURS)
    query = {"project_id": shop.project["id"], "urgency_from": 4, "include": "options"}
    [item] = (await shop.client.get("/v1/change-requests", params=query)).json()["items"]
    [option] = item["options"]
    assert (option["number"], option["hours"]) == (1, [{"role": "designer", "hours": "12.5"}])
    assert "price" not in option


async def test_an_option_shows_decimals_as_text_and_hides_money(shop: Shop, client_as: ClientFactory) -> None:
    change = await shop.file()
    bought = [{"statement": "Cards", "amount": 600}]
    made = await shop.option(change, price="-12.5", hours=HOURS, purchases=bought, risk_changes=[NEW_RISK])
    assert (made["number"], made["price"]) == (1, "-12.50")
    assert made["purchases"] == [{"statement": "Cards", "amount": "600.00"}]
    assert made["risk_changes"] == [{"risk_id": None, **NEW_RISK}]
    viewer = await client_as(AccessRole.VIEWER)
    seen = (await viewer.get(f"/v1/change-options/{made['id']}")).json()
    assert seen["hours"] == made["hours"]
    assert not {"price", "purchases"} & seen.keys()


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"hours": [{"role": "nobody", "hours": "1"}]}, "/hours/0/role"),
        ({"hours": HOURS * 2}, "/hours/1/role"),
        ({"hours": [{"role": "designer", "hours": "10000.01"}]}, "/hours/0/hours"),
        ({"kind": "declined", "hours": HOURS}, "/hours"),
        ({"kind": "declined", "price": "1"}, "/price"),
        ({"risk_changes": [{"likelihood": 1, "impact": 1}]}, "/risk_changes/0/cause"),
        (
            {"risk_changes": [{**NEW_RISK, "risk_id": "01890000-0000-7000-8000-000000000099"}]},
            "/risk_changes/0/risk_id",
        ),
    ],
)
async def test_an_option_says_what_is_wrong_with_it(shop: Shop, values: Json, pointer: str) -> None:
    change = await shop.file()
    body = {"change_request_id": change["id"], "title": "One", **values}
    answer = await shop.client.post("/v1/change-options", json=body)
    assert answer.status_code == 422, answer.text
    assert pointer in {error["pointer"] for error in answer.json()["errors"]}


async def test_only_billable_changes_have_prices(shop: Shop) -> None:
    change = await shop.file(charge="goodwill")
    answer = await shop.client.post(
        "/v1/change-options", json={"change_request_id": change["id"], "title": "One", "price": "1"}
    )
    assert answer.json()["errors"][0]["pointer"] == "/price"
    await shop.option(change, price="0")
    assert (await shop.patch("change-requests", change, charge="billable")).status_code == 200
    await shop.option(change, price="1")
    answer = await shop.patch("change-requests", change, charge="our_error")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/charge")


async def test_a_draft_goes_with_its_options_and_nothing_else_does(shop: Shop) -> None:
    change = await shop.file()
    option = await shop.option(change)
    assert (await shop.delete("change-requests", change)).status_code == 204
    assert (await shop.client.get(f"/v1/change-options/{option['id']}")).status_code == 404


async def test_events_hold_ids_and_figures(shop: Shop, database: RolledBack) -> None:
    change = await shop.file()
    option = await shop.option(change)
    await shop.patch("change-options", option, price="5")
    await shop.delete("change-options", option)
    found = [(type, data) for type, data in await events(database) if type.startswith("change_")]
    of = {"project_id": shop.project["id"], "change_request_id": change["id"]}
    assert found == [
        ("change_request.created", {"project_id": shop.project["id"], "number": 1}),
        ("change_option.created", {**of, "number": 1}),
        ("change_option.updated", {**of, "fields": ["price"]}),
        ("change_option.deleted", of),
    ]


async def test_steps_lead_to_a_decision_and_name_the_legal_ones(shop: Shop, database: RolledBack) -> None:
    change = await shop.file()
    assert (await shop.step(change, "submit"))["submitted_at"] is not None
    answer = await shop.act(change, "submit")
    assert (answer.status_code, answer.json()["code"]) == (409, "illegal-transition")
    assert answer.json()["allowed"] == ["assessing", "approved", "withdrawn", "merged"]
    await shop.step(change, "assess")
    answer = await shop.act(change, "present")
    assert (answer.status_code, answer.json()["code"]) == (409, "too-few-options")
    await shop.option(change, kind="declined")
    last = await shop.option(change, kind="declined")
    assert "decline" in (await shop.act(change, "present")).json()["detail"]
    await shop.patch("change-options", last, kind="smaller")
    assert (await shop.step(change, "present"))["status"] == "awaiting_decision"
    for answer in (
        await shop.delete("change-options", last),
        await shop.patch("change-options", last, kind="declined"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "too-few-options")
    assert (await shop.step(change, "assess"))["status"] == "assessing"
    assert [type for type, _ in await events(database) if type.startswith("change_request.")] == [
        "change_request.created",
        "change_request.submitted",
        "change_request.assessment_begun",
        "change_request.presented",
        "change_request.assessment_begun",
    ]


async def test_what_is_withdrawn_stays_as_it_is(shop: Shop) -> None:
    change = await shop.file()
    option = await shop.option(change)
    answer = await shop.act(change, "withdraw", reason="The campaign is off.")
    assert (answer.json()["status"], answer.json()["allowed_transitions"]) == ("withdrawn", [])
    body = {"change_request_id": change["id"], "title": "Late"}
    for answer in (
        await shop.patch("change-requests", change, title="Another"),
        await shop.delete("change-requests", change),
        await shop.patch("change-options", option, title="Another"),
        await shop.delete("change-options", option),
        await shop.client.post("/v1/change-options", json=body),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "change-closed")


async def test_one_goes_into_another_open_one_of_its_project(shop: Shop) -> None:
    change, into = await shop.file(), await shop.file()
    other = await shop.file(project_id=(await add_project(shop.client, "APP"))["id"])
    await shop.step(change, "submit")
    for wrong in (change, other):
        answer = await shop.act(change, "merge", into_id=wrong["id"])
        assert (answer.status_code, answer.json()["code"]) == (409, "cannot-merge")
    merged = (await shop.act(change, "merge", into_id=into["id"])).json()
    assert (merged["status"], merged["merged_into_id"]) == ("merged", into["id"])
    query = {"merged_into_id": into["id"]}
    assert len((await shop.client.get("/v1/change-requests", params=query)).json()["items"]) == 1
    await shop.step(into, "submit")
    answer = await shop.act(into, "merge", into_id=change["id"])
    assert (answer.status_code, answer.json()["code"]) == (409, "cannot-merge")


async def test_a_step_honours_the_version_that_was_read(shop: Shop) -> None:
    change = await shop.file()
    url = f"/v1/change-requests/{change['id']}/submit"
    assert (await shop.client.post(url, headers={"If-Match": '"7"'})).status_code == 412
    assert (await shop.client.post(url, headers={"If-Match": change["etag"]})).status_code == 200


async def test_viewers_file_nothing(shop: Shop, client_as: ClientFactory) -> None:
    viewer = await client_as(AccessRole.VIEWER)
    change = await shop.file()
    assert (await viewer.post(f"/v1/change-requests/{change['id']}/submit")).status_code == 403
