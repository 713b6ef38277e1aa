from typing import Any
from uuid import uuid4

import httpx
import pytest
import sqlalchemy as sa

from app.core.caller import SYSTEM
from app.db.record import table_of
from app.db.violations import AppendOnly
from app.features.decisions import service
from app.models.audit import AuditChange
from app.models.decision import Decision, DecisionKind, DecisionText
from app.models.project import Baseline, BaselineMilestone
from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.factories import make_person
from tests.features.calls import Json, add, add_project, day, events


def body(project: Json, **values: Any) -> Json:
    return {
        "subject_type": "project",
        "subject_id": project["id"],
        "what": "We launch in two steps",
        "why": "The contract is late",
        **values,
    }


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
    told = {"kind": "other", "subject_type": "project", "subject_id": project["id"]}
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
    await add(client, "decisions", **body(project))
    decisions, texts = table_of(Decision), table_of(DecisionText)
    baselines, frozen = table_of(Baseline), table_of(BaselineMilestone)
    refused = [
        sa.update(decisions).values(kind="change"),
        sa.delete(decisions),
        sa.update(texts).values(why="Because"),
        sa.delete(texts),
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
