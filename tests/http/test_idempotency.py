"""`Idempotency-Key`: the same request, sent again, happens once."""

import asyncio
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
import time_machine

from app.core import clock
from app.db.record import table_of
from app.http import idempotency
from app.models.audit import AuditEntry
from app.models.client import Client
from app.models.idempotency import IdempotencyRecord
from app.models.outbox_event import OutboxEvent
from tests.conftest import ClientFactory
from tests.databases import RolledBack

NORTHWIND = {"code": "NORTHWIND", "name": "Northwind Traders"}
KEY = {"Idempotency-Key": "6f1b0f0e-8a3e-4e2a-9f3c-0d7f4c1f2a11"}


async def count(database: RolledBack, *models: type) -> list[int]:
    def run(conn: sa.Connection) -> list[int]:
        return [conn.execute(sa.select(sa.func.count()).select_from(table_of(model))).scalar_one() for model in models]

    found: list[int] = await database.read(run)
    return found


async def test_the_same_request_gets_the_same_answer_and_happens_once(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    first = await client.post("/v1/clients", json=NORTHWIND, headers=KEY)
    kept = await count(database, Client, AuditEntry, OutboxEvent)
    again = await client.post("/v1/clients", json=NORTHWIND, headers=KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    for name in ("ETag", "Location", "Content-Type"):
        assert again.headers[name] == first.headers[name]
    assert (first.headers.get("Idempotency-Replayed"), again.headers["Idempotency-Replayed"]) == (None, "true")
    assert again.headers["X-Request-Id"] != first.headers["X-Request-Id"]
    assert await count(database, Client, AuditEntry, OutboxEvent) == kept


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/clients", {**NORTHWIND, "name": "Other"}),
        ("/v1/contacts", {"client_id": "01890000-0000-7000-8000-000000000001", "name": "Ada"}),
    ],
)
async def test_another_request_under_the_same_key_is_refused(
    path: str, body: dict[str, str], client: httpx.AsyncClient
) -> None:
    await client.post("/v1/clients", json=NORTHWIND, headers=KEY)
    answer = await client.post(path, json=body, headers=KEY)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency-key-reused")


async def test_a_failure_is_not_kept(client: httpx.AsyncClient) -> None:
    await client.post("/v1/clients", json=NORTHWIND)
    assert (await client.post("/v1/clients", json=NORTHWIND, headers=KEY)).status_code == 409
    await client.delete("/v1/clients/NORTHWIND", headers={"If-Match": "*"})
    assert (await client.post("/v1/clients", json=NORTHWIND, headers=KEY)).status_code == 201


async def test_a_rehearsal_keeps_no_answer(client: httpx.AsyncClient, database: RolledBack) -> None:
    rehearsed = await client.post("/v1/clients?dry_run=true", json=NORTHWIND, headers=KEY)
    assert (rehearsed.status_code, rehearsed.headers["Dry-Run"]) == (201, "true")
    assert await count(database, Client, AuditEntry, OutboxEvent, IdempotencyRecord) == [0, 0, 0, 0]
    assert "Idempotency-Replayed" not in (await client.post("/v1/clients", json=NORTHWIND, headers=KEY)).headers


async def test_keys_of_other_callers_are_their_own(client: httpx.AsyncClient, client_as: ClientFactory) -> None:
    other = await client_as("manager")
    assert (await client.post("/v1/clients", json=NORTHWIND, headers=KEY)).status_code == 201
    answer = await other.post("/v1/clients", json={**NORTHWIND, "code": "OTHER"}, headers=KEY)
    assert answer.status_code == 201
    assert "Idempotency-Replayed" not in answer.headers


async def test_a_kept_answer_is_not_shown_once_the_right_to_money_is_gone(
    client: httpx.AsyncClient, client_as: ClientFactory
) -> None:
    other = await client_as("pmo_lead")
    of = (await client.post("/v1/clients", json=NORTHWIND)).json()["id"]
    project = {"code": "WEB", "name": "Website", "client_id": of, "fee": "48000"}
    assert (await other.post("/v1/projects", json=project, headers=KEY)).json()["fee"] == "48000.00"
    id = (await other.get("/v1/me")).json()["key_id"]
    await client.patch(f"/v1/api-keys/{id}", json={"role": "manager"}, headers={"If-Match": "*"})
    assert isinstance(other._transport, httpx.ASGITransport)
    service: Any = other._transport.app
    service.state.sign_in._remembered.clear()
    answer = await other.post("/v1/projects", json=project, headers=KEY)
    assert "Idempotency-Replayed" not in answer.headers
    assert "48000" not in answer.text


@pytest.mark.parametrize("key", ["", "k" * 201, "schlüssel", "\x07"])
async def test_a_key_is_a_short_line_of_ascii(key: str, client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/clients", json=NORTHWIND, headers=[(b"Idempotency-Key", key.encode("latin-1"))])
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "header:Idempotency-Key"


async def test_many_at_once_make_one(own_client_as: ClientFactory) -> None:
    client = await own_client_as()
    answers = await asyncio.gather(*(client.post("/v1/clients", json=NORTHWIND, headers=KEY) for _ in range(12)))
    refused = [answer for answer in answers if answer.status_code == 409]
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert all(answer.json()["code"] == "still-running" and answer.headers["Retry-After"] for answer in refused)
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    assert len((await client.get("/v1/clients")).json()["items"]) == 1


async def test_an_old_answer_is_forgotten(client: httpx.AsyncClient, database: RolledBack) -> None:
    await client.post("/v1/clients", json=NORTHWIND, headers=KEY)
    assert await database.write(idempotency.forget_old) == 0
    with time_machine.travel(clock.now() + idempotency.KEPT * 1.01, tick=False):
        assert await database.write(idempotency.forget_old) == 1
