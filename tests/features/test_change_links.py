"""A client reads a signed link and decides by it: what they see, what they never see, and what their answer does."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from html import unescape
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
import pytest_asyncio

from app.core.links import LinkKind, Signer
from app.features.change_requests.client_view import ClientOption, ClientView, client_view
from app.features.client_links.schemas import ClientLinkRead
from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.features.calls import Json, add, day, events
from tests.features.test_change_requests import START, Shop, shop_of
from tests.features.test_client_links import BROWSER, FORM, Page

# Never to be seen by a client, wherever it comes from.
RATE, PURCHASE, HOURS, FEE, BUDGET, POINTS = "77.77", "31337.31", "135.79", "987654.32", "456789.12", 864
SECRETS = (RATE, PURCHASE, "31,337", HOURS, "987654", "987,654", "456789", "456,789", "SENTINEL")
HIDDEN_WORDS = ("cost", "rate", "margin", "exposure", "eac", "hours", "budget", "risk", "purchase", "points", "person")
RISK = {"cause": "SENTINEL-RISK", "event": "SENTINEL-EVENT", "effect": "SENTINEL-EFFECT", "likelihood": 5, "impact": 5}
WHY = "So that we open on our day"
VIEW = {"project", "title", "value_statement", "decide_by", "options"}
OPTION = {"number", "title", "kind", "scope", "value", "price", "ready_on", "sentence"}


async def staffed(client: httpx.AsyncClient) -> Shop:
    """A shop with a designer who has free hours, and with secrets in every corner."""
    made = await shop_of(client, fee=FEE, cost_budget=BUDGET, hours_budget="400")
    person = await add(client, "people", email="dora@agency.example", display_name="SENTINEL-PERSON")
    rate = {"cost_rate": RATE, "currency": "EUR", "valid_from": "2026-01-01"}
    await add(client, "rates", person_id=person["id"], **rate)
    seat = {"project_id": made.project["id"], "role": "designer", "person_id": person["id"], "valid_from": START}
    await add(client, "assignments", **seat)
    await add(client, "risks", project_id=made.project["id"], **RISK)
    return made


async def proposed(shop: Shop, **values: Any) -> Json:
    """A change request with three options that awaits its decision."""
    told = {
        "title": "Gift cards",
        "value_statement": "They sell before Christmas.",
        "description": "SENTINEL-DESCRIPTION",
        "impact_of_not_doing": "SENTINEL-NOT-DOING",
        "requested_by_id": shop.uma,
        "decide_by": "2026-06-30",
        **values,
    }
    change = await shop.file(**told)
    work = {
        "hours": [{"role": "designer", "hours": HOURS}],
        "purchases": [{"statement": "SENTINEL-PURCHASE", "amount": PURCHASE}],
        "risk_changes": [RISK],
        "value_points": POINTS,
    }
    await shop.option(change, title="As asked", price="4800", value="Sold at the till", scope="Buy, redeem", **work)
    later = {"kind": "later_phase", "starts_on": "2026-09-01", "price": "0"}
    await shop.option(change, title="Later", **later, **work)
    await shop.option(change, title="As it is", kind="declined")
    return await shop.step(change, "submit", "assess", "present")


@pytest_asyncio.fixture(loop_scope="session")
async def shop(client: httpx.AsyncClient) -> AsyncIterator[Shop]:
    with day(START):
        yield await staffed(client)


@pytest_asyncio.fixture(loop_scope="session")
async def change(shop: Shop) -> Json:
    return await proposed(shop)


@pytest_asyncio.fixture(loop_scope="session")
async def link(shop: Shop, change: Json) -> str:
    return await asked(shop, change)


async def asked(shop: Shop, change: Json, contact_id: str | None = None) -> str:
    answer = await shop.act(change, "ask", contact_id=contact_id or shop.ada)
    assert answer.status_code == 200, answer.text
    assert set(answer.json()) == {"ask_id", "link", "link_expires_at"}
    address: str = answer.json()["link"]
    return address


def chosen(option: int = 1, text: str = WHY) -> Json:
    return {"answer": "chosen", "option": option, "text": text}


async def test_shows_value_price_and_day_in_a_sentence_that_begins_yes_and(
    shop: Shop, link: str, visitor: httpx.AsyncClient
) -> None:
    found = (await visitor.get(link)).json()
    assert (found["kind"], found["answer"], found["option"]) == ("change_decision", None, None)
    view = found["change"]
    assert (view["project"], view["title"]) == (shop.project["name"], "Gift cards")
    assert (view["value_statement"], view["decide_by"]) == ("They sell before Christmas.", "2026-06-30")
    as_asked, later, declined = view["options"]
    assert as_asked == {
        "number": 1,
        "title": "As asked",
        "kind": "as_asked",
        "scope": "Buy, redeem",
        "value": "Sold at the till",
        "price": "4,800.00 EUR",
        "ready_on": "2026-12-18",
        "sentence": "Yes, and it costs 4,800.00 EUR and is ready by 18 December 2026.",
    }
    assert later["sentence"] == (
        "Yes, and it begins on 1 September 2026 or later; it costs you nothing; it is ready by 18 December 2026."
    )
    assert declined["sentence"] == ("Yes, and everything stays as it is agreed today: ready by 18 December 2026.")


async def test_choosing_by_json_approves_the_change_as_it_was_shown(
    shop: Shop, change: Json, link: str, visitor: httpx.AsyncClient, database: RolledBack
) -> None:
    for _ in range(3):  # mail scanners look, too
        assert (await visitor.get(link)).status_code == 200
        assert (await visitor.get(link, headers=BROWSER)).status_code == 200
    answer = await visitor.post(link, json=chosen())
    assert answer.status_code == 200, answer.text
    assert (answer.json()["answer"], answer.json()["option"]) == ("chosen", 1)
    decided = await shop.read(change)
    assert (decided["status"], decided["decided_by_contact_id"], decided["decision_reason"]) == (
        "approved",
        shop.ada,
        WHY,
    )
    baselines = (await shop.client.get("/v1/baselines", params={"project_id": shop.project["id"]})).json()["items"]
    assert sorted((item["number"], item["due_on"]) for item in baselines) == [(1, "2026-12-18"), (2, "2026-12-18")]
    assert (await visitor.get(link)).json() == answer.json()
    [told] = [data for type, data in await events(database) if type == "change_ask.answered"]
    of = {"project_id": shop.project["id"], "change_request_id": change["id"]}
    assert told == {**of, "contact_id": shop.ada, "answer": "chosen"}
    [ask] = (await shop.client.get("/v1/change-asks", params={"change_request_id": change["id"]})).json()["items"]
    assert (ask["contact_id"], ask["answer"], ask["answer_option"], ask["answer_text"]) == (shop.ada, "chosen", 1, WHY)
    assert (await shop.client.get(f"/v1/change-asks/{ask['id']}")).json() == ask


async def test_an_answer_counts_once_and_another_one_is_refused(link: str, visitor: httpx.AsyncClient) -> None:
    first, again = await visitor.post(link, json=chosen()), await visitor.post(link, json=chosen())
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json() == first.json()
    for other in (chosen(2), chosen(text="Changed my mind"), {"answer": "declined", "text": WHY}):
        refused = await visitor.post(link, json=other)
        assert (refused.status_code, refused.json()["code"]) == (409, "already-answered")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"answer": "declined", "text": WHY}, "rejected"),
        (chosen(3), "rejected"),
        ({"answer": "postponed", "text": WHY}, "postponed"),
        ({"answer": "postponed", "text": WHY, "until": "2026-08-03"}, "postponed"),
    ],
)
async def test_a_client_can_decline_or_postpone(
    shop: Shop, change: Json, link: str, visitor: httpx.AsyncClient, body: Json, status: str
) -> None:
    answer = await visitor.post(link, json=body)
    assert answer.status_code == 200, answer.text
    found = await shop.read(change)
    assert found["status"] == status
    if status == "postponed":
        assert found["postponed_until"] == body.get("until", "2026-07-01")
    assert (await visitor.post(link, json=body)).json() == answer.json()


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"answer": "chosen", "option": 1}, "/text"),
        ({"answer": "chosen", "option": 1, "text": "  "}, "/text"),
        ({"answer": "chosen", "text": WHY}, "/option"),
        ({"answer": "chosen", "option": 4, "text": WHY}, "/option"),
        ({"answer": "declined", "option": 1, "text": WHY}, "/option"),
        ({"answer": "chosen", "option": 1, "text": WHY, "until": "2026-08-03"}, "/until"),
        ({"answer": "postponed", "text": WHY, "until": START}, "/until"),
        ({"answer": "acknowledged", "text": WHY}, "/answer"),
    ],
)
async def test_says_in_friendly_words_what_an_answer_lacks(
    shop: Shop, change: Json, link: str, visitor: httpx.AsyncClient, body: Json, pointer: str
) -> None:
    refused = await visitor.post(link, json=body)
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]
    assert (await shop.read(change))["status"] == "awaiting_decision"


async def test_the_page_s_form_decides(shop: Shop, change: Json, link: str, visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get(link, headers=BROWSER)
    page = Page(answer.text)
    assert page.all("script", "iframe", "img", "link") == []
    assert page.all("form") == [{"method": "post"}]
    labelled = {label["for"] for label in page.all("label")}
    assert {field["id"] for field in page.all("input", "textarea")} == labelled
    values = [field["value"] for field in page.all("input") if field["type"] == "radio"]
    assert values == ["chosen-1", "chosen-2", "chosen-3", "declined", "postponed"]
    assert [("required" in area) for area in page.all("textarea")] == [True]
    text = unescape(answer.text)
    assert "Yes, and it costs 4,800.00 EUR and is ready by 18 December 2026." in text
    without_why = await visitor.post(link, content=urlencode({"answer": "chosen-1", "text": ""}), headers=FORM)
    assert (without_why.status_code, "tell us why" in without_why.text) == (422, True)
    sent = await visitor.post(link, content=urlencode({"answer": "chosen-2", "text": WHY, "until": ""}), headers=FORM)
    assert (sent.status_code, sent.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "Thank you: you have chosen option 2" in sent.text
    assert "Later" in sent.text
    assert Page(sent.text).all("form") == []
    assert (await shop.read(change))["status"] == "approved"


async def test_hostile_words_are_shown_as_words(shop: Shop, visitor: httpx.AsyncClient) -> None:
    hostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    change = await shop.file(title=hostile, value_statement=hostile)
    for kind in ("as_asked", "smaller"):
        await shop.option(change, title=hostile, kind=kind, price="1", scope=hostile, value=hostile)
    await shop.client.patch(f"/v1/projects/{shop.project['id']}", json={"name": hostile}, headers={"If-Match": "*"})
    await shop.step(change, "submit", "assess", "present")
    link = await asked(shop, change)
    for text in (
        (await visitor.get(link, headers=BROWSER)).text,
        (await visitor.post(link, content=urlencode({"answer": "chosen-1", "text": hostile}), headers=FORM)).text,
    ):
        page = Page(text)
        assert page.all("script", "img") == []
        assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
        assert "&lt;script&gt;" in text


async def test_a_changed_option_kills_the_link_with_a_friendly_page(
    shop: Shop, change: Json, link: str, visitor: httpx.AsyncClient
) -> None:
    [first, *_] = (await shop.client.get("/v1/change-options", params={"change_request_id": change["id"]})).json()[
        "items"
    ]
    assert (await shop.patch("change-options", first, title="Another")).status_code == 200
    gone, page = await visitor.get(link), await visitor.get(link, headers=BROWSER)
    assert (gone.status_code, gone.json()["code"], page.status_code) == (410, "link-gone", 410)
    assert "We have changed our proposal since; we send you a new link." in page.text
    assert (await visitor.post(link, json=chosen())).status_code == 410
    assert (await visitor.get(await asked(shop, change))).status_code == 200


async def test_a_changed_request_or_a_new_option_kills_the_link(
    shop: Shop, change: Json, visitor: httpx.AsyncClient
) -> None:
    link = await asked(shop, change)
    assert (await shop.patch("change-requests", change, urgency=5)).status_code == 200
    assert (await visitor.get(link)).status_code == 410
    link = await asked(shop, change)
    await shop.option(change, title="One more", price="1")
    assert (await visitor.get(link)).status_code == 410
    link = await asked(shop, change)
    await shop.step(change, "assess")
    assert (await visitor.post(link, json=chosen())).status_code == 410


async def test_a_withdrawn_or_merged_request_asks_nothing_more(
    shop: Shop, change: Json, link: str, visitor: httpx.AsyncClient
) -> None:
    await shop.act(change, "withdraw", reason="Not now")
    gone = await visitor.get(link)
    assert (gone.status_code, "withdrawn" in gone.json()["detail"]) == (410, True)
    other = await proposed(shop)
    link = await asked(shop, other)
    into = await shop.file()
    assert (await shop.act(other, "merge", into_id=into["id"])).status_code == 200
    gone = await visitor.post(link, json=chosen())
    assert (gone.status_code, "part of another" in gone.json()["detail"]) == (410, True)


async def test_what_we_decided_meanwhile_is_said(
    shop: Shop, change: Json, link: str, visitor: httpx.AsyncClient
) -> None:
    second = await asked(shop, change, shop.bob)
    assert (await visitor.post(second, json=chosen(2))).status_code == 200
    gone = await visitor.get(link)
    assert (gone.status_code, gone.json()["detail"]) == (410, "It has been decided on 1 June 2026: option 2, “Later”.")
    late = await visitor.post(link, json=chosen())
    assert (late.status_code, late.json()["code"]) == (409, "already-decided")
    assert late.json()["detail"] == gone.json()["detail"]


async def test_a_second_ask_leaves_the_first_link_valid(
    shop: Shop, change: Json, link: str, visitor: httpx.AsyncClient
) -> None:
    second = await asked(shop, change)
    assert second != link
    assert [(await visitor.get(each)).status_code for each in (link, second)] == [200, 200]
    assert (await visitor.post(link, json=chosen())).status_code == 200
    assert (await visitor.get(second)).status_code == 410


async def test_an_expired_a_forged_and_a_tampered_link_open_nothing(
    change: Json, link: str, visitor: httpx.AsyncClient
) -> None:
    with day("2026-09-01"):
        gone = await visitor.get(link)
        assert (gone.status_code, gone.json()["code"]) == (410, "link-gone")
        assert (await visitor.post(link, json=chosen())).status_code == 410
    head, claims, signature = link.rsplit("/", 1)[1].split(".")
    other, _ = Signer("somebody else's secret", 30).sign(LinkKind.CHANGE_DECISION, change["id"], "version")
    for token in (f"{head}.{claims[:-2]}xx.{signature}", other.rsplit("/", 1)[1], f"{head}.{claims}."):
        assert (await visitor.get(f"/v1/client-links/{token}")).status_code == 404


async def test_what_was_shown_is_what_counts(shop: Shop, change: Json, visitor: httpx.AsyncClient) -> None:
    link = await asked(shop, change)
    project = f"/v1/projects/{shop.project['id']}"
    moved = await shop.client.patch(project, json={"due_on": "2027-03-31"}, headers={"If-Match": "*"})
    assert moved.status_code == 200
    assert (await visitor.get(link)).json()["change"]["options"][0]["ready_on"] == "2026-12-18"
    assert (await visitor.post(link, json=chosen())).status_code == 200
    decision = (await shop.read(change))["decision_id"]
    logged = (await shop.client.get(f"/v1/decisions/{decision}")).json()
    assert logged["impact"]["due_on"] == "2026-12-18"


# Asking


async def test_asks_only_what_awaits_a_decision(shop: Shop) -> None:
    change = await shop.file()
    refused = await shop.act(change, "ask", contact_id=shop.ada)
    assert (refused.status_code, refused.json()["code"]) == (409, "not-awaiting-decision")


async def test_asks_a_contact_of_the_client_who_may_decide(shop: Shop, change: Json) -> None:
    other = await add(shop.client, "clients", code="BETA", name="Beta")
    stranger = await add(shop.client, "contacts", client_id=other["id"], name="Zoe", role="sponsor")
    refused = await shop.act(change, "ask", contact_id=stranger["id"])
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/contact_id")
    rule = {"kind": "new_scope", "charge": "billable", "currency": "EUR", "contact_role": "sponsor"}
    await add(shop.client, "change-authorities", **rule)
    refused = await shop.act(change, "ask", contact_id=shop.uma)
    assert (refused.status_code, refused.json()["code"]) == (409, "contact-may-not-decide")
    assert [contact["name"] for contact in refused.json()["contacts"]] == ["Ada"]
    assert "Ada" in refused.json()["detail"]
    await asked(shop, change, shop.ada)


async def test_a_contact_who_may_not_decide_this_option_hears_it_without_amounts(
    shop: Shop, change: Json, visitor: httpx.AsyncClient
) -> None:
    rule = {"above_amount": "4000", "currency": "EUR", "contact_role": "sponsor"}
    await add(shop.client, "change-authorities", **rule)
    link = await asked(shop, change, shop.bob)  # may decide the cheaper one
    refused = await visitor.post(link, json=chosen(1))
    assert (refused.status_code, refused.json()["code"]) == (403, "change-authority")
    assert "4000" not in refused.text
    assert "sponsor" not in refused.text
    assert (await visitor.post(link, json=chosen(2))).status_code == 200


async def test_names_what_is_missing_before_a_client_is_asked(client: httpx.AsyncClient) -> None:
    with day(START):
        shop = await shop_of(client)
        change = await shop.file()
        await shop.option(change, title="As asked", hours=[{"role": "designer", "hours": "8"}])
        await shop.option(change, kind="declined")
        await shop.step(change, "submit", "assess", "present")
        refused = await shop.act(change, "ask", contact_id=shop.ada)
        assert (refused.status_code, refused.json()["code"]) == (409, "impact-incomplete")
        missing = [(item["option"], item["what"]) for item in refused.json()["missing"]]
        assert missing == [(1, "price"), (1, "finish")]
        assert "assign somebody" in refused.json()["detail"]
        view = (await shop.client.get(f"/v1/change-requests/{change['id']}/client-view")).json()
        assert view["options"][0]["sentence"] == (
            "Yes, and we tell you soon what it costs; we tell you soon when it is ready."
        )


async def test_the_client_view_is_what_the_link_shows_and_needs_the_money(
    shop: Shop, change: Json, link: str, visitor: httpx.AsyncClient, client_as: ClientFactory
) -> None:
    address = f"/v1/change-requests/{change['id']}/client-view"
    assert (await shop.client.get(address)).json() == (await visitor.get(link)).json()["change"]
    for role in ("viewer", "manager", "contributor"):
        refused = await (await client_as(role)).get(address)
        assert (refused.status_code, refused.json()["code"]) == (403, "money-hidden")
    refused = await (await client_as("manager")).post(
        f"/v1/change-requests/{change['id']}/ask", json={"contact_id": shop.ada}
    )
    assert (refused.status_code, refused.json()["code"]) == (403, "money-hidden")


@pytest.mark.parametrize(
    ("kind", "price", "ready_on", "starts_on", "sentence"),
    [
        ("as_asked", "4800", "2027-03-12", None, "Yes, and it costs 4,800.00 EUR and is ready by 12 March 2027."),
        ("smaller", "0", "2027-03-12", None, "Yes, and it costs you nothing; it is ready by 12 March 2027."),
        ("swapped", "-0.5", "2027-03-12", None, "Yes, and your price falls by 0.50 EUR; it is ready by 12 March 2027."),
        ("declined", "0", None, None, "Yes, and everything stays as it is agreed today."),
        (
            "later_phase",
            "1234567.8",
            "2028-01-01",
            "2027-06-01",
            "Yes, and it begins on 1 June 2027 or later; it costs 1,234,567.80 EUR and is ready by 1 January 2028.",
        ),
    ],
)
def test_a_sentence_says_what_it_costs_and_until_when(
    kind: str, price: str, ready_on: str | None, starts_on: str | None, sentence: str
) -> None:
    words = dict.fromkeys(("title", "scope", "value"), "Words")
    begins = None if starts_on is None else date.fromisoformat(starts_on)
    option: Any = SimpleNamespace(id=1, number=1, kind=kind, price=Decimal(price), starts_on=begins, **words)
    change: Any = SimpleNamespace(title="Gift cards", value_statement="They sell.", decide_by=None, charge="billable")
    on = None if ready_on is None else date.fromisoformat(ready_on)
    [shown] = client_view("Web", "EUR", change, [option], {option.id: on}).options
    assert shown.sentence == sentence


# The allow-list


def test_a_link_shows_these_fields_and_no_others() -> None:
    """Whoever adds a field to what clients see must come here, and think."""
    assert set(ClientLinkRead.model_fields) == {
        "kind",
        "subject",
        "body",
        "change",
        "feedback",
        "answer",
        "option",
        "answered_at",
        "expires_at",
    }
    assert set(ClientView.model_fields) == VIEW
    assert set(ClientOption.model_fields) == OPTION


def numbers_of(value: Any) -> set[int]:
    if isinstance(value, dict | list):
        parts = list(value.values()) if isinstance(value, dict) else value
        return set().union(*(numbers_of(part) for part in parts))
    return {value} if isinstance(value, int) else set()


def keys_of(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*(keys_of(part) for part in value.values()))
    return set().union(*(keys_of(part) for part in value)) if isinstance(value, list) else set()


async def test_nothing_from_inside_reaches_a_client(
    shop: Shop, change: Json, link: str, visitor: httpx.AsyncClient
) -> None:
    inside = await shop.client.get(f"/v1/change-requests/{change['id']}/impact?inputs=true")
    assert inside.status_code == 200, inside.text
    assert [secret for secret in (RATE, PURCHASE, HOURS) if secret not in inside.text] == [], inside.text
    second = await asked(shop, change, shop.bob)
    answers = [
        await visitor.get(link),
        await visitor.get(link, headers=BROWSER),
        await visitor.get(link + "x"),
        await visitor.post(link, json={"answer": "chosen", "option": 9, "text": WHY}),
        await visitor.post(link, json={"answer": "chosen", "option": 1}),
        await visitor.post(link, json={"answer": "bargain"}),
        await visitor.post(link, content=urlencode({"answer": "chosen-9", "text": WHY}), headers=FORM),
        await visitor.post(link, content=b"{", headers={"Content-Type": "application/json"}),
        await visitor.post(link, json=chosen(1)),
        await visitor.post(link, json=chosen(2)),
        await visitor.get(link, headers=BROWSER),
        await visitor.get(second),
        await visitor.get(second, headers=BROWSER),
        await visitor.post(second, json=chosen(2)),
        await visitor.post(second, content=urlencode({"answer": "chosen-1", "text": WHY}), headers=FORM),
    ]
    assert [answer.status_code for answer in answers] == [
        *(200, 200, 404, 422, 422, 422, 422, 400, 200, 409, 200, 410, 410, 409, 409)
    ]
    for answer in answers:
        everything = unescape(answer.text) + str(answer.headers)
        assert [secret for secret in SECRETS if secret in everything] == []
        if "json" in answer.headers["Content-Type"]:
            assert POINTS not in numbers_of(answer.json())
            keys = keys_of(answer.json())
            assert [key for key in keys for word in HIDDEN_WORDS if word in key] == []


async def test_two_contacts_at_the_same_moment_leave_one_decision(own_client_as: ClientFactory) -> None:
    client = await own_client_as()
    with day(START):
        shop = await staffed(client)
        change = await proposed(shop)
        links = [await asked(shop, change, shop.ada), await asked(shop, change, shop.bob)]
        answers = await asyncio.gather(
            *(client.post(link, json=chosen(number)) for number, link in enumerate(links, start=1))
        )
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        [late] = [answer.json() for answer in answers if answer.status_code == 409]
        assert late["code"] == "already-decided"
        logged = await client.get("/v1/decisions", params={"subject_id": change["id"]})
        assert len(logged.json()["items"]) == 1
        twice = await asyncio.gather(*(client.post(links[0], json=chosen(1)) for _ in range(4)))
        assert len({answer.status_code for answer in twice}) == 1
