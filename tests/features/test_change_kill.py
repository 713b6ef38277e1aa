"""Killed in the middle of deciding a change, the service leaves it undecided, or decided with all that it brings."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import sqlalchemy as sa

from app.core.caller import AccessRole
from app.db.dispatcher import Database
from app.db.record import table_of
from app.models.change_request import ChangeImpact
from app.models.decision import Decision
from tests.commands import served
from tests.factories import make_key

OPTIONS = 12
LISTS: dict[str, Any] = {"hours": [{"role": "designer", "hours": "3"}]}

Call = Callable[..., dict[str, Any]]


def prepare(call: Call) -> tuple[str, dict[str, Any]]:
    """A change with many options that awaits its decision, and the decision."""
    client = call("POST", "clients", code="ACME", name="Acme")
    given = {"code": "WEB", "name": "A shop", "client_id": client["id"], "status": "active", "fee": "1000"}
    project = call("POST", "projects", **given)
    contact = call("POST", "contacts", client_id=client["id"], name="Ada", role="sponsor")
    call("POST", "roles", key="designer", name="Designer")
    asked = {"project_id": project["id"], "title": "Gift cards", "value_statement": "They sell."}
    change = call("POST", "change-requests", **asked)["id"]
    options = [
        call("POST", "change-options", change_request_id=change, title=f"Option {number}", price="200", **LISTS)
        for number in range(OPTIONS)
    ]
    for step in ("submit", "assess", "present"):
        call("POST", f"change-requests/{change}/{step}")
    chosen = {"outcome": "approved", "option_id": options[0]["id"], "why": "It pays.", "contact_id": contact["id"]}
    return change, chosen


async def counted(database: Database, *tables: sa.Table) -> list[int]:
    def read(conn: sa.Connection) -> list[int]:
        return [conn.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() for table in tables]

    return await database.read(read)


async def test_a_kill_amid_a_decision_leaves_all_of_it_or_nothing(clone_url: str, own_database: Database) -> None:
    key = await own_database.write(lambda conn: make_key(conn, AccessRole.PMO_LEAD))
    headers = {"Authorization": f"Bearer {key}"}

    def calling(address: str) -> Call:
        def call(method: str, path: str, **body: Any) -> dict[str, Any]:
            answer = http.request(method, f"{address}/v1/{path}", json=body or None)
            assert answer.is_success, answer.text
            found: dict[str, Any] = answer.json()
            return found

        return call

    with httpx.Client(headers=headers, timeout=30) as http, ThreadPoolExecutor(1) as pool:
        with served(clone_url) as (running, address):
            id, chosen = prepare(calling(address))
            deciding = pool.submit(http.post, f"{address}/v1/change-requests/{id}/decide", json=chosen)
            await asyncio.sleep(0.05)
            running.process.kill()
            error = deciding.exception()
            assert error is None or isinstance(error, httpx.TransportError)
        with served(clone_url) as (_, address):
            call = calling(address)
            change = call("GET", f"change-requests/{id}")
            fee = call("GET", "projects/WEB")["fee"]
            numbers = [item["number"] for item in call("GET", "baselines?sort=number")["items"]]
    frozen, logged = await counted(own_database, table_of(ChangeImpact), table_of(Decision))
    if change["status"] == "approved":
        assert (fee, numbers, frozen, logged) == ("1200.00", [1, 2], OPTIONS, 1)
    else:
        assert change["status"] == "awaiting_decision"
        assert (fee, numbers, frozen, logged) == ("1000.00", [1], 0, 0)
