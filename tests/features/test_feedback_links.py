"""A contact reads a feedback link and answers it, once; anonymously where asked for, and then truly so."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
import sqlalchemy as sa
import time_machine

from app.core.caller import CLIENT, SYSTEM
from app.core.links import LinkKind, Signer, version_of
from app.db.dispatcher import Database
from app.db.record import metadata, table_of
from app.features.feedback import requests, service
from app.features.feedback.schemas import AskedSubject, FeedbackAnswer, FeedbackRequestCreate, FeedbackView
from app.models.client import Contact
from app.models.quality import Feedback, FeedbackRequest
from tests.databases import RolledBack
from tests.features.calls import Json, add, day, events
from tests.features.test_client_links import BROWSER, FORM, Page
from tests.features.test_feedback import START, Office, office_of
from tests.measures import facts

ANSWER = {"csat": 4, "nps": 9, "comment": "Well done."}


@pytest_asyncio.fixture(loop_scope="session")
async def office(client: httpx.AsyncClient) -> AsyncIterator[Office]:
    with day(START):
        yield await office_of(client)


async def ask(office: Office, **values: Any) -> httpx.Response:
    about = {"subject": "project", "project_id": office.project["id"], "contact_id": office.ada}
    return await office.client.post("/v1/feedback-requests", json={**about, **values})


async def asked(office: Office, **values: Any) -> Json:
    answer = await ask(office, **values)
    assert answer.status_code == 201, answer.text
    made: Json = answer.json()
    return made


async def contact(office: Office, name: str) -> str:
    made = await add(office.client, "contacts", client_id=office.project["client_id"], name=name, role="user")
    return str(made["id"])


async def listed(office: Office, **params: Any) -> list[Json]:
    items: list[Json] = (await office.client.get("/v1/feedback", params=params)).json()["items"]
    return items


async def test_the_link_shows_the_question_and_the_name_and_nothing_of_ours(
    office: Office, visitor: httpx.AsyncClient
) -> None:
    made = await asked(office, question="How was it?")
    assert made["link_expires_at"] == made["expires_at"]
    answer = await visitor.get(made["link"])
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json() == {
        "kind": "feedback",
        "subject": office.project["name"],
        "body": "How was it?",
        "change": None,
        "feedback": {"about": office.project["name"], "question": "How was it?", "anonymous": False},
        "answer": None,
        "option": None,
        "answered_at": None,
        "expires_at": made["expires_at"],
    }


def test_a_question_shows_these_fields_and_no_others() -> None:
    """Whoever adds a field to what clients see must come here, and think."""
    assert set(FeedbackView.model_fields) == {"about", "question", "anonymous"}


async def test_one_answer_becomes_feedback(office: Office, visitor: httpx.AsyncClient, database: RolledBack) -> None:
    made = await asked(office)
    for _ in range(2):  # mail scanners look, too
        assert (await visitor.get(made["link"])).status_code == 200
    first = await visitor.post(made["link"], json=ANSWER)
    assert (first.status_code, first.json()["answer"]) == (200, "given")
    again = await visitor.post(made["link"], json=ANSWER)
    assert (again.status_code, again.json()) == (200, first.json())
    other = await visitor.post(made["link"], json={"csat": 1})
    assert (other.status_code, other.json()["code"]) == (409, "already-answered")
    [row] = await listed(office)
    assert {name: row[name] for name in ANSWER} == ANSWER
    assert (row["contact_id"], row["project_id"], row["anonymous"]) == (office.ada, office.project["id"], False)
    request = (await office.client.get(f"/v1/feedback-requests/{made['id']}")).json()
    assert (request["answered"], request["feedback_id"], request["version"]) == (True, row["id"], 2)
    told = [(type, data) for type, data in await events(database) if type.startswith("feedback")]
    assert [type for type, _ in told] == ["feedback_request.sent", "feedback.received"]
    assert "Well done" not in str(told)


@pytest.mark.parametrize("body", [{}, {"csat": 6}, {"nps": -1}, {"csat": "4"}, {"answer": "given"}, {"comment": " "}])
async def test_refuses_what_is_no_answer(office: Office, visitor: httpx.AsyncClient, body: Json) -> None:
    made = await asked(office)
    answer = await visitor.post(made["link"], json=body)
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
    assert await listed(office) == []


async def test_the_page_has_labels_and_legends_and_no_script(office: Office, visitor: httpx.AsyncClient) -> None:
    made = await asked(office, question="<script>alert(1)</script> & more?")
    answer = await visitor.get(made["link"], headers=BROWSER)
    page = Page(answer.text)
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more?" in answer.text
    assert page.all("script", "iframe", "img", "link") == []
    assert {field["id"] for field in page.all("input", "textarea")} == {label["for"] for label in page.all("label")}
    assert [field["value"] for field in page.all("input")] == [*map(str, range(1, 6)), *map(str, range(11))]
    assert (len(page.all("fieldset")), len(page.all("legend")), page.all("form")) == (2, 2, [{"method": "post"}])


async def test_the_form_answers(office: Office, visitor: httpx.AsyncClient) -> None:
    made = await asked(office)
    empty = await visitor.post(made["link"], content="comment=", headers=FORM)
    assert (empty.status_code, "at least one of them" in empty.text) == (422, True)
    answer = await visitor.post(made["link"], content="csat=5&nps=10&comment=Thank+you", headers=FORM)
    assert (answer.status_code, "your answer has reached us" in answer.text) == (200, True)
    [row] = await listed(office)
    assert (row["csat"], row["nps"], row["comment"]) == (5, 10, "Thank you")


async def test_the_form_takes_as_many_lines_as_the_page_lets_write(office: Office, visitor: httpx.AsyncClient) -> None:
    words = ("a" * 99 + "\r\n") * 39 + "a" * 100  # 4000 characters, as the page counts them
    made = await asked(office)
    empty = await visitor.post(made["link"], data={"csat": "", "nps": "", "comment": " \r\n "})
    assert (empty.status_code, empty.json()["errors"][0]["code"]) == (422, "required")
    assert (await visitor.post(made["link"], data={"comment": words})).status_code == 200
    [row] = await listed(office)
    assert row["comment"] == words.replace("\r\n", "\n")


async def test_what_happens_to_feedback_is_known_by_its_project(
    office: Office, visitor: httpx.AsyncClient, database: RolledBack
) -> None:
    waiting, made = await asked(office), await asked(office)
    assert (await office.client.post(f"/v1/feedback-requests/{waiting['id']}/link")).status_code == 200
    withdrawn = await office.client.delete(f"/v1/feedback-requests/{waiting['id']}", headers={"If-Match": "*"})
    assert withdrawn.status_code == 204
    assert (await visitor.post(made["link"], json=ANSWER)).status_code == 200
    [row] = await listed(office)
    path, any_version = f"/v1/feedback/{row['id']}", {"If-Match": "*"}
    assert (await office.client.patch(path, json={"csat": 1}, headers=any_version)).status_code == 200
    assert (await office.client.delete(path, headers=any_version)).status_code == 204
    told = [(type, data.get("project_id")) for type, data in await events(database) if type.startswith("feedback")]
    assert {project_id for _, project_id in told} == {office.project["id"]}
    assert {type for type, _ in told} >= {"feedback.updated", "feedback.deleted", "feedback_request.withdrawn"}


async def test_a_link_is_renewed_until_it_is_answered(office: Office, visitor: httpx.AsyncClient) -> None:
    made = await asked(office)
    with day("2026-07-10"):
        gone = await visitor.get(made["link"])
        assert (gone.status_code, gone.json()["code"]) == (410, "link-gone")
        renewed = await office.client.post(f"/v1/feedback-requests/{made['id']}/link")
        assert (renewed.status_code, renewed.json()["request_id"]) == (200, made["id"])
        assert (await visitor.post(renewed.json()["link"], json={"csat": 3})).status_code == 200
        late = await office.client.post(f"/v1/feedback-requests/{made['id']}/link")
        assert (late.status_code, late.json()["code"]) == (409, "already-given")


async def test_a_withdrawn_request_takes_no_answer(office: Office, visitor: httpx.AsyncClient) -> None:
    made = await asked(office)
    path = f"/v1/feedback-requests/{made['id']}"
    assert (await office.client.delete(path, headers={"If-Match": made["etag"]})).status_code == 204
    assert (await visitor.get(made["link"])).status_code == 410
    assert (await visitor.post(made["link"], json=ANSWER)).status_code == 410


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"project_id": None}, "/project_id"),
        ({"subject": "client"}, "/client_id"),
        ({"subject": "team"}, "/subject"),
        ({"subject": "pmo_service"}, "/project_id"),
        ({"contact_id": "STRANGER"}, "/contact_id"),
    ],
)
async def test_asks_a_contact_of_the_client_about_something(office: Office, values: Json, pointer: str) -> None:
    values = {name: office.stranger if value == "STRANGER" else value for name, value in values.items()}
    answer = await ask(office, **values)
    assert answer.status_code == 422
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]


async def test_asks_about_the_client_and_about_our_service(office: Office, visitor: httpx.AsyncClient) -> None:
    whole = await asked(office, subject="client", project_id=None, client_id=office.project["client_id"])
    assert (await visitor.get(whole["link"])).json()["subject"] == "Acme"
    service = await asked(office, subject="pmo_service", project_id=None)
    assert service["client_id"] == office.project["client_id"]
    assert (await visitor.get(service["link"])).json()["subject"] == "Our project management"


# Anonymous answers


async def test_anonymous_answers_are_told_three_together_once_the_day_is_over(
    office: Office, visitor: httpx.AsyncClient, database: RolledBack
) -> None:
    people = [await contact(office, name) for name in ("Bea", "Cem", "Dan", "Eve")]
    links = [(await asked(office, anonymous=True, contact_id=person))["link"] for person in people]
    about = {"project_id": office.project["id"]}
    for number, (link, on) in enumerate(zip(links, ("01", "02", "04", "08"), strict=True), 1):
        with day(f"2026-06-{on}"):
            answer = await visitor.post(link, json={"csat": number, "comment": f"Said {number}"})
            assert (answer.status_code, answer.json()["answered_at"]) == (200, None)
            assert (await visitor.post(link, json={"csat": number})).status_code == 409
            assert len(await listed(office)) == (0 if number < 4 else 3)
    with day("2026-06-09"):
        rows = await listed(office)
        assert {(row["given_on"], row["created_at"], row["updated_at"]) for row in rows} == {
            ("2026-06-04", "2026-06-04T00:00:00Z", "2026-06-05T00:00:00Z")
        }
        assert sorted(row["csat"] for row in rows) == [1, 2, 3]
        assert {(row["contact_id"], row["person_id"], row["anonymous"]) for row in rows} == {(None, None, True)}
        lines = (await office.client.get("/v1/feedback", params={"format": "csv"})).text
        assert (len(lines.splitlines()), "Said 4" in lines) == (4, False)
        assert await listed(office, given_on="2026-06-01") == []
        withheld = (await office.client.get("/v1/feedback/withheld", params=about)).json()
        assert withheld == {"answers": 4, "told": 3, "withheld": 1}
        [figure] = (await office.client.get("/v1/kpis/csat/values")).json()["rows"]
        assert (figure["numerator"], figure["denominator"]) == ("0", "3")
        hidden = await database.read(
            lambda conn: conn.execute(sa.select(table_of(Feedback).c.id).where(table_of(Feedback).c.csat == 4)).scalar()
        )
        assert (await office.client.get(f"/v1/feedback/{hidden}")).status_code == 404
    told = [type for type, _ in await events(database) if type.startswith("feedback")]
    assert told == ["feedback_request.sent"] * 4


async def test_whoever_reads_what_is_new_finds_anonymous_answers_once_they_are_told(
    office: Office, visitor: httpx.AsyncClient
) -> None:
    for name in ("Bea", "Cem", "Dan"):
        link = (await asked(office, anonymous=True, contact_id=await contact(office, name)))["link"]
        assert (await visitor.post(link, json=ANSWER)).status_code == 200
    with time_machine.travel("2026-06-01T23:00:00Z", tick=False):
        assert await listed(office, updated_since="2026-06-01T00:00:00Z") == []
    with time_machine.travel("2026-06-02T00:00:00Z", tick=False):
        assert len(await listed(office, updated_since="2026-06-01T23:00:00Z")) == 3


async def test_the_page_promises_what_is_kept(office: Office, visitor: httpx.AsyncClient) -> None:
    made = await asked(office, anonymous=True)
    assert "Your answer is anonymous" in (await visitor.get(made["link"], headers=BROWSER)).text


async def test_nobody_fills_a_group_alone(office: Office, visitor: httpx.AsyncClient) -> None:
    made = await asked(office, anonymous=True)
    waiting = await ask(office, anonymous=True)
    assert (waiting.status_code, waiting.json()["code"]) == (409, "asked-anonymously")
    assert (await visitor.post(made["link"], json=ANSWER)).status_code == 200
    assert (await ask(office, anonymous=True)).status_code == 409
    assert (await ask(office)).status_code == 201
    for name in ("Bea", "Cem"):
        link = (await asked(office, anonymous=True, contact_id=await contact(office, name)))["link"]
        assert (await visitor.post(link, json=ANSWER)).status_code == 200
    assert (await ask(office, anonymous=True)).status_code == 409
    with day("2026-06-02"):
        assert (await ask(office, anonymous=True)).status_code == 201


async def test_a_told_anonymous_answer_can_be_deleted_and_not_changed(
    office: Office, visitor: httpx.AsyncClient
) -> None:
    for name in ("Bea", "Cem", "Dan"):
        link = (await asked(office, anonymous=True, contact_id=await contact(office, name)))["link"]
        assert (await visitor.post(link, json=ANSWER)).status_code == 200
    with day("2026-06-02"):
        row = (await listed(office))[0]
        answer = await office.patch(row, csat=1)
        assert (answer.status_code, answer.json()["code"]) == (409, "anonymous-stays")
        path = f"/v1/feedback/{row['id']}"
        assert (await office.client.delete(path, headers={"If-Match": row["etag"]})).status_code == 204
        assert len(await listed(office)) == 2  # the others stay told


SIGNER = Signer("a secret for tests", 30)
NOON = "2026-06-01T12:34:56.789Z"


async def _answered(database: Database) -> tuple[UUID, list[UUID]]:
    """Three contacts are asked in the morning, and answer at noon, the last one first."""

    def make(conn: sa.Connection) -> tuple[UUID, list[UUID], list[UUID]]:
        client_id = facts.client(conn)
        project = facts.project(conn, client_id)
        people = [facts.add(conn, Contact, client_id=client_id, name=name, role="user") for name in "ABC"]
        made = []
        for person in people:
            data = FeedbackRequestCreate(
                subject=AskedSubject.PROJECT, project_id=project, contact_id=person, anonymous=True
            )
            made.append(requests.create_feedback_request(conn, SYSTEM, data, SIGNER).id)
        return project, people, made

    with time_machine.travel("2026-06-01T08:00:00Z"):
        _, people, made = await database.write(make)
    with time_machine.travel(NOON):
        for number, id in enumerate(reversed(made), 1):
            caller = replace(CLIENT, request_id=f"answering-{number}")
            answer = FeedbackAnswer(csat=number, comment=f"SAID-{number}")
            await database.write(service.answer_request, caller, id, version_of(str(id)), answer)
    return made[0], people


def _texts(conn: sa.Connection) -> list[tuple[str, str]]:
    """Each row of each table, all columns as text."""
    found = []
    for name in sorted(sa.inspect(conn).get_table_names()):
        rows = conn.execute(sa.text(f'SELECT * FROM "{name}"')).all()
        found += [(name, " ".join(str(value) for value in row)) for row in rows]
    return found


async def test_nothing_in_any_table_tells_who_answered_anonymously(own_database: Database) -> None:
    _, people = await _answered(own_database)
    feedback = table_of(Feedback)

    def check(conn: sa.Connection) -> None:
        rows = conn.execute(sa.select(feedback)).all()
        assert sorted(row.csat for row in rows) == [1, 2, 3]
        names = {row.hex for person in people for row in [person]} | {str(person) for person in people}
        words = {"SAID-"} | {text for row in rows for text in (row.id.hex, str(row.id))}
        others = [(table, text) for table, text in _texts(conn) if table != "feedback"]
        # What is said and its id stand in their own table alone, and nobody's id stands there.
        assert not [table for table, text in others if any(word in text for word in words)]
        assert not [text for table, text in _texts(conn) if table == "feedback" and any(n in text for n in names)]
        # The requests that answered are nowhere, nor is the instant.
        assert not [table for table, text in _texts(conn) if "answering-" in text]
        assert not [table for table, text in _texts(conn) if re.search(r"12:34|34:56", text)]
        for table in metadata.tables.values():
            instants = [c for c in table.c if c.name.endswith("_at") or c.name == "at"]
            for row in conn.execute(sa.select(*instants)).all() if instants else []:
                assert not [v for v in row if v is not None and (v.hour, v.minute) == (12, 34)], table.name
        # An id that embeds no time: no version 7.
        assert {row.id.version for row in rows} == {4}
        assert {row.created_at.isoformat() for row in rows} == {"2026-06-01T00:00:00+00:00"}
        assert {row.given_on for row in rows} == {date(2026, 6, 1)}

    await own_database.read(check)


async def test_the_databases_own_columns_pair_no_answer_with_its_request(own_database: Database) -> None:
    await _answered(own_database)
    asked, said = table_of(FeedbackRequest), table_of(Feedback)
    place = "ctid" if own_database.dialect == "postgresql" else "rowid"

    def check(conn: sa.Connection) -> None:
        at: sa.ColumnElement[Any] = sa.literal_column(place)
        order = conn.execute(sa.select(said.c.row_id).order_by(at)).scalars().all()
        assert order == sorted(order, key=str)  # random, as they are
        if conn.dialect.name == "sqlite":
            asked_at = conn.execute(sa.select(asked.c.asked_at).order_by(at)).scalars().all()
            assert asked_at == sorted(asked_at)  # as they were asked
        else:
            order = conn.execute(sa.select(asked.c.id).order_by(at)).scalars().all()
            assert order == sorted(order)
            writer: sa.ColumnElement[Any] = sa.literal_column("xmin::text")
            writers = {
                xid for table in (asked, said) for xid in conn.execute(sa.select(writer).select_from(table)).scalars()
            }
            assert len(writers) == 1

    await own_database.read(check)


async def test_the_log_holds_no_link(
    office: Office, visitor: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    made = await asked(office, anonymous=True)
    await visitor.post(made["link"], json=ANSWER)
    logged = capsys.readouterr().out
    assert made["link"].rsplit("/", 1)[1] not in logged
    assert made["id"] not in logged


async def test_a_link_of_another_kind_opens_no_question(office: Office, visitor: httpx.AsyncClient) -> None:
    made = await asked(office)
    forged, _ = Signer("somebody else's secret", 30).sign(LinkKind.FEEDBACK, UUID(made["id"]), version_of(made["id"]))
    assert (await visitor.get(forged)).status_code == 404
