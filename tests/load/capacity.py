"""What `GET /v1/capacity` costs over 40 people, 26 weeks and 800 assignments: `python -m tests.load.capacity`.

Compared, in the same run, with fetching the same assignments, seats and status spans by hand-written SQL and doing
nothing with them: what no answer can be cheaper than. CPU of this process, the median of interleaved rounds.
"""

import asyncio
import tempfile
from datetime import date, timedelta
from typing import Any
from uuid import UUID

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
from app.models.person import Person
from app.models.project import Project, ProjectStatusSpan, Seat
from app.models.role import MANAGER_ROLES
from app.settings import DatabaseSettings, Settings
from tests.factories import make_key
from tests.load.rounds import interleaved

PEOPLE, PROJECTS, WEEKS, ROUNDS = 40, 400, 26, 15
START = date(2026, 1, 5)
UNTIL = START + timedelta(weeks=WEEKS)

BARE = sa.text(
    "SELECT a.person_id, a.role, a.valid_from, a.valid_to, s.load_weight, p.status, p.valid_from, p.valid_to "
    "FROM assignment a JOIN seat s ON s.project_id = a.project_id AND s.role = a.role "
    "JOIN project_status p ON p.project_id = a.project_id AND p.superseded_at IS NULL "
    "WHERE a.superseded_at IS NULL"
)


def fill(conn: sa.Connection) -> None:
    """Every project has both seats held; two in five are active."""
    client = clients.create_client(conn, SYSTEM, ClientCreate(code="C", name="C"))
    now = clock.now()
    made = {"version": 1, "created_at": now}
    people: list[UUID] = [new_id() for _ in range(PEOPLE)]
    rows: dict[type, list[dict[str, Any]]] = {Person: [], Project: [], ProjectStatusSpan: [], Seat: [], Assignment: []}
    for number, id in enumerate(people):
        mail = f"p{number}@agency.example"
        rows[Person].append(
            {"id": id, "email": mail, "display_name": mail, "search_text": mail, "updated_at": now} | made
        )
    for number in range(PROJECTS):
        id, span = new_id(), new_id()
        code = f"P{number}"
        named = {"code": code, "name": code, "search_text": code, "client_id": client.id}
        rows[Project].append({"id": id, "updated_at": now} | named | made)
        status = "active" if number % 5 < 2 else "back_burner"
        days = {"valid_from": date(2025, 1, 1), "recorded_at": now}
        rows[ProjectStatusSpan].append({"id": span, "transition_id": span, "project_id": id, "status": status} | days)
        for offset, role in enumerate(MANAGER_ROLES):
            seat, fact = new_id(), new_id()
            rows[Seat].append({"id": seat, "project_id": id, "role": role, "updated_at": now} | made)
            holder = people[(number + offset) % PEOPLE]
            sits = {"id": fact, "row_id": fact, "project_id": id, "role": role, "person_id": holder}
            rows[Assignment].append(sits | days | made)
    for model, values in rows.items():
        conn.execute(sa.insert(table_of(model)), values)


async def measure(url: str) -> None:
    """Print what the answer costs on the database at `url`."""
    await migrate(url)
    settings = Settings(database=DatabaseSettings(url=url))
    database: Database = open_database(**settings.database.model_dump())
    try:
        await database.write(fill)
        key = await database.write(lambda conn: make_key(conn, AccessRole.PMO_LEAD))
        transport = httpx.ASGITransport(create_app(settings, database))
        headers = {"Authorization": f"Bearer {key}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://bench", headers=headers) as client:

            async def ask() -> None:
                answer = await client.get("/v1/capacity", params={"from": f"{START}", "until": f"{UNTIL}"}, timeout=60)
                answer.raise_for_status()

            async def bare() -> None:
                await database.read(lambda conn: conn.execute(BARE).all())

            costs = await interleaved({"answer": ask, "bare": bare}, ROUNDS)
        print(
            f"  capacity, {PEOPLE} people, {WEEKS} weeks, {2 * PROJECTS} assignments: {costs['answer']:.0f} ms, "
            f"bare rows {costs['bare']:.0f} ms, ratio {costs['bare'] / costs['answer']:.2f}"
        )
    finally:
        await database.close()


def main() -> None:
    logs.configure("error")
    with tempfile.TemporaryDirectory() as folder:
        print("SQLite, CPU of an answer:")
        asyncio.run(measure(f"sqlite:///{folder}/bench.db"))


if __name__ == "__main__":
    main()
