"""Months of the books: what is in the way of closing them, and that the closed ones stay as they are."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
import sqlalchemy as sa

from app.core.calendar import Grain, period_of, periods_between
from app.core.caller import SYSTEM
from app.db.books import FACT_DAYS, LATER_STEP
from app.db.record import Fact, metadata, table_of
from app.db.violations import AppendOnly, PeriodClosed
from app.features.periods import rules
from app.features.periods.rules import Away, Staff
from app.features.time_entries import service as time_entries
from app.messaging import records
from app.models.period import PeriodHistory
from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.factories import make_person
from tests.features.calls import Json, add, add_project, day, events

AFTER = "2026-04-01"
MARCH = date(2026, 3, 2)
REASON = {"reason": "María's trip was booked on the wrong project."}
ACCEPTED: dict[str, Any] = {"accept_obstacles": True, "reason": "The rest follows in April."}


@dataclass
class Office:
    """Maria and Jon work on a project; both have rates, and their hours of March are approved."""

    client: httpx.AsyncClient
    database: RolledBack
    maria: str
    jon: str
    project: Json

    async def hours(self, person: str, on: str, **values: Any) -> Json:
        given = {"project_id": self.project["id"], "person_id": person, "worked_on": on, "hours": "8"}
        return await add(self.client, "time-entries", **given, **{"approval": "approved", **values})

    async def readiness(self, label: str = "2026-03") -> Json:
        answer = await self.client.get(f"/v1/periods/{label}/readiness")
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    async def act(self, verb: str, label: str = "2026-03", **body: Any) -> httpx.Response:
        return await self.client.post(f"/v1/periods/{label}/{verb}", json=body)

    async def done(self, verb: str, label: str = "2026-03", **body: Any) -> Json:
        answer = await self.act(verb, label, **body)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found


@pytest_asyncio.fixture(loop_scope="session")
async def office(client: httpx.AsyncClient, database: RolledBack) -> Office:
    made = []
    for name in ("maria", "jon"):
        values = {"home_role": "account_manager", "display_name": name.title()}
        made.append(str(await database.write(make_person, f"{name}@agency.example", **values)))
        await add(client, "rates", person_id=made[-1], cost_rate="60", currency="EUR", valid_from="2026-03-01")
    return Office(client, database, made[0], made[1], await add_project(client))


async def fill_march(office: Office) -> None:
    for person in (office.maria, office.jon):
        for monday in ("2026-02-23", "2026-03-02", "2026-03-09", "2026-03-16", "2026-03-23", "2026-03-30"):
            await office.hours(person, monday)


def refused(answer: httpx.Response, status: int, code: str) -> Json:
    problem: Json = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code), answer.text
    return problem


def kinds(found: Json) -> dict[str, int | None]:
    return {kind: count for kind, count in found["counts"].items() if count}


# The story.


async def test_a_month_is_made_ready_closed_reopened_for_a_reason_and_closed_anew(office: Office) -> None:
    client = office.client
    ana = str(await office.database.write(make_person, "ana@agency.example", home_role="account_manager"))
    with day(AFTER):
        await fill_march(office)
        await office.hours(ana, "2026-03-02", worked_until="2026-03-13")
        for_approval = [await office.hours(office.jon, f"2026-03-0{n}", approval="submitted") for n in (3, 4, 5)]
        gone = (await client.get("/v1/time-entries", params={"worked_on": "2026-03-16"})).json()["items"]
        for entry in gone:
            await client.delete(f"/v1/time-entries/{entry['id']}", headers={"If-Match": entry["etag"]})
        # From the 16th a week without a single hour; Jon is away.
        await client.post("/v1/time-off", json={"person_id": ana, "from_on": "2026-03-23", "until_on": "2026-03-31"})
        await client.post(
            "/v1/time-off", json={"person_id": office.jon, "from_on": "2026-03-16", "until_on": "2026-03-20"}
        )
        found = await office.readiness()
        assert not found["ready"]
        assert found["counts"] == {
            "missing_timesheet": 2,
            "unapproved_hours": 3,
            "missing_rate": 1,
            "missing_exchange_rate": 0,
            "unmatched_worklog": None,
        }
        assert found["not_counted"] == [{"kind": "unmatched_worklog", "reason": "no integration is connected"}]
        for obstacle in found["obstacles"]:
            assert (await client.get(obstacle["link"])).status_code == 200, obstacle
        timesheets = [o for o in found["obstacles"] if o["kind"] == "missing_timesheet"]
        assert {o["subject_id"] for o in timesheets} == {ana, office.maria}
        assert all("2026-W12" in o["detail"] for o in timesheets)

        problem = refused(await office.act("close"), 409, "period-not-ready")
        assert problem["obstacles"] == found["obstacles"]

        await office.hours(office.maria, "2026-03-17")
        await office.hours(ana, "2026-03-17")
        await add(client, "rates", person_id=ana, cost_rate="40", currency="EUR", valid_from="2026-03-01")
        for entry in for_approval:
            url, headers = f"/v1/time-entries/{entry['id']}", {"If-Match": entry["etag"]}
            assert (await client.patch(url, json={"approval": "approved"}, headers=headers)).status_code == 200
        assert (await office.readiness())["ready"]
        closed = await office.done("close")
        assert (closed["status"], closed["revision"], closed["allowed_transitions"]) == ("closed", 1, ["open"])

        late = (await client.get(f"/v1/time-entries/{for_approval[0]['id']}")).json()
        url, headers = f"/v1/time-entries/{late['id']}", {"If-Match": late["etag"]}
        problem = refused(await client.patch(url, json={"hours": "6"}, headers=headers), 409, "period-closed")
        assert problem["period"] == "2026-03"
        assert "POST /v1/periods/2026-03/reopen" in problem["detail"]

        opened = await office.done("reopen", **REASON)
        assert (opened["status"], opened["revision"]) == ("open", 1)
        assert (await client.patch(url, json={"hours": "6"}, headers=headers)).status_code == 200
        assert (await office.done("close"))["revision"] == 2

    steps = (await client.get("/v1/period-history", params={"period": "2026-03"})).json()["items"]
    assert [(step["step"], step["revision"]) for step in steps] == [("closed", 1), ("reopened", 1), ("closed", 2)]
    decision = (await client.get(f"/v1/decisions/{steps[1]['decision_id']}")).json()
    assert (decision["kind"], decision["subject_id"], decision["why"]) == ("reopening", opened["id"], REASON["reason"])
    told = [(type, data) for type, data in await events(office.database) if type.startswith("period.")]
    assert told == [
        ("period.closed", {"label": "2026-03", "revision": 1}),
        ("period.reopened", {"label": "2026-03", "revision": 1}),
        ("period.closed", {"label": "2026-03", "revision": 2}),
    ]


# Reading.


async def test_a_month_that_never_was_closed_is_open_at_revision_0(office: Office) -> None:
    found = (await office.client.get("/v1/periods/2026-02")).json()
    assert (found["status"], found["revision"], found["version"], found["id"]) == ("open", 0, 0, None)
    assert (found["starts_on"], found["ends_on"]) == ("2026-02-01", "2026-03-01")
    assert found["allowed_transitions"] == ["closed"]
    assert (await office.client.get("/v1/periods")).json()["items"] == []


@pytest.mark.parametrize("label", ["2026-13", "2026-00", "2026-3", "1999-12", "2050-01", "2026-W03"])
async def test_what_is_no_month_is_refused(office: Office, label: str) -> None:
    assert (await office.client.get(f"/v1/periods/{label}")).status_code == 422


async def test_periods_are_listed_by_status(office: Office) -> None:
    with day(AFTER):
        for label in ("2026-01", "2026-02"):
            await office.done("close", label)
        await office.done("reopen", "2026-01", **REASON)
    for status, label in (("open", "2026-01"), ("closed", "2026-02")):
        items = (await office.client.get("/v1/periods", params={"status": status})).json()["items"]
        assert [item["label"] for item in items] == [label]


# Closing and reopening.


async def test_a_month_that_is_not_over_is_not_closed(office: Office) -> None:
    with day("2026-03-31"):
        problem = refused(await office.act("close"), 409, "period-not-over")
    assert "2026-04-01" in problem["detail"]
    with day(AFTER):
        assert (await office.done("close"))["status"] == "closed"


async def test_obstacles_are_accepted_for_a_reason_which_is_logged(office: Office) -> None:
    with day(AFTER):
        await office.hours(office.maria, "2026-03-31", approval="draft")
        for body in ({"accept_obstacles": True}, {"reason": "Now."}):
            refused(await office.act("close", **body), 422, "invalid")
        closed = await office.done("close", **ACCEPTED)
    logged = (await office.client.get("/v1/decisions", params={"subject_id": closed["id"]})).json()["items"]
    assert [(row["kind"], row["why"]) for row in logged] == [("override", ACCEPTED["reason"])]
    assert logged[0]["impact"] == {"missing_timesheet": 1, "unapproved_hours": 1}


async def test_a_month_without_obstacles_needs_no_override(office: Office) -> None:
    with day(AFTER):
        closed = await office.done("close", "2026-01", **ACCEPTED)
    assert (await office.client.get("/v1/decisions", params={"subject_id": closed["id"]})).json()["items"] == []


async def test_a_closed_month_is_not_closed_again_nor_an_open_one_reopened(office: Office) -> None:
    with day(AFTER):
        refused(await office.act("reopen", **REASON), 409, "illegal-transition")
        await office.done("close")
        refused(await office.act("close"), 409, "illegal-transition")


async def test_reopening_needs_a_reason(office: Office) -> None:
    with day(AFTER):
        await office.done("close")
        for body in ({}, {"reason": "  "}):
            refused(await office.act("reopen", **body), 422, "invalid")


async def test_steps_honour_the_version_that_was_read(office: Office) -> None:
    url = "/v1/periods/2026-03"
    with day(AFTER):
        etag = (await office.client.get(url)).headers["ETag"]
        closed = await office.client.post(f"{url}/close", headers={"If-Match": etag})
        assert closed.status_code == 200
        stale = await office.client.post(f"{url}/reopen", json=REASON, headers={"If-Match": etag})
        refused(stale, 412, "stale-version")
        headers = {"If-Match": closed.headers["ETag"]}
        assert (await office.client.post(f"{url}/reopen", json=REASON, headers=headers)).status_code == 200


async def test_a_dry_run_closes_nothing(office: Office) -> None:
    with day(AFTER):
        answer = await office.client.post("/v1/periods/2026-03/close?dry_run=true")
    assert (answer.status_code, answer.json()["status"]) == (200, "closed")
    assert (await office.client.get("/v1/periods/2026-03")).json()["revision"] == 0


@pytest.mark.parametrize("role", ["manager", "contributor", "analyst", "viewer", "integration"])
async def test_only_who_may_override_closes_and_reopens(client_as: ClientFactory, role: str) -> None:
    other = await client_as(role)
    for verb in ("close", "reopen"):
        refused(await other.post(f"/v1/periods/2026-01/{verb}", json=REASON), 403, "forbidden")


async def test_history_is_never_changed(office: Office) -> None:
    with day(AFTER):
        await office.done("close")
    for statement in (sa.delete(table_of(PeriodHistory)), sa.update(table_of(PeriodHistory)).values(revision=7)):
        with pytest.raises(AppendOnly):
            await office.database.write(lambda conn, statement=statement: conn.execute(statement))


# A closed month.


async def fact_values(office: Office, table: str, on: date) -> dict[str, Any]:
    project = UUID(office.project["id"])
    money = {"project_id": project, "amount": Decimal(10), "currency": "EUR"}
    worked = {"project_id": project, "person_id": UUID(office.maria), "hours": Decimal(1)}
    spoke = {"client_id": UUID(office.project["client_id"]), "person_id": UUID(office.maria), "kind": "proactive"}
    values: dict[str, dict[str, Any]] = {
        "time_entry": worked,
        "expense": money,
        "invoice": money,
        "deliverable_review": {"project_id": project, "deliverable": "Design", "outcome": "accepted"},
        "defect": {"project_id": project, "title": "It fails"},
        "feedback": {"subject": "project", "project_id": project, "csat": 4},
        "touchpoint": spoke,
    }
    return {**values[table], FACT_DAYS[table][0]: on}


@pytest.mark.parametrize("table", FACT_DAYS)
async def test_facts_of_a_closed_month_are_not_added_corrected_moved_or_withdrawn(office: Office, table: str) -> None:
    facts, database = metadata.tables[table], office.database
    day_column = FACT_DAYS[table][0]

    async def write(step: Any, *args: Any) -> Any:
        return await database.write(step, SYSTEM, facts, *args)

    inside = await write(records.record, await fact_values(office, table, MARCH))
    outside = await write(records.record, await fact_values(office, table, date(2026, 4, 1)))
    with day(AFTER):
        await office.done("close", **(ACCEPTED if table == "time_entry" else {}))
    first = await fact_values(office, table, date(2026, 3, 31))
    tries: list[tuple[Any, ...]] = [
        (records.record, first),
        (records.record_all, [first]),
        (records.correct, inside, {day_column: date(2026, 3, 3)}, None),
        (records.correct, inside, {day_column: date(2026, 4, 2)}, None),
        (records.correct, outside, {day_column: MARCH}, None),
        (records.correct_all, [(inside, {day_column: MARCH})]),
        (records.correct_all, [(outside, {day_column: MARCH})]),
        (records.withdraw, inside, None),
    ]
    for step, *args in tries:
        with pytest.raises(PeriodClosed) as found:
            await write(step, *args)
        assert found.value.extra == {"period": "2026-03"}
    # Beside it nothing is in the way.
    moved = await write(records.correct, outside, {day_column: date(2026, 4, 2)}, None)
    await write(records.withdraw, moved, None)
    await write(records.record, await fact_values(office, table, date(2026, 2, 28)))


async def test_an_entry_of_several_days_is_refused_where_any_lies_in_a_closed_month(office: Office) -> None:
    body = {"project_id": office.project["id"], "person_id": office.maria}
    with day(AFTER):
        await office.done("close")
        for first, last, status in (
            ("2026-02-23", "2026-03-01", 409),
            ("2026-03-31", "2026-04-03", 409),
            ("2026-03-30", "2026-03-31", 409),
            ("2026-02-23", "2026-02-28", 201),
            ("2026-04-01", "2026-04-03", 201),
        ):
            sent = {**body, "worked_on": first, "worked_until": last, "hours": "8"}
            answer = await office.client.post("/v1/time-entries", json=sent)
            assert answer.status_code == status, (first, last, answer.text)


async def test_a_defect_of_a_closed_month_is_resolved_in_an_open_one(office: Office) -> None:
    client, headers = office.client, {"If-Match": "*"}
    found = {"project_id": office.project["id"], "found_on": "2026-03-20"}
    with day("2026-05-04"):
        one, other = [(await add(client, "defects", **found, title=title))["id"] for title in ("It fails", "It lags")]
        await office.done("close")
        url = f"/v1/defects/{one}"
        # Anything but the later step is a correction of March, as is a step that lies in it.
        for changes in (
            {"severity": "low"},
            {"resolved_on": "2026-04-02", "escaped": True},
            {"found_on": "2026-04-01"},
        ):
            refused(await client.patch(url, json=changes, headers=headers), 409, "period-closed")
        for on in ("2026-03-25", "2026-04-02"):
            answer = await client.post(f"{url}/resolve", json={"on": on})
            assert answer.status_code == (409 if on == "2026-03-25" else 200), answer.text
        problem = refused(await client.delete(url, headers=headers), 409, "period-closed")
        assert problem["period"] == "2026-03"
        # It is back, and resolved anew.
        assert (await client.patch(url, json={"resolved_on": None}, headers=headers)).json()["is_open"]
        assert (await client.post(f"{url}/resolve", json={"on": "2026-04-20"})).json()["resolved_on"] == "2026-04-20"
        # The books of its second day are kept as well.
        await office.done("close", "2026-04")
        for path, body in ((url, {"resolved_on": None}), (f"/v1/defects/{other}", {"resolved_on": "2026-04-30"})):
            problem = refused(await client.patch(path, json=body, headers=headers), 409, "period-closed")
            assert problem["period"] == "2026-04"
        assert (await client.post(f"/v1/defects/{other}/resolve")).status_code == 200


@pytest.mark.parametrize("table", LATER_STEP)
def test_a_later_step_leaves_every_other_column_alone(table: str) -> None:
    step, others = LATER_STEP[table]
    assert {*others, step} == metadata.tables[table].columns.keys() - Fact.model_fields.keys()


async def test_a_note_of_a_closed_month_stays_as_it_is(office: Office) -> None:
    with day(AFTER):
        made = await office.hours(office.maria, "2026-03-02")
        await office.done("close", **ACCEPTED)
        url = f"/v1/time-entries/{made['id']}"
        headers = {"If-Match": made["etag"]}
        refused(await office.client.patch(url, json={"note": "Late"}, headers=headers), 409, "period-closed")
        problem = refused(await office.client.delete(url, headers=headers), 409, "period-closed")
    assert problem["period"] == "2026-03"


async def test_of_a_batch_nothing_is_stored_when_one_lies_in_a_closed_month(office: Office) -> None:
    one = {"project_id": office.project["id"], "person_id": office.maria, "hours": "1"}
    with day(AFTER):
        await office.done("close")
        body = {"entries": [{**one, "worked_on": "2026-04-01"}, {**one, "worked_on": "2026-03-01"}]}
        problem = refused(await office.client.post("/v1/time-entries/batch", json=body), 409, "period-closed")
    assert problem["period"] == "2026-03"
    assert (await office.client.get("/v1/time-entries")).json()["items"] == []


async def test_a_rate_correction_leaves_closed_months_alone_and_counts_them(office: Office) -> None:
    with day(AFTER):
        for on in ("2026-03-02", "2026-03-03", "2026-04-01"):
            await office.hours(office.maria, on)
        await office.done("close", **ACCEPTED)
        await add(
            office.client, "rates", person_id=office.maria, cost_rate="70", currency="EUR", valid_from="2026-03-02"
        )
    items = (await office.client.get("/v1/time-entries", params={"sort": "worked_on"})).json()["items"]
    assert [item["cost_rate"] for item in items] == ["60.00", "60.00", "70.00"]
    told = [data for type, data in await events(office.database) if type == "time_entries.repriced"]
    assert told == [{"time_entries": 1, "in_closed_periods": 2}]


async def test_duty_rules_leave_closed_months_alone_and_count_them(office: Office) -> None:
    with day(AFTER):
        for on in ("2026-03-02", "2026-04-01"):
            await office.hours(office.maria, on, issue_type="Bug")
        await office.hours(office.maria, "2026-04-01", issue_type="Story")
        await office.done("close", **ACCEPTED)
    await add(office.client, "duty-rules", position=1, issue_type="Bug", responsibility="testing")
    tagged, unmatched = await office.database.write(time_entries.tag_time_entries, SYSTEM, None, None)
    assert (tagged, unmatched) == ({"testing": 1}, 1)
    told = [data for type, data in await events(office.database) if type == "time_entries.tagged"]
    assert told == [{"time_entries": 1, "in_closed_periods": 1}]


# Readiness.


async def test_readiness_asks_the_same_statements_whatever_there_is(office: Office) -> None:
    async def counted() -> int:
        with office.database.counting() as statements:
            await office.readiness()
        return len(statements)

    with day(AFTER):
        empty = await counted()
        await fill_march(office)
        await office.hours(office.maria, "2026-03-04", approval="draft")
        assert await counted() == empty


async def test_who_logs_no_hours_is_left_out_and_counted(office: Office) -> None:
    with day(AFTER):
        no_role = str(await office.database.write(make_person, "boss@agency.example"))
        await office.hours(no_role, "2026-03-02")
        await office.hours(office.maria, "2025-12-01")  # more than 90 days ago
        found = await office.readiness()
    assert (found["people_left_out"], found["counts"]["missing_timesheet"]) == (3, 0)


async def test_only_200_are_listed_and_all_are_counted(office: Office) -> None:
    one = {"project_id": office.project["id"], "person_id": office.maria, "hours": "1", "worked_on": "2026-03-02"}
    with day(AFTER):
        made = await office.client.post("/v1/time-entries/batch", json={"entries": [one] * 205})
        assert made.status_code == 201
        found = await office.readiness()
    assert found["counts"]["unapproved_hours"] == 205
    assert sum(o["kind"] == "unapproved_hours" for o in found["obstacles"]) == 200


async def test_money_without_an_exchange_rate_on_its_day_is_in_the_way(office: Office) -> None:
    client, own = office.client, {"project_id": office.project["id"], "amount": "10"}
    with day(AFTER):
        spent = await add(client, "expenses", **own, incurred_on="2026-03-05", currency="CHF")
        sent = await add(client, "invoices", **own, invoiced_on="2026-03-20", currency="USD")
        await add(client, "expenses", **own, incurred_on="2026-03-06", currency="EUR")
        found = await office.readiness()
        assert kinds(found) == {"missing_exchange_rate": 2}
        assert [o["link"] for o in found["obstacles"]] == [f"/v1/expenses/{spent['id']}", f"/v1/invoices/{sent['id']}"]
        await add(client, "exchange-rates", base="CHF", quote="EUR", rate="1.05", valid_from="2026-03-06")  # too late
        await add(client, "exchange-rates", base="EUR", quote="USD", rate="1.1", valid_from="2026-01-01")
        assert kinds(await office.readiness()) == {"missing_exchange_rate": 1}
        await add(client, "exchange-rates", base="CHF", quote="EUR", rate="1.05", valid_from="2026-03-05")
        assert (await office.readiness())["ready"]


# The rules.

WORKING = {date(2026, 3, n) for n in range(1, 32) if date(2026, 3, n).weekday() < 5}
FORTY = Decimal(40)


@pytest.mark.parametrize(
    ("staff", "expected"),
    [
        (Staff(FORTY, None, None), ["W09", "W10", "W11", "W12", "W13", "W14"][1:]),
        (Staff(Decimal(0), None, None), []),
        (Staff(FORTY, date(2026, 3, 27), None), ["W13", "W14"]),
        (Staff(FORTY, None, date(2026, 3, 2)), ["W10"]),
        (Staff(FORTY, None, None, [Away(date(2026, 3, 3), date(2026, 3, 31), None)]), ["W10"]),
        (Staff(FORTY, None, None, [Away(date(2026, 3, 1), date(2026, 3, 31), Decimal(8))]), []),
        (Staff(FORTY, None, None, [Away(date(2026, 3, 16), date(2026, 3, 31), None)] * 2), ["W10", "W11"]),
    ],
)
def test_hours_are_missed_in_weeks_that_had_any(staff: Staff, expected: list[str]) -> None:
    weeks = rules.weeks_of(rules.month_of("2026-03"), date(2026, 4, 1))
    found = rules.missing_weeks(staff, weeks, WORKING, set())
    assert [week.label.removeprefix("2026-") for week in found] == expected


def test_only_days_that_have_passed_are_asked_for() -> None:
    march = rules.month_of("2026-03")
    assert rules.weeks_of(march, date(2026, 3, 1)) == []
    assert rules.weeks_of(march, date(2026, 3, 10)) == periods_between(march.start, date(2026, 3, 10), Grain.WEEK)
    assert rules.weeks_of(march, date(2027, 1, 1))[-1] == period_of(date(2026, 3, 31), Grain.WEEK)


def test_a_month_is_over_on_the_day_after_it() -> None:
    march = rules.month_of("2026-03")
    assert not rules.is_over(march, date(2026, 3, 31))
    assert rules.is_over(march, date(2026, 4, 1))
