import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from app.core.caller import SYSTEM
from app.db.dispatcher import Database
from app.db.record import table_of
from app.features.imports import files, rules, service
from app.features.imports.errors import ImportRefused
from app.features.imports.mapping import known_mappings
from app.features.imports.schemas import Outcome
from app.features.imports.targets import TARGETS
from app.models.audit import AuditChange, AuditEntry
from app.models.client import Client
from app.models.outbox_event import OutboxEvent
from app.models.person import Person
from app.models.project import Project
from app.models.time_entry import TimeEntry
from tests.conftest import ClientFactory
from tests.databases import RolledBack

TOCK = Path(__file__).parents[3] / "shared" / "data" / "tock"
needs_tock = pytest.mark.skipif(not TOCK.is_dir(), reason="../shared/data/tock is not beside the checkout")

SMALL = {
    "agencies.csv": "Agency\nHarbour Agency\nLakeside Agency\n",
    "employees.csv": "Employee,E-mail,Billable,Start,End\n"
    "Ada,Ada@tock.example,yes,2014-01-01,\n"
    "Ben,ben@tock.example,,,\n",
    "projects.csv": "Project no,Project,Agency,Accounting code,Billable,Flat rate,Active\n"
    "T-1,Website,Harbour Agency,X,yes,no,yes\n",
    "timesheet_lines.csv": "Line,E-mail,Week start,Week end,Project no,Billable,Hours,Submitted,Changed\n"
    "1,ada@tock.example,2015-03-30,2015-04-05,T-1,yes,36.00,no,2016-09-19T13:43:10.531Z\n"
    "2,ben@tock.example,2015-03-30,2015-04-05,T-1,no,4.25,no,2016-09-19T13:43:10.531Z\n",
}
ACCEPTED = {"accept_obstacles": True, "reason": "They log late."}
COUNTED = (Client, Person, Project, TimeEntry, AuditEntry, AuditChange, OutboxEvent)


def rows_kept(conn: sa.Connection) -> list[int]:
    return [conn.execute(sa.select(sa.func.count()).select_from(table_of(model))).scalar_one() for model in COUNTED]


async def send(client: httpx.AsyncClient, sent: dict[str, str], **query: str) -> httpx.Response:
    return await client.post("/v1/imports", json={"mapping": "tock", "files": sent}, params=query)


def totals(report: dict[str, Any]) -> dict[str, tuple[int, int, int, int]]:
    return {
        total["resource"]: (total["created"], total["updated"], total["unchanged"], total["failed"])
        for total in report["totals"]
    }


def test_each_shipped_mapping_names_resources_fields_and_references_that_exist() -> None:
    for name in known_mappings():
        mapping = service.mapping_named(name)
        for table in mapping.tables:
            target = TARGETS[table.resource]
            assert table.fields.keys() <= target.schema.model_fields.keys()
            assert set(target.key) <= table.fields.keys()
            assert {source.refers_to for source in table.fields.values()} - {None} <= TARGETS.keys()


def test_reads_what_spreadsheets_write() -> None:
    text = '\ufeffName;x,Hours\r\n" Ada, B ",7\r\n\r\n"two\nlines",8\r\nshort\r\nlast,9'
    found = list(files.rows_of(text.encode(), {"Hours"}))
    assert [(cells.line, cells.by_column.get("Name;x"), cells.fault is None) for cells in found] == [
        (2, "Ada, B", True),
        (4, "two\nlines", True),
        (6, None, False),
        (7, "last", True),
    ]


@pytest.mark.parametrize(
    ("content", "line", "says"),
    [
        (b"", 1, "is empty"),
        (b"Agency\nM\xfcller\n", 2, "UTF-8"),
        (b"Agency\nA\0\n", 2, "NUL"),
        (b"Agentur\nMueller\n", 1, "lacks the column Agency; it has: Agentur"),
        (b"Agency,Agency\nA,B\n", 1, "twice"),
        (b'Agency\nA\n"B\n', 3, "is no CSV"),
        (b"Agency\nA\n\n" + b"B" * 140_000, 4, "is no CSV"),
    ],
)
def test_says_from_which_line_on_a_file_cannot_be_read(content: bytes, line: int, says: str) -> None:
    with pytest.raises(files.Unreadable) as caught:
        list(files.rows_of(content, {"Agency"}))
    assert caught.value.line == line
    assert says in caught.value.detail


def test_a_key_that_comes_again_is_told_with_its_first_place() -> None:
    assert rules.repeated([("a",), None, ("b",), ("a",), None, ("a",)]) == {3: 0, 5: 0}


async def test_reports_every_row(client: httpx.AsyncClient) -> None:
    answer = await send(client, SMALL)
    assert answer.status_code == 200, answer.text
    report = answer.json()
    assert totals(report) == {
        "clients": (2, 0, 0, 0),
        "people": (2, 0, 0, 0),
        "projects": (1, 0, 0, 0),
        "time_entries": (2, 0, 0, 0),
    }
    assert [(row["file"], row["line"], row["outcome"], row["key"]) for row in report["rows"]][-3:] == [
        ("projects.csv", 2, "created", "T-1"),
        ("timesheet_lines.csv", 2, "created", "tock/1"),
        ("timesheet_lines.csv", 3, "created", "tock/2"),
    ]
    project = (await client.get("/v1/projects/T-1")).json()
    assert (project["name"], project["status"], project["engagement"]) == ("Website", "active", "time_and_materials")
    assert project["client_id"] == (await client.get("/v1/clients/Harbour-Agency")).json()["id"]
    entries = (await client.get("/v1/time-entries", params={"sort": "-hours", "include": "person"})).json()["items"]
    assert [(e["hours"], e["billable"], e["worked_until"], e["person"]["email"]) for e in entries] == [
        ("36", True, "2015-04-05", "ada@tock.example"),
        ("4.25", False, "2015-04-05", "ben@tock.example"),
    ]


async def test_changes_nothing_when_it_is_sent_again(client: httpx.AsyncClient, database: RolledBack) -> None:
    await send(client, SMALL)
    before = await database.read(rows_kept)
    answer = await send(client, SMALL)
    assert {row["outcome"] for row in answer.json()["rows"]} == {"unchanged"}
    assert await database.read(rows_kept) == before


async def test_updates_what_differs_and_nothing_else(client: httpx.AsyncClient) -> None:
    await send(client, SMALL)
    changed = {
        "employees.csv": SMALL["employees.csv"].replace("Ben,", "Benjamin,"),
        "timesheet_lines.csv": SMALL["timesheet_lines.csv"].replace("36.00", "35.50"),
    }
    assert totals((await send(client, changed)).json()) == {"people": (0, 1, 1, 0), "time_entries": (0, 1, 1, 0)}
    assert (await client.get("/v1/people/ben@tock.example")).json()["display_name"] == "Benjamin"
    entries = (await client.get("/v1/time-entries", params={"sort": "-hours"})).json()["items"]
    assert [(entry["hours"], entry["version"]) for entry in entries] == [("35.5", 2), ("4.25", 1)]


async def test_leaves_approvals_given_here_alone(client: httpx.AsyncClient) -> None:
    await send(client, SMALL)
    entry = (await client.get("/v1/time-entries")).json()["items"][0]
    address = f"/v1/time-entries/{entry['id']}"
    await client.patch(address, json={"approval": "approved"}, headers={"If-Match": "*"})
    await send(client, SMALL)
    assert (await client.get(address)).json()["approval"] == "approved"


async def test_a_dry_run_reports_the_same_and_keeps_nothing(client: httpx.AsyncClient, database: RolledBack) -> None:
    before = await database.read(rows_kept)
    rehearsed = await send(client, SMALL, dry_run="true")
    assert (rehearsed.status_code, rehearsed.headers["Dry-Run"]) == (200, "true")
    assert await database.read(rows_kept) == before
    assert (await send(client, SMALL)).json() == rehearsed.json()


@pytest.mark.parametrize(
    ("file", "right", "wrong", "line", "column", "field"),
    [
        ("timesheet_lines.csv", "4.25", "169", 3, "Hours", "hours"),
        ("timesheet_lines.csv", "4.25", "four", 3, "Hours", "hours"),
        ("timesheet_lines.csv", "4.25", "", 3, "Hours", "hours"),
        ("timesheet_lines.csv", "no,4.25", "perhaps,4.25", 3, "Billable", "billable"),
        ("timesheet_lines.csv", "2,ben@", "2,eve@", 3, "E-mail", "person_id"),
        ("timesheet_lines.csv", "2,ben@", "1,ben@", 3, "Line", "external_id"),
        ("timesheet_lines.csv", "example,2015-03-30", "example,30.03.2015", 2, "Week start", "worked_on"),
        ("employees.csv", "2014-01-01,", "2014-01-01,2013-01-01", 2, "End", "left_on"),
        ("employees.csv", "ben@tock.example", "ben", 3, "E-mail", "email"),
        ("projects.csv", "Harbour Agency", "Seaside Agency", 2, "Agency", "client_id"),
        ("agencies.csv", "Lakeside Agency", "Lakeside Agency,", 3, None, ""),
        ("agencies.csv", "Agency\nHarbour", "Agentur\nHarbour", 1, None, ""),
    ],
)  # fmt: skip
async def test_one_broken_line_refuses_all_and_is_named(
    client: httpx.AsyncClient,
    database: RolledBack,
    file: str,
    right: str,
    wrong: str,
    line: int,
    column: str | None,
    field: str,
) -> None:
    before = await database.read(rows_kept)
    assert right in SMALL[file]
    answer = await send(client, SMALL | {file: SMALL[file].replace(right, wrong, 1)})
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "import-refused")
    told = {
        (row["file"], row["line"], e["column"], e["field"]) for row in problem["report"]["rows"] for e in row["errors"]
    }
    assert (file, line, column, field) in told
    assert problem["errors"][0]["pointer"] == f"/files/{file}"
    assert f"line {line}" in problem["errors"][0]["detail"]
    assert await database.read(rows_kept) == before


async def test_a_refusal_tells_of_all_broken_lines_at_once(client: httpx.AsyncClient) -> None:
    broken = {
        "employees.csv": SMALL["employees.csv"].replace("ben@tock.example", "ben"),
        "timesheet_lines.csv": SMALL["timesheet_lines.csv"].replace("36.00", "-1"),
    }
    report = (await send(client, SMALL | broken)).json()["report"]
    assert [(row["file"], row["line"]) for row in report["rows"]] == [
        ("employees.csv", 3),
        ("timesheet_lines.csv", 2),
        ("timesheet_lines.csv", 3),
    ]


async def test_refuses_mappings_and_files_that_it_does_not_know(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/imports", json={"mapping": "nope", "files": SMALL})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/mapping")
    answer = await send(client, {"other.csv": "Agency\n"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/files/other.csv")


async def test_takes_spreadsheets_whose_columns_bear_the_names_of_the_fields(client: httpx.AsyncClient) -> None:
    sent = {
        "clients.csv": "code,name,industry,tier,status,since_on\nACME,Acme,,key,,2020-01-31\n",
        "people.csv": "email,display_name,job_title,team,home_role,weekly_hours,hired_on,left_on\n"
        "maria@agency.example,Maria López,,Design,account_manager,32,2019-01-01,\n",
        "projects.csv": "code,name,client,engagement,status,status_on,start_on,due_on,"
        "currency,fee,cost_budget,hours_budget\n"
        "ACME-WEB,Website,ACME,fixed_fee,active,2026-01-01,2026-01-01,2026-06-30,EUR,96000.00,61000,820\n",
        "time_entries.csv": "number,project,person,worked_on,worked_until,hours,billable,note\n"
        "1,ACME-WEB,maria@agency.example,2026-02-02,,7.5,yes,Kick-off\n",
        "expenses.csv": "number,project,incurred_on,amount,currency,pass_through,description\n"
        "E-1,ACME-WEB,2026-02-03,420.00,EUR,no,Fonts\n",
        "invoices.csv": "number,project,invoiced_on,amount,currency\nR-1,ACME-WEB,2026-03-31,-12.50,EUR\n",
    }
    for outcome in ("created", "unchanged"):
        answer = await client.post("/v1/imports", json={"mapping": "tandem", "files": sent})
        assert answer.status_code == 200, answer.text
        assert [row["outcome"] for row in answer.json()["rows"]] == [outcome] * 6
    assert (await client.get("/v1/invoices")).json()["items"][0]["amount"] == "-12.50"
    assert (await client.get("/v1/projects/ACME-WEB")).json()["fee"] == "96000.00"


PORTFOLIO = {
    "clients.csv": "code,name,industry,tier,status,since_on\nACME,Acme,,key,,\n",
    "people.csv": "email,display_name,job_title,team,home_role,weekly_hours,hired_on,left_on\n"
    "maria@agency.example,Maria,,,,,,\njon@agency.example,Jon,,,,,,\n",
    "projects.csv": "code,name,client,engagement,status,status_on,start_on,due_on,"
    "currency,fee,cost_budget,hours_budget,management\n"
    "WEB,Website,ACME,fixed_fee,active,2026-01-01,2026-01-01,,EUR,,,,combined\n",
}
SEATS = "project,role,person,valid_from\n"


async def tandem(client: httpx.AsyncClient, **sent: str) -> httpx.Response:
    named = {f"{name}.csv": content for name, content in sent.items()}
    return await client.post("/v1/imports", json={"mapping": "tandem", "files": PORTFOLIO | named})


async def test_takes_relationships_and_assignments_once_and_then_what_differs(client: httpx.AsyncClient) -> None:
    seats = (
        f"{SEATS}WEB,account_manager,Maria@agency.example,2026-01-01\n"
        "WEB,production_manager,maria@agency.example,2026-01-01\n"
    )
    known = "person,client,strength,since_on\nmaria@agency.example,ACME,{},2021-03-01\n"
    made = await tandem(client, assignments=seats, relationships=known.format(4))
    assert totals(made.json())["assignments"] == (2, 0, 0, 0)
    assert totals(made.json())["relationships"] == (1, 0, 0, 0)
    assert made.json()["rows"][-1]["key"] == "WEB/production_manager/maria@agency.example/2026-01-01"
    again = await tandem(client, assignments=seats, relationships=known.format(5))
    assert totals(again.json())["assignments"] == (0, 0, 2, 0)
    assert totals(again.json())["relationships"] == (0, 1, 0, 0)
    ended = seats.replace("valid_from", "valid_from,valid_to").replace("01-01\n", "01-01,2026-07-01\n", 1)
    assert totals((await tandem(client, assignments=ended[:-1] + ",\n")).json())["assignments"] == (0, 1, 1, 0)
    assert totals((await tandem(client, assignments=seats)).json())["assignments"] == (0, 0, 2, 0)
    (seat,) = (await client.get("/v1/assignments", params={"role": "account_manager"})).json()["items"]
    assert (seat["valid_to"], seat["version"]) == ("2026-07-01", 2)
    (relationship,) = (await client.get("/v1/relationships")).json()["items"]
    assert (relationship["strength"], relationship["since_on"]) == (5, "2021-03-01")


async def test_tells_of_each_assignment_that_a_rule_forbids(client: httpx.AsyncClient) -> None:
    rows = (
        "WEB,account_manager,maria@agency.example,2026-01-01",
        "WEB,account_manager,jon@agency.example,2026-03-01",
        "WEB,production_manager,,2026-01-01",
        "WEB,juggler,jon@agency.example,2026-01-01",
        "WEB,account_manager,MARIA@agency.example,2026-01-01",
    )
    checked = (await tandem(client, assignments=SEATS + "\n".join(rows))).json()["report"]
    assert [(row["line"], row["errors"][0]["code"]) for row in checked["rows"]] == [(4, "required"), (6, "duplicate")]
    written = (await tandem(client, assignments=SEATS + "\n".join([*rows[:2], rows[3]]))).json()["report"]
    assert [(row["line"], row["errors"][0]["code"]) for row in written["rows"]] == [
        (3, "seat-taken"),
        (4, "unknown-reference"),
    ]
    assert (await client.get("/v1/assignments")).json()["items"] == []


async def test_imported_hours_are_tagged_by_duty_rules_and_stay_so(client: httpx.AsyncClient) -> None:
    rule = {"source": "spreadsheet", "issue_type": "Bug", "responsibility": "testing"}
    assert (await client.post("/v1/duty-rules", json=rule)).status_code == 201
    header = "number,project,person,worked_on,worked_until,hours,billable,note,issue_type,responsibility\n"
    lines = (
        "1,WEB,jon@agency.example,2026-02-02,,7.5,yes,,Bug,\n",
        "2,WEB,jon@agency.example,2026-02-02,,1,yes,,Bug,scope_review\n",
        "3,WEB,jon@agency.example,2026-02-02,,1,yes,,Call,\n",
    )
    for expected in ((3, 0, 0, 0), (0, 0, 3, 0)):
        answer = await tandem(client, time_entries=header + "".join(lines))
        assert totals(answer.json())["time_entries"] == expected
    found = {item["external_id"]: item for item in (await client.get("/v1/time-entries")).json()["items"]}
    tags = {number: item["responsibility"] for number, item in found.items()}
    assert tags == {"1": "testing", "2": "scope_review", "3": None}
    corrected = await tandem(client, time_entries=header + lines[2].replace("Call", "Bug"))
    assert totals(corrected.json())["time_entries"] == (0, 1, 0, 0)
    answer = await client.get(f"/v1/time-entries/{found['3']['id']}")
    assert (answer.json()["issue_type"], answer.json()["responsibility"]) == ("Bug", "testing")


async def test_each_row_of_a_closed_month_is_named_and_nothing_is_written(client: httpx.AsyncClient) -> None:
    line = "{},ada@tock.example,{},{},T-1,yes,36.00,no,2016-09-19T13:43:10.531Z\n"
    head = SMALL["timesheet_lines.csv"].partition("\n")[0] + "\n"
    days = [("2015-03-30", "2015-04-05"), ("2015-04-06", "2015-04-12"), ("2015-05-04", "2015-05-10")]
    lines = head + "".join(line.format(n, *span) for n, span in enumerate(days))
    assert (await send(client, {**SMALL, "timesheet_lines.csv": head + line.format(0, *days[0])})).status_code == 200
    assert (await client.post("/v1/periods/2015-04/close", json=ACCEPTED)).status_code == 200
    # A changed row whose month is closed meanwhile, one that is new there, and one of another month.
    changed = lines.replace("36.00", "35.00", 1)
    problem = (await send(client, {**SMALL, "timesheet_lines.csv": changed})).json()
    assert problem["code"] == "import-refused"
    assert [error["code"] for error in problem["errors"]] == ["period-closed", "period-closed"]
    assert all("2015-04" in error["detail"] for error in problem["errors"])
    assert len((await client.get("/v1/time-entries")).json()["items"]) == 1
    # What has not changed is not in the way.
    beside = head + line.format(0, *days[0]) + line.format(2, *days[2])
    assert (await send(client, {**SMALL, "timesheet_lines.csv": beside})).status_code == 200


async def test_is_for_pmo_leads(client_as: ClientFactory) -> None:
    manager = await client_as("manager")
    assert (await send(manager, SMALL)).status_code == 403


async def test_takes_the_same_number_of_statements_for_any_number_of_hours(database: RolledBack) -> None:
    header, first, second = SMALL["timesheet_lines.csv"].splitlines()
    tock = service.mapping_named("tock")
    counts = []
    await database.write(service.import_folder, SYSTEM, tock, SMALL)
    for size in (3, 300):
        lines = [first.replace("1,", f"{size}-{number},", 1) for number in range(size)]
        sent = {"timesheet_lines.csv": "\n".join([header, *lines, second])}
        with database.counting() as statements:
            await database.write(service.import_folder, SYSTEM, tock, sent)
        counts.append(len(statements))
    assert counts[0] == counts[1]


@needs_tock
async def test_loads_a_real_agency_in_seconds_and_once(own_database: Database) -> None:
    tock = service.mapping_named("tock")
    sent = {name: (TOCK / name).read_bytes() for name in service.needed_files(tock)}
    before = await own_database.read(rows_kept)
    broken = sent["timesheet_lines.csv"].replace(b",36.00,", b",36.123,", 1)
    with pytest.raises(ImportRefused) as caught:
        await own_database.write(service.import_folder, SYSTEM, tock, {**sent, "timesheet_lines.csv": broken})
    assert "line 2, Hours" in caught.value.errors[0].detail
    rehearsed = await own_database.rehearse(service.import_folder, SYSTEM, tock, sent)
    assert await own_database.read(rows_kept) == before

    began = time.monotonic()
    report = await own_database.write(service.import_folder, SYSTEM, tock, sent)
    assert time.monotonic() - began < 60
    assert report == rehearsed
    assert [(total.resource, total.created, total.failed) for total in report.totals] == [
        ("clients", 20, 0),
        ("people", 150, 0),
        ("projects", 114, 0),
        ("time_entries", 11_047, 0),
    ]
    kept = await own_database.read(rows_kept)
    assert kept[:4] == [20, 150, 114, 11_047]
    hours: Callable[[sa.Connection], Any] = lambda conn: conn.execute(  # noqa: E731
        sa.select(sa.func.sum(table_of(TimeEntry).c.hours))
    ).scalar_one()
    assert str(await own_database.read(hours)) == "171624.72"

    again = await own_database.write(service.import_folder, SYSTEM, tock, sent)
    assert Counter(row.outcome for row in again.rows) == {Outcome.UNCHANGED: 11_331}
    assert await own_database.read(rows_kept) == kept
