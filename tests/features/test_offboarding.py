from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx

from app.core import clock
from app.core.caller import AccessRole
from app.models.rescue import Rescue, RescueAction
from app.models.risk import Issue, Risk
from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.factories import make_key
from tests.features.calls import Json, add, day
from tests.features.test_capacity import ACCOUNT, PRODUCTION, live, person, seat
from tests.features.test_commitment_check import insert
from tests.features.test_seats import add_role

TODAY = "2026-06-01"


async def offboard(client: httpx.AsyncClient, ref: str, dry_run: bool = False, **more: Any) -> Json:
    answer = await client.post(
        f"/v1/people/{ref}/offboarding",
        json={"left_on": "2026-08-31", **more},
        params={"dry_run": "true"} if dry_run else {},
    )
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def test_lists_seats_with_successors_and_drafts_a_handover_for_each_client(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    with day(TODAY):
        maria, jon = await person(database), await person(database, "jon", home_role=ACCOUNT)
        for code, of in (("WEB", "ACME"), ("SHOP", "ACME"), ("APP", "NORTH")):
            await add(client, "assignments", **seat(await live(client, code, client_code=of), maria))
        await add(client, "assignments", **seat(await live(client, "DONE"), maria, valid_to="2026-08-31"))
        found = await offboard(client, "maria@agency.example")
        assert [(held["project_code"], held["successor_id"]) for held in found["seats"]] == [
            ("SHOP", jon),
            ("WEB", jon),
            ("APP", jon),
        ]
        assert [(made["moves"], made["effective_on"]) for made in found["handovers"]] == [
            (2, "2026-09-01"),
            (1, "2026-09-01"),
        ]
        assert {held["handover_id"] for held in found["seats"]} == {made["id"] for made in found["handovers"]}
        drafts = (await client.get("/v1/handovers", params={"status": "draft"})).json()["items"]
        assert len(drafts) == 2
        assert "2026-08-31" in drafts[0]["reason"]
        again = await offboard(client, maria)
        assert again["handovers"] == []
        assert again["seats"][0]["handover_id"] == found["seats"][0]["handover_id"]


async def test_a_dry_run_drafts_nothing(client: httpx.AsyncClient, database: RolledBack) -> None:
    with day(TODAY):
        maria, _ = await person(database), await person(database, "jon")
        await add(client, "assignments", **seat(await live(client, "WEB"), maria))
        assert len((await offboard(client, maria, dry_run=True))["handovers"]) == 1
        assert (await client.get("/v1/handovers")).json()["items"] == []


async def test_nobody_is_suggested_beyond_their_cap(client: httpx.AsyncClient, database: RolledBack) -> None:
    with day(TODAY):
        maria, jon = await person(database), await person(database, "jon", active_cap=Decimal("0.5"))
        for code in ("WEB", "SHOP"):
            await add(client, "assignments", **seat(await live(client, code), maria))
        found = await offboard(client, maria)
        assert [held["successor_id"] for held in found["seats"]] == [jon, None]
        assert "seat-candidates" in found["seats"][1]["advice"]


async def test_the_other_manager_of_a_split_project_is_not_suggested(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    with day(TODAY):
        maria, ada = await person(database), await person(database, "ada")
        jon = await person(database, "jon", home_role=ACCOUNT)
        project = await live(client, "WEB", management="split")
        await add(client, "assignments", **seat(project, maria))
        await add(client, "assignments", **seat(project, jon, PRODUCTION))
        (held,) = (await offboard(client, maria))["seats"]
        assert held["successor_id"] == ada


async def test_says_what_else_to_do_with_seats_that_need_no_handover(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    with day(TODAY):
        maria, designer = await person(database), await add_role(client)
        await person(database, "jon")
        project = await live(client, "WEB")
        await add(client, "assignments", **seat(project, maria, designer))
        await add(client, "assignments", **seat(project, maria, valid_from="2026-07-01"))
        found = await offboard(client, maria)
        advice = {held["role"]: held["advice"] for held in found["seats"]}
        assert "valid_to" in advice[designer]
        assert "has not begun" in advice[ACCOUNT]
        assert found["handovers"] == []


async def test_lists_relationships_with_who_knows_the_client_next_best(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    maria, jon = await person(database), await person(database, "jon")
    project = await live(client, "WEB")
    await client.patch("/v1/clients/ACME", json={"account_manager_id": maria}, headers={"If-Match": "*"})
    for who, strength in ((maria, 5), (jon, 2)):
        await add(client, "relationships", person_id=who, client_id=project["client_id"], strength=strength)
    (known,) = (await offboard(client, maria))["relationships"]
    assert (known["client_code"], known["strength"], known["owns"], known["next_person_id"]) == ("ACME", 5, True, jon)


async def test_lists_what_is_open_and_theirs(client: httpx.AsyncClient, database: RolledBack) -> None:
    with day(TODAY):
        maria, jon = await person(database), await person(database, "jon")
        project = await live(client, "WEB")
        promise = {"project_id": project["id"], "statement": "It works."}
        for who, due_on in ((maria, "2026-09-10"), (maria, "2026-07-01"), (jon, "2026-07-01")):
            await add(client, "commitments", **promise, promised_by_id=who, due_on=due_on)
        kept = await add(client, "commitments", **promise, promised_by_id=maria, due_on="2026-07-01")
        await client.post(f"/v1/commitments/{kept['id']}/achieve")
        said = {"project_id": UUID(project["id"]), "cause": "Ice", "event": "A fall", "effect": "A leg"}
        said |= {"likelihood": 2, "impact": 3, "strategy": "reduce"}
        owners, since = (maria, maria, jon), date(2026, 5, 1)
        for number, (owner, status) in enumerate(zip(owners, ("open", "closed", "open"), strict=True), 1):
            values = {**said, "number": number, "owner_id": UUID(owner), "status": status}
            await insert(database, Risk, **values, identified_on=since)
        for number, (owner, status) in enumerate(zip(owners, ("in_progress", "resolved", "open"), strict=True), 1):
            values = {**said, "number": number, "owner_id": UUID(owner), "status": status}
            await insert(database, Issue, **values, raised_on=since)
        rescue = {"project_id": UUID(project["id"]), "rescuer_id": UUID(jon), "opened_on": since, "trigger": "Fire"}
        for status in ("assessing", "closed"):
            of = await insert(database, Rescue, **rescue, status=status)
            action = {"rescue_id": of, "owner_id": UUID(maria), "statement": status, "due_on": since}
            await insert(database, RescueAction, **action)
            await insert(database, RescueAction, **action, done_at=clock.now())
        found = await offboard(client, maria, dry_run=True)
    assert [promise["due_on"] for promise in found["commitments"]] == ["2026-07-01", "2026-09-10"]
    assert [risk["number"] for risk in found["risks"]] == [1]
    assert [issue["number"] for issue in found["issues"]] == [1]
    assert [action["statement"] for action in found["rescue_actions"]] == ["assessing"]
    assert found["rescue_actions"][0]["project_id"] == project["id"]


async def test_names_of_keys_show_to_those_who_administer_them(
    client: httpx.AsyncClient, client_as: ClientFactory, database: RolledBack
) -> None:
    maria = await person(database)
    await database.write(lambda conn: make_key(conn, AccessRole.VIEWER, person_id=UUID(maria)))
    (key,) = (await offboard(client, maria))["api_keys"]
    assert (key["role"], key["name"]) == ("viewer", "test viewer")
    (unnamed,) = (await offboard(await client_as("manager"), maria))["api_keys"]
    assert unnamed == {"id": key["id"], "role": "viewer"}


async def test_leaving_with_seats_is_refused_and_points_here(client: httpx.AsyncClient, database: RolledBack) -> None:
    maria = await person(database)
    await add(client, "assignments", **seat(await live(client, "WEB"), maria))
    answer = await client.patch(f"/v1/people/{maria}", json={"left_on": "2026-08-31"}, headers={"If-Match": "*"})
    assert (answer.status_code, answer.json()["code"]) == (409, "still-seated")
    assert "/offboarding" in answer.json()["detail"]


async def test_takes_the_same_few_statements_for_any_number_of_seats(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    """Drafting writes its rows; what is asked before does not grow with the seats."""
    with day(TODAY):
        maria = await person(database)
        await add(client, "assignments", **seat(await live(client, "WEB"), maria))
        with database.counting() as for_one:
            await offboard(client, maria)
        for number in range(3):
            await add(client, "assignments", **seat(await live(client, f"P{number}"), maria))
        with database.counting() as for_four:
            assert len((await offboard(client, maria))["seats"]) == 4
        assert len(for_one) == len(for_four)
