import csv
import io
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import sqlalchemy as sa

from app.core import clock
from app.core.caller import SYSTEM
from app.core.ids import new_id
from app.db.record import table_of
from app.db.violations import AppendOnly
from app.features.decisions import service
from app.models.audit import AuditChange
from app.models.decision import Decision, DecisionKind, DecisionOutcome, DecisionOutcomeText, DecisionText
from app.models.project import Baseline, BaselineMilestone
from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.factories import make_person
from tests.features.calls import Json, add, add_project, day, events

TODAY = date(2026, 3, 1)
FIRST_STATUS = {
    "change_request": "draft",
    "commitment": "open",
    "risk": "open",
    "issue": "open",
    "rescue": "assessing",
}


def body(project: Json, **values: Any) -> Json:
    return {
        "subject_type": "project",
        "subject_id": project["id"],
        "what": "We launch in two steps",
        "why": "The contract is late",
        **values,
    }


async def outcome(client: httpx.AsyncClient, decision: Json, **values: Any) -> Json:
    address = f"/v1/decisions/{decision['id']}/outcomes"
    answer = await client.post(address, json={"statement": "It took longer", **values})
    assert answer.status_code == 201, answer.text
    made: Json = answer.json()
    assert answer.headers["Location"] == f"/v1/decision-outcomes/{made['id']}"
    return made


def days(answer: httpx.Response) -> list[str]:
    return [item["decided_on"] for item in answer.json()["items"]]


async def test_says_who_decided_what_when_and_why(
    client: httpx.AsyncClient, client_as: ClientFactory, database: RolledBack
) -> None:
    maria = await database.write(make_person)
    manager = await client_as("manager", person_id=maria)
    project = await add_project(client)
    with day("2026-03-01"):
        made = await add(manager, "decisions", **body(project, impact={"finish_weeks": 3, "phase": "two"}))
    assert (made["kind"], made["decided_on"], made["decided_by"]) == ("other", "2026-03-01", str(maria))
    assert (made["what"], made["impact"]) == ("We launch in two steps", {"finish_weeks": 3, "phase": "two"})
    assert made["project_id"] == project["id"]
    assert (await client.get(f"/v1/decisions/{made['id']}")).json() == made
    told = {"kind": "other", "subject_type": "project", "subject_id": project["id"], "project_id": project["id"]}
    assert ("decision.logged", told) in await events(database)


async def test_comes_newest_first_and_filtered(client: httpx.AsyncClient) -> None:
    one, other = await add_project(client), await add_project(client, "OTHER")
    for today, project in (("2026-03-01", one), ("2026-03-02", other), ("2026-03-03", one)):
        with day(today):
            await add(client, "decisions", **body(project))
    assert days(await client.get("/v1/decisions")) == ["2026-03-03", "2026-03-02", "2026-03-01"]
    assert days(await client.get(f"/v1/decisions?project_id={one['id']}")) == ["2026-03-03", "2026-03-01"]
    assert days(await client.get("/v1/decisions?decided_on_from=2026-03-02&sort=decided_on&kind=other")) == [
        "2026-03-02",
        "2026-03-03",
    ]
    assert days(await client.get(f"/v1/decisions?subject_type=project&subject_id={other['id']}")) == ["2026-03-02"]


@pytest.mark.parametrize("kind", [kind for kind in DecisionKind if kind != DecisionKind.OTHER])
async def test_nobody_logs_by_hand_what_the_service_logs(client: httpx.AsyncClient, kind: str) -> None:
    refused = await client.post("/v1/decisions", json=body(await add_project(client), kind=kind))
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/kind"]
    assert (await client.get("/v1/decisions")).json()["items"] == []


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"subject_id": str(uuid4())}, "/subject_id"),
        ({"subject_type": "planet"}, "/subject_type"),
        ({"supersedes_id": str(uuid4())}, "/supersedes_id"),
        ({"why": ""}, "/why"),
        ({"what": " "}, "/what"),
        ({"impact": {"Not a name": 1}}, "/impact"),
        ({"decided_on": "2026-01-01"}, "/decided_on"),
    ],
)
async def test_names_the_field_that_is_wrong(client: httpx.AsyncClient, values: Json, pointer: str) -> None:
    answer = await client.post("/v1/decisions", json=body(await add_project(client), **values))
    assert answer.status_code == 422
    assert all(error["pointer"].startswith(pointer) for error in answer.json()["errors"])


async def test_says_what_it_supersedes(client: httpx.AsyncClient) -> None:
    project = await add_project(client)
    first = await add(client, "decisions", **body(project))
    second = await add(client, "decisions", **body(project, supersedes_id=first["id"]))
    (found,) = (await client.get(f"/v1/decisions?supersedes_id={first['id']}")).json()["items"]
    assert found["id"] == second["id"]


async def test_is_superseded_once_and_says_by_which(client: httpx.AsyncClient) -> None:
    project = await add_project(client)
    first = await add(client, "decisions", **body(project))
    assert (first["superseded_by_id"], first["etag"]) == (None, '"1"')
    second = await add(client, "decisions", **body(project, supersedes_id=first["id"]))
    answer = await client.get(f"/v1/decisions/{first['id']}", headers={"If-None-Match": first["etag"]})
    assert (answer.status_code, answer.json()["superseded_by_id"]) == (200, second["id"])
    refused = await client.post("/v1/decisions", json=body(project, supersedes_id=first["id"]))
    assert (refused.status_code, refused.json()["code"]) == (409, "already-superseded")
    assert refused.json()["superseded_by_id"] == second["id"]
    assert second["id"] in refused.json()["detail"]
    third = await add(client, "decisions", **body(project, supersedes_id=second["id"]))
    assert third["supersedes_id"] == second["id"]


async def test_what_is_decided_on_a_project_is_filed_under_its_client(client: httpx.AsyncClient) -> None:
    project = await add_project(client)
    made = await add(client, "decisions", **body(project))
    assert made["client_id"] == project["client_id"]


@pytest.mark.parametrize("subject", FIRST_STATUS)
async def test_may_be_about_what_projects_hold(client: httpx.AsyncClient, database: RolledBack, subject: str) -> None:
    project, person = await add_project(client), await database.write(make_person)
    table, id = service.SUBJECTS[subject], new_id()
    given = {"id": id, "version": 1, **dict.fromkeys(("created_at", "updated_at"), clock.now())}
    given |= {"project_id": UUID(project["id"]), **dict.fromkeys(("promised_by_id", "rescuer_id"), person)}
    given |= dict.fromkeys(
        ("promised_on", "original_due_on", "due_on", "identified_on", "raised_on", "opened_on"), TODAY
    )
    given |= dict.fromkeys(("title", "value_statement", "statement", "cause", "event", "effect", "trigger"), "Words")
    given |= {"number": 1, "likelihood": 1, "impact": 1, "strategy": "reduce", "renegotiations": 0, "urgency": 3}
    given |= {"status": FIRST_STATUS[subject], "kind": "new_scope", "charge": "billable", "within_allowance": False}
    row = {name: value for name, value in given.items() if name in table.c}
    await database.write(lambda conn: conn.execute(sa.insert(table), row).rowcount)
    made = await add(client, "decisions", **body(project, subject_type=subject, subject_id=str(id)))
    assert (made["project_id"], made["client_id"]) == (project["id"], project["client_id"])
    refused = await client.post("/v1/decisions", json=body(project, subject_type=subject, subject_id=str(uuid4())))
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/subject_id"]


async def test_keeps_what_came_of_it(client: httpx.AsyncClient, client_as: ClientFactory, database: RolledBack) -> None:
    maria = await database.write(make_person)
    manager = await client_as("manager", person_id=maria)
    with day("2026-03-01"):
        made = await add(client, "decisions", **body(await add_project(client)))
    with day("2026-05-01"):
        first = await outcome(manager, made, found_on="2026-04-01", as_expected=False, figures={"finish_weeks": 5})
        second = await outcome(manager, made)
    assert (first["decision_id"], first["statement"]) == (made["id"], "It took longer")
    assert (first["found_on"], first["as_expected"], first["figures"]) == ("2026-04-01", False, {"finish_weeks": 5})
    assert (second["found_on"], second["as_expected"], second["recorded_by"]) == ("2026-05-01", None, str(maria))
    shown = (await client.get(f"/v1/decisions/{made['id']}")).json()
    assert shown == made | {"outcome_count": 2, "etag": '"3"'}
    told = {"outcome_id": first["id"], "as_expected": False}
    assert ("decision.outcome_recorded", told) in await events(database)
    assert (await client.get(f"/v1/decision-outcomes/{first['id']}")).json() == first
    listed = (await client.get("/v1/decision-outcomes", params={"decision_id": made["id"]})).json()["items"]
    assert listed == [second, first]
    assert (await client.get("/v1/decision-outcomes?as_expected=false")).json()["items"] == [first]


async def test_includes_its_outcomes_when_asked_in_one_statement(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    project = await add_project(client)
    for _ in range(3):
        made = await add(client, "decisions", **body(project))
        await outcome(client, made)
        await outcome(client, made, statement="Then it worked", as_expected=True)
    with database.counting() as statements:
        items = (await client.get("/v1/decisions?include=outcomes")).json()["items"]
    assert [[found["statement"] for found in item["outcomes"]] for item in items] == [
        ["It took longer", "Then it worked"]
    ] * 3
    assert len([sql for sql in statements if "decision" in sql]) == 2
    assert "outcomes" not in (await client.get("/v1/decisions")).json()["items"][0]


async def test_is_found_by_project_client_person_kind_and_period_as_csv_too(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    one, other = await add_project(client), await add_project(client, "OTHER", "BETA")
    person = str(await database.write(make_person))
    with day("2026-03-01"):
        wanted = await add(client, "decisions", **body(one, person_id=person, what="=1+1"))
        await add(client, "decisions", **body(other))
    with day("2026-04-01"):
        await add(client, "decisions", **body(one))
        await outcome(client, wanted)
    asked = {
        "project_id": one["id"],
        "client_id": one["client_id"],
        "person_id": person,
        "kind": "other",
        "decided_on_from": "2026-03-01",
        "decided_on_until": "2026-03-31",
    }
    for left_out in asked:
        query = {name: value for name, value in asked.items() if name != left_out}
        found = [item["id"] for item in (await client.get("/v1/decisions", params=query)).json()["items"]]
        assert wanted["id"] in found
    table = await client.get("/v1/decisions", params={**asked, "format": "csv"})
    [row] = csv.DictReader(io.StringIO(table.text))
    assert (row["id"], row["outcome_count"], row["superseded_by_id"], row["what"]) == (wanted["id"], "1", "", "'=1+1")
    table = await client.get("/v1/decision-outcomes", params={"decision_id": wanted["id"], "format": "csv"})
    [row] = csv.DictReader(io.StringIO(table.text))
    assert (row["statement"], row["as_expected"]) == ("It took longer", "")


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"statement": " "}, "/statement"),
        ({"found_on": "2026-02-28"}, "/found_on"),
        ({"found_on": "2026-03-02"}, "/found_on"),
        ({"figures": {"cost": 1.5}}, "/figures"),
        ({"as_expected": "yes"}, "/as_expected"),
    ],
)
async def test_refuses_an_outcome_that_makes_no_sense(client: httpx.AsyncClient, values: Json, pointer: str) -> None:
    with day("2026-03-01"):
        made = await add(client, "decisions", **body(await add_project(client)))
        answer = await client.post(
            f"/v1/decisions/{made['id']}/outcomes", json={"statement": "It took longer", **values}
        )
    assert answer.status_code == 422
    assert all(error["pointer"].startswith(pointer) for error in answer.json()["errors"])


async def test_an_outcome_needs_its_decision(client: httpx.AsyncClient) -> None:
    answer = await client.post(f"/v1/decisions/{uuid4()}/outcomes", json={"statement": "It took longer"})
    assert answer.status_code == 404
    assert (await client.get(f"/v1/decision-outcomes/{uuid4()}")).status_code == 404


async def test_is_filed_under_its_subject(client: httpx.AsyncClient, database: RolledBack) -> None:
    person_id = await database.write(make_person)
    row = await database.write(
        lambda conn: service.log(
            conn,
            SYSTEM,
            kind=DecisionKind.OVERRIDE,
            subject_type="person",
            subject_id=person_id,
            what="A seventh active project",
            why="For a month",
        )
    )
    assert (row.person_id, row.project_id, row.decided_by) == (person_id, None, None)


@pytest.mark.parametrize("method", ["PATCH", "PUT", "DELETE"])
async def test_has_no_way_to_be_changed(client: httpx.AsyncClient, method: str) -> None:
    made = await add(client, "decisions", **body(await add_project(client)))
    answer = await client.request(method, f"/v1/decisions/{made['id']}", json={}, headers={"If-Match": "*"})
    assert answer.status_code == 405


async def test_the_database_refuses_to_change_or_delete_what_is_append_only(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    project = await add_project(client)
    await add(client, "milestones", project_id=project["id"], name="Launch")
    await client.post("/v1/projects/WEB/transitions", json={"to": "active"})
    await outcome(client, await add(client, "decisions", **body(project)))
    decisions, texts = table_of(Decision), table_of(DecisionText)
    outcomes, outcome_texts = table_of(DecisionOutcome), table_of(DecisionOutcomeText)
    baselines, frozen = table_of(Baseline), table_of(BaselineMilestone)
    refused = [
        sa.update(decisions).values(kind="change"),
        sa.delete(decisions),
        sa.update(texts).values(why="Because"),
        sa.delete(texts),
        sa.update(outcomes).values(as_expected=True),
        sa.delete(outcomes),
        sa.update(outcome_texts).values(statement="Fine"),
        sa.delete(outcome_texts),
        sa.text("UPDATE decision SET supersedes_id = id"),
        sa.text("DELETE FROM decision"),
        sa.text("UPDATE decision_outcome SET figures = NULL"),
        sa.text("DELETE FROM decision_outcome"),
        sa.update(baselines).values(number=2),
        sa.delete(baselines),
        sa.update(frozen).values(name="Later"),
        sa.delete(frozen),
    ]
    for statement in refused:
        with pytest.raises(AppendOnly):
            await database.write(lambda conn, statement=statement: conn.execute(statement))


async def test_what_a_write_changed_is_never_rewritten_but_can_be_deleted_to_forget_a_person(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    await add_project(client)
    changes = table_of(AuditChange)
    with pytest.raises(AppendOnly):
        await database.write(lambda conn: conn.execute(sa.update(changes).values(before={"fee": "1"})))
    assert await database.write(lambda conn: conn.execute(sa.delete(changes)).rowcount) > 0


async def test_its_words_can_be_blanked_to_forget_a_person(client: httpx.AsyncClient, database: RolledBack) -> None:
    made = await add(client, "decisions", **body(await add_project(client), impact={"finish_weeks": 3}))
    blank = sa.update(table_of(DecisionText)).values(what="", why="", impact=None)
    await database.write(lambda conn: conn.execute(blank).rowcount)
    shown = (await client.get(f"/v1/decisions/{made['id']}")).json()
    assert (shown["what"], shown["why"], shown["impact"]) == ("", "", None)
