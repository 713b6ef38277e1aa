"""What looking over the portfolio costs: `python -m tests.load.overview`.

Rescue triage of 500 projects, the impact of a change's three options, and the Monday view's page of 200 over 10,000
projects. Compared, in the same run, with one hand-written SQL statement that adds up the same hours by project and does
nothing more. CPU of this process (without Postgres's own), the median of interleaved rounds; seconds are wall time.
"""

import asyncio
import random
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import sqlalchemy as sa

from app import logs
from app.core import clock
from app.core.caller import SYSTEM, AccessRole
from app.core.ids import new_id
from app.db.dispatcher import Database, open_database
from app.db.migrate import migrate
from app.db.record import table_of
from app.features.clients import service as clients
from app.features.clients.schemas import ClientCreate
from app.main import create_app
from app.models.assignment import Assignment
from app.models.change_request import ChangeOption, ChangeRequest, ChangeStatus, OptionKind
from app.models.commitment import Commitment, CommitmentStatus
from app.models.delivery import Estimate, StatusReport
from app.models.person import Person, PersonRate
from app.models.project import Baseline, BaselineCause, BaselineMilestone, Milestone, Project, ProjectStatusSpan, Seat
from app.models.risk import Risk
from app.models.role import MANAGER_ROLES, PRODUCTION_MANAGER
from app.models.time_entry import TimeEntry
from app.settings import DatabaseSettings, Settings
from tests.factories import make_key
from tests.load.rounds import interleaved
from tests.postgres import PostgresServer

TRIAGED, SEEN, PEOPLE, ENTRIES, ROUNDS = 500, 10_000, 200, 20, 5

BARE = sa.text(
    "SELECT t.project_id, SUM(t.hours), SUM(t.hours * (t.cost_rate / 10000)) FROM time_entry t "
    "JOIN project_status p ON p.project_id = t.project_id AND p.superseded_at IS NULL AND p.status = 'active' "
    "WHERE t.superseded_at IS NULL GROUP BY t.project_id"
)


def fill(conn: sa.Connection, projects: int) -> UUID:
    """Active projects with everything that a look over them reads; answers the id of a change with three options."""
    chance = random.Random(3)
    client = clients.create_client(conn, SYSTEM, ClientCreate(code="C", name="C"))
    now, today = clock.now(), clock.today()
    start = today - timedelta(120)
    made = {"version": 1, "created_at": now, "updated_at": now}
    fact = {"version": 1, "created_at": now, "recorded_at": now}
    rows: dict[Any, list[dict[str, Any]]] = {}

    def add(model: Any, **values: Any) -> UUID:
        id: UUID = new_id()
        rows.setdefault(model, []).append({"id": id, **values})
        return id

    def add_fact(model: Any, **values: Any) -> UUID:
        id = add(model, **values, **fact)
        rows[model][-1]["row_id"] = id
        return id

    people = []
    for number in range(PEOPLE):
        mail = f"p{number}@agency.example"
        people.append(add(Person, email=mail, display_name=mail, search_text=mail, active_cap=Decimal(100), **made))
        add_fact(PersonRate, person_id=people[-1], cost_rate=Decimal(60), currency="EUR", valid_from=date(2020, 1, 1))
    for number in range(projects):
        agreed = {
            "currency": "EUR",
            "fee": Decimal(60_000),
            "cost_budget": Decimal(40_000),
            "hours_budget": Decimal(600),
            "start_on": start,
            "due_on": today + timedelta(60),
        }
        code = f"P{number:05}"
        named = {"code": code, "name": code, "search_text": code.lower(), "client_id": client.id}
        project = add(Project, **named, **agreed, remaining_value=Decimal(20_000), **made)
        of = {"project_id": project}
        span = add(ProjectStatusSpan, **of, status="active", valid_from=start, recorded_at=now)
        rows[ProjectStatusSpan][-1]["transition_id"] = span
        baseline = add(
            Baseline, **of, **agreed, number=1, cause=BaselineCause.ACTIVATION, valid_from=start, created_at=now
        )
        for step in range(4):
            planned = {"name": f"Stage {step}", "planned_on": start + timedelta(45 * (step + 1)), "weight": Decimal(1)}
            reached = planned["planned_on"] if step < chance.randint(0, 3) else None
            milestone = add(Milestone, **of, **planned, reached_on=reached, **made)
            add(BaselineMilestone, baseline_id=baseline, milestone_id=milestone, **planned)
        for offset, role in enumerate(MANAGER_ROLES):
            add(Seat, **of, role=role, load_weight=Decimal("0.5"), **made)
            holder = people[(number + offset) % PEOPLE]
            add_fact(Assignment, **of, role=role, person_id=holder, valid_from=start)
        hours = {"hours_budget": Decimal(600), "hours_remaining": Decimal(chance.randint(50, 400))}
        add(Estimate, **of, role=PRODUCTION_MANAGER, **hours, as_of=today - timedelta(7), **made)
        add(StatusReport, **of, reported_on=today - timedelta(chance.randint(1, 30)), **made)
        for step in range(2):
            due = today - timedelta(chance.randint(-20, 60))
            kept = {"status": CommitmentStatus.KEPT, "result_achieved_on": due} if due < today else {"status": "open"}
            days = {"promised_on": start, "original_due_on": due, "due_on": due, "client_id": client.id}
            promise = {"promised_by_id": people[number % PEOPLE], "statement": "There.", "renegotiations": 0}
            add(Commitment, **of, **days, **promise, **({"result_achieved_on": None} | kept), **made)
            texts = {"cause": "It.", "event": "May.", "effect": "Happen."}
            rated = {"likelihood": chance.randint(1, 5), "impact": chance.randint(1, 5), "strategy": "reduce"}
            dated = {"due_on": due, "identified_on": start, "status": "open"}
            add(Risk, **of, number=step + 1, **texts, **rated, **dated, **made)
        for step in range(ENTRIES):
            add_fact(
                TimeEntry,
                **of,
                person_id=people[(number + step) % PEOPLE],
                worked_on=start + timedelta(5 * step),
                hours=Decimal(chance.randint(1, 8)),
                billable=True,
                approval="approved",
                source="tandem",
                cost_rate=Decimal(60),
                cost_currency="EUR",
            )
    asked = {"title": "More", "value_statement": "More.", "status": ChangeStatus.AWAITING_DECISION}
    change = add(ChangeRequest, project_id=rows[Project][0]["id"], number=1, **asked, **made)
    for number in range(1, 4):
        takes = {
            "hours": [{"role": PRODUCTION_MANAGER, "hours": str(20 * number)}],
            "purchases": [],
            "risk_changes": [],
        }
        option = {"kind": OptionKind.AS_ASKED, "title": "So", "price": Decimal(5000 * number)}
        add(ChangeOption, change_request_id=change, number=number, **option, **takes, **made)
    for model, values in rows.items():
        conn.execute(sa.insert(table_of(model)), values)
    return change


async def measure(name: str, url: str, projects: int, paths: dict[str, str]) -> None:
    """Print what each path costs on the database at `url`, over so many projects."""
    await migrate(url)
    settings = Settings(database=DatabaseSettings(url=url))
    database: Database = open_database(**settings.database.model_dump())
    try:
        change = await database.write(fill, projects)
        if database.dialect == "postgresql":
            await database.write(lambda conn: conn.exec_driver_sql("ANALYZE"))
        key = await database.write(lambda conn: make_key(conn, AccessRole.PMO_LEAD))
        transport = httpx.ASGITransport(create_app(settings, database))
        headers = {"Authorization": f"Bearer {key}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://bench", headers=headers) as client:
            seconds: dict[str, float] = {}

            async def bare() -> None:
                await database.read(lambda conn: conn.execute(BARE).all())

            def asking(what: str, path: str) -> Callable[[], Awaitable[None]]:
                async def ask() -> None:
                    began = time.perf_counter()
                    answer = await client.get(path.format(change=change), timeout=120)
                    answer.raise_for_status()
                    seconds[what] = min(seconds.get(what, 1e9), time.perf_counter() - began)

                return ask

            subjects = {"bare": bare} | {what: asking(what, path) for what, path in paths.items()}
            costs = await interleaved(subjects, ROUNDS)
        for what in paths:
            ratio = costs["bare"] / costs[what]
            print(
                f"  {name}, {projects} projects, {what}: {costs[what]:.0f} ms CPU, {seconds[what]:.2f} s, "
                f"bare sums {costs['bare']:.0f} ms, ratio {ratio:.2f}"
            )
    finally:
        await database.close()


async def measure_all(name: str, urls: dict[str, str]) -> None:
    paths = {
        "rescue triage": "/v1/rescue-triage?limit=500",
        "impact of three options": "/v1/change-requests/{change}/impact",
    }
    await measure(name, urls["small"], TRIAGED, paths)
    await measure(name, urls["large"], SEEN, {"Monday view, page of 200": "/v1/portfolio?limit=200"})


async def on_postgres(server: PostgresServer) -> None:
    urls = {}
    connection = await asyncpg.connect(server.url)
    try:
        for size in ("small", "large"):
            await connection.execute(f'CREATE DATABASE "overview_{size}"')
            urls[size] = server.url.rpartition("/")[0] + f"/overview_{size}"
    finally:
        await connection.close()
    await measure_all("Postgres", urls)


def main() -> None:
    logs.configure("error")
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure_all("SQLite", {size: f"sqlite:///{folder}/{size}.db" for size in ("small", "large")}))
    server = PostgresServer()
    try:
        asyncio.run(on_postgres(server))
    finally:
        server.close()


if __name__ == "__main__":
    main()
