"""Deciding changes: everything at once or nothing, once, and by whoever must; small ones out of the allowance."""

import asyncio
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from app.core.caller import AccessRole
from app.db.dispatcher import Database
from app.db.record import table_of
from app.models.change_request import ChangeImpact
from app.models.decision import Decision
from app.models.delivery import Estimate
from app.models.project import Baseline, Project
from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.features.calls import Json, add, day, events, move
from tests.features.test_change_requests import NEW_RISK, START, Shop, shop, shop_of

__all__ = ["shop"]

SMALL = {"title": "A second colour", "value_statement": "It is seen.", "why": "It is small."}
KEPT = (table_of(Project), table_of(Baseline), table_of(Estimate))


async def decide(shop: Shop, change: Json, outcome: str, **values: Any) -> httpx.Response:
    body = {"outcome": outcome, "why": "It pays.", "contact_id": shop.bob, **values}
    return await shop.act(change, "decide", **body)


async def approved(shop: Shop, change: Json, option: Json, **values: Any) -> Json:
    answer = await decide(shop, change, "approved", option_id=option["id"], **values)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def project_of(shop: Shop) -> Json:
    found: Json = (await shop.client.get(f"/v1/projects/{shop.project['id']}")).json()
    return found


async def baselines(shop: Shop) -> list[Json]:
    query = {"project_id": shop.project["id"], "sort": "number"}
    items: list[Json] = (await shop.client.get("/v1/baselines", params=query)).json()["items"]
    return items


async def decision(shop: Shop, change: Json) -> Json:
    found: Json = (await shop.client.get(f"/v1/decisions/{change['decision_id']}")).json()
    return found


async def rows(database: Database, *tables: sa.Table) -> list[Any]:
    def read(conn: sa.Connection) -> list[Any]:
        return [conn.execute(sa.select(table).order_by(table.c.id)).all() for table in tables]

    return await database.read(read)


async def test_approving_freezes_logs_moves_and_makes_a_baseline(shop: Shop, database: RolledBack) -> None:
    change, asked, _ = await shop.presented()
    made = await approved(shop, change, asked)
    assert (made["status"], made["allowed_transitions"]) == ("approved", ["implemented"])
    assert (made["option_id"], made["decided_by_contact_id"]) == (asked["id"], shop.bob)
    assert (made["decision_reason"], made["within_allowance"]) == ("It pays.", False)
    project = await project_of(shop)
    assert (project["fee"], project["hours_budget"], project["due_on"]) == ("54800.00", "412.5", "2026-12-18")
    first, second = await baselines(shop)
    assert (second["id"], second["number"], second["cause"]) == (made["baseline_id"], 2, "change")
    assert (first["fee"], second["fee"]) == ("50000.00", "54800.00")
    [frozen] = await rows(database, table_of(ChangeImpact))
    assert {str(row.option_id) for row in frozen if row.chosen} == {asked["id"]}
    assert len(frozen) == 2
    logged = await decision(shop, made)
    assert (logged["kind"], logged["subject_type"], logged["subject_id"]) == ("change", "change_request", change["id"])
    assert (logged["project_id"], logged["client_id"]) == (project["id"], project["client_id"])
    assert (logged["impact"]["hours"], logged["impact"]["due_on"]) == ("12.5", None)
    assert "4800" not in str(logged)
    told = [data for type, data in await events(database) if type == "change_request.decided"]
    assert [(data["outcome"], data["baseline_id"]) for data in told] == [("approved", second["id"])]


async def test_approving_rates_risks_anew_and_adds_new_ones(shop: Shop) -> None:
    words = {name: NEW_RISK[name] for name in ("cause", "event", "effect")}
    known = await add(shop.client, "risks", project_id=shop.project["id"], **words, likelihood=4, impact=4)
    change = await shop.file()
    lines = [NEW_RISK, {"risk_id": known["id"], "likelihood": 1, "impact": 4}]
    option = await shop.option(change, price="0", risk_changes=lines)
    await shop.option(change, kind="declined")
    await shop.step(change, "submit", "assess", "present")
    await approved(shop, change, option)
    items = (await shop.client.get("/v1/risks", params={"project_id": shop.project["id"]})).json()["items"]
    assert sorted((item["likelihood"], item["impact"]) for item in items) == [(1, 4), (2, 3)]


async def test_declining_changes_nothing(shop: Shop, database: RolledBack) -> None:
    before = await rows(database, *KEPT)
    for choose_declined in (False, True):
        change, _, declined = await shop.presented()
        values = {"option_id": declined["id"]} if choose_declined else {}
        outcome = "approved" if choose_declined else "rejected"
        made = (await decide(shop, change, outcome, **values)).json()
        assert (made["status"], made["baseline_id"]) == ("rejected", None)
        assert made["option_id"] == (declined["id"] if choose_declined else None)
        assert made["allowed_transitions"] == []
        assert (await decision(shop, made))["why"] == "It pays."
    assert await rows(database, *KEPT) == before


async def test_what_is_postponed_is_assessed_and_decided_anew(shop: Shop, database: RolledBack) -> None:
    change, asked, _ = await shop.presented()
    before = await rows(database, *KEPT)
    first = (await decide(shop, change, "postponed", postponed_until="2026-09-01")).json()
    assert (first["status"], first["postponed_until"]) == ("postponed", "2026-09-01")
    assert await rows(database, *KEPT, table_of(ChangeImpact)) == [*before, []]
    answer = await decide(shop, change, "approved", option_id=asked["id"])
    assert (answer.status_code, answer.json()["code"]) == (409, "already-decided")
    assert f"POST /v1/change-requests/{change['id']}/assess brings it back" in answer.json()["detail"]
    again = await shop.step(change, "assess", "present")
    assert (again["postponed_until"], again["decided_at"]) == (None, None)
    second = await approved(shop, change, asked)
    assert (await decision(shop, second))["supersedes_id"] == first["decision_id"]


@pytest.mark.parametrize(
    ("outcome", "values", "pointer"),
    [
        ("approved", {}, "/option_id"),
        ("postponed", {}, "/postponed_until"),
        ("postponed", {"postponed_until": START}, "/postponed_until"),
        ("rejected", {"postponed_until": "2026-09-01"}, "/postponed_until"),
        ("rejected", {"promised_due_on": "2026-09-01"}, "/promised_due_on"),
        ("approved", {"option_id": "01890000-0000-7000-8000-000000000099"}, "/option_id"),
        ("rejected", {"contact_id": "01890000-0000-7000-8000-000000000099"}, "/contact_id"),
    ],
)
async def test_a_decision_says_what_it_lacks(shop: Shop, outcome: str, values: Json, pointer: str) -> None:
    change, _, _ = await shop.presented()
    answer = await decide(shop, change, outcome, **values)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert (await shop.read(change))["status"] == "awaiting_decision"


async def test_only_what_is_presented_is_decided(shop: Shop) -> None:
    change = await shop.file()
    answer = await decide(shop, change, "rejected")
    assert (answer.status_code, answer.json()["code"]) == (409, "illegal-transition")


async def test_changes_are_approved_while_the_project_runs(shop: Shop) -> None:
    change, asked, _ = await shop.presented()
    await move(shop.client, shop.project["id"], "closed")
    answer = await decide(shop, change, "approved", option_id=asked["id"])
    assert (answer.status_code, answer.json()["code"]) == (409, "project-not-running")
    assert (await decide(shop, change, "rejected")).status_code == 200


async def test_a_second_decider_hears_what_the_first_decided(shop: Shop) -> None:
    change, asked, _ = await shop.presented()
    made = await approved(shop, change, asked)
    answer = await decide(shop, change, "rejected")
    assert (answer.status_code, answer.json()["code"]) == (409, "already-decided")
    problem = answer.json()
    assert (problem["outcome"], problem["decided_on"]) == ("approved", START)
    assert (problem["change_request_id"], problem["decision_id"]) == (change["id"], made["decision_id"])


async def test_sent_twice_with_a_key_it_is_decided_once(shop: Shop) -> None:
    change, asked, _ = await shop.presented()
    body = {"outcome": "approved", "option_id": asked["id"], "why": "It pays.", "contact_id": shop.bob}
    url, headers = f"/v1/change-requests/{change['id']}/decide", {"Idempotency-Key": "0123456789abcdef"}
    first, second = [await shop.client.post(url, json=body, headers=headers) for _ in range(2)]
    assert (first.status_code, second.status_code) == (200, 200), second.text
    assert first.json() == second.json()
    assert len(await baselines(shop)) == 2


async def test_two_deciders_at_once_decide_once(own_client_as: ClientFactory, own_database: Database) -> None:
    maria, jon = await own_client_as(), await own_client_as()
    shop = await shop_of(maria)
    change, asked, _ = await shop.presented()
    url = f"/v1/change-requests/{change['id']}/decide"
    body = {"why": "It pays.", "contact_id": shop.bob}
    answers = await asyncio.gather(
        maria.post(url, json={"outcome": "approved", "option_id": asked["id"], **body}),
        jon.post(url, json={"outcome": "approved", "option_id": asked["id"], **body}),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    [refused] = [answer.json() for answer in answers if answer.status_code == 409]
    assert refused["code"] == "already-decided"
    made = await shop.read(change)
    assert refused["decision_id"] == made["decision_id"]
    assert [item["number"] for item in await baselines(shop)] == [1, 2]
    frozen, logged = await rows(own_database, table_of(ChangeImpact), table_of(Decision))
    assert (len(frozen), len(logged)) == (2, 1)


async def test_two_small_changes_at_once_share_one_allowance(own_client_as: ClientFactory) -> None:
    maria, jon = await own_client_as(), await own_client_as()
    shop = await shop_of(maria, change_allowance_hours="3")
    body = {**SMALL, "project_id": shop.project["id"], "hours": [{"role": "designer", "hours": "2"}]}
    url = "/v1/change-requests/within-allowance"
    answers = await asyncio.gather(maria.post(url, json=body), jon.post(url, json=body))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    left = (await maria.get(f"/v1/projects/{shop.project['id']}/change-allowance")).json()
    assert left["left_hours"] == "1"


async def allow(shop: Shop, hours: str | None) -> None:
    answer = await shop.patch("projects", shop.project, change_allowance_hours=hours)
    assert answer.status_code == 200, answer.text


async def small(shop: Shop, hours: str, **values: Any) -> httpx.Response:
    body = {**SMALL, "project_id": shop.project["id"], "hours": [{"role": "designer", "hours": hours}], **values}
    return await shop.client.post("/v1/change-requests/within-allowance", json=body)


async def test_a_small_change_is_filed_and_approved_in_one_call(shop: Shop) -> None:
    await allow(shop, "3")
    before = await project_of(shop)
    answer = await small(shop, "2", requested_by_id=shop.uma)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert answer.headers["location"] == f"/v1/change-requests/{made['id']}"
    assert (made["status"], made["charge"], made["within_allowance"]) == ("approved", "included", True)
    assert (made["baseline_id"], made["requested_by_id"]) == (None, shop.uma)
    query = {"change_request_id": made["id"]}
    [option] = (await shop.client.get("/v1/change-options", params=query)).json()["items"]
    assert (option["id"], option["kind"]) == (made["option_id"], "as_asked")
    assert (await decision(shop, made))["why"] == SMALL["why"]
    assert await project_of(shop) == before
    assert len(await baselines(shop)) == 1
    shown = (await shop.client.get("/v1/projects/WEB/change-allowance")).json()
    assert shown == {
        "project_id": shop.project["id"],
        "allowance_hours": "3",
        "used_hours": "2",
        "left_hours": "1",
    }
    answer = await small(shop, "1.01")
    assert (answer.status_code, answer.json()["code"]) == (409, "allowance-exceeded")
    assert answer.json()["left_hours"] == "1"
    assert (await small(shop, "1")).status_code == 201


async def test_without_an_allowance_nothing_is_small(shop: Shop) -> None:
    answer = await small(shop, "0.5")
    assert (answer.status_code, answer.json()["left_hours"]) == (409, None)
    shown = (await shop.client.get("/v1/projects/WEB/change-allowance")).json()
    assert (shown["allowance_hours"], shown["used_hours"], shown["left_hours"]) == (None, "0", None)


async def test_what_is_not_presented_yet_may_go_out_of_the_allowance(shop: Shop) -> None:
    await allow(shop, "8")
    body = {"hours": [{"role": "designer", "hours": "2"}], "why": "It is small."}
    change = await shop.file()
    await shop.step(change, "submit")
    made = (await shop.act(change, "approve-within-allowance", **body)).json()
    assert (made["status"], made["charge"], made["within_allowance"]) == ("approved", "included", True)
    answer = await shop.act(change, "approve-within-allowance", **body)
    assert (answer.status_code, answer.json()["code"]) == (409, "already-decided")
    presented, _, _ = await shop.presented()
    answer = await shop.act(presented, "approve-within-allowance", **body)
    assert (answer.status_code, answer.json()["code"]) == (409, "illegal-transition")


async def test_what_came_of_it_stands_beside_the_estimate(
    shop: Shop, client_as: ClientFactory, database: RolledBack
) -> None:
    maria = await add(shop.client, "people", email="maria@agency.example", display_name="Maria")
    await add(shop.client, "rates", person_id=maria["id"], cost_rate="60", currency="EUR", valid_from=START)
    change, asked, _ = await shop.presented()
    answer = await shop.client.get(f"/v1/change-requests/{change['id']}/outcome")
    assert (answer.status_code, answer.json()["code"]) == (409, "not-approved")
    made = await approved(shop, change, asked)
    with day("2026-06-10"):
        for hours in ("8", "6"):
            body = {"project_id": shop.project["id"], "person_id": maria["id"], "worked_on": "2026-06-09"}
            await add(shop.client, "time-entries", **body, hours=hours, change_request_id=change["id"])
        for wrong in ("2026-05-31", "2026-06-11"):
            assert (await shop.act(change, "implement", implemented_on=wrong)).status_code == 422
        body = {"implemented_on": "2026-06-09", "actual_value_points": 7}
        done = (await shop.act(change, "implement", **body)).json()
        assert (done["status"], done["implemented_on"], done["actual_value_points"]) == ("implemented", "2026-06-09", 7)
        found = (await shop.client.get(f"/v1/change-requests/{change['id']}/outcome")).json()
        viewer = await client_as(AccessRole.VIEWER)
        hidden = (await viewer.get(f"/v1/change-requests/{change['id']}/outcome")).json()
    assert (found["estimated"]["hours"], found["actual"]["hours"], found["difference"]["hours"]) == (
        "12.5",
        "14",
        "1.5",
    )
    assert (found["actual"]["cost"], found["actual"]["finish_on"]) == ("840.00", "2026-06-09")
    assert found["difference"]["value_points"] == -1
    assert all("cost" not in hidden[part] for part in ("estimated", "actual", "difference"))
    query = {"decision_id": made["decision_id"]}
    [outcome] = (await shop.client.get("/v1/decision-outcomes", params=query)).json()["items"]
    assert (outcome["figures"]["hours_estimated"], outcome["figures"]["hours_actual"]) == ("12.5", "14")
    assert "840" not in str(outcome)
