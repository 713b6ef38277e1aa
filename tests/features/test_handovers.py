from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import httpx
import pytest_asyncio
import sqlalchemy as sa

from app.core import clock
from app.core.ids import new_id
from app.db.dispatcher import Database
from app.db.record import table_of
from app.models.split_plan import SplitPlan, SplitPlanMove
from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.features.calls import Json, add, add_project, day, events
from tests.features.test_assignments import person

ACCOUNT, PRODUCTION = "account_manager", "production_manager"
WORDS = {
    "name": "Acme's account",
    "reason": "Two people share the work from now on.",
    "benefit": "You have somebody for your goals alone.",
}
START = "2026-06-01"


@dataclass
class Agency:
    """Maria manages two projects of Acme by herself; Jon is to take over the clients' side."""

    client: httpx.AsyncClient
    maria: str
    jon: str
    ada: str
    web: Json
    shop: Json

    async def draft(self, *moves: tuple[Json, str, str], **values: Any) -> Json:
        given = [{"project_id": p["id"], "role": role, "to_person_id": to} for p, role, to in moves]
        body = {**WORDS, "effective_on": "2026-06-20", "moves": given, **values}
        return await add(self.client, "handovers", **body)

    async def act(self, made: Json, verb: str, plural: str = "handovers", **body: Any) -> httpx.Response:
        return await self.client.post(f"/v1/{plural}/{made['id']}/{verb}", json=body or None)

    async def scheduled(self, **values: Any) -> Json:
        """Both accounts go to Jon."""
        made = await self.draft((self.web, ACCOUNT, self.jon), (self.shop, ACCOUNT, self.jon), **values)
        answer = await self.act(made, "schedule")
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    async def of(self, made: Json, what: str) -> list[Json]:
        answer = await self.client.get(f"/v1/handover-{what}", params={"handover_id": made["id"]})
        items: list[Json] = answer.json()["items"]
        return items

    async def notify(self, made: Json) -> list[Json]:
        links = []
        for notice in await self.of(made, "notices"):
            answer = await self.act(notice, "notify", "handover-notices")
            assert answer.status_code == 200, answer.text
            links.append(answer.json())
        return links

    async def tick(self, made: Json) -> None:
        for task in await self.of(made, "tasks"):
            answer = await self.client.patch(
                f"/v1/handover-tasks/{task['id']}", json={"done": True}, headers={"If-Match": task["etag"]}
            )
            assert answer.status_code == 200, answer.text

    async def missing(self, made: Json) -> list[str]:
        answer = await self.act(made, "complete")
        assert (answer.status_code, answer.json()["code"]) == (409, "handover-incomplete"), answer.text
        return sorted({item["what"] for item in answer.json()["missing"]})

    async def state(self, made: Json) -> str:
        state: str = (await self.client.get(f"/v1/handovers/{made['id']}")).json()["state"]
        return state

    async def holder(self, project: Json, role: str) -> str | None:
        seats = (await self.client.get(f"/v1/projects/{project['id']}/seats")).json()["items"]
        person: str | None = next(seat["person_id"] for seat in seats if seat["role"] == role)
        return person


async def agency_of(client: httpx.AsyncClient, database: Database) -> Agency:
    with day(START):
        maria = await person(database, "maria")
        jon = await person(database, "jon", display_name="Jon Berg")
        web, shop = [
            await add_project(client, code, status="active", status_on=START, management="combined")
            for code in ("WEB", "SHOP")
        ]
        client_id = web["client_id"]
        ada = await add(client, "contacts", client_id=client_id, name="Ada Keller", role="sponsor")
        await add(client, "contacts", client_id=client_id, name="Bill Due", role="billing")
        for project in (web, shop):
            for role in (ACCOUNT, PRODUCTION):
                body = {"project_id": project["id"], "role": role, "person_id": maria, "valid_from": START}
                await add(client, "assignments", **body)
    return Agency(client, maria, jon, ada["id"], web, shop)


@pytest_asyncio.fixture(loop_scope="session")
async def agency(client: httpx.AsyncClient, database: RolledBack) -> AsyncIterator[Agency]:
    made = await agency_of(client, database)
    with day(START):
        yield made


async def test_a_draft_is_from_the_present_holder(agency: Agency) -> None:
    made = await agency.draft((agency.web, ACCOUNT, agency.jon))
    assert (made["status"], made["state"]) == ("draft", "draft")
    [move] = await agency.of(made, "moves")
    assert (move["from_person_id"], move["to_person_id"]) == (agency.maria, agency.jon)


async def test_a_draft_says_what_is_wrong_with_its_moves(agency: Agency) -> None:
    web = {"project_id": agency.web["id"], "role": ACCOUNT}
    moves = [
        {**web, "to_person_id": agency.maria},
        {**web, "from_person_id": agency.jon, "to_person_id": agency.jon},
        {**web, "role": "designer", "to_person_id": agency.jon},
    ]
    answer = await agency.client.post("/v1/handovers", json={**WORDS, "effective_on": "2026-06-20", "moves": moves})
    assert answer.status_code == 422
    assert {error["pointer"] for error in answer.json()["errors"]} == {
        "/moves/0/to_person_id",
        "/moves/1/role",
        "/moves/1/from_person_id",
        "/moves/1/to_person_id",
        "/moves/2/role",
    }


async def test_two_seats_of_a_split_project_do_not_go_to_one_person(agency: Agency) -> None:
    project = await add_project(agency.client, "SPLIT")
    moves = [{"project_id": project["id"], "role": role, "to_person_id": agency.jon} for role in (ACCOUNT, PRODUCTION)]
    answer = await agency.client.post("/v1/handovers", json={**WORDS, "effective_on": "2026-06-20", "moves": moves})
    assert answer.status_code == 422
    assert "both manager seats" in answer.text


async def test_nobody_takes_a_seat_after_they_have_left(agency: Agency, database: RolledBack) -> None:
    leaver = await person(database, "lea", left_on=date(2026, 6, 10))
    move = {"project_id": agency.web["id"], "role": ACCOUNT, "to_person_id": leaver}
    answer = await agency.client.post("/v1/handovers", json={**WORDS, "effective_on": "2026-06-20", "moves": [move]})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/moves/0/to_person_id")


async def test_a_reason_says_something(agency: Agency) -> None:
    moves = [{"project_id": agency.web["id"], "role": ACCOUNT, "to_person_id": agency.jon}]
    body = {**WORDS, "reason": " ", "effective_on": "2026-06-20", "moves": moves}
    answer = await agency.client.post("/v1/handovers", json=body)
    assert (answer.status_code, [error["pointer"] for error in answer.json()["errors"]]) == (422, ["/reason"])


async def test_an_urgent_one_says_why(agency: Agency) -> None:
    move = {"project_id": agency.web["id"], "role": ACCOUNT, "to_person_id": agency.jon}
    body = {**WORDS, "effective_on": "2026-06-20", "moves": [move], "urgent": True}
    answer = await agency.client.post("/v1/handovers", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/urgent_reason")


async def test_scheduling_tells_every_contact_but_billing_why_what_and_whom_to_ask(agency: Agency) -> None:
    made = await agency.scheduled(introduction_on="2026-06-15")
    [notice] = await agency.of(made, "notices")
    assert notice["contact_id"] == agency.ada
    for words in (
        "Dear Ada Keller",
        "from 20 June 2026 on",
        "Project SHOP: Jon Berg is your account manager, after Maria López",
        WORDS["reason"],
        WORDS["benefit"],
        "from 15 June 2026 on both are there for you",
        "Jon Berg (jon@agency.example) for anything about your goals",
        "When we meet: on 15 June 2026.",
    ):
        assert words in notice["body"]


async def test_scheduling_copies_the_checklist_and_seats_shadows_for_the_overlap(agency: Agency) -> None:
    made = await agency.scheduled(overlap_days=5)
    assert len(await agency.of(made, "tasks")) == 6
    shadows = (await agency.client.get("/v1/assignments", params={"kind": "shadow"})).json()["items"]
    assert [(s["person_id"], s["valid_from"], s["valid_to"]) for s in shadows] == [
        (agency.jon, "2026-06-15", "2026-06-20")
    ] * 2


async def test_a_client_without_contacts_must_get_one_first(agency: Agency) -> None:
    project = await add_project(agency.client, "LONELY", "LONE")
    made = await agency.draft((project, ACCOUNT, agency.jon))
    answer = await agency.act(made, "schedule")
    assert (answer.status_code, answer.json()["code"]) == (409, "nobody-to-tell")
    assert "LONE" in answer.json()["detail"]


async def test_its_state_follows_from_what_happened_and_from_the_day(agency: Agency) -> None:
    made = await agency.scheduled()
    assert await agency.state(made) == "scheduled"
    await agency.notify(made)
    assert await agency.state(made) == "notified"
    for today, state in {"2026-06-14": "notified", "2026-06-15": "overlapping", "2026-06-21": "late"}.items():
        with day(today):
            assert await agency.state(made) == state
            found = (await agency.client.get("/v1/handovers", params={"state": state})).json()["items"]
            assert [item["id"] for item in found] == [made["id"]]


async def test_completing_lists_all_that_is_missing(agency: Agency) -> None:
    made = await agency.scheduled()
    answer = await agency.act(made, "complete")
    assert answer.json()["code"] == "handover-incomplete"
    whats = [item["what"] for item in answer.json()["missing"]]
    assert whats == ["effective_on", "notice", *["task"] * 6]
    assert await agency.holder(agency.web, ACCOUNT) == agency.maria


async def test_each_gate_opens_by_itself(agency: Agency) -> None:
    made = await agency.scheduled(notice_days=10)
    with day("2026-06-15"):
        await agency.notify(made)
        assert await agency.missing(made) == ["effective_on", "notice", "task"]
    with day("2026-06-20"):
        assert await agency.missing(made) == ["notice", "task"]
        await agency.tick(made)
        assert await agency.missing(made) == ["notice"]
    with day("2026-06-25"):
        assert (await agency.act(made, "complete")).status_code == 200


async def ready(agency: Agency, **values: Any) -> Json:
    """A hand-over of which nothing is missing on its day."""
    made = await agency.scheduled(**values)
    await agency.notify(made)
    await agency.tick(made)
    return made


async def test_completing_switches_all_seats_at_once_and_splits_the_projects(
    agency: Agency, database: RolledBack
) -> None:
    made = await ready(agency)
    with day("2026-06-22"):
        answer = await agency.act(made, "complete")
        assert (answer.status_code, answer.json()["state"]) == (200, "completed"), answer.text
        for project in (agency.web, agency.shop):
            assert await agency.holder(project, ACCOUNT) == agency.jon
            assert await agency.holder(project, PRODUCTION) == agency.maria
            found = (await agency.client.get(f"/v1/projects/{project['id']}")).json()
            assert (found["management"], found["split_on"]) == ("split", "2026-06-22")
        query = {"role": ACCOUNT, "kind": "holder", "project_id": agency.web["id"]}
        held = (await agency.client.get("/v1/assignments", params=query)).json()["items"]
        assert [(h["valid_from"], h["valid_to"]) for h in held] == [(START, "2026-06-22"), ("2026-06-22", None)]
        assert {move["assignment_id"] for move in await agency.of(made, "moves")} >= {held[1]["id"]}
        assert (await agency.act(made, "complete")).json()["code"] == "wrong-handover-status"
    told = dict(await events(database))
    assert told["handover.completed"]["moves"] == 2
    assert told["project.seats_moved"]["roles"]


async def test_two_people_swap_their_seats(agency: Agency) -> None:
    first = await ready(agency)
    with day("2026-06-22"):
        assert (await agency.act(first, "complete")).status_code == 200
        moves = ((agency.web, ACCOUNT, agency.maria), (agency.web, PRODUCTION, agency.jon))
        swap = await agency.draft(*moves, urgent=True, urgent_reason="Maria speaks their language.")
        assert (await agency.act(swap, "schedule")).status_code == 200
        await agency.tick(swap)
    with day("2026-06-23"):
        answer = await agency.act(swap, "complete")
        assert answer.status_code == 200, answer.text
        assert await agency.holder(agency.web, ACCOUNT) == agency.maria
        assert await agency.holder(agency.web, PRODUCTION) == agency.jon


async def test_managers_who_are_above_their_caps_swap_their_seats(agency: Agency) -> None:
    first = await ready(agency)
    with day("2026-06-22"):
        assert (await agency.act(first, "complete")).status_code == 200
        for someone in (agency.maria, agency.jon):
            body = {"active_cap": "0.75", "override_reason": "Only from now on."}
            lowered = await agency.client.patch(f"/v1/people/{someone}", json=body, headers={"If-Match": "*"})
            assert lowered.status_code == 200
        moves = ((agency.web, ACCOUNT, agency.maria), (agency.web, PRODUCTION, agency.jon))
        swap = await agency.draft(*moves, urgent=True, urgent_reason="Maria speaks their language.")
        assert (await agency.act(swap, "schedule")).status_code == 200
        await agency.tick(swap)
    with day("2026-06-23"):
        answer = await agency.act(swap, "complete")
        assert answer.status_code == 200, answer.text
        assert await agency.holder(agency.web, ACCOUNT) == agency.maria
        assert await agency.holder(agency.web, PRODUCTION) == agency.jon
        logged = (await agency.client.get("/v1/decisions", params={"kind": "override"})).json()["items"]
        assert {decision["subject_type"] for decision in logged} == {"person"}


async def test_a_waiver_opens_the_gate_and_is_in_the_decision_log(agency: Agency, client_as: ClientFactory) -> None:
    made = await agency.scheduled()
    await agency.tick(made)
    [notice] = await agency.of(made, "notices")
    manager = await client_as("manager")
    path = f"/v1/handover-notices/{notice['id']}/waive"
    assert (await manager.post(path, json={"reason": "Told by phone."})).status_code == 403
    assert (await agency.client.post(path, json={"reason": "Told by phone."})).status_code == 200
    [decision] = (await agency.client.get("/v1/decisions", params={"kind": "waiver"})).json()["items"]
    assert (decision["subject_id"], decision["why"]) == (notice["id"], "Told by phone.")
    with day("2026-06-20"):
        assert (await agency.act(made, "complete")).status_code == 200


async def test_a_concern_blocks_until_it_is_met(agency: Agency) -> None:
    made = await agency.scheduled()
    await agency.tick(made)
    [told] = await agency.notify(made)
    answer = await agency.client.post(told["link"], json={"answer": "concern", "text": "Who knows our shop?"})
    assert answer.status_code == 200, answer.text
    [notice] = await agency.of(made, "notices")
    assert (notice["answer"], notice["answer_text"]) == ("concern", "Who knows our shop?")
    with day("2026-06-20"):
        assert await agency.missing(made) == ["concern"]
        resolved = await agency.act(notice, "resolve", "handover-notices", resolution="Maria stays until July.")
        assert resolved.status_code == 200
        again = await agency.act(notice, "resolve", "handover-notices", resolution="Twice.")
        assert again.json()["code"] == "no-open-concern"
        assert (await agency.act(made, "complete")).status_code == 200


async def test_an_urgent_one_notifies_afterwards(agency: Agency) -> None:
    made = await agency.scheduled(urgent=True, urgent_reason="Maria is ill.", effective_on=START)
    await agency.tick(made)
    assert (await agency.act(made, "complete")).status_code == 200
    [notice] = await agency.of(made, "notices")
    assert notice["notified_at"] is None
    [told] = await agency.notify(made)
    assert (await agency.client.get(told["link"])).status_code == 200
    assert await agency.holder(agency.web, ACCOUNT) == agency.jon


async def test_cancelling_puts_everything_back(agency: Agency) -> None:
    made = await agency.scheduled()
    [told] = await agency.notify(made)
    with day("2026-06-16"):
        answer = await agency.act(made, "cancel", reason="Jon leaves us.")
        assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
        shadows = (await agency.client.get("/v1/assignments", params={"kind": "shadow"})).json()["items"]
        assert {shadow["valid_to"] for shadow in shadows} == {"2026-06-16"}
        assert await agency.holder(agency.web, ACCOUNT) == agency.maria
        assert (await agency.client.get(told["link"])).status_code == 410
        assert (await agency.act(made, "complete")).json()["code"] == "wrong-handover-status"


async def test_cancelling_ahead_leaves_no_shadow(agency: Agency) -> None:
    made = await agency.scheduled()
    assert (await agency.act(made, "cancel", reason="Not yet.")).status_code == 200
    assert (await agency.client.get("/v1/assignments", params={"kind": "shadow"})).json()["items"] == []


async def test_what_the_clients_have_read_does_not_change(agency: Agency) -> None:
    made = await agency.scheduled()
    path, headers = f"/v1/handovers/{made['id']}", {"If-Match": "*"}
    refused = await agency.client.patch(path, json={"benefit": "None."}, headers=headers)
    assert refused.json()["code"] == "wrong-handover-status"
    urgent = {"urgent": True, "urgent_reason": "Maria is ill."}
    assert (await agency.client.patch(path, json=urgent, headers=headers)).status_code == 200
    assert (await agency.client.delete(path, headers=headers)).json()["code"] == "wrong-handover-status"


async def test_a_draft_takes_other_moves(agency: Agency) -> None:
    made = await agency.draft((agency.web, ACCOUNT, agency.jon))
    moves = [{"project_id": agency.shop["id"], "role": PRODUCTION, "to_person_id": agency.jon}]
    answer = await agency.client.patch(
        f"/v1/handovers/{made['id']}", json={"moves": moves}, headers={"If-Match": made["etag"]}
    )
    assert (answer.status_code, answer.json()["version"]) == (200, 2), answer.text
    [move] = await agency.of(made, "moves")
    assert (move["project_id"], move["role"]) == (agency.shop["id"], PRODUCTION)
    gone = await agency.client.delete(f"/v1/handovers/{made['id']}", headers={"If-Match": "*"})
    assert gone.status_code == 204


async def test_a_seat_that_somebody_else_has_taken_is_missing(agency: Agency, database: RolledBack) -> None:
    made = await ready(agency)
    third = await person(database, "eva")
    query = {"project_id": agency.web["id"], "role": ACCOUNT, "kind": "holder"}
    [held] = (await agency.client.get("/v1/assignments", params=query)).json()["items"]
    ended = await agency.client.patch(
        f"/v1/assignments/{held['id']}", json={"valid_to": "2026-06-10"}, headers={"If-Match": "*"}
    )
    assert ended.status_code == 200
    body = {"project_id": agency.web["id"], "role": ACCOUNT, "person_id": third, "valid_from": "2026-06-10"}
    await add(agency.client, "assignments", **body)
    with day("2026-06-20"):
        assert await agency.missing(made) == ["seat"]


async def test_contributors_tick_the_checklist(agency: Agency, client_as: ClientFactory) -> None:
    made = await agency.scheduled()
    task = (await agency.of(made, "tasks"))[0]
    path, body = f"/v1/handover-tasks/{task['id']}", {"done": True}
    viewer, contributor = await client_as("viewer"), await client_as("contributor")
    assert (await viewer.patch(path, json=body, headers={"If-Match": "*"})).status_code == 403
    answer = await contributor.patch(path, json=body, headers={"If-Match": "*"})
    assert (answer.status_code, answer.json()["done"]) == (200, True)


async def add_plan(database: Database, *seats: tuple[Json, str], to: str) -> str:
    """A split plan that moves these seats."""
    made = {"version": 1, "created_at": clock.now(), "updated_at": clock.now()}
    plan = {"id": new_id(), "name": "Split", "on": clock.today(), "status": "optimal", "request": {}, "result": {}}
    moves = [
        {
            "id": new_id(),
            "plan_id": plan["id"],
            "project_id": UUID(project["id"]),
            "role": role,
            "to_person_id": UUID(to),
            "reason": "Fits.",
            **made,
        }
        for project, role in seats
    ]

    def write(conn: sa.Connection) -> None:
        conn.execute(sa.insert(table_of(SplitPlan)), plan | made)
        conn.execute(sa.insert(table_of(SplitPlanMove)), moves)

    await database.write(write)
    return str(plan["id"])


async def test_progress_counts_the_seats_that_a_plan_moves(agency: Agency, database: RolledBack) -> None:
    lonely = await add_project(agency.client, "THIRD")
    seats = [(agency.web, ACCOUNT), (agency.shop, ACCOUNT), (agency.shop, PRODUCTION), (lonely, ACCOUNT)]
    plan = await add_plan(database, *seats, to=agency.jon)

    async def progress(**query: str) -> Json:
        answer = await agency.client.get("/v1/handovers/progress", params=query)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    nothing = {"seats": 0, "done": 0, "under_way": 0, "late": 0, "open": 0, "done_percent": None}
    assert await progress() == nothing
    started = nothing | {"seats": 4, "open": 4, "done_percent": "0"}
    assert await progress(split_plan_id=plan) == started
    urgent = {"split_plan_id": plan, "urgent": True, "urgent_reason": "Now.", "effective_on": START}
    first = await agency.draft((agency.web, ACCOUNT, agency.jon), **urgent)
    second = await agency.draft((agency.shop, ACCOUNT, agency.jon), split_plan_id=plan, wave=2)
    await agency.draft((agency.shop, PRODUCTION, agency.jon), split_plan_id=plan, effective_on="2026-07-30")
    for made in (first, second):
        assert (await agency.act(made, "schedule")).status_code == 200
    assert await progress() == started | {"under_way": 2, "open": 2}
    await agency.tick(first)
    assert (await agency.act(first, "complete")).status_code == 200
    done = started | {"done": 1, "under_way": 1, "open": 2, "done_percent": "25"}
    assert await progress(split_plan_id=plan) == done
    with day("2026-06-21"):
        assert await progress() == done | {"under_way": 0, "late": 1}
        assert (await agency.act(second, "cancel", reason="Not now.")).status_code == 200
        assert await progress() == done | {"under_way": 0, "open": 3}
    assert (await agency.client.get("/v1/handovers/progress", params={"split_plan_id": START})).status_code == 422


async def test_lists_take_the_same_number_of_statements_for_any_number_of_rows(
    agency: Agency, database: RolledBack
) -> None:
    await agency.scheduled()
    paths = ("handovers", "handover-moves", "handover-notices", "handover-tasks", "handovers/progress")
    for path in paths:
        with database.counting() as statements:
            assert (await agency.client.get(f"/v1/{path}")).status_code == 200
        assert len(statements) == 1, path


async def nothing_has_changed(agency: Agency, made: Json) -> None:
    for project in (agency.web, agency.shop):
        assert await agency.holder(project, ACCOUNT) == agency.maria
        assert (await agency.client.get(f"/v1/projects/{project['id']}")).json()["management"] == "combined"
    assert await agency.state(made) == "late"


async def test_a_completion_that_fails_at_its_second_move_leaves_all_seats_old(
    own_client_as: ClientFactory, own_database: Database
) -> None:
    client = await own_client_as()
    agency = await agency_of(client, own_database)
    with day(START):
        made = await ready(agency)
    with day("2026-06-21"):
        # From July on the second seat is promised to somebody else, which only the database's trigger sees.
        eva = await person(own_database, "eva")
        seat = {"project_id": agency.shop["id"], "role": ACCOUNT}
        [held] = (await client.get("/v1/assignments", params={**seat, "kind": "holder"})).json()["items"]
        path = f"/v1/assignments/{held['id']}"
        ended = await client.patch(path, json={"valid_to": "2026-07-01"}, headers={"If-Match": "*"})
        assert ended.status_code == 200
        await add(client, "assignments", **seat, person_id=eva, valid_from="2026-07-01")
    with day("2026-06-22"):
        answer = await agency.act(made, "complete")
        assert (answer.status_code, answer.json()["code"]) == (409, "seat-taken")
        await nothing_has_changed(agency, made)


async def test_a_completion_keeps_to_the_caps_unless_a_pmo_lead_says_why(
    own_client_as: ClientFactory, own_database: Database
) -> None:
    client, manager = await own_client_as(), await own_client_as("manager")
    agency = await agency_of(client, own_database)
    cap = await client.patch(f"/v1/people/{agency.jon}", json={"active_cap": "0.5"}, headers={"If-Match": "*"})
    assert cap.status_code == 200
    with day(START):
        made = await ready(agency)
    with day("2026-06-22"):
        answer = await agency.act(made, "complete")
        assert (answer.status_code, answer.json()["code"]) == (409, "over-capacity"), answer.text
        await nothing_has_changed(agency, made)
        why = {"override_reason": "Until Eva is back."}
        path = f"/v1/handovers/{made['id']}/complete"
        assert (await manager.post(path, json=why)).status_code == 403
        assert (await client.post(path, json=why)).status_code == 200
        [decision] = (await client.get("/v1/decisions", params={"kind": "override"})).json()["items"]
        assert decision["why"] == "Until Eva is back."
