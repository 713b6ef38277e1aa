"""Calls that many tests of features begin with."""

from datetime import UTC, date, datetime, time
from typing import Any

import httpx
import sqlalchemy as sa
import time_machine

from app.db.dispatcher import Database
from app.db.record import table_of
from app.models.outbox_event import OutboxEvent

Json = dict[str, Any]


def day(text: str) -> time_machine.travel:
    """Noon of a day, with the clock going on from there."""
    return time_machine.travel(datetime.combine(date.fromisoformat(text), time(12), UTC), tick=True)


async def add(client: httpx.AsyncClient, plural: str, **values: Any) -> Json:
    answer = await client.post(f"/v1/{plural}", json=values)
    assert answer.status_code == 201, answer.text
    made: Json = answer.json()
    return made


async def add_client(client: httpx.AsyncClient, code: str = "ACME") -> Json:
    return await add(client, "clients", code=code, name=code.title())


async def add_project(client: httpx.AsyncClient, code: str = "WEB", client_code: str = "ACME", **values: Any) -> Json:
    """A project, of a client that is made where it is missing."""
    of = (await client.get("/v1/clients", params={"code": client_code})).json()["items"]
    client_id = (of[0] if of else await add_client(client, client_code))["id"]
    return await add(client, "projects", **{"code": code, "name": f"Project {code}", "client_id": client_id, **values})


async def move(client: httpx.AsyncClient, ref: str, to: str, on: str | None = None, **more: Any) -> httpx.Response:
    return await client.post(f"/v1/projects/{ref}/transitions", json={"to": to, "on": on, **more})


async def history(client: httpx.AsyncClient, ref: str) -> list[tuple[str, str, str | None]]:
    items = (await client.get(f"/v1/projects/{ref}/transitions")).json()["items"]
    return [(item["status"], item["valid_from"], item["valid_to"]) for item in items]


async def events(database: Database) -> list[tuple[str, Json]]:
    """The types and data of what the outbox holds, oldest first."""
    outbox = table_of(OutboxEvent)
    statement = sa.select(outbox.c.type, outbox.c.data).order_by(outbox.c.occurred_at, outbox.c.id)
    return [(row.type, row.data) for row in await database.read(lambda conn: conn.execute(statement).all())]
