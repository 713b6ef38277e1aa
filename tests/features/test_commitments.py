from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
import sqlalchemy as sa

from app.core import clock
from app.db.violations import AppendOnly
from app.features.commitments import rules
from app.features.commitments.rules import STATES
from app.models.commitment import CommitmentStatus, VarianceReason
from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.features.calls import Json, add, add_client, add_project, day, events
from tests.features.test_capacity import person

TODAY = "2026-06-01"
DUE = "2026-06-12"
OPEN, KEPT, LATE, BROKEN, WITHDRAWN = CommitmentStatus
REASON = {"variance_reason": "capacity", "note": "Too much at once."}
MOVED = {"due_on": "2026-06-20", "reason": "The texts come later.", "variance_reason": "client_late"}


@dataclass
class Office:
    """Maria promises things about a project of Acme."""

    client: httpx.AsyncClient
    maria: str
    project: Json

    async def promise(self, **values: Any) -> Json:
        given = {"statement": "The checkout works.", "due_on": DUE, "promised_by_id": self.maria, **values}
        if not {"project_id", "client_id"} & values.keys():
            given["project_id"] = self.project["id"]
        return await add(self.client, "commitments", **given)

    async def act(self, made: Json, verb: str, headers: Any = None, **body: Any) -> httpx.Response:
        return await self.client.post(f"/v1/commitments/{made['id']}/{verb}", json=body or None, headers=headers)

    async def done(self, made: Json, verb: str, **body: Any) -> Json:
        answer = await self.act(made, verb, **body)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    async def in_status(self, status: CommitmentStatus) -> Json:
        made = await self.promise(**({"promised_on": "2026-05-01", "due_on": "2026-05-31"} if status is LATE else {}))
        match status:
            case CommitmentStatus.KEPT:
                return await self.done(made, "achieve")
            case CommitmentStatus.LATE:
                return await self.done(made, "achieve", variance_reason="absence")
            case CommitmentStatus.BROKEN:
                return await self.done(made, "break", **REASON)
            case CommitmentStatus.WITHDRAWN:
                return await self.done(made, "withdraw", note="They need it no more.")
        return made

    async def ids(self, **filters: Any) -> list[str]:
        answer = await self.client.get("/v1/commitments", params=filters)
        assert answer.status_code == 200, answer.text
        return [item["id"] for item in answer.json()["items"]]


@pytest_asyncio.fixture(loop_scope="session")
async def office(client: httpx.AsyncClient, database: RolledBack) -> Office:
    return Office(client, await person(database), await add_project(client))


def refused(answer: httpx.Response, status: int, code: str) -> Json:
    problem: Json = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code), answer.text
    return problem


def pointers(answer: httpx.Response) -> list[str]:
    return [error["pointer"] for error in refused(answer, 422, "invalid")["errors"]]


# Giving.


async def test_a_promise_keeps_its_first_day_and_is_filed_under_the_projects_client(office: Office) -> None:
    with day(TODAY):
        made = await office.promise()
    assert (made["original_due_on"], made["due_on"], made["promised_on"]) == (DUE, DUE, TODAY)
    assert made["client_id"] == office.project["client_id"]
    assert (made["status"], made["renegotiation_count"], made["overdue"]) == ("open", 0, False)
    assert made["allowed_transitions"] == ["kept", "late", "broken", "withdrawn"]


async def test_whose_key_it_is_promises_unless_told_otherwise(
    office: Office, client: httpx.AsyncClient, client_as: ClientFactory
) -> None:
    values = {"project_id": office.project["id"], "statement": "It works.", "due_on": "2049-06-12"}
    hers = await client_as("manager", person_id=UUID(office.maria))
    assert (await add(hers, "commitments", **values))["promised_by_id"] == office.maria
    assert pointers(await client.post("/v1/commitments", json=values)) == ["/promised_by_id"]


async def test_a_promise_may_be_entered_later_but_not_ahead(office: Office) -> None:
    with day(TODAY):
        made = await office.promise(promised_on="2026-04-01", due_on="2026-04-20")
        assert made["overdue"]
        body = {"project_id": office.project["id"], "promised_by_id": office.maria, "statement": "It works."}
        ahead = {**body, "promised_on": "2026-06-02", "due_on": DUE}
        assert pointers(await office.client.post("/v1/commitments", json=ahead)) == ["/promised_on"]
        before = {**body, "due_on": "2026-05-31"}
        assert pointers(await office.client.post("/v1/commitments", json=before)) == ["/due_on"]


async def test_the_parties_of_a_promise_fit_together(office: Office, client: httpx.AsyncClient) -> None:
    other = await add_client(client, "NORTH")
    contact = await add(client, "contacts", client_id=other["id"], name="Ada", role="approver")
    body = {"promised_by_id": office.maria, "statement": "It works.", "due_on": "2049-06-12"}
    ours = {**body, "project_id": office.project["id"]}

    async def wrong(**values: Any) -> list[str]:
        return pointers(await client.post("/v1/commitments", json=values))

    assert await wrong(**body) == ["/project_id"]
    assert await wrong(**ours, client_id=other["id"]) == ["/client_id"]
    assert await wrong(**ours, promised_to_contact_id=contact["id"]) == ["/promised_to_contact_id"]
    both = {"promised_to_contact_id": contact["id"], "promised_to_person_id": office.maria}
    assert await wrong(**body, client_id=other["id"], **both) == ["/promised_to_person_id"]
    assert await wrong(**{**ours, "project_id": contact["id"]}) == ["/project_id"]
    made = await office.promise(client_id=other["id"], promised_to_contact_id=contact["id"], due_on="2049-06-12")
    assert (made["project_id"], made["client_id"]) == (None, other["id"])


# Changing.


async def test_what_is_promised_to_whom_may_be_put_right_while_it_is_open(
    office: Office, client: httpx.AsyncClient
) -> None:
    made = await office.promise(due_on="2049-06-12")
    path, anyhow = f"/v1/commitments/{made['id']}", {"If-Match": "*"}
    north = await add_project(client, "NORTH-WEB", "NORTH")
    answer = await client.patch(path, json={"statement": "Cards work.", "project_id": north["id"]}, headers=anyhow)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["statement"], answer.json()["client_id"]) == ("Cards work.", north["client_id"])
    assert pointers(await client.patch(path, json={"statement": None}, headers=anyhow)) == ["/statement"]
    assert pointers(await client.patch(path, json={"client_id": office.project["client_id"]}, headers=anyhow)) == [
        "/client_id"
    ]
    cleared = await client.patch(path, json={"project_id": None, "client_id": None}, headers=anyhow)
    assert pointers(cleared) == ["/project_id"]
    about_the_client = await client.patch(path, json={"project_id": None}, headers=anyhow)
    assert about_the_client.json()["client_id"] == north["client_id"]
    await office.done(made, "achieve")
    refused(await client.patch(path, json={"statement": "All."}, headers=anyhow), 409, "commitment-closed")


@pytest.mark.parametrize("field", ["due_on", "original_due_on", "status", "promised_on", "promised_by_id"])
async def test_days_and_status_are_no_fields_to_change(office: Office, field: str) -> None:
    made = await office.promise(due_on="2049-06-12")
    answer = await office.client.patch(
        f"/v1/commitments/{made['id']}", json={field: made[field]}, headers={"If-Match": "*"}
    )
    assert pointers(answer) == [f"/{field}"]


async def test_a_promise_is_never_deleted(office: Office) -> None:
    made = await office.promise(due_on="2049-06-12")
    answer = await office.client.delete(f"/v1/commitments/{made['id']}", headers={"If-Match": "*"})
    refused(answer, 405, "method-not-allowed")


# Renegotiating.


async def test_renegotiated_before_its_day_it_is_not_broken_and_the_original_day_stays(
    office: Office, client_as: ClientFactory
) -> None:
    office.client = await client_as("manager", person_id=UUID(office.maria))
    with day(TODAY):
        made = await office.promise()
        moved = await office.done(made, "renegotiate", **MOVED)
        assert (moved["due_on"], moved["original_due_on"], moved["status"]) == ("2026-06-20", DUE, "open")
        earlier = {**MOVED, "due_on": "2026-06-18", "reason": "The texts are here."}
        assert (await office.done(made, "renegotiate", **earlier))["renegotiation_count"] == 2
        answer = await office.client.get("/v1/commitment-renegotiations", params={"commitment_id": made["id"]})
        told = [(row["former_due_on"], row["due_on"], row["recorded_by"]) for row in answer.json()["items"]]
        assert told == [(DUE, "2026-06-20", office.maria), ("2026-06-20", "2026-06-18", office.maria)]
        answer = await office.client.get("/v1/commitments", params={"include": "renegotiations"})
        (listed,) = answer.json()["items"]
        assert [row["reason"] for row in listed["renegotiations"]] == ["The texts come later.", "The texts are here."]
        assert "renegotiations" not in moved


@pytest.mark.parametrize(("today", "moves"), [("2026-06-11", True), (DUE, False), ("2026-06-13", False)])
async def test_a_promise_is_moved_strictly_before_its_day(office: Office, today: str, moves: bool) -> None:
    with day(TODAY):
        made = await office.promise()
    with day(today):
        answer = await office.act(made, "renegotiate", **MOVED)
        if moves:
            assert answer.status_code == 200, answer.text
        else:
            assert "achieve" in refused(answer, 409, "commitment-due")["detail"]


async def test_a_promise_is_moved_to_another_day_and_not_into_the_past(office: Office) -> None:
    with day(TODAY):
        made = await office.promise()
        for due_on in ("2026-05-31", DUE):
            assert pointers(await office.act(made, "renegotiate", **{**MOVED, "due_on": due_on})) == ["/due_on"]
        assert (await office.done(made, "renegotiate", **{**MOVED, "due_on": TODAY}))["due_on"] == TODAY


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE commitment SET original_due_on = '2026-07-01'",
        "DELETE FROM commitment",
        "UPDATE commitment_renegotiation SET due_on = '2026-07-01'",
        "DELETE FROM commitment_renegotiation",
        "UPDATE commitment_renegotiation_text SET reason = 'another'",
        "DELETE FROM commitment_renegotiation_text",
    ],
)
async def test_the_database_keeps_the_original_day_and_the_history(
    office: Office, database: RolledBack, statement: str
) -> None:
    with day(TODAY):
        await office.done(await office.promise(), "renegotiate", **MOVED)
    with pytest.raises(AppendOnly):
        await database.write(lambda conn: conn.execute(sa.text(statement)))


async def test_the_words_of_a_renegotiation_can_be_blanked(office: Office, database: RolledBack) -> None:
    with day(TODAY):
        await office.done(await office.promise(), "renegotiate", **MOVED)
    blank = sa.text("UPDATE commitment_renegotiation_text SET reason = ''")
    await database.write(lambda conn: conn.execute(blank))
    (row,) = (await office.client.get("/v1/commitment-renegotiations")).json()["items"]
    assert row["reason"] == ""


# Action and result.


async def test_the_action_is_not_the_result(office: Office) -> None:
    with day(TODAY):
        made = await office.promise()
    with day("2026-06-10"):
        acted = await office.done(made, "act", done_at="2026-06-09T10:00:00Z")
        assert (acted["status"], acted["action_done_at"]) == ("open", "2026-06-09T10:00:00Z")
        assert acted["result_achieved_at"] is None
    with day("2026-06-13"):
        assert (await office.client.get(f"/v1/commitments/{made['id']}")).json()["overdue"]


@pytest.fixture
def in_auckland() -> Any:
    clock.use_time_zone("Pacific/Auckland")
    yield
    clock.use_time_zone("UTC")


async def test_a_result_on_the_day_is_kept_and_on_the_next_it_is_late(office: Office) -> None:
    with day(TODAY):
        first, second = await office.promise(), await office.promise()
    with day("2026-06-15"):
        kept = await office.done(first, "achieve", achieved_at="2026-06-12T23:59:59Z", note="It went well.")
        assert (kept["status"], kept["result_achieved_on"], kept["days_late"]) == ("kept", DUE, None)
        assert (kept["closed_on"], kept["variance_note"], kept["allowed_transitions"]) == (DUE, "It went well.", [])
        late = {"achieved_at": "2026-06-13T00:00:00Z"}
        assert pointers(await office.act(second, "achieve", **late)) == ["/variance_reason"]
        late["variance_reason"] = "absence"
        told = await office.done(second, "achieve", **late)
        assert (told["status"], told["days_late"], told["variance_reason"]) == ("late", 1, "absence")


async def test_the_offices_day_counts(office: Office, in_auckland: None) -> None:
    with day(TODAY):
        made = await office.promise()
    with day("2026-06-15"):
        late = await office.done(made, "achieve", achieved_at="2026-06-12T12:00:00Z", variance_reason="rework")
        assert (late["status"], late["result_achieved_on"]) == ("late", "2026-06-13")


async def test_a_result_lies_between_the_promise_and_now_and_needs_no_excuse_when_kept(office: Office) -> None:
    with day(TODAY):
        made = await office.promise()
        for verb, name in (("achieve", "achieved_at"), ("act", "done_at")):
            for at in ("2026-06-02T12:00:00Z", "2026-05-31T12:00:00Z"):
                assert pointers(await office.act(made, verb, **{name: at})) == [f"/{name}"]
        assert pointers(await office.act(made, "achieve", variance_reason="absence")) == ["/variance_reason"]


# Every move.

ACTIONS: dict[str, tuple[CommitmentStatus, Json]] = {
    "achieve": (KEPT, {}),
    "break": (BROKEN, REASON),
    "withdraw": (WITHDRAWN, {"note": "They released us."}),
}


@pytest.mark.parametrize("former", CommitmentStatus)
@pytest.mark.parametrize("verb", ACTIONS)
async def test_each_move_is_legal_or_names_the_legal_ones(office: Office, former: CommitmentStatus, verb: str) -> None:
    to, body = ACTIONS[verb]
    with day(TODAY):
        made = await office.in_status(former)
        assert made["status"] == former
        if former is LATE and verb == "achieve":
            to, body = LATE, {"variance_reason": "absence"}
        answer = await office.act(made, verb, **body)
        if to in STATES.allowed(former):
            assert answer.status_code == 200, answer.text
            assert (answer.json()["status"], answer.json()["closed_on"]) == (to, TODAY)
        else:
            assert refused(answer, 409, "illegal-transition")["allowed"] == list(STATES.allowed(former))


@pytest.mark.parametrize("former", [status for status in CommitmentStatus if status is not OPEN])
@pytest.mark.parametrize(("verb", "body"), [("act", {}), ("renegotiate", MOVED)])
async def test_what_is_closed_is_neither_moved_nor_worked_on(
    office: Office, former: CommitmentStatus, verb: str, body: Json
) -> None:
    with day(TODAY):
        made = await office.in_status(former)
        refused(await office.act(made, verb, **body), 409, "commitment-closed")


async def test_a_step_honours_the_version_that_was_read(office: Office) -> None:
    with day(TODAY):
        made = await office.promise()
        stale = {"If-Match": '"7"'}
        for verb, body in (("achieve", {}), ("act", {}), ("renegotiate", MOVED), ("break", REASON)):
            refused(await office.act(made, verb, stale, **body), 412, "stale-version")
        assert (await office.act(made, "achieve", {"If-Match": made["etag"]})).status_code == 200


@pytest.mark.parametrize(("achieved", "status"), [(11, KEPT), (12, KEPT), (13, LATE)])
def test_the_promised_day_itself_is_in_time(achieved: int, status: CommitmentStatus) -> None:
    due_on = date(2026, 6, 12)
    assert rules.result_of(date(2026, 6, achieved), due_on) is status
    assert rules.may_move(date(2026, 6, achieved), due_on) is (achieved < 12)


# Finding, and what is told.


async def test_finds_promises_by_what_they_are(office: Office, client: httpx.AsyncClient) -> None:
    with day(TODAY):
        late = await office.promise(promised_on="2026-05-01", due_on="2026-05-20")
        ahead = await office.promise()
        broken = await office.in_status(BROKEN)
        assert await office.ids(overdue="true") == [late["id"]]
        assert await office.ids(overdue="false", status="open") == [ahead["id"]]
        assert await office.ids(status="broken,late") == [broken["id"]]
        assert await office.ids(variance_reason="capacity") == [broken["id"]]
        assert await office.ids(due_on_until="2026-05-31", promised_by_id=office.maria) == [late["id"]]
        assert await office.ids(project_id=office.project["id"], sort="-due_on", limit=1) == [ahead["id"]]
        await office.done(late, "achieve", variance_reason="supplier")
        assert (await office.ids(sort="-days_late"))[0] == late["id"]
        export = await client.get("/v1/commitments", params={"format": "csv", "fields": "status,days_late,overdue"})
        assert "late,12,false" in export.text


async def test_the_etag_changes_when_the_day_passes(office: Office) -> None:
    with day(TODAY):
        made = await office.promise()
    known = {"If-None-Match": made["etag"]}
    with day(DUE):
        assert (await office.client.get(f"/v1/commitments/{made['id']}", headers=known)).status_code == 304
    with day("2026-06-13"):
        assert (await office.client.get(f"/v1/commitments/{made['id']}", headers=known)).status_code == 200


async def test_tells_what_happens_without_words(office: Office, database: RolledBack) -> None:
    with day(TODAY):
        made = await office.promise()
        await office.done(made, "renegotiate", **MOVED)
        await office.done(made, "act")
        for status in (KEPT, LATE, BROKEN, WITHDRAWN):
            await office.in_status(status)
    told = [(type, data) for type, data in await events(database) if type.startswith("commitment.")]
    kinds = ["made", "renegotiated", "acted", "made", "kept", "made", "missed", "made", "broken", "made", "withdrawn"]
    assert [type for type, _ in told] == [f"commitment.{kind}" for kind in kinds]
    assert told[6][1]["days_late"] == 1
    assert told[1][1] == {
        "project_id": office.project["id"],
        "former_due_on": DUE,
        "due_on": "2026-06-20",
        "variance_reason": VarianceReason.CLIENT_LATE,
    }


async def test_only_those_who_write_promise(office: Office, client_as: ClientFactory) -> None:
    made = await office.promise(due_on="2049-06-12")
    viewer = await client_as("viewer")
    assert (await viewer.get(f"/v1/commitments/{made['id']}")).status_code == 200
    refused(await viewer.post(f"/v1/commitments/{made['id']}/achieve"), 403, "forbidden")


async def test_a_list_takes_the_same_statements_for_any_number(office: Office, database: RolledBack) -> None:
    with day(TODAY):
        await office.done(await office.promise(), "renegotiate", **MOVED)
        with database.counting() as for_one:
            await office.client.get("/v1/commitments", params={"include": "renegotiations"})
        for _ in range(3):
            await office.done(await office.promise(), "renegotiate", **MOVED)
        with database.counting() as for_four:
            answer = await office.client.get("/v1/commitments", params={"include": "renegotiations"})
        assert len(answer.json()["items"]) == 4
        assert len(for_one) == len(for_four)
