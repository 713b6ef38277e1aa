"""Who must decide a change: the laws of the rules, and what they mean over HTTP."""

from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.caller import AccessRole
from app.features.change_requests import rules
from app.features.change_requests.errors import AllowanceExceeded
from app.features.change_requests.rules import Rule, deciding, may_decide
from app.models.change_request import ChangeKind, Charge, OptionKind
from app.models.client import ContactRole
from tests.conftest import ClientFactory
from tests.features.calls import Json, add, add_client
from tests.features.test_change_requests import HOURS, Shop, shop

__all__ = ["shop"]

KINDS, CHARGES = tuple(map(str, ChangeKind)), tuple(map(str, Charge))
# Each may decide whatever those before it may.
LADDERS = ((ContactRole.APPROVER, ContactRole.SPONSOR), (AccessRole.MANAGER, AccessRole.PMO_LEAD))

amounts = st.fractions(min_value=0, max_value=100_000, max_denominator=100)
money = st.none() | amounts


def a_rule(number: int, above: Fraction, role: str, **values: Any) -> Rule:
    theirs = role in tuple(ContactRole)
    given: dict[str, Any] = {"kind": None, "charge": None, "threshold": above, **values}
    return Rule(
        id=UUID(int=number),
        above=above,
        contact_role=role if theirs else None,
        access_role=None if theirs else role,
        **given,
    )


@st.composite
def any_rules(draw: st.DrawFn) -> list[Rule]:
    def one(number: int) -> Rule:
        above = draw(amounts)
        return a_rule(
            number,
            above,
            draw(st.sampled_from([*ContactRole, AccessRole.MANAGER, AccessRole.PMO_LEAD])),
            kind=draw(st.none() | st.sampled_from(KINDS)),
            charge=draw(st.none() | st.sampled_from(CHARGES)),
            threshold=draw(st.sampled_from([above, None])),
        )

    return [one(number) for number in range(draw(st.integers(0, 6)))]


@given(st.sampled_from(LADDERS), amounts, amounts, amounts)
def test_a_higher_amount_never_needs_a_lesser_decider(
    ladder: tuple[str, str], above: Fraction, one: Fraction, other: Fraction
) -> None:
    seeds = [a_rule(1, Fraction(0), ladder[0]), a_rule(2, above, ladder[1])]
    lower, higher = sorted((one, other))
    needs = [deciding(seeds, KINDS[0], CHARGES[0], amount) for amount in (lower, higher, None)]
    steps = [ladder.index(str(rule.contact_role or rule.access_role)) for rule in needs if rule is not None]
    assert steps == sorted(steps)


@given(any_rules(), st.sampled_from(KINDS), st.sampled_from(CHARGES), money)
def test_whoever_may_decide_more_may_decide_less(
    known: list[Rule], kind: str, charge: str, amount: Fraction | None
) -> None:
    rule = deciding(known, kind, charge, amount)
    if may_decide(rule, ContactRole.APPROVER, AccessRole.VIEWER):
        assert may_decide(rule, ContactRole.SPONSOR, AccessRole.VIEWER)
    if may_decide(rule, None, AccessRole.MANAGER):
        assert may_decide(rule, None, AccessRole.PMO_LEAD)


@given(any_rules(), st.sampled_from(KINDS), st.sampled_from(CHARGES), money)
def test_the_highest_rule_that_holds_decides(
    known: list[Rule], kind: str, charge: str, amount: Fraction | None
) -> None:
    holding = [rule for rule in known if rule.holds(kind, charge, amount)]
    found = deciding(known, kind, charge, amount)
    assert found is deciding(list(reversed(known)), kind, charge, amount)
    assert (found is None) == (not holding)
    if found is not None:
        assert found.rank == max(rule.rank for rule in holding)


@given(any_rules(), st.sampled_from(KINDS), st.sampled_from(CHARGES), amounts)
def test_an_unknown_amount_is_above_everything(known: list[Rule], kind: str, charge: str, amount: Fraction) -> None:
    unknown, rule = deciding(known, kind, charge, None), deciding(known, kind, charge, amount)
    assert rule is None or (unknown is not None and unknown.rank >= rule.rank)


def test_amounts_are_strictly_above_and_ties_go_to_the_more_specific() -> None:
    any_, billable = a_rule(2, Fraction(10), ContactRole.APPROVER), Fraction(10)
    assert deciding([any_], KINDS[0], CHARGES[0], billable) is None
    specific = a_rule(1, Fraction(10), ContactRole.SPONSOR, charge=CHARGES[0])
    assert deciding([any_, specific], KINDS[0], CHARGES[0], Fraction(11)) is specific
    zero = a_rule(3, Fraction(0), ContactRole.APPROVER)
    assert deciding([zero], KINDS[0], CHARGES[0], Fraction(0)) is zero


def test_an_amount_is_the_price_or_what_it_takes_of_ours() -> None:
    option = SimpleNamespace(kind=OptionKind.AS_ASKED, price=Decimal(-50))
    assert rules.amount_of(Charge.BILLABLE, option, Decimal(7)) == 50
    assert rules.amount_of(Charge.GOODWILL, option, Decimal(7)) == 7
    assert rules.amount_of(Charge.GOODWILL, option, None) is None
    assert rules.amount_of(Charge.GOODWILL, None, None) == 0


@given(
    st.decimals(0, 100, places=2, allow_nan=False),
    st.lists(st.decimals(0, 40, places=2, allow_nan=False), max_size=8),
)
def test_an_allowance_never_goes_below_zero(allowance: Decimal, asked: list[Decimal]) -> None:
    used = Decimal(0)
    for hours in asked:
        left = rules.hours_left(allowance, used)
        try:
            rules.check_allowance(left, hours)
        except AllowanceExceeded:
            assert used + hours > allowance
        else:
            used += hours
        assert used <= allowance
        left = rules.hours_left(allowance, used)
        assert left is not None
        assert left == allowance - used >= 0


async def authority(shop: Shop, change: Json, option: Json | None = None) -> Json:
    query = {} if option is None else {"option_id": option["id"]}
    answer = await shop.client.get(f"/v1/change-requests/{change['id']}/authority", params=query)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def priced(shop: Shop, price: str, **values: Any) -> tuple[Json, Json]:
    """A presented change with an option of this price."""
    change = await shop.file(**values)
    option = await shop.option(change, price=price)
    await shop.option(change, kind="declined")
    await shop.step(change, "submit", "assess", "present")
    return change, option


async def test_the_answer_lists_the_contacts_who_could_decide(shop: Shop) -> None:
    change, option = await priced(shop, "10000")
    small = await authority(shop, change, option)
    assert (small["contact_role"], small["access_role"]) == ("approver", None)
    assert [contact["id"] for contact in small["contacts"]] == [shop.ada, shop.bob]
    change, option = await priced(shop, "10000.01")
    large = await authority(shop, change, option)
    assert (large["contact_role"], [contact["id"] for contact in large["contacts"]]) == ("sponsor", [shop.ada])
    assert (await authority(shop, change))["contact_role"] == "approver"  # to refuse it
    answer = await shop.client.get(
        f"/v1/change-requests/{change['id']}/authority", params={"option_id": shop.project["id"]}
    )
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "?option_id")


async def test_a_contact_with_the_role_decides_and_nobody_else(shop: Shop) -> None:
    stranger = await add(
        shop.client, "contacts", client_id=(await add_client(shop.client, "BETA"))["id"], name="Zoe", role="sponsor"
    )
    change, option = await priced(shop, "10000.01")
    body = {"outcome": "approved", "option_id": option["id"], "why": "It pays."}
    for contact in (None, shop.uma, shop.bob, stranger["id"]):
        answer = await shop.act(change, "decide", **body, contact_id=contact)
        assert (answer.status_code, answer.json()["code"]) == (403, "change-authority")
        assert "`sponsor`" in answer.json()["detail"]
    assert (await shop.act(change, "decide", **body, contact_id=shop.ada)).status_code == 200


async def test_what_we_give_is_decided_by_our_own(shop: Shop, client_as: ClientFactory) -> None:
    """Nobody sits on the project, so that its cost is unknown: above everything."""
    change = await shop.file(charge="goodwill")
    option = await shop.option(change, hours=HOURS)
    await shop.option(change, kind="declined")
    await shop.step(change, "submit", "assess", "present")
    assert (await authority(shop, change, option))["access_role"] == "pmo_lead"
    manager = await client_as(AccessRole.MANAGER)
    body = {"outcome": "approved", "option_id": option["id"], "why": "We want them to stay."}
    url = f"/v1/change-requests/{change['id']}/decide"
    answer = await manager.post(url, json=body)
    assert (answer.status_code, answer.json()["code"]) == (403, "change-authority")
    assert (await shop.client.post(url, json=body)).status_code == 200


async def test_amounts_of_other_currencies_are_converted_and_without_a_rate_above(shop: Shop) -> None:
    rule = await add(
        shop.client, "change-authorities", above_amount="100", currency="USD", charge="billable", contact_role="user"
    )
    change, option = await priced(shop, "90")
    by_default = (await authority(shop, change, option))["rule_id"]
    assert by_default == rule["id"]  # no rate is known: above
    await add(shop.client, "exchange-rates", base="USD", quote="EUR", rate="0.95", valid_from="2026-01-01")
    assert (await authority(shop, change, option))["rule_id"] != rule["id"]
    await shop.patch("change-options", option, price="95.01")
    assert (await authority(shop, change, option))["rule_id"] == rule["id"]


async def test_those_without_money_hear_who_decides_and_not_by_which_rule(shop: Shop, client_as: ClientFactory) -> None:
    change, option = await priced(shop, "10000.01")
    viewer = await client_as(AccessRole.VIEWER)
    path, query = f"/v1/change-requests/{change['id']}/authority", {"option_id": option["id"]}
    shown = (await viewer.get(path, params=query)).json()
    full = await authority(shop, change, option)
    assert "rule_id" not in shown
    assert shown == {name: value for name, value in full.items() if name != "rule_id"}
    manager = await client_as(AccessRole.MANAGER)
    body = {"outcome": "approved", "option_id": option["id"], "why": "It pays."}
    answer = await manager.post(f"/v1/change-requests/{change['id']}/decide", json=body)
    assert (answer.status_code, "rule_id" in answer.json()) == (403, False)


async def test_without_a_rule_everybody_decides_who_can_write(shop: Shop, client_as: ClientFactory) -> None:
    for rule in (await shop.client.get("/v1/change-authorities")).json()["items"]:
        assert (await shop.delete("change-authorities", rule)).status_code == 204
    change, option = await priced(shop, "90000")
    assert (await authority(shop, change, option))["rule_id"] is None
    manager = await client_as(AccessRole.MANAGER)
    body = {"outcome": "approved", "option_id": option["id"], "why": "It pays."}
    assert (await manager.post(f"/v1/change-requests/{change['id']}/decide", json=body)).status_code == 200


@pytest.mark.parametrize("values", [{}, {"contact_role": "sponsor", "access_role": "manager"}])
async def test_a_rule_names_one_decider(shop: Shop, values: Json) -> None:
    answer = await shop.client.post("/v1/change-authorities", json={"above_amount": "5", **values})
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/contact_role", "/access_role"]


async def test_pmo_leads_write_the_rules(shop: Shop, client_as: ClientFactory) -> None:
    manager = await client_as(AccessRole.MANAGER)
    body = {"above_amount": "5", "contact_role": "sponsor"}
    assert (await manager.post("/v1/change-authorities", json=body)).status_code == 403
    rule = await add(shop.client, "change-authorities", **body)
    answer = await shop.patch("change-authorities", rule, contact_role=None, access_role="manager")
    assert (answer.status_code, answer.json()["access_role"]) == (200, "manager")
    assert len((await manager.get("/v1/change-authorities")).json()["items"]) == 9
