from datetime import date
from typing import Any
from uuid import UUID

import httpx
import pytest

from app.core.caller import AccessRole
from app.features.status_reports import service
from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.factories import make_person
from tests.features.calls import Json, add, add_project, day, events

TODAY = "2026-06-15"
ANY = {"If-Match": "*"}


async def report(http: httpx.AsyncClient, project: Json, on: str = TODAY, /, **values: Any) -> Json:
    with day(TODAY):
        answer = await http.post("/v1/status-reports", json={"project_id": project["id"], "reported_on": on, **values})
    assert answer.status_code == 201, answer.text
    made: Json = answer.json()
    return made


async def health(client: httpx.AsyncClient, ref: str, on: str = TODAY) -> Json:
    answer = await client.get(f"/v1/projects/{ref}/health", params={"on": on})
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def test_is_of_today_and_by_the_caller_unless_told_otherwise(
    client_as: ClientFactory, database: RolledBack
) -> None:
    maria = await database.write(make_person)
    client = await client_as(AccessRole.MANAGER, person_id=maria)
    project = await add_project(client)
    with day(TODAY):
        made = await add(client, "status-reports", project_id=project["id"], percent_complete="35.25")
    assert (made["reported_on"], made["author_id"], made["percent_complete"]) == (TODAY, str(maria), "35.25")
    assert {made[name] for name in ("health", "scope", "schedule", "budget", "team", "client")} == {"on_track"}
    read = await client.get(f"/v1/status-reports/{made['id']}")
    assert (read.json(), read.headers["ETag"]) == (made, made["etag"])


@pytest.mark.parametrize("dimension", ["scope", "schedule", "budget", "team", "client"])
async def test_its_health_is_the_worst_dimension(client: httpx.AsyncClient, dimension: str) -> None:
    project = await add_project(client)
    made = await report(client, project, "2026-06-01", **{dimension: "at_risk"})
    worse = await report(
        client, project, "2026-06-08", **{"scope": "at_risk", "team": "at_risk", dimension: "off_track"}
    )
    assert (made["health"], worse["health"]) == ("at_risk", "off_track")
    found = (await client.get("/v1/status-reports", params={"health": "off_track"})).json()["items"]
    assert [item["id"] for item in found] == [worse["id"]]


async def test_there_is_one_a_project_and_day(client: httpx.AsyncClient) -> None:
    project, other = await add_project(client), await add_project(client, "SHOP")
    first = await report(client, project)
    await report(client, other)
    earlier = await report(client, project, "2026-06-14")
    with day(TODAY):
        again = await client.post("/v1/status-reports", json={"project_id": project["id"]})
        moved = await client.patch(
            f"/v1/status-reports/{earlier['id']}", json={"reported_on": TODAY}, headers={"If-Match": earlier["etag"]}
        )
    for answer in (again, moved):
        assert (answer.status_code, answer.json()["code"]) == (409, "duplicate")
        assert f"PATCH /v1/status-reports/{first['id']}" in answer.json()["detail"]


async def test_is_not_of_a_day_that_lies_ahead(client: httpx.AsyncClient) -> None:
    project = await add_project(client)
    made = await report(client, project)
    with day(TODAY):
        ahead = {"project_id": project["id"], "reported_on": "2026-06-16"}
        answers = [
            await client.post("/v1/status-reports", json=ahead),
            await client.patch(f"/v1/status-reports/{made['id']}", json={"reported_on": "2026-06-16"}, headers=ANY),
        ]
    for answer in answers:
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/reported_on")


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"percent_complete": "100.01"}, "/percent_complete"),
        ({"percent_complete": "-1"}, "/percent_complete"),
        ({"percent_complete": "33.333"}, "/percent_complete"),
        ({"scope": "fine"}, "/scope"),
        ({"health": "on_track"}, "/health"),
        ({"project_id": "01890000-0000-7000-8000-00000000dead"}, "/project_id"),
        ({"author_id": "01890000-0000-7000-8000-00000000dead"}, "/author_id"),
    ],
)
async def test_says_what_is_wrong_with_it(client: httpx.AsyncClient, wrong: Json, pointer: str) -> None:
    project = await add_project(client)
    answer = await client.post("/v1/status-reports", json={"project_id": project["id"], **wrong})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_is_changed_and_deleted(client: httpx.AsyncClient) -> None:
    made = await report(client, await add_project(client), percent_complete=40)
    address = f"/v1/status-reports/{made['id']}"
    changes = {"percent_complete": None, "budget": "off_track", "narrative": "Over budget."}
    changed = await client.patch(address, json=changes, headers={"If-Match": made["etag"]})
    assert changed.json() | {"updated_at": ""} == made | {
        **changes,
        "health": "off_track",
        "version": 2,
        "etag": '"2"',
        "updated_at": "",
    }
    stale = await client.delete(address, headers={"If-Match": made["etag"]})
    assert stale.status_code == 412
    assert (await client.patch(address, json={"project_id": made["project_id"]}, headers=ANY)).status_code == 422
    assert (await client.delete(address, headers={"If-Match": '"2"'})).status_code == 204
    assert (await client.get(address)).json()["code"] == "not-found"


async def test_a_project_s_latest_comes_first(client: httpx.AsyncClient) -> None:
    project, other = await add_project(client), await add_project(client, "SHOP")
    for on in ("2026-06-01", "2026-06-15", "2026-06-08"):
        await report(client, project, on)
    await report(client, other)
    found = (await client.get("/v1/status-reports", params={"project_id": project["id"]})).json()["items"]
    assert [item["reported_on"] for item in found] == ["2026-06-15", "2026-06-08", "2026-06-01"]
    query = {"reported_on_from": "2026-06-02", "sort": "reported_on", "project_id": project["id"]}
    since = (await client.get("/v1/status-reports", params=query)).json()["items"]
    assert [item["reported_on"] for item in since] == ["2026-06-08", "2026-06-15"]


async def test_tells_when_the_project_s_health_has_changed(client: httpx.AsyncClient, database: RolledBack) -> None:
    with day(TODAY):
        id = (await add_project(client))["id"]
        await add(client, "status-reports", project_id=id, reported_on="2026-06-01")
        latest = await add(client, "status-reports", project_id=id, reported_on="2026-06-08", team="at_risk")
        await add(client, "status-reports", project_id=id, reported_on="2026-06-03", team="off_track")
        address = f"/v1/status-reports/{latest['id']}"
        for changes in ({"narrative": "Somebody is ill."}, {"client": "at_risk"}, {"client": "on_track"}):
            assert (await client.patch(address, json=changes, headers=ANY)).status_code == 200
        assert (await client.patch(address, json={"team": "on_track"}, headers=ANY)).status_code == 200
        assert (await client.delete(address, headers=ANY)).status_code == 204
    found = await events(database)
    # The latest report counts; one of a day before does not.
    assert [data for type, data in found if type == "project.health_changed"] == [
        {"from": None, "to": "on_track"},
        {"from": "on_track", "to": "at_risk"},
        {"from": "at_risk", "to": "on_track"},
        {"from": "on_track", "to": "off_track"},
    ]
    mine = [(type, data) for type, data in found if type.startswith("status_report.")]
    assert mine[0] == ("status_report.created", {"project_id": id, "health": "on_track"})
    assert mine[3] == ("status_report.updated", {"project_id": id, "fields": ["narrative"]})
    assert mine[-1] == ("status_report.deleted", {"project_id": id})


async def test_a_project_s_health_is_that_of_its_latest_report_until_the_day(client: httpx.AsyncClient) -> None:
    project = await add_project(client)
    made = await report(client, project, "2026-06-01", schedule="off_track", scope="at_risk")
    later = await report(client, project, "2026-06-10")
    assert await health(client, "WEB", "2026-06-09") == {
        "project_id": project["id"],
        "on": "2026-06-09",
        "health": "off_track",
        "reason": None,
        "dimensions": {
            "scope": "at_risk",
            "schedule": "off_track",
            "budget": "on_track",
            "team": "on_track",
            "client": "on_track",
        },
        "report_id": made["id"],
        "reported_on": "2026-06-01",
        "age_days": 8,
        "stale": False,
    }
    with day(TODAY):
        today = (await client.get(f"/v1/projects/{project['id']}/health")).json()
    assert (today["health"], today["report_id"], today["age_days"]) == ("on_track", later["id"], 5)


async def test_a_project_without_a_report_has_no_health(client: httpx.AsyncClient) -> None:
    project = await add_project(client)
    await report(client, project)
    unknown = await health(client, "WEB", "2026-06-14")
    assert (unknown["health"], unknown["reason"], unknown["stale"]) == (None, "no_report", None)
    assert (await client.get("/v1/projects/NOBODY/health")).status_code == 404


@pytest.mark.parametrize(("on", "stale"), [("2026-06-29", False), ("2026-06-30", True)])
async def test_a_report_older_than_a_fortnight_is_stale(client: httpx.AsyncClient, on: str, stale: bool) -> None:
    await report(client, await add_project(client))
    assert (await health(client, "WEB", on))["stale"] is stale


async def test_the_health_of_many_projects_is_one_statement(client: httpx.AsyncClient, database: RolledBack) -> None:
    projects = [await add_project(client, code) for code in ("A", "B", "C")]
    for project in projects[:2]:
        await report(client, project, "2026-06-01", team="off_track")
        await report(client, project, "2026-06-08")
    ids = [project["id"] for project in projects]

    with database.counting() as statements:
        found = await database.read(lambda conn: service.healths(conn, [UUID(id) for id in ids], date(2026, 6, 7)))
    assert len(statements) == 1
    assert {str(id): row.health for id, row in found.items()} == dict.fromkeys(ids[:2], "off_track")


async def test_only_those_who_write_projects_report(client_as: ClientFactory) -> None:
    lead, viewer = await client_as(AccessRole.PMO_LEAD), await client_as(AccessRole.VIEWER)
    project = await add_project(lead)
    await report(lead, project)
    refused = await viewer.post("/v1/status-reports", json={"project_id": project["id"]})
    assert refused.status_code == 403
    assert (await health(viewer, "WEB"))["health"] == "on_track"
