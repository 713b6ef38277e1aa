from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio

from app.features.outcomes import rules
from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.features.calls import Json, add_project, day, events
from tests.features.test_capacity import person

ANY = {"If-Match": "*"}
REVIEW_ON = "2026-06-01"
SEEN = {"actual": "12.5", "evidence": "The shop's log"}


@dataclass
class Office:
    """A project that is to be used."""

    client: httpx.AsyncClient
    project: Json

    async def post(self, **values: Any) -> httpx.Response:
        given = {"measure": "Adoption", "target": "60", "review_on": REVIEW_ON, **values}
        return await self.client.post("/v1/outcomes", json={"project_id": self.project["id"], **given})

    async def outcome(self, **values: Any) -> Json:
        answer = await self.post(**values)
        assert answer.status_code == 201, answer.text
        made: Json = answer.json()
        return made

    async def review(self, made: Json, headers: Any = None, **body: Any) -> httpx.Response:
        return await self.client.post(f"/v1/outcomes/{made['id']}/review", json={**SEEN, **body}, headers=headers)

    async def patch(self, made: Json, **changes: Any) -> httpx.Response:
        return await self.client.patch(f"/v1/outcomes/{made['id']}", json=changes, headers=ANY)

    async def read(self, made: Json) -> httpx.Response:
        return await self.client.get(f"/v1/outcomes/{made['id']}")


@pytest_asyncio.fixture(loop_scope="session")
async def office(client: httpx.AsyncClient) -> Office:
    return Office(client, await add_project(client))


def problem(answer: httpx.Response) -> tuple[int, str, list[str]]:
    body = answer.json()
    return answer.status_code, body["code"], [error["pointer"] for error in body.get("errors", ())]


async def test_an_outcome_is_due_from_its_day_until_somebody_has_looked(office: Office) -> None:
    with day("2026-05-31"):
        made = await office.outcome()
        assert (made["due"], made["achieved"], made["actual"]) == (False, None, None)
    with day(REVIEW_ON):
        shown = await office.read(made)
        assert shown.json()["due"]
        assert shown.headers["etag"] == shown.json()["etag"] != made["etag"]
        assert (await office.client.get("/v1/outcomes?due=true")).json()["items"] == [shown.json()]
        done = (await office.review(made)).json()
    assert (done["due"], done["reviewed_on"], done["version"]) == (False, REVIEW_ON, 2)
    assert ((await office.read(made)).headers["etag"], done["etag"]) == ('"2"', '"2"')


async def test_a_system_that_nobody_uses_counts_as_not_achieved(office: Office, database: RolledBack) -> None:
    made = await office.outcome()
    with day("2026-12-01"):
        done = (await office.review(made, actual="0", evidence="Nobody uses the system")).json()
    assert (done["achieved"], done["actual"], done["evidence"]) == (False, "0", "Nobody uses the system")
    told = (await events(database))[-1]
    assert told == ("outcome.reviewed", {"project_id": office.project["id"], "achieved": False})
    assert (await office.client.get("/v1/outcomes?achieved=false")).json()["items"] == [done]
    assert (await office.client.get("/v1/outcomes?achieved=true")).json()["items"] == []


@pytest.mark.parametrize(
    ("actual", "lower_is_better", "achieved"),
    [("60", False, True), ("59.9999", False, False), ("61", False, True), ("60", True, True), ("60.0001", True, False)],
)
async def test_what_is_read_is_what_the_rule_says(
    office: Office, actual: str, lower_is_better: bool, achieved: bool
) -> None:
    assert rules.is_achieved(Decimal(actual), Decimal(60), lower_is_better) is achieved
    made = await office.outcome(lower_is_better=lower_is_better)
    with day("2026-07-01"):
        assert (await office.review(made, actual=actual)).json()["achieved"] is achieved
    assert (await office.read(made)).json()["achieved"] is achieved


async def test_it_is_not_told_before_its_day(office: Office) -> None:
    made = await office.outcome()
    with day("2026-05-31"):
        early = await office.review(made)
        assert problem(early) == (409, "too-early", [])
        assert REVIEW_ON in early.json()["detail"]
        assert (await office.patch(made, review_on="2026-05-31")).status_code == 200
        assert (await office.review(made)).status_code == 200


async def test_the_day_of_a_review_lies_between_the_planned_one_and_today(office: Office) -> None:
    made = await office.outcome()
    with day("2026-06-10"):
        for on in ("2026-05-31", "2026-06-11"):
            assert problem(await office.review(made, reviewed_on=on)) == (422, "invalid", ["/reviewed_on"])
        assert (await office.review(made, reviewed_on="2026-06-02")).json()["reviewed_on"] == "2026-06-02"


async def test_a_second_review_corrects_the_first_for_those_who_have_read_that(
    office: Office, database: RolledBack
) -> None:
    made = await office.outcome()
    with day("2026-06-10"):
        first = (await office.review(made)).json()
        assert problem(await office.review(made, actual="70")) == (428, "precondition-required", [])
        assert problem(await office.review(made, {"If-Match": made["etag"]}, actual="70"))[0] == 412
        second = (await office.review(made, {"If-Match": first["etag"]}, actual="70")).json()
        assert (second["achieved"], second["version"]) == (True, 3)
        assert (await office.review(made, ANY, actual="70")).json() == second
    told = [data["achieved"] for type, data in await events(database) if type == "outcome.reviewed"]
    assert told == [False, True]


async def test_what_was_aimed_for_stays_once_it_has_been_reviewed(office: Office, database: RolledBack) -> None:
    made = await office.outcome()
    assert (await office.patch(made, target="50", measure="Use")).json()["target"] == "50"
    with day("2026-06-10"):
        await office.review(made)
    for change in ({"target": "10"}, {"lower_is_better": True}, {"review_on": "2027-01-01"}, {"measure": "Fun"}):
        assert problem(await office.patch(made, **change)) == (409, "outcome-reviewed", [])
    deleted = await office.client.delete(f"/v1/outcomes/{made['id']}", headers=ANY)
    assert problem(deleted) == (409, "outcome-reviewed", [])
    maria = await person(database)
    assert (await office.patch(made, owner_id=maria)).json()["owner_id"] == maria


async def test_a_patch_does_not_touch_what_came_of_it(office: Office) -> None:
    made = await office.outcome()
    for name in ("actual", "evidence", "reviewed_on", "project_id"):
        assert problem(await office.patch(made, **{name: None})) == (422, "invalid", [f"/{name}"])


async def test_a_measure_is_named_once_a_project(office: Office) -> None:
    made = await office.outcome()
    assert problem(await office.post())[:2] == (409, "duplicate")
    other = Office(office.client, await add_project(office.client, "APP"))
    await other.outcome()
    assert (await office.client.delete(f"/v1/outcomes/{made['id']}", headers=ANY)).status_code == 204
    await office.outcome()


async def test_an_outcome_refers_to_what_there_is(office: Office) -> None:
    nobody = str(uuid4())
    assert problem(await office.post(project_id=nobody)) == (422, "invalid", ["/project_id"])
    assert problem(await office.post(owner_id=nobody)) == (422, "invalid", ["/owner_id"])
    assert (await office.client.get(f"/v1/outcomes/{nobody}")).status_code == 404


async def test_outcomes_are_told_by_events_without_words(office: Office, database: RolledBack) -> None:
    project_id = office.project["id"]
    made = await office.outcome()
    await office.patch(made, unit="%")
    await office.patch(made, unit="%")
    await office.client.delete(f"/v1/outcomes/{made['id']}", headers=ANY)
    assert [one for one in await events(database) if one[0].startswith("outcome.")] == [
        ("outcome.created", {"project_id": project_id}),
        ("outcome.updated", {"project_id": project_id, "fields": ["unit"]}),
        ("outcome.deleted", {"project_id": project_id}),
    ]


async def test_outcomes_are_written_by_those_who_may_write(office: Office, client_as: ClientFactory) -> None:
    made = await office.outcome()
    for role in ("contributor", "analyst"):
        watching = Office(await client_as(role), office.project)
        assert (await watching.post(measure="Fun")).status_code == 403
        assert (await watching.review(made)).status_code == 403
        assert (await watching.read(made)).json() == (await office.read(made)).json()
