from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio

from app.core.errors import Conflict, Invalid
from app.features.quality import rules
from app.models.quality import ReviewOutcome
from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.features.calls import Json, add, add_client, add_project, day, events
from tests.features.test_capacity import person

TODAY = "2026-06-01"
ANY = {"If-Match": "*"}
ACCEPTED, REWORK = ReviewOutcome


@dataclass
class Shop:
    """A project whose deliverables are reviewed."""

    client: httpx.AsyncClient
    project: Json

    async def post(self, plural: str, **values: Any) -> httpx.Response:
        return await self.client.post(f"/v1/{plural}", json={"project_id": self.project["id"], **values})

    async def review(self, outcome: str = "rework", deliverable: str = "Design", **values: Any) -> Json:
        answer = await self.post("deliverable-reviews", deliverable=deliverable, outcome=outcome, **values)
        assert answer.status_code == 201, answer.text
        made: Json = answer.json()
        return made

    async def defect(self, **values: Any) -> Json:
        answer = await self.post("defects", **{"title": "It fails", **values})
        assert answer.status_code == 201, answer.text
        made: Json = answer.json()
        return made

    async def patch(self, plural: str, made: Json, **changes: Any) -> httpx.Response:
        return await self.client.patch(f"/v1/{plural}/{made['id']}", json=changes, headers=ANY)

    async def delete(self, plural: str, made: Json) -> httpx.Response:
        return await self.client.delete(f"/v1/{plural}/{made['id']}", headers=ANY)

    async def resolve(self, made: Json, **body: Any) -> httpx.Response:
        return await self.client.post(f"/v1/defects/{made['id']}/resolve", json=body or None)


@pytest_asyncio.fixture(loop_scope="session")
async def shop(client: httpx.AsyncClient) -> Shop:
    return Shop(client, await add_project(client))


def problem(answer: httpx.Response) -> tuple[int, str, list[str]]:
    body = answer.json()
    return answer.status_code, body["code"], [error["pointer"] for error in body.get("errors", ())]


def refuses(pointer: str) -> tuple[int, str, list[str]]:
    return 422, "invalid", [pointer]


# Reviews.


async def test_reviews_of_a_deliverable_are_counted_whatever_the_case_of_its_name(shop: Shop) -> None:
    assert (await shop.review(deliverable="Größe", reviewed_on="2026-03-02"))["round"] == 1
    assert (await shop.review(deliverable="GRÖSSE", reviewed_on="2026-03-02"))["round"] == 2
    assert (await shop.review("accepted", "größe", reviewed_on="2026-03-09"))["round"] == 3
    assert (await shop.review(deliverable="Texts"))["round"] == 1
    other = await add_project(shop.client, "APP")
    assert (await Shop(shop.client, other).review(deliverable="Größe"))["round"] == 1


async def test_a_review_is_of_today_and_by_whose_key_it_is_unless_told_otherwise(
    shop: Shop, client_as: ClientFactory, database: RolledBack
) -> None:
    maria = await person(database)
    with day(TODAY):
        hers = await Shop(await client_as("manager", person_id=UUID(maria)), shop.project).review()
    assert (hers["reviewed_on"], hers["reviewer_id"], hers["defects_found"]) == (TODAY, maria, 0)
    assert (await shop.review(deliverable="Texts"))["reviewer_id"] is None


async def test_what_is_accepted_is_reviewed_no_more_until_that_review_is_withdrawn(shop: Shop) -> None:
    accepted = await shop.review("accepted", reviewed_on="2026-03-02")
    again = await shop.post("deliverable-reviews", deliverable="DESIGN", outcome="rework")
    assert problem(again) == (409, "already-accepted", [])
    assert "2026-03-02" in again.json()["detail"]
    assert (await shop.delete("deliverable-reviews", accepted)).status_code == 204
    assert (await shop.review())["round"] == 1


async def test_rounds_keep_their_order(shop: Shop) -> None:
    first = await shop.review(reviewed_on="2026-03-02")
    second = await shop.review(reviewed_on="2026-03-10")
    early = await shop.post("deliverable-reviews", deliverable="Design", outcome="rework", reviewed_on="2026-03-09")
    assert problem(early) == refuses("/reviewed_on")
    assert problem(await shop.patch("deliverable-reviews", first, reviewed_on="2026-03-11")) == refuses("/reviewed_on")
    assert problem(await shop.patch("deliverable-reviews", second, reviewed_on="2026-03-01")) == refuses("/reviewed_on")
    assert problem(await shop.patch("deliverable-reviews", first, outcome="accepted"))[1] == "reviewed-again"
    assert problem(await shop.delete("deliverable-reviews", first))[1] == "reviewed-again"
    assert (await shop.patch("deliverable-reviews", second, outcome="accepted")).status_code == 200
    assert (await shop.patch("deliverable-reviews", first, reviewed_on="2026-03-10")).status_code == 200


async def test_a_review_does_not_lie_ahead(shop: Shop) -> None:
    with day(TODAY):
        ahead = {"deliverable": "Design", "outcome": "rework", "reviewed_on": "2026-06-02"}
        assert problem(await shop.post("deliverable-reviews", **ahead)) == refuses("/reviewed_on")
        made = await shop.review()
        answer = await shop.patch("deliverable-reviews", made, reviewed_on="2026-06-02")
        assert problem(answer) == refuses("/reviewed_on")


async def test_a_review_names_a_milestone_of_its_project_alone(shop: Shop) -> None:
    ours = await add(shop.client, "milestones", project_id=shop.project["id"], name="Launch")
    other = await add_project(shop.client, "APP")
    theirs = await add(shop.client, "milestones", project_id=other["id"], name="Launch")
    made = await shop.review(milestone_id=ours["id"])
    body = {"deliverable": "Texts", "outcome": "rework"}
    for id in (theirs["id"], str(uuid4())):
        assert problem(await shop.post("deliverable-reviews", **body, milestone_id=id)) == refuses("/milestone_id")
        assert problem(await shop.patch("deliverable-reviews", made, milestone_id=id)) == refuses("/milestone_id")
    assert (await shop.patch("deliverable-reviews", made, milestone_id=None)).json()["milestone_id"] is None


async def test_a_review_refers_to_what_there_is(shop: Shop) -> None:
    nobody = str(uuid4())
    body = {"deliverable": "Texts", "outcome": "rework"}
    assert problem(await shop.post("deliverable-reviews", **body, reviewer_id=nobody)) == refuses("/reviewer_id")
    assert problem(await shop.post("deliverable-reviews", **body, project_id=nobody)) == refuses("/project_id")
    for name in ("project_id", "deliverable", "round"):
        made = await shop.review(deliverable=name)
        assert problem(await shop.patch("deliverable-reviews", made, **{name: made[name]}))[0] == 422


async def test_a_corrected_review_keeps_its_former_version(shop: Shop) -> None:
    made = await shop.review(reviewed_on="2026-03-02")
    changed = (await shop.patch("deliverable-reviews", made, defects_found=4)).json()
    assert (changed["version"], changed["defects_found"], changed["created_at"]) == (2, 4, made["created_at"])
    stale = await shop.client.patch(
        f"/v1/deliverable-reviews/{made['id']}", json={"defects_found": 5}, headers={"If-Match": made["etag"]}
    )
    assert stale.status_code == 412
    listed = (await shop.client.get("/v1/deliverable-reviews", params={"project_id": shop.project["id"]})).json()
    assert listed["items"] == [changed]


async def test_lists_reviews_by_what_came_of_them(shop: Shop) -> None:
    await shop.review(reviewed_on="2026-03-02", defects_found=3)
    last = await shop.review("accepted", reviewed_on="2026-03-10")
    for query in ("outcome=accepted", "round=2", "reviewed_on_from=2026-03-03", "defects_found_until=2"):
        items = (await shop.client.get(f"/v1/deliverable-reviews?{query}")).json()["items"]
        assert [item["id"] for item in items] == [last["id"]], query


# Defects.


async def test_a_defect_is_found_and_resolved(shop: Shop) -> None:
    with day(TODAY):
        made = await shop.defect()
    assert (made["found_on"], made["severity"], made["escaped"]) == (TODAY, "medium", False)
    assert (made["resolved_on"], made["is_open"]) == (None, True)
    with day("2026-06-03"):
        done = (await shop.resolve(made)).json()
    assert (done["resolved_on"], done["is_open"], done["version"]) == ("2026-06-03", False, 2)
    again = await shop.resolve(made)
    assert problem(again) == (409, "already-resolved", [])
    assert (await shop.patch("defects", made, resolved_on=None)).json()["is_open"]


async def test_a_defect_is_resolved_on_a_day_since_it_was_found(shop: Shop) -> None:
    with day(TODAY):
        made = await shop.defect(found_on="2026-05-20")
        for on in ("2026-05-19", "2026-06-02"):
            assert problem(await shop.resolve(made, on=on)) == refuses("/on")
            assert problem(await shop.patch("defects", made, resolved_on=on)) == refuses("/resolved_on")
        assert problem(await shop.post("defects", title="It fails", found_on="2026-06-02")) == refuses("/found_on")
        assert (await shop.resolve(made, on="2026-05-20")).json()["resolved_on"] == "2026-05-20"


async def test_resolving_honours_the_version_that_was_read(shop: Shop) -> None:
    made = await shop.defect()
    await shop.patch("defects", made, severity="high")
    address = f"/v1/defects/{made['id']}/resolve"
    assert (await shop.client.post(address, headers={"If-Match": made["etag"]})).status_code == 412
    assert (await shop.client.post(address, headers={"If-Match": '"2"'})).status_code == 200


async def test_a_defect_is_found_by_a_contact_of_the_projects_client(shop: Shop) -> None:
    north = await add_client(shop.client, "NORTH")
    theirs = await add(shop.client, "contacts", client_id=north["id"], name="Ada")
    ours = await add(shop.client, "contacts", client_id=shop.project["client_id"], name="Eva")
    made = await shop.defect(found_by_contact_id=ours["id"], escaped=True)
    for id in (theirs["id"], str(uuid4())):
        answer = await shop.post("defects", title="It fails", found_by_contact_id=id)
        assert problem(answer) == refuses("/found_by_contact_id")
        assert problem(await shop.patch("defects", made, found_by_contact_id=id)) == refuses("/found_by_contact_id")
    other = await add_project(shop.client, "NORTH-WEB", "NORTH")
    assert problem(await shop.patch("defects", made, project_id=other["id"])) == refuses("/found_by_contact_id")


async def test_lists_the_defects_that_are_open_and_those_that_escaped(shop: Shop) -> None:
    escaped = await shop.defect(escaped=True, severity="critical")
    done = await shop.defect()
    await shop.resolve(done)
    for query, made in (("is_open=true", escaped), ("escaped=false", done), ("severity=critical,high", escaped)):
        items = (await shop.client.get(f"/v1/defects?{query}")).json()["items"]
        assert [item["id"] for item in items] == [made["id"]], query


async def test_quality_is_told_by_events_without_words(shop: Shop, database: RolledBack) -> None:
    project_id = shop.project["id"]
    review = await shop.review(reviewed_on="2026-03-02")
    await shop.patch("deliverable-reviews", review, note="Too pale")
    await shop.patch("deliverable-reviews", review, note="Too pale")
    await shop.delete("deliverable-reviews", review)
    defect = await shop.defect(found_on="2026-03-02")
    await shop.patch("defects", defect, severity="high")
    await shop.resolve(defect, on="2026-03-04")
    await shop.delete("defects", defect)
    told = [one for one in await events(database) if one[0].partition(".")[0] in ("deliverable_review", "defect")]
    assert told == [
        ("deliverable_review.recorded", {"project_id": project_id, "round": 1, "outcome": "rework"}),
        ("deliverable_review.corrected", {"project_id": project_id, "fields": ["note"]}),
        ("deliverable_review.withdrawn", {"project_id": project_id}),
        ("defect.recorded", {"project_id": project_id, "severity": "medium", "escaped": False}),
        ("defect.corrected", {"project_id": project_id, "fields": ["severity"]}),
        ("defect.resolved", {"project_id": project_id, "on": "2026-03-04"}),
        ("defect.withdrawn", {"project_id": project_id}),
    ]


async def test_quality_is_written_by_those_who_may_write(shop: Shop, client_as: ClientFactory) -> None:
    for role in ("contributor", "viewer"):
        watching = Shop(await client_as(role), shop.project)
        assert problem(await watching.post("deliverable-reviews", deliverable="D", outcome="rework"))[0] == 403
        assert problem(await watching.post("defects", title="It fails"))[0] == 403


# Rules.


@dataclass(frozen=True)
class Look:
    id: UUID
    deliverable: str
    round: int
    outcome: str
    reviewed_on: date


def look(round: int, outcome: str = REWORK, deliverable: str = "Design") -> Look:
    return Look(UUID(int=round), deliverable, round, outcome, date(2026, 3, round))


def test_the_next_round_follows_the_last_one() -> None:
    looks = [look(3), look(1), look(2, deliverable="Texts")]
    rounds = rules.rounds_of(looks, "dESIGN")
    assert [one.round for one in rounds] == [1, 3]
    assert rules.next_round([], date(2026, 1, 1)) == 1
    assert rules.next_round(rounds, date(2026, 3, 3)) == 4
    with pytest.raises(Invalid):
        rules.next_round(rounds, date(2026, 3, 2))
    with pytest.raises(Conflict):
        rules.next_round([look(1, ACCEPTED)], date(2026, 3, 3))
