"""Races over HTTP: several processes on one Postgres, one on an SQLite file, and fifty callers at once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest_asyncio

from app.core.caller import AccessRole
from app.db.dispatcher import Database
from tests.commands import served
from tests.factories import make_key
from tests.features.calls import Json, add, add_project

CALLERS = 50
ROLE = "account_manager"


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


def seat(project: Json, person: Json) -> dict[str, Any]:
    return {"project_id": project["id"], "role": ROLE, "person_id": person["id"], "valid_from": "2026-01-05"}


async def at_once(clients: list[httpx.AsyncClient], bodies: list[dict[str, Any]]) -> list[httpx.Response]:
    """The bodies posted by as many callers, spread over the processes."""
    sent = (clients[n % len(clients)].post("/v1/assignments", json=body) for n, body in enumerate(bodies))
    return list(await asyncio.gather(*sent))


async def test_fifty_callers_for_one_seat_leave_one_holder(processes: list[httpx.AsyncClient]) -> None:
    first = processes[0]
    project = await add_project(first, "WEB", status="active", status_on="2026-01-05")
    people = [
        await add(first, "people", email=f"p{n}@agency.example", display_name=f"Person {n}") for n in range(CALLERS)
    ]
    answers = await at_once(processes, [seat(project, person) for person in people])
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: CALLERS - 1}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"seat-taken"}
    listed = (await first.get("/v1/assignments", params={"project_id": project["id"], "limit": 200})).json()["items"]
    winner = next(answer for answer in answers if answer.status_code == 201)
    assert [item["id"] for item in listed] == [winner.json()["id"]]


async def test_fifty_projects_for_the_last_places_of_a_manager_end_at_the_cap(
    processes: list[httpx.AsyncClient],
) -> None:
    first = processes[0]
    maria = await add(first, "people", email="maria@agency.example", display_name="Maria", active_cap="1")
    projects = [await add_project(first, f"P{n}", status="active", status_on="2026-01-05") for n in range(CALLERS)]
    answers = await at_once(processes, [seat(project, maria) for project in projects])
    assert Counter(answer.status_code for answer in answers) == {201: 2, 409: CALLERS - 2}  # half a place each
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"over-capacity"}
    load = (await first.get(f"/v1/people/{maria['id']}/load", params={"on": "2026-02-02"})).json()
    assert load["active"]["load"] == "1"
