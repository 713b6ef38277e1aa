from datetime import timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from app.core import clock
from app.core.caller import SYSTEM, AccessRole
from app.core.errors import Conflict
from app.db.dispatcher import Database
from app.db.record import table_of
from app.features.clients.schemas import ClientCreate
from app.features.clients.service import create_client
from app.models.audit import AuditChange, AuditEntry
from app.models.client import Client
from app.models.outbox_event import OutboxEvent
from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.factories import make_person

NORTHWIND = {"code": "NORTHWIND", "name": "Northwind Traders", "tier": "key"}
ANY = {"If-Match": "*"}


async def trail(client: httpx.AsyncClient, **filters: str) -> list[dict[str, Any]]:
    answer = await client.get("/v1/audit", params=filters)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def left_behind(database: Database) -> list[int]:
    """How many rows a write would leave: clients, audit entries, what they changed, events."""
    tables = [table_of(model) for model in (Client, AuditEntry, AuditChange, OutboxEvent)]

    def count(conn: sa.Connection) -> list[int]:
        return [conn.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() for table in tables]

    return await database.read(count)


async def test_each_write_leaves_one_entry_with_its_request_id(client: httpx.AsyncClient) -> None:
    me = (await client.get("/v1/me")).json()
    made = await client.post("/v1/clients", json=NORTHWIND)
    id = made.json()["id"]
    changed = await client.patch(f"/v1/clients/{id}", json={"name": "Northwind"}, headers=ANY)
    deleted = await client.delete(f"/v1/clients/{id}", headers=ANY)
    for answer, action in ((made, "created"), (changed, "updated"), (deleted, "deleted")):
        (entry,) = await trail(client, request_id=answer.headers["X-Request-Id"])
        assert (entry["action"], entry["subject_type"], entry["subject_id"]) == (action, "client", id)
        assert (entry["key_id"], entry["person_id"]) == (me["key_id"], None)
    assert len(await trail(client, subject_id=id)) == 3


async def test_says_what_was_before_and_after(client: httpx.AsyncClient) -> None:
    id = (await client.post("/v1/clients", json=NORTHWIND)).json()["id"]
    await client.patch(f"/v1/clients/{id}", json={"name": "Northwind", "tier": "strategic"}, headers=ANY)
    await client.delete(f"/v1/clients/{id}", headers=ANY)
    deleted, changed, made = await trail(client, subject_type="client", subject_id=id)
    assert (made["before"], made["after"]["code"]) == (None, "NORTHWIND")
    assert changed["before"] == {"name": "Northwind Traders", "tier": "key", "version": 1}
    assert changed["after"] == {"name": "Northwind", "tier": "strategic", "version": 2}
    assert (deleted["before"]["name"], deleted["after"]) == ("Northwind", None)


async def test_a_write_that_changes_nothing_leaves_nothing(client: httpx.AsyncClient) -> None:
    id = (await client.post("/v1/clients", json=NORTHWIND)).json()["id"]
    await client.patch(f"/v1/clients/{id}", json={"name": NORTHWIND["name"]}, headers=ANY)
    assert len(await trail(client, subject_id=id)) == 1


async def test_a_refused_write_and_a_rehearsed_one_leave_neither_audit_nor_event(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    await client.post("/v1/clients", json=NORTHWIND)
    before = await left_behind(database)
    refused = await client.post("/v1/clients", json=NORTHWIND)
    rehearsed = await client.post("/v1/clients?dry_run=true", json={**NORTHWIND, "code": "OTHER"})
    assert (refused.status_code, rehearsed.status_code) == (409, 201)
    assert await left_behind(database) == before


async def test_a_rollback_leaves_neither_audit_nor_event(own_database: Database) -> None:
    def write_then_fail(conn: sa.Connection) -> None:
        create_client(conn, SYSTEM, ClientCreate(code="NORTHWIND", name="Northwind Traders"))
        raise Conflict("Too late.")

    before = await left_behind(own_database)
    with pytest.raises(Conflict):
        await own_database.write(write_then_fail)
    assert await left_behind(own_database) == before


async def test_answers_one_entry_by_its_id(client: httpx.AsyncClient) -> None:
    await client.post("/v1/clients", json=NORTHWIND)
    (entry,) = await trail(client, subject_type="client")
    answer = await client.get(f"/v1/audit/{entry['id']}")
    assert (answer.status_code, answer.json()) == (200, entry)
    assert (await client.get("/v1/audit/01890000-0000-7000-8000-00000000ffff")).status_code == 404


async def test_finds_by_who_and_when_and_pages_from_the_newest(client: httpx.AsyncClient) -> None:
    me = (await client.get("/v1/me")).json()
    for number in range(3):
        await client.post("/v1/clients", json={**NORTHWIND, "code": f"C{number}"})
    tomorrow = (clock.now() + timedelta(days=1)).isoformat()
    assert len(await trail(client, key_id=me["key_id"], at_until=tomorrow)) == 3
    assert await trail(client, at_from=tomorrow) == []
    assert await trail(client, key_id=me["key_id"], action="deleted") == []
    codes: list[str] = []
    address = "/v1/audit?limit=1&subject_type=client"
    while address:
        answer = await client.get(address)
        codes += [item["after"]["code"] for item in answer.json()["items"]]
        address = answer.links["next"]["url"] if "next" in answer.links else ""
    assert codes == ["C2", "C1", "C0"]


async def test_is_exported_as_csv(client: httpx.AsyncClient) -> None:
    await client.post("/v1/clients", json=NORTHWIND)
    answer = await client.get("/v1/audit?format=csv&fields=action,after")
    header, line, *_ = answer.text.split("\r\n")
    assert header == "action,after"
    assert line.startswith('created,"{')
    assert "NORTHWIND" in line


async def test_a_list_takes_one_statement_for_any_number_of_entries(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    for number in range(4):
        await client.post("/v1/clients", json={**NORTHWIND, "code": f"C{number}"})
    with database.counting() as statements:
        assert len(await trail(client)) == 4
    assert len(statements) == 1


async def test_names_the_person_whose_key_wrote(client_as: ClientFactory, database: RolledBack) -> None:
    lead = await client_as(AccessRole.PMO_LEAD)
    owner = await database.write(make_person)
    hers = await client_as(AccessRole.MANAGER, person_id=owner)
    await hers.post("/v1/clients", json=NORTHWIND)
    (entry,) = await trail(lead, person_id=str(owner))
    assert entry["subject_type"] == "client"
