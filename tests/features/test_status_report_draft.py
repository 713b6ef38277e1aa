from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
import sqlalchemy as sa

from app.core.caller import AccessRole
from app.core.ids import new_id
from app.db.record import table_of
from app.features.status_reports import rules, sentences
from app.features.status_reports.rules import Point, Suggestion
from app.models.change_request import ChangeRequest
from app.models.commitment import Commitment, CommitmentRenegotiation
from app.models.handover import Handover, HandoverMove, HandoverNotice
from app.models.rescue import Rescue, RescueAction
from app.models.risk import Issue, Risk
from app.models.time_entry import TimeEntry
from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.factories import make_person
from tests.features.calls import Json, add, add_project, day

LAST, TODAY = "2026-06-08", "2026-06-15"
ON = date.fromisoformat(TODAY)
ACCOUNT, PRODUCTION = "account_manager", "production_manager"


def noon(text: str) -> datetime:
    return datetime.combine(date.fromisoformat(text), time(12), UTC)


def in_days(days: int) -> date:
    return ON + timedelta(days)


@dataclass
class Shop:
    """A project with both managers, begun in May, and the client who reports about it."""

    http: httpx.AsyncClient
    database: RolledBack
    project: Json
    maria: UUID
    jon: UUID

    @property
    def id(self) -> UUID:
        return UUID(self.project["id"])

    async def has(self, model: Any, /, **values: Any) -> UUID:
        """A row, as its own API would have made it."""
        table, id, now = table_of(model), new_id(), noon(LAST)
        given = {"id": id, "row_id": id, "version": 1, "project_id": self.id, **values}
        given = {**dict.fromkeys(("created_at", "updated_at", "recorded_at"), now), **given}
        row = {name: value for name, value in given.items() if name in table.c}
        await self.database.write(lambda conn: conn.execute(sa.insert(table), row))
        return id

    async def promise(self, due: int, /, **values: Any) -> UUID:
        given = {"statement": "The texts are in", "promised_by_id": self.maria, "promised_on": date(2026, 5, 4)}
        due_on = in_days(due)
        return await self.has(Commitment, **{**given, "original_due_on": due_on, "due_on": due_on, **values})

    async def risk(self, number: int, /, **values: Any) -> UUID:
        words = {"cause": "One supplier", "event": f"Risk {number} comes true", "effect": "We wait"}
        given = {"likelihood": 2, "impact": 3, "identified_on": date(2026, 5, 4)}
        return await self.has(Risk, number=number, **{**words, **given, **values})

    async def change(self, number: int, status: str, /, **values: Any) -> UUID:
        given = {"title": f"Change {number}", "value_statement": "More sales", "status": status}
        return await self.has(ChangeRequest, number=number, **{**given, "submitted_at": noon("2026-05-04"), **values})

    async def milestone(self, name: str, /, **values: Any) -> Json:
        return await add(self.http, "milestones", project_id=self.project["id"], name=name, **values)

    async def worked(self, on: str, hours: str, person: UUID, **values: Any) -> UUID:
        given = {"person_id": person, "worked_on": date.fromisoformat(on), "hours": Decimal(hours)}
        return await self.has(TimeEntry, **given, **values)

    async def reported(self, on: str = LAST, **values: Any) -> Json:
        with day(TODAY):
            body = {"project_id": self.project["id"], "reported_on": on, **values}
            answer = await self.http.post("/v1/status-reports", json=body)
        assert answer.status_code == 201, answer.text
        made: Json = answer.json()
        return made

    async def draft(self, http: httpx.AsyncClient | None = None, **query: Any) -> Json:
        with day(TODAY):
            address = f"/v1/projects/{self.project['code']}/status-report-draft"
            answer = await (http or self.http).get(address, params=query)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    async def suggested(self, dimension: str) -> tuple[str, str]:
        draft = await self.draft()
        found = {item["dimension"]: (item["health"], item["reason"]) for item in draft["suggestions"]}
        assert draft["report"][dimension] == found[dimension][0]
        return found[dimension]


@pytest_asyncio.fixture(loop_scope="session")
async def shop(client: httpx.AsyncClient, database: RolledBack) -> AsyncIterator[Shop]:
    with day("2026-05-04"):
        maria = await database.write(make_person, home_role=ACCOUNT)
        jon = await database.write(make_person, "jon@agency.example", home_role=PRODUCTION)
        project = await add_project(
            client, status="active", start_on="2026-05-04", due_on="2026-08-31", hours_budget=200, cost_budget=10000
        )
        for role, who in ((ACCOUNT, maria), (PRODUCTION, jon)):
            seat = {"project_id": project["id"], "role": role, "person_id": str(who), "valid_from": "2026-05-04"}
            await add(client, "assignments", **seat)
    yield Shop(client, database, project, maria, jon)


async def test_begins_behind_the_last_report(shop: Shop) -> None:
    assert (await shop.draft())["from_on"] == "2026-05-04"
    last = await shop.reported()
    draft = await shop.draft()
    assert (draft["from_on"], draft["on"], draft["last_report_id"]) == ("2026-06-09", TODAY, last["id"])
    assert (draft["report"]["reported_on"], draft["report_id"]) == (TODAY, None)
    ahead = await shop.http.get("/v1/projects/WEB/status-report-draft", params={"on": "2049-01-01"})
    assert (ahead.status_code, ahead.json()["errors"][0]["pointer"]) == (422, "?on")


async def test_names_the_report_that_there_is_of_the_day(shop: Shop) -> None:
    earlier, of_day = await shop.reported(), await shop.reported(TODAY)
    draft = await shop.draft()
    assert (draft["last_report_id"], draft["report_id"], draft["from_on"]) == (
        earlier["id"],
        of_day["id"],
        "2026-06-09",
    )
    body = {name: value for name, value in draft["report"].items() if name != "project_id"}
    address = f"/v1/status-reports/{of_day['id']}"
    with day(TODAY):
        assert (await shop.http.patch(address, json=body, headers={"If-Match": "*"})).status_code == 200


async def test_looks_a_fortnight_back_where_nothing_says_since_when(shop: Shop) -> None:
    await shop.http.patch("/v1/projects/WEB", json={"start_on": None}, headers={"If-Match": "*"})
    assert (await shop.draft())["from_on"] == "2026-06-02"


async def test_tells_what_was_reached_and_what_has_slipped(shop: Shop) -> None:
    await shop.reported()
    await shop.milestone("Concept", planned_on="2026-06-01", reached_on=LAST)
    await shop.milestone("Design", planned_on="2026-06-09", reached_on="2026-06-10")
    await shop.milestone("Texts", planned_on="2026-06-12")
    await shop.milestone("Launch", planned_on="2026-08-01", forecast_on="2026-08-15")
    await shop.milestone("Party", planned_on="2026-08-20")
    draft = await shop.draft()
    assert [(item["name"], item["days_late"]) for item in draft["reached"]] == [("Design", 1)]
    assert [(item["name"], item["days_late"]) for item in draft["slipped"]] == [("Texts", 3), ("Launch", 14)]
    assert draft["report"]["percent_complete"] == "40"
    assert draft["report"]["narrative"] == "Reached: Design. Slipped: Texts by 3 days; Launch by 14 days."


async def test_tells_what_was_decided(shop: Shop) -> None:
    await shop.reported()
    for on, what in ((LAST, "Too early"), ("2026-06-09", "Blue it is")):
        with day(on):
            body = {"kind": "other", "subject_type": "project", "subject_id": shop.project["id"], "why": "Contrast"}
            await add(shop.http, "decisions", **body, what=what)
    await shop.change(1, "draft", submitted_at=None)
    await shop.change(2, "submitted", submitted_at=noon("2026-06-10"))
    await shop.change(3, "approved", decided_at=noon("2026-06-11"))
    await shop.change(4, "awaiting_decision", decide_by=in_days(3))
    await shop.change(5, "rejected", decided_at=noon(LAST))
    draft = await shop.draft()
    decided = draft["decided"]
    assert [item["what"] for item in decided["decisions"]] == ["Blue it is"]
    assert [item["number"] for item in decided["changes_submitted"]] == [2]
    assert [(item["number"], item["decided_on"]) for item in decided["changes_decided"]] == [(3, "2026-06-11")]
    assert [item["number"] for item in decided["changes_waiting"]] == [2, 4]
    assert await shop.suggested("scope") == ("at_risk", "Changes that wait for a decision: 2.")


async def test_tells_what_was_promised(shop: Shop) -> None:
    await shop.reported()
    closed = {"closed_on": in_days(-3)}
    made = await shop.promise(10, promised_on=in_days(-1))
    kept = await shop.promise(-3, status="kept", **closed)
    late = await shop.promise(-4, status="late", **closed)
    broken = await shop.promise(4, status="broken", **closed)
    await shop.promise(4, status="withdrawn", **closed)
    await shop.promise(-20, status="kept", closed_on=in_days(-20))
    overdue = await shop.promise(-1)
    moved = await shop.promise(12, original_due_on=in_days(-1), renegotiations=1)
    days = {"former_due_on": in_days(-1), "due_on": in_days(12), "renegotiated_on": in_days(-2)}
    await shop.has(CommitmentRenegotiation, commitment_id=moved, variance_reason="capacity", **days)
    promised = (await shop.draft())["promised"]
    found = {what: [item["id"] for item in items] for what, items in promised.items()}
    assert found == {
        "made": [str(made)],
        "kept": [str(kept)],
        "late": [str(late)],
        "broken": [str(broken)],
        "renegotiated": [str(moved)],
        "overdue": [str(overdue)],
    }
    (told,) = promised["renegotiated"]
    assert (told["former_due_on"], told["on"], told["due_on"]) == ("2026-06-14", "2026-06-13", "2026-06-27")
    assert promised["overdue"][0]["to_client"] is True


async def test_tells_the_hours_by_role_and_the_cost_to_those_who_may_see_it(
    shop: Shop, client_as: ClientFactory
) -> None:
    await shop.reported()
    rate = {"cost_rate": Decimal(50), "cost_currency": "EUR"}
    await shop.worked(LAST, "40", shop.maria, **rate)
    await shop.worked("2026-06-09", "7.5", shop.maria, **rate)
    await shop.worked(TODAY, "8", shop.jon)
    await shop.worked("2026-06-16", "8", shop.jon, **rate)
    expense = {"project_id": shop.project["id"], "incurred_on": "2026-06-10", "amount": "25", "currency": "EUR"}
    await add(shop.http, "expenses", **expense)
    spent = (await shop.draft())["spent"]
    hours = {
        "hours_in_period": "15.5",
        "hours": "55.5",
        "by_role": [
            {"role": ACCOUNT, "hours_in_period": "7.5", "hours": "47.5"},
            {"role": PRODUCTION, "hours_in_period": "8", "hours": "8"},
        ],
        "hours_budget": "200",
        "hours_used_percent": "27.75",
        "hours_on_unapproved_changes": "0",
    }
    assert spent == hours | {
        "currency": "EUR",
        "cost_in_period": "400.00",
        "cost": "2400.00",
        "cost_reason": None,
        "cost_budget": "10000.00",
        "cost_used_percent": "24",
        "entries_without_rate": 1,
    }
    viewer = await shop.draft(await client_as(AccessRole.VIEWER))
    assert viewer["spent"] == hours
    manager = await client_as(AccessRole.MANAGER, person_id=shop.maria)
    assert (await shop.draft(manager))["spent"] == spent
    assert "Hours worked: 15.5, 27.75 % of the budget in all." in viewer["report"]["narrative"]


async def test_a_cost_without_its_rates_is_unknown_and_says_so(shop: Shop) -> None:
    nothing = (await shop.draft())["spent"]
    assert (nothing["cost"], nothing["cost_reason"]) == ("0.00", None)
    await shop.worked(TODAY, "8", shop.jon)
    unknown = (await shop.draft())["spent"]
    assert (unknown["cost"], unknown["cost_used_percent"], unknown["cost_reason"]) == (None, None, "missing_rate")


async def test_tells_a_share_of_a_budget_that_stands_for_none(shop: Shop) -> None:
    little = {"cost_budget": "0.0001", "hours_budget": "0.01"}
    await shop.http.patch("/v1/projects/WEB", json=little, headers={"If-Match": "*"})
    await shop.worked(TODAY, "8", shop.jon, cost_rate=Decimal(1000), cost_currency="EUR")
    spent = (await shop.draft())["spent"]
    assert (spent["cost_used_percent"], spent["hours_used_percent"]) == ("8000000000", "80000")


async def test_tells_what_became_of_risks(shop: Shop) -> None:
    await shop.reported()
    await shop.risk(1, identified_on=in_days(-2), due_on=in_days(-1))
    await shop.risk(2, likelihood=5, impact=5)
    await shop.risk(3, status="closed", closed_on=in_days(-2))
    await shop.risk(4, status="closed", closed_on=in_days(-20))
    occurred = await shop.risk(5, status="occurred")
    words = {"cause": "One supplier", "event": "They are late", "effect": "We wait", "likelihood": 2, "impact": 2}
    await shop.has(Issue, number=1, risk_id=occurred, raised_on=in_days(-1), **words)
    risks = (await shop.draft())["risks"]
    assert {what: [item["number"] for item in items] for what, items in risks.items() if what != "exposure"} == {
        "opened": [1],
        "closed": [3],
        "occurred": [5],
        "overdue": [1],
    }
    assert (risks["exposure"], risks["occurred"][0]["over_on"]) == (31, "2026-06-14")


async def test_tells_what_is_due_next(shop: Shop) -> None:
    await shop.milestone("Launch", planned_on="2026-06-29")
    await shop.milestone("Party", planned_on="2026-06-30")
    await shop.promise(0)
    await shop.promise(1, status="kept", closed_on=ON)
    await shop.change(1, "assessing", decide_by=in_days(3))
    await shop.change(2, "approved", decide_by=in_days(3))
    await shop.risk(1, due_on=in_days(2), response="Ask a second supplier")
    rescue = await shop.has(Rescue, rescuer_id=shop.jon, opened_on=ON, trigger="Late")
    for done_at in (None, noon(TODAY)):
        action = {"statement": "Cut the scope", "owner_id": shop.jon, "due_on": in_days(5), "done_at": done_at}
        await shop.has(RescueAction, rescue_id=rescue, **action)
    draft = await shop.draft()
    assert [(item["kind"], item["what"], item["due_on"]) for item in draft["due_next"]] == [
        ("commitment", "The texts are in", TODAY),
        ("risk", "Ask a second supplier", "2026-06-17"),
        ("change_request", "Change 1", "2026-06-18"),
        ("rescue_action", "Cut the scope", "2026-06-20"),
        ("milestone", "Launch", "2026-06-29"),
    ]
    assert draft["report"]["next_steps"].startswith("By 2026-06-15: The texts are in. By 2026-06-17: Ask")
    assert len((await shop.draft(days=15))["due_next"]) == 6
    assert [item["kind"] for item in (await shop.draft(days=1))["due_next"]] == ["commitment"]
    for wrong in ("0", "61", "many"):
        answer = await shop.http.get("/v1/projects/WEB/status-report-draft", params={"days": wrong})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "?days")


async def test_what_it_drafts_is_accepted_unchanged(shop: Shop) -> None:
    await shop.milestone("Ü" * 200, planned_on="2026-05-05")
    for number in range(8):
        await shop.promise(number - 4, statement=("word " * 3000) + f"\n{number}")
        await shop.risk(number, due_on=in_days(number - 4))
        await shop.change(number, "submitted", decide_by=in_days(number))
    await shop.worked(TODAY, "8.25", shop.maria)
    draft = await shop.draft(days=60)
    with day(TODAY):
        made = await shop.http.post("/v1/status-reports", json=draft["report"])
    assert made.status_code == 201, made.text
    assert {name: made.json()[name] for name in draft["report"]} == draft["report"]
    assert (await shop.draft())["report_id"] == made.json()["id"]


async def test_a_project_of_which_nothing_is_known_has_a_draft_as_well(client: httpx.AsyncClient) -> None:
    await add_project(client)
    with day(TODAY):
        draft = (await client.get("/v1/projects/WEB/status-report-draft")).json()
        made = await client.post("/v1/status-reports", json=draft["report"])
    assert made.status_code == 201, made.text
    reasons = {item["dimension"]: (item["health"], item["reason"]) for item in draft["suggestions"]}
    assert reasons["scope"] == ("on_track", "Nothing known against it.")
    assert reasons["team"] == ("at_risk", "Vacant: account manager, production manager.")
    assert draft["report"]["narrative"] == "Nothing is recorded since 2026-06-02."
    assert (draft["report"]["next_steps"], draft["report"]["percent_complete"]) == ("Nothing is due soon.", None)


async def test_repeats_the_last_report_where_nothing_is_known_since(shop: Shop) -> None:
    await shop.reported(scope="off_track", client="at_risk", percent_complete="12.5")
    assert await shop.suggested("scope") == ("off_track", "As in the last report: nothing is known since.")
    assert (await shop.draft())["report"]["percent_complete"] == "12.5"
    await shop.promise(3)
    assert await shop.suggested("client") == ("on_track", "No promise to the client is overdue.")


async def test_hours_on_a_change_that_nobody_approved_put_the_scope_at_risk(shop: Shop) -> None:
    await shop.reported()
    change, approved = await shop.change(1, "rejected"), await shop.change(2, "approved")
    await shop.worked(TODAY, "3", shop.jon, change_request_id=approved)
    await shop.worked(LAST, "5", shop.jon, change_request_id=change)
    assert (await shop.suggested("scope"))[0] == "on_track"
    await shop.worked(TODAY, "2.5", shop.jon, change_request_id=change)
    assert await shop.suggested("scope") == ("at_risk", "2.5 hours went into changes that are not approved.")


async def test_ten_working_days_are_counted_by_the_office_calendar(shop: Shop) -> None:
    await shop.milestone("Design", planned_on="2026-06-01")  # a Monday: until the 15th ten working days follow
    assert (await shop.suggested("schedule"))[0] == "at_risk"
    await shop.milestone("Concept", planned_on="2026-05-31")
    assert await shop.suggested("schedule") == ("off_track", "Planned more than 10 working days ago: Concept.")
    await shop.http.patch("/v1/calendar-days/2026-06-04", json={"is_working": False}, headers={"If-Match": "*"})
    assert (await shop.suggested("schedule"))[0] == "at_risk"


@pytest.mark.parametrize(("ended", "health"), [("2026-06-10", "at_risk"), ("2026-06-09", "off_track")])
async def test_a_manager_s_seat_that_stays_vacant_puts_the_team_off_track(shop: Shop, ended: str, health: str) -> None:
    assert await shop.suggested("team") == ("on_track", "Every seat has its holder.")
    query = {"project_id": shop.project["id"], "role": PRODUCTION}
    (seat,) = (await shop.http.get("/v1/assignments", params=query)).json()["items"]
    with day(TODAY):
        ending = await shop.http.patch(
            f"/v1/assignments/{seat['id']}", json={"valid_to": ended}, headers={"If-Match": seat["etag"]}
        )
    assert ending.status_code == 200, ending.text
    assert (await shop.suggested("team"))[0] == health


async def test_a_promise_to_one_of_us_is_none_to_the_client(shop: Shop) -> None:
    await shop.promise(-6, promised_to_person_id=shop.jon)
    assert await shop.suggested("client") == ("on_track", "Nothing known against it.")
    await shop.promise(-5)
    assert (await shop.suggested("client"))[0] == "at_risk"
    await shop.promise(-6)
    assert await shop.suggested("client") == ("off_track", "A promise to the client is overdue by 6 days.")


async def test_an_open_concern_about_a_hand_over_puts_the_client_off_track(shop: Shop) -> None:
    client_id = UUID(shop.project["client_id"])
    contact = await add(shop.http, "contacts", client_id=str(client_id), name="Ada Keller", role="sponsor")
    words = {"name": "To Jon", "reason": "More work", "benefit": "More time", "effective_on": in_days(20)}
    handover = await shop.has(Handover, status="scheduled", **words)
    told = {"handover_id": handover, "client_id": client_id, "contact_id": UUID(contact["id"])}
    await shop.has(HandoverNotice, **told, subject="Jon", body="It is Jon", answer="concern")
    assert (await shop.suggested("client"))[0] == "on_track"  # it moves none of this project's seats
    await shop.has(HandoverMove, handover_id=handover, role=PRODUCTION, to_person_id=shop.maria)
    assert await shop.suggested("client") == ("off_track", "Open concerns of the client: 1.")


async def test_takes_the_same_number_of_statements_whatever_happened(shop: Shop, database: RolledBack) -> None:
    with database.counting() as for_nothing:
        await shop.draft()
    await shop.reported()
    for number in range(3):
        await shop.milestone(f"Step {number}", planned_on=TODAY)
        await shop.promise(number - 1)
        await shop.risk(number)
        await shop.change(number, "submitted")
        await shop.worked(TODAY, "1", shop.jon, cost_rate=Decimal(50), cost_currency="CHF")
    with database.counting() as for_much:
        await shop.draft()
    assert len(for_nothing) == len(for_much) == 19
    assert not [statement for statement in for_much if not statement.lstrip().startswith(("SELECT", "WITH"))]


def point(**values: Any) -> Point:
    days = dict.fromkeys(("planned_on", "forecast_on", "reached_on"))
    return Point(**{"id": new_id(), "name": "Launch", "weight": Decimal(1), **days, **values})


WORKING_DAYS = [in_days(-number) for number in range(11)]


@pytest.mark.parametrize(
    ("values", "days"),
    [
        ({}, 0),
        ({"planned_on": ON}, 0),
        ({"planned_on": in_days(-1)}, 1),
        ({"forecast_on": in_days(-2)}, 2),
        ({"planned_on": in_days(5), "forecast_on": in_days(5)}, 0),
        ({"planned_on": in_days(5), "forecast_on": in_days(6)}, 1),
        ({"planned_on": in_days(5), "forecast_on": in_days(-3)}, 3),
        ({"planned_on": in_days(-5), "forecast_on": in_days(-3)}, 5),
        ({"planned_on": in_days(-5), "reached_on": in_days(-4)}, 1),
        ({"planned_on": in_days(-4), "reached_on": in_days(-5)}, 0),
        ({"reached_on": in_days(-4)}, 0),
    ],
)
def test_a_milestone_is_late_by_its_forecast_or_by_the_days_that_have_passed(values: Json, days: int) -> None:
    assert point(**values).days_late(ON) == days


@pytest.mark.parametrize(
    ("points", "health"),
    [
        ([], None),
        ([point()], None),
        ([point(planned_on=ON)], "on_track"),
        ([point(planned_on=in_days(-1))], "at_risk"),
        ([point(planned_on=in_days(-10))], "at_risk"),
        ([point(planned_on=in_days(-11))], "off_track"),
        ([point(planned_on=in_days(-11), reached_on=ON)], "on_track"),
        ([point(planned_on=in_days(30), forecast_on=in_days(40))], "at_risk"),
        ([point(planned_on=in_days(30), forecast_on=in_days(41))], "off_track"),
    ],
)
def test_the_schedule_is_that_of_the_milestones(points: list[Point], health: str | None) -> None:
    found = rules.schedule(points, in_days(40), ON, WORKING_DAYS)
    assert (found and found.health) == health


@pytest.mark.parametrize(
    ("share", "percent", "health"),
    [
        ("0.5", None, None),
        ("0.525", "50", "on_track"),
        ("0.5251", "50", "at_risk"),
        ("0.6", "50", "at_risk"),
        ("0.6001", "50", "off_track"),
        ("1", "0", None),
        ("1.01", "0", "off_track"),
        ("1", "100", "on_track"),
    ],
)
def test_the_budget_is_held_against_what_is_complete(share: str, percent: str | None, health: str | None) -> None:
    complete = None if percent is None else Decimal(percent)
    found = rules.budget({"hours": Fraction("0.1"), "cost": Fraction(share)}, complete)
    assert (found and found.health) == health
    assert rules.budget({}, complete) is None


@pytest.mark.parametrize(
    ("waiting", "hours", "changes", "health"),
    [(0, "0", 0, None), (0, "0", 1, "on_track"), (1, "0", 1, "at_risk"), (0, "0.01", 1, "at_risk")],
)
def test_the_scope_is_at_risk_while_changes_wait(waiting: int, hours: str, changes: int, health: str | None) -> None:
    found = rules.scope(waiting, Decimal(hours), changes)
    assert (found and found.health) == health


@pytest.mark.parametrize(
    ("vacant", "health"),
    [
        ({}, "on_track"),
        ({"designer": 100}, "at_risk"),
        ({ACCOUNT: 5}, "at_risk"),
        ({ACCOUNT: 6}, "off_track"),
    ],
)
def test_the_team_is_that_of_the_seats(vacant: dict[str, int], health: str) -> None:
    found = rules.team(vacant, 3)
    assert found is not None
    assert found.health == health
    assert rules.team({}, 0) is None


@pytest.mark.parametrize(
    ("overdue", "promises", "concerns", "health"),
    [
        ([], 0, 0, None),
        ([], 1, 0, "on_track"),
        ([1, 5], 2, 0, "at_risk"),
        ([1, 6], 2, 0, "off_track"),
        ([], 0, 1, "off_track"),
    ],
)
def test_the_client_s_side_is_that_of_promises_and_concerns(
    overdue: list[int], promises: int, concerns: int, health: str | None
) -> None:
    found = rules.client(overdue, promises, concerns)
    assert (found and found.health) == health


def test_percent_complete_is_that_of_the_milestones_weights() -> None:
    third = [point(weight=Decimal(1), reached_on=ON), point(weight=Decimal(2))]
    assert rules.percent_complete(third, ON, None) == Decimal("33.33")
    assert rules.percent_complete(third, in_days(-1), None) == 0
    assert rules.percent_complete([point(weight=Decimal(0))], ON, Decimal(20)) == 20
    assert rules.percent_complete([], ON, None) is None


def test_a_good_last_report_is_not_held_against_a_project() -> None:
    last = dict.fromkeys(("scope", "schedule", "budget", "team", "client"), "on_track")
    found = rules.suggested({"scope": Suggestion(rules.AT_RISK, "Two changes wait.")}, {**last, "team": "at_risk"})
    assert {name: suggestion.health for name, suggestion in found.items()} == {
        **last,
        "scope": "at_risk",
        "team": "at_risk",
    }
    assert found["client"].reason == rules.NOTHING_KNOWN


def test_sentences_name_a_few_and_count_the_rest() -> None:
    draft: Json = {
        "promised": {"overdue": [{"statement": f"Text {number}.\n"} for number in range(7)]},
        "risks": {"overdue": []},
        "due_next": [],
    }
    assert sentences.next_steps(draft) == "Overdue promises: Text 0; Text 1; Text 2; Text 3; Text 4 and 2 more."
