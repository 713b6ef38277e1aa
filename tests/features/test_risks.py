from datetime import date
from typing import Any
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from app.core.caller import SYSTEM
from app.core.errors import Invalid
from app.features.risks import rules, service
from app.features.risks.rules import ISSUES, RISKS
from app.features.risks.schemas import RiskCreate
from app.models.risk import IssueStatus, RiskStatus, Strategy
from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.features.calls import Json, add, add_project, day, events
from tests.features.test_assignments import person

TODAY = "2026-06-01"
WORDS = {"cause": "No documentation", "event": "The import is rebuilt", "effect": "Three weeks are lost"}
RISK = {**WORDS, "likelihood": 3, "impact": 4}
# How a record gets from one status to another: the verb and what it is sent.
RISK_STEPS: dict[RiskStatus, tuple[str, Json]] = {
    RiskStatus.CLOSED: ("close", {}),
    RiskStatus.OPEN: ("reopen", {"reason": "It is back"}),
    RiskStatus.OCCURRED: ("occur", {}),
}
ISSUE_STEPS: dict[IssueStatus, tuple[str, Json]] = {
    IssueStatus.IN_PROGRESS: ("start", {}),
    IssueStatus.RESOLVED: ("resolve", {"resolution": "Rebuilt"}),
    IssueStatus.WITHDRAWN: ("withdraw", {"reason": "Raised twice"}),
    IssueStatus.OPEN: ("reopen", {"reason": "It is back"}),
}
TO_RISK: dict[RiskStatus, tuple[RiskStatus, ...]] = {
    RiskStatus.OPEN: (),
    RiskStatus.CLOSED: (RiskStatus.CLOSED,),
    RiskStatus.OCCURRED: (RiskStatus.OCCURRED,),
}
TO_ISSUE: dict[IssueStatus, tuple[IssueStatus, ...]] = {
    IssueStatus.OPEN: (),
    IssueStatus.IN_PROGRESS: (IssueStatus.IN_PROGRESS,),
    IssueStatus.RESOLVED: (IssueStatus.RESOLVED,),
    IssueStatus.WITHDRAWN: (IssueStatus.WITHDRAWN,),
}


async def risk_of(client: httpx.AsyncClient, **values: Any) -> Json:
    project = await add_project(client)
    return await add(client, "risks", project_id=project["id"], **{**RISK, **values})


async def act(client: httpx.AsyncClient, plural: str, made: Json, verb: str, **body: Any) -> httpx.Response:
    return await client.post(f"/v1/{plural}/{made['id']}/{verb}", json=body or None)


async def test_risks_are_numbered_within_their_project_and_show_their_exposure(client: httpx.AsyncClient) -> None:
    with day(TODAY):
        one = await risk_of(client)
        two = await add(client, "risks", project_id=one["project_id"], **{**RISK, "likelihood": 5})
        other = await add_project(client, "SHOP")
        third = await add(client, "risks", project_id=other["id"], **RISK)
    assert [(r["number"], r["exposure"]) for r in (one, two, third)] == [(1, 12), (2, 20), (1, 12)]
    assert (one["status"], one["allowed_transitions"]) == ("open", ["closed", "occurred"])
    assert (one["identified_on"], one["strategy"]) == (TODAY, "reduce")
    found = (await client.get("/v1/risks", params={"sort": "-exposure,number"})).json()["items"]
    assert [r["id"] for r in found] == [two["id"], one["id"], third["id"]]


@pytest.mark.parametrize("plural", ["risks", "issues"])
async def test_one_is_overdue_from_the_day_after_on_and_its_etag_tells(client: httpx.AsyncClient, plural: str) -> None:
    with day(TODAY):
        project = await add_project(client)
        made = await add(client, plural, project_id=project["id"], **RISK, due_on="2026-06-10")
        await add(client, plural, project_id=project["id"], **RISK)
    with day("2026-06-10"):
        assert (await client.get(f"/v1/{plural}/{made['id']}")).json()["overdue"] is False
    with day("2026-06-11"):
        answer = await client.get(f"/v1/{plural}/{made['id']}", headers={"If-None-Match": made["etag"]})
        assert (answer.status_code, answer.json()["overdue"]) == (200, True)
        late = (await client.get(f"/v1/{plural}", params={"overdue": "true", "include_total": "true"})).json()
        assert ([item["id"] for item in late["items"]], late["total"]) == ([made["id"]], 1)
        body = {"likelihood": 1}
        changed = await client.patch(f"/v1/{plural}/{made['id']}", json=body, headers={"If-Match": made["etag"]})
        assert (changed.status_code, changed.json()["exposure"]) == (200, 4)


async def test_a_risk_that_is_over_is_not_overdue(client: httpx.AsyncClient) -> None:
    with day(TODAY):
        made = await risk_of(client, due_on="2026-06-10")
        await act(client, "risks", made, "close")
    with day("2026-07-01"):
        assert (await client.get(f"/v1/risks/{made['id']}")).json()["overdue"] is False


@pytest.mark.parametrize("to", RiskStatus)
@pytest.mark.parametrize("former", RiskStatus)
async def test_a_risk_makes_the_legal_moves_alone(
    client: httpx.AsyncClient, former: RiskStatus, to: RiskStatus
) -> None:
    made = await risk_of(client)
    for status in TO_RISK[former]:
        verb, body = RISK_STEPS[status]
        assert (await act(client, "risks", made, verb, **body)).is_success
    verb, body = RISK_STEPS[to]
    answer = await act(client, "risks", made, verb, **body)
    now = (await client.get(f"/v1/risks/{made['id']}")).json()
    if to in RISKS.allowed(former):
        assert answer.is_success
        assert (now["status"], now["allowed_transitions"]) == (to, list(RISKS.allowed(to)))
    else:
        assert (answer.status_code, answer.json()["code"]) == (409, "illegal-transition")
        assert answer.json()["allowed"] == list(RISKS.allowed(former))
        assert now["status"] == former


@pytest.mark.parametrize("to", IssueStatus)
@pytest.mark.parametrize("former", IssueStatus)
async def test_an_issue_makes_the_legal_moves_alone(
    client: httpx.AsyncClient, former: IssueStatus, to: IssueStatus
) -> None:
    project = await add_project(client)
    made = await add(client, "issues", project_id=project["id"], **RISK)
    for status in TO_ISSUE[former]:
        verb, body = ISSUE_STEPS[status]
        assert (await act(client, "issues", made, verb, **body)).is_success
    verb, body = ISSUE_STEPS[to]
    answer = await act(client, "issues", made, verb, **body)
    now = (await client.get(f"/v1/issues/{made['id']}")).json()
    if to in ISSUES.allowed(former):
        assert answer.is_success
        assert (now["status"], now["allowed_transitions"]) == (to, list(ISSUES.allowed(to)))
    else:
        assert (answer.status_code, answer.json()["code"]) == (409, "illegal-transition")
        assert now["status"] == former


async def test_a_risk_that_occurs_becomes_an_issue_with_its_words(client: httpx.AsyncClient) -> None:
    with day(TODAY):
        made = await risk_of(client, identified_on="2026-05-01")
        answer = await act(client, "risks", made, "occur", on="2026-05-20", effect="Two weeks are lost")
    assert answer.status_code == 201
    issue = answer.json()
    assert answer.headers["location"] == f"/v1/issues/{issue['id']}"
    assert (issue["risk_id"], issue["number"], issue["raised_on"]) == (made["id"], 1, "2026-05-20")
    assert (issue["cause"], issue["effect"], issue["exposure"]) == (WORDS["cause"], "Two weeks are lost", 12)
    [listed] = (await client.get("/v1/issues", params={"risk_id": made["id"]})).json()["items"]
    assert listed["id"] == issue["id"]


@pytest.mark.parametrize("on", ["2026-04-30", "2026-06-02"])
async def test_a_risk_occurs_neither_before_it_was_found_nor_ahead(client: httpx.AsyncClient, on: str) -> None:
    with day(TODAY):
        made = await risk_of(client, identified_on="2026-05-01")
        answer = await act(client, "risks", made, "occur", on=on)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/on")


async def test_nothing_is_found_ahead(client: httpx.AsyncClient) -> None:
    with day(TODAY):
        project = await add_project(client)
        for plural, name in (("risks", "identified_on"), ("issues", "raised_on")):
            body = {"project_id": project["id"], **RISK, name: "2026-06-02"}
            answer = await client.post(f"/v1/{plural}", json=body)
            assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, f"/{name}")


async def test_what_is_over_is_not_edited_nor_ever_deleted(client: httpx.AsyncClient) -> None:
    made = await risk_of(client)
    issue = (await act(client, "risks", made, "occur")).json()
    await act(client, "issues", issue, "withdraw", reason="It was none")
    for plural, id in (("risks", made["id"]), ("issues", issue["id"])):
        answer = await client.patch(f"/v1/{plural}/{id}", json={"impact": 1}, headers={"If-Match": "*"})
        assert (answer.status_code, answer.json()["code"]) == (409, "no-longer-open")
        assert (await client.delete(f"/v1/{plural}/{id}", headers={"If-Match": "*"})).status_code == 405


async def test_a_reopening_is_in_the_decision_log_and_clears_the_end(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    made = await risk_of(client)
    closed = (await act(client, "risks", made, "close", reason="Imported")).json()
    assert closed["closed_on"] is not None
    assert (await act(client, "risks", made, "reopen", reason="It is back")).json()["closed_on"] is None
    issue = (await act(client, "risks", made, "occur")).json()
    await act(client, "issues", issue, "resolve", resolution="Rebuilt")
    opened = (await act(client, "issues", issue, "reopen", reason="Broken again")).json()
    assert (opened["resolution"], opened["resolved_on"]) == (None, None)
    logged = (await client.get("/v1/decisions", params={"project_id": made["project_id"]})).json()["items"]
    assert sorted((d["kind"], d["subject_type"], d["why"]) for d in logged) == [
        ("other", "risk", "Imported"),
        ("reopening", "issue", "Broken again"),
        ("reopening", "risk", "It is back"),
    ]
    told = [type for type, _ in await events(database) if type.split(".")[0] in ("risk", "issue")]
    assert told == [
        "risk.created",
        "risk.closed",
        "risk.reopened",
        "issue.created",
        "risk.occurred",
        "issue.resolved",
        "issue.reopened",
    ]


async def test_a_step_honours_if_match(client: httpx.AsyncClient) -> None:
    made = await risk_of(client)
    answer = await client.post(f"/v1/risks/{made['id']}/close", headers={"If-Match": '"7"'})
    assert answer.status_code == 412


async def test_writing_needs_the_right(client: httpx.AsyncClient, client_as: ClientFactory) -> None:
    made = await risk_of(client)
    viewer = await client_as("viewer")
    assert (await viewer.get(f"/v1/risks/{made['id']}")).status_code == 200
    assert (await act(viewer, "risks", made, "close")).status_code == 403


async def test_unknown_references_are_named(client: httpx.AsyncClient) -> None:
    nobody = "01890000-0000-7000-8000-00000000dead"
    answer = await client.post("/v1/risks", json={**RISK, "project_id": nobody, "owner_id": nobody})
    assert {error["pointer"] for error in answer.json()["errors"]} == {"/project_id", "/owner_id"}


async def test_others_read_the_open_risks_of_projects_and_rate_them_anew(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    made = await risk_of(client)
    gone = await add(client, "risks", project_id=made["project_id"], **RISK)
    await act(client, "risks", gone, "close")
    owner = await person(database, "maria")

    def work(conn: sa.Connection) -> tuple[int, int, int]:
        project_id = service.get_risk(conn, SYSTEM, UUID(made["id"])).project_id
        data = RiskCreate(
            project_id=project_id,
            **{**WORDS, "likelihood": 1, "impact": 2},
            strategy=Strategy.ACCEPT,
            owner_id=owner,
        )
        service.create_risk(conn, SYSTEM, data)
        before = service.exposure(service.open_risks(conn, [project_id])[project_id])
        rated = service.rate_risk(conn, SYSTEM, UUID(made["id"]), 1, 1)
        left = service.rate_risk(conn, SYSTEM, UUID(gone["id"]), 5, 5)
        assert left.exposure == 12
        return before, rated.exposure, service.exposure(service.open_risks(conn, [project_id])[project_id])

    assert await database.write(work) == (14, 1, 3)


@given(st.dates(), st.dates(), st.dates())
def test_a_day_is_taken_exactly_between_finding_and_today(on: date, since: date, today: date) -> None:
    if since <= on <= today:
        rules.check_day("on", on, since, today)
    else:
        with pytest.raises(Invalid):
            rules.check_day("on", on, since, today)
