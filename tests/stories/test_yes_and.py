"""A client asks for more and hears "Yes, and", a promise moves, a project is rescued: told through HTTP alone."""

from dataclasses import dataclass

import httpx
import time_machine

from tests.conftest import ClientFactory
from tests.features.calls import Json, add
from tests.stories.agency import ACCOUNT, PRODUCTION, Agency

# What Tandem knows of the options and the client does not: cost, margin, estimate at completion, purchases, risks.
SECRETS = ("5000", "5,000", "4600", "4,600", "31800", "31,800", "gift card service", "exposure", "redeeming fails")


@dataclass
class Change:
    """A change request with its options, and the link that its requester got."""

    id: str
    options: list[Json]
    link: str = ""


async def found(agency: Agency) -> None:
    """A shop in the making: two managers, a developer, a plan with milestones, estimates and a baseline."""
    for name, role, rate in (("Maria", ACCOUNT, "60"), ("Jon", PRODUCTION, "70"), ("Dev", "developer", "50")):
        if role == "developer":
            await add(agency.http, "roles", key="developer", name="Developer", purpose="Builds it.", exclusive=False)
        person = await agency.hire(name, role)
        await add(agency.http, "rates", person_id=person, cost_rate=rate, currency="EUR", valid_from="2020-01-01")
    await agency.hire("Petra")  # the PMO's rescuer, who holds no seat anywhere
    agency.clients["ACME"] = await add(agency.http, "clients", code="ACME", name="Acme")
    await agency.project(
        "SHOP",
        "ACME",
        status="active",
        status_on="2026-01-05",
        start_on="2026-01-05",
        due_on="2026-05-29",
        fee="60000",
        cost_budget="40000",
        hours_budget="600",
        change_allowance_hours="4",
    )
    await add(agency.http, "assignments", **agency.seat("SHOP", ACCOUNT, "Maria"))
    await add(agency.http, "assignments", **agency.seat("SHOP", PRODUCTION, "Jon"))
    await add(agency.http, "assignments", **agency.seat("SHOP", "developer", "Dev", allocation_percent="100"))
    shop = agency.projects["SHOP"]["id"]
    for role, hours in (("developer", "480"), (PRODUCTION, "40")):
        await add(agency.http, "estimates", project_id=shop, role=role, hours_budget=hours, hours_remaining=hours)


async def contact(agency: Agency, name: str, role: str) -> str:
    made = await add(agency.http, "contacts", client_id=agency.clients["ACME"]["id"], name=name, role=role)
    found: str = made["id"]
    return found


async def ask_for_more(agency: Agency, requester: str) -> Change:
    """The account manager files the change with its value; the production manager assesses three options."""
    change = await add(
        agency.http,
        "change-requests",
        project_id=agency.projects["SHOP"]["id"],
        title="Gift cards",
        value_statement="Christmas sales begin two weeks earlier.",
        requested_by_id=requester,
        decide_by="2026-03-20",
    )
    assert (change["number"], change["status"]) == (1, "draft")
    path = f"change-requests/{change['id']}"
    skipped = await agency.post(f"{path}/present", status=409)
    assert (skipped["code"], skipped["allowed"]) == ("illegal-transition", ["submitted", "approved", "withdrawn"])
    await agency.post(f"{path}/submit")
    await agency.post(f"{path}/assess")
    assert (await agency.post(f"{path}/present", status=409))["code"] == "too-few-options"
    risk = {"cause": "The till changes.", "event": "Redeeming fails.", "effect": "Angry buyers."}
    wanted: tuple[Json, ...] = (
        {
            "kind": "as_asked",
            "title": "Before Christmas",
            "value": "Gift cards are sold and redeemed in the shop.",
            "value_points": 8,
            "price": "9600",
            "hours": [{"role": "developer", "hours": "80"}, {"role": PRODUCTION, "hours": "10"}],
            "purchases": [{"statement": "Gift card service", "amount": "300"}],
            "risk_changes": [{**risk, "likelihood": 2, "impact": 4}],
        },
        {
            "kind": "later_phase",
            "title": "After the launch",
            "value": "The shop opens on its day.",
            "price": "8800",
            "starts_on": "2026-06-01",
            "hours": [{"role": "developer", "hours": "72"}],
        },
        {
            "kind": "swapped",
            "title": "Instead of the magazine",
            "value": "The price stays as it is.",
            "price": "0",
            "hours": [{"role": "developer", "hours": "80"}, {"role": PRODUCTION, "hours": "-20"}],
        },
    )
    options = [await add(agency.http, "change-options", change_request_id=change["id"], **one) for one in wanted]
    return Change(change["id"], options)


async def see_what_it_takes(agency: Agency, change: Change) -> Json:
    """Inside, each option shows what it takes, computed; whoever may not see money sees none of it."""
    impact = await agency.get(f"change-requests/{change.id}/impact")
    asked, later, swapped = impact["options"]
    assert [(line["role"], line["hours"], line["cost"]) for line in asked["lines"]] == [
        ("developer", "80", "4000.00"),
        (PRODUCTION, "10", "700.00"),
    ]
    assert (asked["cost"], asked["margin"], asked["fee"]) == ("5000.00", "4600.00", "69600.00")
    assert (asked["exposure_before"], asked["exposure"]) == (0, 8)
    assert asked["eac"] == "31800.00"  # nothing is worked yet: 480 h × 50 + 40 h × 70, and what it takes
    assert later["finish_on"] > asked["finish_on"] == "2026-06-05"  # 560 h of one developer from 2 March on
    assert swapped["cost"] == "2600.00"
    found: Json = asked
    return found


async def decide_by_link(agency: Agency, change: Change, approver: str) -> Json:
    """The client opens the link, sees value, price and date and nothing else, chooses, and says why."""
    await agency.post(f"change-requests/{change.id}/present")
    asked = await agency.post(f"change-requests/{change.id}/ask", {"contact_id": approver})
    stale = asked["link"]
    await agency.patch(f"change-options/{change.options[0]['id']}", title="Well before Christmas")
    assert (await agency.http.get(stale)).status_code == 410
    asked = await agency.post(f"change-requests/{change.id}/ask", {"contact_id": approver})
    change.link = asked["link"]
    for accept in ("text/html", "application/json"):
        seen = await agency.http.get(change.link, headers={"Accept": accept})
        assert seen.status_code == 200
        assert seen.text.count("Yes, and") == 3
        assert not [word for word in SECRETS if word in seen.text.lower()]
    answer = {"answer": "chosen", "option": 1, "text": "Christmas decides our year."}
    decided = await agency.http.post(change.link, json=answer)
    assert decided.status_code == 200, decided.text
    again = await agency.http.post(change.link, json=answer)
    assert (again.status_code, again.json()) == (200, decided.json())
    return await agency.get(f"change-requests/{change.id}")


async def check_what_moved(agency: Agency, change: Change, decided: Json, estimated: Json) -> None:
    """At that instant the figures are frozen, the decision logged, baseline 2 current, fee, budget and date moved."""
    assert (decided["status"], decided["option_id"]) == ("approved", change.options[0]["id"])
    shop = await agency.get("projects/SHOP")
    assert (shop["fee"], shop["cost_budget"], shop["hours_budget"]) == ("69600.00", "45000.00", "690")
    assert shop["due_on"] == estimated["finish_on"]
    one, two = await agency.items("baselines", project_id=shop["id"], sort="number")
    assert (one["fee"], one["due_on"]) == ("60000.00", "2026-05-29")
    assert (two["cause"], two["change_request_id"], two["id"]) == ("change", change.id, decided["baseline_id"])
    compared = await agency.get("projects/SHOP/baselines/compare", **{"from": 1, "to": 2})
    assert compared["change_request_ids"] == [change.id]
    (decision,) = await agency.items("decisions", project_id=shop["id"], kind="change")
    assert decision["id"] == decided["decision_id"]
    assert not [word for word in ("9600", "5000", "4600") if word in str(decision)]
    frozen = (await agency.get(f"change-requests/{change.id}/impact", inputs=True))["options"][0]
    assert (frozen["cost"], frozen["margin"]) == (estimated["cost"], estimated["margin"])
    (risk,) = await agency.items("risks", project_id=shop["id"])
    assert risk["exposure"] == 8
    late = {"outcome": "rejected", "why": "I did not know.", "contact_id": decided["decided_by_contact_id"]}
    refused = await agency.post(f"change-requests/{change.id}/decide", late, 409)
    assert refused["code"] == "already-decided"


async def grant_a_favour(agency: Agency) -> None:
    """Two hours within the allowance are approved in one call; more than is left is not."""
    small = {
        "project_id": agency.projects["SHOP"]["id"],
        "title": "A second colour",
        "value_statement": "Buyers find the till.",
        "hours": [{"role": "developer", "hours": "2"}],
        "why": "Small, and dear to them.",
    }
    made = await agency.post("change-requests/within-allowance", small, 201)
    assert (made["status"], made["within_allowance"], made["number"]) == ("approved", True, 2)
    left = await agency.get("projects/SHOP/change-allowance")
    assert (left["used_hours"], left["left_hours"]) == ("2", "2")
    more = {**small, "hours": [{"role": "developer", "hours": "3"}]}
    assert (await agency.post("change-requests/within-allowance", more, 409))["code"] == "allowance-exceeded"


async def hold_it_against_the_estimate(agency: Agency, change: Change) -> None:
    """After implementing, actual hours, cost and finish stand beside the estimate, and in the decision log."""
    agency.on("2026-04-17")
    entry = {"project_id": agency.projects["SHOP"]["id"], "change_request_id": change.id}
    for name, day, hours in (("Dev", "2026-04-13", "20"), ("Dev", "2026-04-14", "20"), ("Jon", "2026-04-14", "8")):
        await add(agency.http, "time-entries", **entry, person_id=agency.id(name), worked_on=day, hours=hours)
    done = {"implemented_on": "2026-04-17", "actual_value_points": 7}
    implemented = await agency.post(f"change-requests/{change.id}/implement", done)
    assert (implemented["status"], implemented["allowed_transitions"]) == ("implemented", [])
    outcome = await agency.get(f"change-requests/{change.id}/outcome")
    assert (outcome["estimated"]["hours"], outcome["actual"]["hours"]) == ("90", "48")
    assert (outcome["actual"]["cost"], outcome["actual"]["finish_on"]) == ("2560.00", "2026-04-17")
    (found,) = await agency.items("decision-outcomes", decision_id=implemented["decision_id"])
    assert found["found_on"] == "2026-04-17"


async def move_a_promise(agency: Agency) -> None:
    """Renegotiated before its date a promise is not broken, its first date stays, and only the result counts."""
    agency.on("2026-04-20")
    shop = agency.projects["SHOP"]["id"]
    asked = {"promised_by_id": agency.id("Jon"), "due_on": "2026-04-24", "project_id": shop}
    told = await agency.post("commitments/check", asked)
    assert (told["kept_rate"]["n"], told["kept_rate"]["rate"]) == (0, None)
    assert told["due_then"]["count"] == 0
    promise = await add(agency.http, "commitments", **asked, statement="The gift cards are sold in the shop.")
    path = f"commitments/{promise['id']}"
    moved = {"due_on": "2026-04-28", "reason": "Their texts come late.", "variance_reason": "client_late"}
    moved_to = await agency.post(f"{path}/renegotiate", moved)
    assert (moved_to["status"], moved_to["original_due_on"], moved_to["due_on"]) == ("open", "2026-04-24", "2026-04-28")
    agency.on("2026-04-28")
    assert (await agency.post(f"{path}/renegotiate", moved, 409))["code"] == "commitment-due"
    acted = await agency.post(f"{path}/act")
    assert acted["status"] == "open"
    kept = await agency.post(f"{path}/achieve")
    assert (kept["status"], kept["renegotiation_count"]) == ("kept", 1)
    agency.on("2026-05-04")
    share = await agency.get("kpis/commitments_kept/values", group_by="person")
    (row,) = share["rows"]
    assert (row["value"], row["n"]) == ("100.0000", 1)
    assert row["lower_bound"] == "20.6549"


async def close_between_the_dates(agency: Agency) -> None:
    """On time answers against the current baseline, and against the original."""
    agency.on("2026-06-30")
    draft = await agency.get("projects/SHOP/status-report-draft")
    assert [found["id"] for found in draft["decided"]["decisions"]]
    await agency.post("status-reports", draft["report"], 201)
    await agency.post("projects/SHOP/transitions", {"to": "closed", "on": "2026-06-05"})
    values = [(await agency.get(f"kpis/{name}/values"))["rows"][0]["value"] for name in ("on_time", "on_time_original")]
    assert values == ["100.0000", "0.0000"]


async def rescue(agency: Agency, jon: httpx.AsyncClient) -> None:
    """Triage nominates a project that went wrong; somebody without a seat on it opens the rescue."""
    await agency.project(
        "PORTAL",
        "ACME",
        status="active",
        status_on="2026-02-02",
        start_on="2026-02-02",
        due_on="2026-06-26",
        fee="30000",
        cost_budget="20000",
        remaining_value="12000",
        exit_cost="1000",
    )
    await agency.project("CALM", "ACME", status="active", status_on="2026-06-01", fee="9000")
    portal = agency.projects["PORTAL"]["id"]
    await add(agency.http, "assignments", **agency.seat("PORTAL", PRODUCTION, "Jon", valid_from="2026-02-02"))
    await add(agency.http, "assignments", **agency.seat("PORTAL", "developer", "Dev", valid_from="2026-02-02"))
    for role, hours in (("developer", "120"), (PRODUCTION, "20")):
        body = {"project_id": portal, "role": role, "hours_budget": "200", "hours_remaining": hours}
        await add(agency.http, "estimates", **body)
    await add(agency.http, "status-reports", project_id=portal, percent_complete="40", budget="off_track")
    worked = {"project_id": portal, "person_id": agency.id("Dev"), "hours": "40"}
    for week in ("2026-05-04", "2026-05-11", "2026-05-18", "2026-05-25", "2026-06-01", "2026-06-08"):
        await add(
            agency.http, "time-entries", **worked, worked_on=week, worked_until=week[:8] + f"{int(week[8:]) + 4:02}"
        )

    before = await agency.get("rescue-triage")
    first = before["items"][0]
    assert (first["project_id"], first["forward_value"]["value"]) == (portal, "3600.00")  # 12,000 − 7,400 − 1,000
    missing = {part["key"]: part["missing"] for part in first["parts"]}
    assert missing["csat"]
    assert not missing["cpi"]
    await add(agency.http, "expenses", project_id=portal, incurred_on="2026-06-10", amount="5000", currency="EUR")
    after = (await agency.get("rescue-triage", project_id=portal))["items"][0]
    assert after["forward_value"]["value"] == "3600.00"  # what is spent does not count

    body = {"project_id": portal, "trigger": "The budget is spent, and less than half is done."}
    refused = await jon.post("/v1/rescues", json={**body, "rescuer_id": agency.id("Jon")})
    assert (refused.status_code, refused.json()["code"]) == (409, "rescuer-holds-seat")
    opened = await agency.post("rescues", {**body, "rescuer_id": agency.id("Petra")}, 201)
    assert opened["status"] == "assessing"
    action = {"statement": "Re-estimate what remains", "owner_id": agency.id("Jon"), "due_on": "2026-07-03"}
    await add(agency.http, "rescue-actions", rescue_id=opened["id"], **action)
    decided = await agency.post(
        f"rescues/{opened['id']}/decide",
        {
            "course": "recover",
            "why": "What is to come is worth more than it takes.",
            "forecast_finish_on": "2026-07-31",
            "forecast_cost_to_complete": "7400",
        },
    )
    agency.on("2026-07-30")
    outcome = {"actual_finish_on": "2026-07-29", "actual_cost_to_complete": "7000", "outcome": "Launched."}
    closed = await agency.post(f"rescues/{opened['id']}/close", outcome)
    assert (closed["status"], closed["met_forecast"]) == ("closed", True)
    (logged,) = await agency.items("decisions", project_id=portal, kind="rescue", include="outcomes")
    assert logged["id"] == decided["decision_id"]
    assert [found["as_expected"] for found in logged["outcomes"]] == [True]


async def test_a_client_asks_for_more_and_hears_yes_and(client: httpx.AsyncClient, client_as: ClientFactory) -> None:
    with time_machine.travel("2026-03-02T09:00:00Z", tick=False) as lasts:
        agency = Agency(client, lasts)
        await found(agency)
        requester, approver = await contact(agency, "Ida", "user"), await contact(agency, "Marc", "approver")
        change = await ask_for_more(agency, requester)
        estimated = await see_what_it_takes(agency, change)
        decided = await decide_by_link(agency, change, approver)
        await check_what_moved(agency, change, decided, estimated)
        await grant_a_favour(agency)
        await hold_it_against_the_estimate(agency, change)
        await move_a_promise(agency)
        await close_between_the_dates(agency)
        jon = await client_as("manager")
        await rescue(agency, jon)
