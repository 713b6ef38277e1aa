"""Closing: what is open is listed, and stops the end of a project unless somebody answers for it."""

from typing import Any
from uuid import UUID

import httpx

from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.features.calls import Json, add, add_project, day, events, history
from tests.features.test_assignments import person
from tests.features.test_kick_off import counts
from tests.features.test_templates import patch

TODAY = "2027-06-30"
RISK = {"cause": "No documents", "event": "The import breaks", "effect": "A week is lost", "likelihood": 3, "impact": 3}


async def close(client: httpx.AsyncClient, *, dry_run: bool = False, **given: Any) -> httpx.Response:
    query = {"dry_run": "true"} if dry_run else {}
    return await client.post("/v1/projects/WEB/close", json=given, params=query)


async def check(client: httpx.AsyncClient) -> Json:
    found: Json = (await client.get("/v1/projects/WEB/closing-check")).json()
    return found


async def prepare(client: httpx.AsyncClient) -> Json:
    answer = await client.post("/v1/projects/WEB/prepare-closing")
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def tick_all(client: httpx.AsyncClient) -> None:
    for item in (await client.get("/v1/project-tasks", params={"occasion": "closing"})).json()["items"]:
        await patch(client, f"project-tasks/{item['id']}", done=True)


async def troubled(client: httpx.AsyncClient, project: Json, maria: str) -> None:
    """A thing of each kind that stays open, and one of each that is settled."""
    of_project = {"project_id": project["id"]}
    await add(client, "milestones", **of_project, name="Launch", planned_on="2027-05-31")
    await add(client, "milestones", **of_project, name="Design", reached_on="2027-04-30")
    await add(client, "issues", **of_project, **RISK)
    done = await add(client, "issues", **of_project, **RISK)
    await client.post(f"/v1/issues/{done['id']}/resolve", json={"resolution": "It holds."})
    promise = {**of_project, "promised_by_id": maria, "statement": "It can be searched", "due_on": "2027-07-30"}
    await add(client, "commitments", **promise)
    asked = {**of_project, "title": "Gift cards", "value_statement": "They sell."}
    await add(client, "change-requests", **asked)
    awaiting = await add(client, "change-requests", **asked)
    await add(client, "change-options", change_request_id=awaiting["id"], title="As asked", price="100")
    await add(client, "change-options", change_request_id=awaiting["id"], title="Not now", kind="declined")
    for step in ("submit", "assess", "present"):
        answer = await client.post(f"/v1/change-requests/{awaiting['id']}/{step}")
        assert answer.status_code == 200, answer.text
    await add(client, "time-entries", **of_project, person_id=maria, worked_on="2027-06-01", hours="4")


async def test_what_is_open_is_listed_and_stops_it(client: httpx.AsyncClient, database: RolledBack) -> None:
    maria = await person(database)
    with day(TODAY):
        project = await add_project(client, status="active", status_on="2027-03-01")
        await troubled(client, project, maria)
        await add(client, "rescues", project_id=project["id"], rescuer_id=maria, trigger="It is late")
        before = await counts(database)
        found = await check(client)
        answer = await close(client)
        assert await counts(database) == before
    assert not found["ready"]
    assert [item["what"] for item in found["open"]] == [
        "milestone",
        "change_request",
        "issue",
        "commitment",
        "rescue",
        "closing_checklist",
    ]
    assert found["open"][0]["detail"] == (
        "Reach it, or delete it where it is no longer wanted: Launch (due on 2027-05-31)."
    )
    assert found["warnings"] == [
        "1 time entry awaits approval.",
        "No outcome is planned: nobody will look at what came of it. Add one by POST /v1/outcomes.",
    ]
    refused = answer.json()
    assert (answer.status_code, refused["code"]) == (409, "not-ready-to-close")
    assert (refused["open"], refused["warnings"]) == (found["open"], found["warnings"])


async def test_a_settled_project_is_closed(client: httpx.AsyncClient, database: RolledBack) -> None:
    with day(TODAY):
        project = await add_project(client, status="active", status_on="2027-03-01", due_on="2027-07-15")
        found = await prepare(client)
        assert [item["what"] for item in found["open"]] == ["closing_task"] * 6
        assert await prepare(client) == found
        await tick_all(client)
        assert (await check(client))["ready"]
        rehearsed = await close(client, dry_run=True)
        assert rehearsed.json()["project"]["status"] == "closed"
        assert [status for status, *_ in await history(client, "WEB")] == ["active"]
        closed = await close(client, reason="It is live.")
    assert closed.status_code == 200, closed.text
    assert (closed.json()["project"]["status"], closed.json()["project"]["closed_on"]) == ("closed", TODAY)
    assert closed.json()["left_open"] == []
    tasks = (await client.get("/v1/project-tasks", params={"project_id": project["id"]})).json()["items"]
    assert {item["due_on"] for item in tasks} == {"2027-07-15"}
    told = await events(database)
    assert [data for name, data in told if name == "project.closing_prepared"] == [{"tasks": 6}]
    assert told[-1][0] == "project.transitioned"


async def test_tasks_of_a_project_that_is_late_are_due_today(client: httpx.AsyncClient) -> None:
    with day(TODAY):
        await add_project(client, status="active", status_on="2027-03-01", due_on="2027-05-01")
        await prepare(client)
    tasks = (await client.get("/v1/project-tasks")).json()["items"]
    assert {item["due_on"] for item in tasks} == {TODAY}


async def test_what_is_open_can_be_accepted_for_a_reason(
    client: httpx.AsyncClient, client_as: ClientFactory, database: RolledBack
) -> None:
    maria = await person(database)
    lead = await client_as(person_id=UUID(maria))
    with day(TODAY):
        project = await add_project(client, status="active", status_on="2027-03-01")
        await troubled(client, project, maria)
        unsaid = await close(lead, accept_open=True)
        assert (unsaid.status_code, unsaid.json()["errors"][0]["pointer"]) == (422, "/reason")
        manager = await client_as("manager")
        assert (await close(manager, accept_open=True, reason="Enough.")).status_code == 403
        closed = await close(lead, accept_open=True, reason="The client has taken it over.")
    assert closed.status_code == 200, closed.text
    assert len(closed.json()["left_open"]) == 5
    [decision] = (await client.get("/v1/decisions", params={"kind": "override"})).json()["items"]
    assert (decision["subject_id"], decision["why"], decision["decided_by"]) == (
        project["id"],
        "The client has taken it over.",
        maria,
    )
    assert decision["impact"] == {
        "open": {"milestone": 1, "change_request": 1, "issue": 1, "commitment": 1, "closing_checklist": 1}
    }


async def test_an_illegal_end_is_called_one_whatever_is_open(client: httpx.AsyncClient) -> None:
    await add_project(client)
    answer = await close(client)
    assert (answer.status_code, answer.json()["code"]) == (409, "illegal-transition")
    unprepared = await client.post("/v1/projects/WEB/prepare-closing")
    assert (unprepared.status_code, unprepared.json()["code"]) == (409, "not-running")


async def test_what_was_asked_for_wants_an_answer(client: httpx.AsyncClient) -> None:
    project = await add_project(client, status="active")
    asked = await add(
        client, "change-requests", project_id=project["id"], title="Gift cards", value_statement="They sell."
    )
    assert "change_request" not in {item["what"] for item in (await check(client))["open"]}
    for step in ("submit", "assess"):
        await client.post(f"/v1/change-requests/{asked['id']}/{step}")
        [found] = [item for item in (await check(client))["open"] if item["what"] == "change_request"]
        assert (found["id"], found["detail"]) == (asked["id"], "Let it be decided, or withdraw it: Gift cards.")


async def test_hours_behind_the_end_are_told(client: httpx.AsyncClient, database: RolledBack) -> None:
    maria = await person(database)
    with day(TODAY):
        project = await add_project(client, status="active", status_on="2027-03-01")
        worked = {"project_id": project["id"], "person_id": maria, "hours": "4", "approval": "approved"}
        await add(client, "time-entries", **worked, worked_on="2027-05-31")
        await add(client, "time-entries", **worked, worked_on="2027-05-27", worked_until="2027-06-01")
        given: Json = {"accept_open": True, "reason": "They left.", "dry_run": True}
        early, later = [(await close(client, on=on, **given)).json()["warnings"] for on in ("2027-05-30", "2027-06-01")]
        assert early[0] == (
            "2 time entries lie after 2027-05-30, the day on which it is closed: close it later, or move them."
        )
        assert len(later) == len((await check(client))["warnings"]) == 1


async def test_an_outcome_settles_the_warning(client: httpx.AsyncClient) -> None:
    project = await add_project(client, status="active")
    assert len((await check(client))["warnings"]) == 1
    planned = {"measure": "Orders a month", "target": "400", "review_on": "2030-01-07"}
    await add(client, "outcomes", project_id=project["id"], **planned)
    assert (await check(client))["warnings"] == []


async def test_only_those_who_write_close(client: httpx.AsyncClient, client_as: ClientFactory) -> None:
    await add_project(client, status="active")
    viewer = await client_as("viewer")
    assert (await close(viewer)).status_code == 403
    assert (await check(viewer))["ready"] is False
