"""The demo portfolio: the same for a seed and a day, lifelike, and within every rule."""

import time
from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa

from app.core import clock
from app.core.caller import SYSTEM
from app.db.record import table_of
from app.demo import SEED, has_data, is_demo, load, make_world
from app.demo.clients import ACME
from app.demo.people import JON, MARIA
from app.demo.projects import ACME_WEB
from app.demo.rows import World
from app.features.projects.rules import STATES, Holding, held_twice
from app.models.assignment import Assignment
from app.models.audit import AuditEntry
from app.models.change_request import ChangeImpact, ChangeRequest
from app.models.client import Client
from app.models.commitment import Commitment
from app.models.finance import Expense, Invoice
from app.models.person import Person, TimeOff
from app.models.project import Baseline, Milestone, Project, ProjectStatus, ProjectStatusSpan, Seat
from app.models.role import MANAGER_ROLES
from app.models.time_entry import TimeEntry
from tests.databases import RolledBack

Row = dict[str, Any]
# Among them a leap day, the turn of a year, and a Monday after a holiday.
DAYS = [date(2024, 2, 29), date(2026, 1, 1), date(2026, 5, 4), date(2027, 8, 15)]


@pytest.fixture(scope="module", params=DAYS, ids=str)
def world(request: pytest.FixtureRequest) -> World:
    return make_world(request.param)


def by_project(rows: list[Row]) -> dict[UUID, list[Row]]:
    found: dict[UUID, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["project_id"]].append(row)
    return found


def status_on(spans: list[Row], day: date) -> str | None:
    return next(
        (s["status"] for s in spans if s["valid_from"] <= day and (s["valid_to"] is None or day < s["valid_to"])), None
    )


def held_seats(world: World) -> list[Row]:
    return [row for row in world.of(Assignment) if row["kind"] == "holder" and row["role"] in MANAGER_ROLES]


def test_the_same_seed_and_day_give_the_same_rows() -> None:
    first, second = make_world(DAYS[0]), make_world(DAYS[0])
    assert first.rows == second.rows
    assert make_world(DAYS[0], SEED + 1).rows != first.rows


def test_is_the_agency_that_the_documentation_speaks_of(world: World) -> None:
    sizes = [len(world.of(model)) for model in (Person, Client, Project)]
    assert sizes == [12, 15, 60]
    assert 8_000 < len(world.of(TimeEntry)) < 16_000
    named = {row["id"]: row for model in (Person, Client, Project) for row in world.of(model)}
    assert named[ACME]["code"] == "ACME"
    assert named[MARIA]["email"] == "maria.lopez@agency.example"
    assert named[JON]["email"] == "jon.berg@agency.example"
    assert (named[ACME_WEB]["code"], named[ACME_WEB]["client_id"]) == ("ACME-WEB", ACME)
    assert len({row["engagement"] for row in world.of(Project)}) == 5
    now = Counter(status_on(spans, world.today) for spans in by_project(world.of(ProjectStatusSpan)).values())
    assert set(now) == set(ProjectStatus)


def test_histories_are_legal_and_without_gaps(world: World) -> None:
    for spans in by_project(world.of(ProjectStatusSpan)).values():
        for earlier, later in pairwise(spans):
            assert earlier["valid_to"] == later["valid_from"]
            assert earlier["valid_from"] < earlier["valid_to"]
            assert ProjectStatus(later["status"]) in STATES.allowed(ProjectStatus(earlier["status"]))
        assert spans[-1]["valid_to"] is None


def test_split_projects_are_managed_by_two_people(world: World) -> None:
    managers = by_project(
        [row for row in world.of(Assignment) if row["role"] in MANAGER_ROLES and row["kind"] == "holder"]
    )
    for project in world.of(Project):
        held = [
            Holding(row["person_id"], row["role"], row["valid_from"], row["valid_to"])
            for row in managers[project["id"]]
        ]
        if project["management"] == "split":
            assert held_twice(held, project["split_on"]) is None, project["code"]


def test_managers_are_busy_but_never_over_their_caps(world: World) -> None:
    spans, weights = by_project(world.of(ProjectStatusSpan)), {}
    for seat in world.of(Seat):
        weights[seat["project_id"], seat["role"]] = seat["load_weight"]
    people = {row["id"]: row for row in world.of(Person)}
    for ago in range(0, 730, 7):
        day = world.today - timedelta(ago)
        loads: dict[tuple[UUID, str | None], Decimal] = defaultdict(Decimal)
        for row in held_seats(world):
            if row["valid_from"] <= day and (row["valid_to"] is None or day < row["valid_to"]):
                loads[row["person_id"], status_on(spans[row["project_id"]], day)] += weights[
                    row["project_id"], row["role"]
                ]
        for (person_id, status), load_now in loads.items():
            if status == "active":
                assert load_now <= people[person_id]["active_cap"]
            if status == "back_burner":
                assert load_now <= people[person_id]["back_burner_cap"]
        if ago == 0:
            managers = [id for id, row in people.items() if row["home_role"] in MANAGER_ROLES]
            assert all(loads[id, "active"] >= 3 for id in managers)
            assert all(loads[id, "back_burner"] >= 3 for id in managers)


def test_people_work_only_while_they_are_there_on_what_is_theirs(world: World) -> None:
    people = {row["id"]: row for row in world.of(Person)}
    projects = {row["id"]: row for row in world.of(Project)}
    away: dict[UUID, set[date]] = defaultdict(set)
    for row in world.of(TimeOff):
        days = (row["until_on"] - row["from_on"]).days + 1
        away[row["person_id"]] |= {row["from_on"] + timedelta(number) for number in range(days)}
    for row in world.of(Assignment):
        assert row["valid_to"] is None or row["valid_to"] > row["valid_from"]
        if row["person_id"] is not None:
            assert row["valid_from"] >= people[row["person_id"]]["hired_on"]
    hours: dict[tuple[UUID, date], Decimal] = defaultdict(Decimal)
    for row in world.of(TimeEntry):
        if row["superseded_at"] is None:
            hours[row["person_id"], row["worked_on"]] += row["hours"]
            assert people[row["person_id"]]["hired_on"] <= row["worked_on"] < world.today
            assert row["worked_on"] not in away[row["person_id"]]
            assert projects[row["project_id"]]["start_on"] <= row["worked_on"]
    assert max(hours.values()) <= 10


def test_nothing_is_from_the_future(world: World) -> None:
    for rows in world.rows.values():
        for row in rows:
            for name in ("created_at", "recorded_at", "superseded_at"):
                assert row.get(name) is None or row[name].date() < world.today
    for model, name in ((TimeEntry, "worked_on"), (Expense, "incurred_on"), (Invoice, "invoiced_on")):
        assert max(row[name] for row in world.of(model)) < world.today
    assert max(row["reached_on"] for row in world.of(Milestone) if row["reached_on"]) < world.today


def test_the_figures_are_lifelike(world: World) -> None:
    valid = [row for row in world.of(TimeEntry) if row["superseded_at"] is None]
    total = sum(row["hours"] for row in valid)
    billable = sum(row["hours"] for row in valid if row["billable"])
    assert 0.6 < billable / total < 0.85
    latest: dict[UUID, Row] = {row["project_id"]: row for row in world.of(Baseline)}
    closed = [row for row in world.of(Project) if row["closed_on"]]
    on_time = sum(row["closed_on"] <= latest[row["id"]]["due_on"] for row in closed)
    assert len(closed) >= 8
    assert 0 < on_time < len(closed)
    cost = sum(row["hours"] * row["cost_rate"] for row in valid)
    invoiced = sum(row["amount"] for row in world.of(Invoice))
    assert Decimal("1.1") < invoiced / cost < Decimal("2.5")


def test_some_seats_are_vacant_and_the_documented_one_is_free_to_be_filled(world: World) -> None:
    held = {
        (row["project_id"], row["role"])
        for row in world.of(Assignment)
        if row["kind"] == "holder" and (row["valid_to"] is None or row["valid_to"] > world.today)
    }
    spans = by_project(world.of(ProjectStatusSpan))
    active = [id for id, rows in spans.items() if status_on(rows, world.today) == "active"]
    vacant = [(id, role) for id in active for role in MANAGER_ROLES if (id, role) not in held]
    assert {(ACME_WEB, role) for role in MANAGER_ROLES} < set(vacant)
    assert len(vacant) < 6


async def test_loads_into_either_database_within_seconds(database: RolledBack) -> None:
    """The databases' own rules hold too: the exclusive seat, the references, the checks."""
    assert not await database.read(has_data)
    began = time.perf_counter()
    counts = await database.write(load, SYSTEM, make_world(clock.today()))
    assert time.perf_counter() - began < 30  # some 2 s on a machine of one's own
    assert await database.read(has_data)
    assert await database.read(is_demo)
    entries = table_of(TimeEntry)
    stored = await database.read(
        lambda conn: conn.execute(sa.select(sa.func.count()).select_from(entries)).scalar_one()
    )
    assert stored == counts["time_entry"]
    audits = table_of(AuditEntry)
    actions = await database.read(lambda conn: list(conn.execute(sa.select(audits.c.action)).scalars()))
    assert actions == ["demo loaded"]


def test_changes_move_what_they_say(world: World) -> None:
    """Every baseline behind the first has its change, decided and done; the open ones are in every state."""
    changes = {row["id"]: row for row in world.of(ChangeRequest)}
    for baseline in world.of(Baseline):
        if baseline["number"] > 1:
            assert changes[baseline["change_request_id"]]["baseline_id"] == baseline["id"]
    assert {row["status"] for row in changes.values()} >= {"awaiting_decision", "assessing", "postponed", "implemented"}
    chosen = [row for row in world.of(ChangeImpact) if row["chosen"]]
    assert len(chosen) == sum(baseline["number"] > 1 for baseline in world.of(Baseline))
    spent = {row["change_request_id"] for row in world.of(TimeEntry)} - {None}
    assert spent <= {row["id"] for row in changes.values() if row["status"] == "implemented"}


def test_promises_are_mostly_kept(world: World) -> None:
    states = Counter(row["status"] for row in world.of(Commitment))
    ended = states["kept"] + states["late"] + states["broken"]
    assert 0.6 < states["kept"] / ended < 0.95
    for row in world.of(Commitment):
        assert row["promised_on"] <= row["original_due_on"] <= row["due_on"]
        assert (row["status"] == "kept") <= (row["result_achieved_on"] is not None)


async def test_can_be_read_by_the_api(database: RolledBack, client: httpx.AsyncClient) -> None:
    await database.write(load, SYSTEM, make_world(clock.today()))
    for path in (
        *("clients", "contacts", "people", "projects", "assignments", "time-entries", "invoices", "expenses"),
        *("estimates", "status-reports", "goals", "goal-links", "commitments", "commitment-renegotiations", "risks"),
        *("rescues", "rescue-actions", "change-requests", "change-options", "decisions", "decision-outcomes"),
        *("change-asks", "deliverable-reviews", "defects", "feedback", "feedback-requests", "outcomes", "touchpoints"),
        *("relationships", "duty-rules", "duty-profiles", "handovers", "handover-notices", "handover-tasks", "periods"),
        *("period-history", "project-templates", "project-tasks", "skill-needs", "developments", "charter-versions"),
        *("portfolio", "reminders", "touchpoint-gaps"),
    ):
        answer = await client.get(f"/v1/{path}?limit=200")
        assert answer.status_code == 200, answer.text
        assert answer.json()["items"]
    project = (await client.get("/v1/projects/ACME-WEB")).json()
    assert (project["id"], project["status"]) == (str(ACME_WEB), "active")
