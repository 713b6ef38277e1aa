"""Closing against writers under way: over HTTP, with several processes on Postgres and one on SQLite."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import ExitStack
from datetime import date
from typing import Any

import httpx
import pytest
import pytest_asyncio
import sqlalchemy as sa
from sqlalchemy.util import await_only

from app.core.caller import SYSTEM, AccessRole
from app.db.books import lock_month
from app.db.dispatcher import Database
from app.db.record import table_of
from app.db.violations import PeriodClosed
from app.features.periods import service
from app.features.periods.schemas import PeriodClose
from app.messaging import records
from app.models.finance import Expense
from app.models.time_entry import TimeEntry
from tests.commands import served
from tests.factories import make_key
from tests.features.calls import Json, add, add_project

WRITERS = 30
LABEL, MARCH = "2026-03", date(2026, 3, 2)
ACCEPTED = {"accept_obstacles": True, "reason": "The rest follows in April."}
entries, expenses = table_of(TimeEntry), table_of(Expense)


@pytest_asyncio.fixture(loop_scope="session")
async def processes(own_database: Database, clone_url: str) -> AsyncIterator[list[httpx.AsyncClient]]:
    """A client for each of two processes on Postgres, for the one on SQLite."""
    key = await own_database.write(lambda conn: make_key(conn, AccessRole.PMO_LEAD))
    with ExitStack() as running:
        clients = []
        for _ in range(2 if clone_url.startswith("postgresql") else 1):
            _, address = await asyncio.to_thread(running.enter_context, served(clone_url))
            headers = {"Authorization": f"Bearer {key}"}
            clients.append(httpx.AsyncClient(base_url=address, headers=headers, timeout=60))
        yield clients
        for client in clients:
            await client.aclose()


def expense(project: Json, n: int) -> dict[str, Any]:
    return {"project_id": project["id"], "incurred_on": f"{LABEL}-{n % 28 + 1:02}", "amount": "10", "currency": "EUR"}


async def test_thirty_writers_against_one_closing_are_stored_before_it_or_refused(
    processes: list[httpx.AsyncClient], own_database: Database
) -> None:
    first = processes[0]
    project = await add_project(first)
    maria = await add(first, "people", email="maria@agency.example", display_name="Maria")
    hours = {"project_id": project["id"], "person_id": maria["id"], "worked_on": f"{LABEL}-02", "hours": "1"}

    async def write(n: int) -> httpx.Response:
        client = processes[n % len(processes)]
        if n % 2:
            return await client.post("/v1/time-entries", json=hours)
        return await client.post("/v1/expenses", json=expense(project, n))

    async def close() -> httpx.Response:
        return await first.post(f"/v1/periods/{LABEL}/close", json=ACCEPTED)

    half = WRITERS // 2
    done = await asyncio.gather(*map(write, range(half)), close(), *map(write, range(half, WRITERS)))
    closed, answers = done[half], done[:half] + done[half + 1 :]
    assert closed.status_code == 200, closed.text
    found = Counter(answer.status_code for answer in answers)
    assert set(found) <= {201, 409}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {"period-closed"}
    assert {answer.json()["period"] for answer in answers if answer.status_code == 409} <= {LABEL}

    def stored(conn: sa.Connection) -> int:
        return sum(conn.execute(sa.select(sa.func.count()).select_from(t)).scalar_one() for t in (entries, expenses))

    assert await own_database.read(stored) == found[201]
    late = await asyncio.gather(*(write(n) for n in range(4)))
    assert {answer.status_code for answer in late} == {409}
    assert await own_database.read(stored) == found[201]


async def test_ten_callers_close_a_month_once(processes: list[httpx.AsyncClient]) -> None:
    answers = await asyncio.gather(
        *(processes[n % len(processes)].post(f"/v1/periods/{LABEL}/close") for n in range(10))
    )
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 9}
    assert (await processes[0].get(f"/v1/periods/{LABEL}")).json()["revision"] == 1
    steps = (await processes[0].get("/v1/period-history")).json()["items"]
    assert [step["step"] for step in steps] == ["closed"]


def record_expense(conn: sa.Connection, project: Json) -> Any:
    values = {**expense(project, 1), "incurred_on": MARCH, "amount": 1}
    return records.record(conn, SYSTEM, expenses, values)


async def test_closing_waits_for_a_writer_and_a_writer_for_closing(
    processes: list[httpx.AsyncClient], own_database: Database
) -> None:
    """The two orders in which they can meet, each held open until the other has come."""
    if own_database.dialect == "sqlite":
        pytest.skip("there is one writer at a time")
    project = await add_project(processes[0])
    loop = asyncio.get_running_loop()

    async def held(service_: Any, other: Any) -> tuple[Any, Any]:
        """The outcome of a transaction that stays open until `other` has begun, and of `other`."""
        written, go = asyncio.Event(), asyncio.Event()

        def work(conn: sa.Connection) -> Any:
            result = service_(conn)
            loop.call_soon(written.set)
            await_only(go.wait())
            return result

        under_way = asyncio.create_task(own_database.write(work))
        await written.wait()
        waiting = asyncio.create_task(own_database.write(other))
        done, _ = await asyncio.wait([waiting], timeout=0.3)
        assert not done, "it did not wait"
        go.set()
        outcomes = await asyncio.gather(under_way, waiting, return_exceptions=True)
        return outcomes[0], outcomes[1]

    def close(conn: sa.Connection) -> Any:
        return service.close_period(conn, SYSTEM, LABEL, PeriodClose(), None)

    def write(conn: sa.Connection) -> Any:
        return record_expense(conn, project)

    written, closed = await held(write, close)
    assert closed.status == "closed"
    assert written.incurred_on == MARCH
    await own_database.write(lambda conn: service.reopen_period(conn, SYSTEM, LABEL, "Once more.", None))
    closed, refused = await held(close, write)
    assert closed.revision == 2
    assert isinstance(refused, PeriodClosed)
    assert refused.extra == {"period": LABEL}


async def test_writers_of_another_month_do_not_wait_for_a_closing(
    processes: list[httpx.AsyncClient], own_database: Database
) -> None:
    if own_database.dialect == "sqlite":
        pytest.skip("there is one writer at a time")
    project = await add_project(processes[0])

    def write_beside(conn: sa.Connection) -> None:
        lock_month(conn, MARCH)
        body = {**expense(project, 1), "incurred_on": "2026-04-01"}
        answer = await_only(processes[0].post("/v1/expenses", json=body))
        assert answer.status_code == 201, answer.text

    await own_database.write(write_beside)
