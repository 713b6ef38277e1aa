"""What people say: recorded, corrected, listed, and counted as satisfaction and recommendation."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.databases import RolledBack
from tests.features.calls import Json, add, add_project, day, events

START = "2026-06-01"


@dataclass(frozen=True)
class Office:
    client: httpx.AsyncClient
    project: Json
    ada: str
    stranger: str
    maria: str

    async def say(self, **values: Any) -> httpx.Response:
        return await self.client.post("/v1/feedback", json=values)

    async def said(self, **values: Any) -> Json:
        answer = await self.say(**values)
        assert answer.status_code == 201, answer.text
        made: Json = answer.json()
        return made

    async def patch(self, row: Json, **changes: Any) -> httpx.Response:
        return await self.client.patch(f"/v1/feedback/{row['id']}", json=changes, headers={"If-Match": row["etag"]})


@pytest_asyncio.fixture(loop_scope="session")
async def office(client: httpx.AsyncClient) -> AsyncIterator[Office]:
    with day(START):
        yield await office_of(client)


async def office_of(client: httpx.AsyncClient) -> Office:
    project = await add_project(client)
    other = await add_project(client, "APP", "GLOBEX")
    ada = await add(client, "contacts", client_id=project["client_id"], name="Ada Keller", role="approver")
    stranger = await add(client, "contacts", client_id=other["client_id"], name="Hank Scorpio", role="sponsor")
    maria = await add(client, "people", email="maria@agency.example", display_name="María")
    return Office(client, project, ada["id"], stranger["id"], maria["id"])


async def test_feedback_on_a_project_belongs_to_its_client_and_is_of_today(office: Office) -> None:
    row = await office.said(subject="project", project_id=office.project["id"], contact_id=office.ada, csat=4)
    assert (row["client_id"], row["given_on"]) == (office.project["client_id"], START)
    assert (row["anonymous"], row["csat"], row["nps"], row["comment"]) == (False, 4, None, None)
    read = await office.client.get(f"/v1/feedback/{row['id']}")
    assert read.json() == row


async def test_each_subject_takes_its_own_field(office: Office) -> None:
    client_id = office.project["client_id"]
    assert (await office.said(subject="client", client_id=client_id, nps=9))["client_id"] == client_id
    team = await office.said(subject="team", team="Web", person_id=office.maria, comment="They help.")
    assert (team["team"], team["client_id"], team["person_id"]) == ("Web", None, office.maria)
    service = await office.said(subject="pmo_service", contact_id=office.ada, csat=5)
    assert service["client_id"] == client_id


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"subject": "project", "csat": 1}, "/project_id"),
        ({"subject": "client", "csat": 1}, "/client_id"),
        ({"subject": "team", "csat": 1}, "/team"),
        ({"subject": "pmo_service", "team": "Web", "csat": 1}, "/team"),
        ({"subject": "team", "team": "Web", "project_id": "PROJECT", "csat": 1}, "/project_id"),
        ({"subject": "project", "project_id": "PROJECT"}, "/csat"),
        ({"subject": "project", "project_id": "PROJECT", "comment": "  "}, "/comment"),
        ({"subject": "project", "project_id": "PROJECT", "csat": 6}, "/csat"),
        ({"subject": "project", "project_id": "PROJECT", "nps": 11}, "/nps"),
        ({"subject": "project", "project_id": "PROJECT", "csat": 3, "given_on": "2026-06-02"}, "/given_on"),
        ({"subject": "project", "project_id": "PROJECT", "csat": 3, "contact_id": "STRANGER"}, "/contact_id"),
        ({"subject": "project", "project_id": "PROJECT", "csat": 3, "client_id": "OTHER"}, "/client_id"),
        (
            {"subject": "project", "project_id": "PROJECT", "csat": 3, "contact_id": "ADA", "person_id": "MARIA"},
            "/person_id",
        ),
    ],
)
async def test_says_what_is_missing_or_too_much(office: Office, values: Json, pointer: str) -> None:
    stranger = (await office.client.get(f"/v1/contacts/{office.stranger}")).json()
    ids = {
        "PROJECT": office.project["id"],
        "ADA": office.ada,
        "MARIA": office.maria,
        "STRANGER": office.stranger,
        "OTHER": stranger["client_id"],
    }
    answer = await office.say(**{name: ids.get(value, value) for name, value in values.items()})
    assert (answer.status_code, [e["pointer"] for e in answer.json()["errors"]]) == (422, [pointer]), answer.text


async def test_a_correction_is_checked_as_a_whole(office: Office) -> None:
    row = await office.said(subject="project", project_id=office.project["id"], csat=4)
    for changes in ({"csat": None}, {"subject": "team"}, {"given_on": None}, {"given_on": "2026-06-02"}):
        assert (await office.patch(row, **changes)).status_code == 422, changes
    answer = await office.patch(row, csat=None, comment="Well done.")
    assert (answer.status_code, answer.json()["version"]) == (200, 2)
    answer = await office.patch(answer.json(), subject="team", team="Web", project_id=None)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["project_id"], answer.json()["team"]) == (None, "Web")


async def test_deleted_feedback_is_gone_and_events_hold_no_words(office: Office, database: RolledBack) -> None:
    row = await office.said(subject="client", client_id=office.project["client_id"], comment="SENTINEL")
    answer = await office.client.delete(f"/v1/feedback/{row['id']}", headers={"If-Match": row["etag"]})
    assert answer.status_code == 204
    assert (await office.client.get(f"/v1/feedback/{row['id']}")).status_code == 404
    told = [(type, data) for type, data in await events(database) if type.startswith("feedback")]
    assert [type for type, _ in told] == ["feedback.created", "feedback.deleted"]
    assert "SENTINEL" not in str(told)


async def test_lists_filter_and_sort(office: Office) -> None:
    for given_on, csat in (("2026-05-01", 2), ("2026-05-20", 5)):
        await office.said(subject="project", project_id=office.project["id"], given_on=given_on, csat=csat)
    found = await office.client.get("/v1/feedback", params={"given_on_from": "2026-05-10", "sort": "-csat"})
    assert [item["csat"] for item in found.json()["items"]] == [5]
    lines = (await office.client.get("/v1/feedback", params={"format": "csv"})).text.splitlines()
    assert len(lines) == 3


async def test_satisfaction_and_recommendation_are_kpis(office: Office) -> None:
    about = {"subject": "project", "project_id": office.project["id"]}
    for csat, nps in ((5, 10), (4, 9), (3, 8), (1, 0), (None, 6), (5, None)):
        await office.said(**about, csat=csat, nps=nps)
    satisfied = (await office.client.get("/v1/kpis/csat/values", params={"group_by": "project"})).json()["rows"]
    assert [(row["numerator"], row["denominator"], row["value"]) for row in satisfied] == [("3", "5", "60.0000")]
    net = (await office.client.get("/v1/kpis/nps/values")).json()["rows"]
    assert [(row["numerator"], row["denominator"], row["value"]) for row in net] == [("0", "5", "0.0000")]
