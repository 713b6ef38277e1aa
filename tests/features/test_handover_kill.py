"""Killed in the middle of completing a hand-over, the service leaves all seats old, or all new."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

from app.core import clock
from app.core.caller import AccessRole
from app.db.dispatcher import Database
from tests.commands import served
from tests.factories import make_key
from tests.features.test_assignments import person

ACCOUNT = "account_manager"
SEATS = 15
WORDS = {"name": "All at once", "reason": "The role is split.", "benefit": "Somebody for you.", "overlap_days": 0}

Call = Callable[..., dict[str, Any]]


def prepare(call: Call, maria: str, jon: str) -> str:
    """A hand-over of many seats of which nothing is missing any more."""
    today = clock.today().isoformat()
    client = call("POST", "clients", code="ACME", name="Acme")
    moves = []
    for number in range(SEATS):
        given = {"code": f"P{number}", "name": "A project", "client_id": client["id"], "engagement": "internal"}
        seat = {"project_id": call("POST", "projects", **given)["id"], "role": ACCOUNT}
        call("POST", "assignments", **seat, person_id=maria, valid_from="2026-01-01")
        moves.append({**seat, "to_person_id": jon})
    made = call("POST", "handovers", **WORDS, effective_on=today, moves=moves)
    call("POST", f"handovers/{made['id']}/schedule")
    for task in call("GET", f"handover-tasks?handover_id={made['id']}")["items"]:
        call("PATCH", f"handover-tasks/{task['id']}", done=True)
    id: str = made["id"]
    return id


async def test_a_kill_amid_a_completion_leaves_all_seats_old_or_all_new(clone_url: str, own_database: Database) -> None:
    maria, jon = await person(own_database, "maria"), await person(own_database, "jon")
    key = await own_database.write(lambda conn: make_key(conn, AccessRole.PMO_LEAD))
    headers = {"Authorization": f"Bearer {key}", "If-Match": "*"}

    def calling(address: str) -> Call:
        def call(method: str, path: str, **body: Any) -> dict[str, Any]:
            answer = http.request(method, f"{address}/v1/{path}", json=body or None)
            assert answer.is_success, answer.text
            found: dict[str, Any] = answer.json()
            return found

        return call

    with httpx.Client(headers=headers, timeout=30) as http, ThreadPoolExecutor(1) as pool:
        with served(clone_url) as (running, address):
            id = prepare(calling(address), maria, jon)
            completing = pool.submit(http.post, f"{address}/v1/handovers/{id}/complete")
            await asyncio.sleep(0.06)
            running.process.kill()
            error = completing.exception()
            assert error is None or isinstance(error, httpx.TransportError)
        with served(clone_url) as (_, address):
            call = calling(address)
            status = call("GET", f"handovers/{id}")["status"]
            held = call("GET", "assignments?state=active&kind=holder&limit=200")["items"]
    assert [item["person_id"] for item in held] == [jon if status == "completed" else maria] * SEATS
