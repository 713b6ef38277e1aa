import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa
import time_machine

from app.core import clock
from app.core.caller import SYSTEM, AccessRole
from app.core.secrets import hash_secret, read_key
from app.db.dispatcher import Database
from app.db.record import table_of
from app.features.access import service
from app.features.access.errors import LastKey
from app.features.access.schemas import ApiKeyCreate, ApiKeyRotate, KeyState
from app.http.sign_in import key_caller
from app.models.access import ApiKey
from app.models.idempotency import IdempotencyRecord
from app.models.outbox_event import OutboxEvent
from tests.conftest import ClientFactory
from tests.databases import RolledBack

keys = table_of(ApiKey)
NEW = {"name": "Nightly BI extract", "role": "analyst"}
ANY = {"If-Match": "*"}


async def add(client: httpx.AsyncClient, **values: object) -> dict[str, Any]:
    answer = await client.post("/v1/api-keys", json={**NEW, **values})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def status_of(client: httpx.AsyncClient, key: str) -> int:
    return (await client.get("/v1/me", headers={"Authorization": f"Bearer {key}"})).status_code


async def caller_by(database: Database, key: str) -> object:
    """As sign-in looks it up, without what it remembers."""
    parts = read_key(key)
    assert parts is not None
    return await database.read(key_caller, *parts)


async def test_the_key_is_shown_once_and_works(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/api-keys", json=NEW)
    made = answer.json()
    assert answer.headers["Location"] == f"/v1/api-keys/{made['id']}"
    assert (answer.headers["ETag"], answer.headers["Cache-Control"]) == (made["etag"], "no-store")
    assert await status_of(client, made["key"]) == 200
    read = (await client.get(f"/v1/api-keys/{made['id']}")).json()
    assert read == {name: value for name, value in made.items() if name != "key"}


async def test_neither_secret_nor_hash_is_ever_read_back(client: httpx.AsyncClient) -> None:
    made = await add(client)
    rotated = (await client.post(f"/v1/api-keys/{made['id']}/rotate", json={})).json()
    shown = [
        await client.get(path)
        for path in ("/v1/api-keys", f"/v1/api-keys/{made['id']}", "/v1/api-keys?format=csv", "/v1/audit?limit=200")
    ]
    for key in (made["key"], rotated["key"]):
        secret = key.split("_")[2]
        for answer in shown:
            assert answer.status_code == 200
            assert secret not in answer.text
            assert hash_secret(secret) not in answer.text


async def test_only_the_hash_is_stored(client: httpx.AsyncClient, database: RolledBack) -> None:
    made = await add(client)
    row = await database.read(lambda conn: conn.execute(sa.select(keys).where(keys.c.id == UUID(made["id"]))).one())
    secret = made["key"].split("_")[2]
    assert row.secret_hash == hash_secret(secret)
    assert secret not in repr(row)


@pytest.mark.parametrize("path", ["/v1/api-keys", "/v1/api-keys/{id}/rotate"])
async def test_an_answer_with_a_secret_is_not_kept_for_a_retry(
    client: httpx.AsyncClient, database: RolledBack, path: str
) -> None:
    made = await add(client)
    body = {} if "rotate" in path else NEW
    answer = await client.post(path.format(id=made["id"]), json=body, headers={"Idempotency-Key": "k"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "header:Idempotency-Key")
    count = sa.select(sa.func.count()).select_from(table_of(IdempotencyRecord))
    assert await database.read(lambda conn: conn.execute(count).scalar_one()) == 0


async def test_a_rehearsed_key_does_not_work(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/api-keys?dry_run=true", json=NEW)
    assert (answer.status_code, answer.headers["Dry-Run"]) == (201, "true")
    assert await status_of(client, answer.json()["key"]) == 401


async def test_refuses_an_expiry_in_the_past_and_an_unknown_owner(client: httpx.AsyncClient) -> None:
    past = await client.post("/v1/api-keys", json={**NEW, "expires_at": "2020-01-01T00:00:00Z"})
    assert (past.status_code, past.json()["errors"][0]["pointer"]) == (422, "/expires_at")
    owner = await client.post("/v1/api-keys", json={**NEW, "person_id": "01890000-0000-7000-8000-00000000ffff"})
    assert (owner.status_code, owner.json()["errors"][0]["pointer"]) == (422, "/person_id")


async def test_an_expired_key_stops_and_says_so(client: httpx.AsyncClient, database: RolledBack) -> None:
    made = await add(client, expires_at=(clock.now() + timedelta(hours=1)).isoformat())
    assert made["state"] == "active"
    assert await caller_by(database, made["key"]) is not None
    with time_machine.travel(clock.now() + timedelta(hours=2), tick=True):
        assert await caller_by(database, made["key"]) is None
        answer = await client.get(f"/v1/api-keys/{made['id']}", headers={"If-None-Match": made["etag"]})
        assert (answer.status_code, answer.json()["state"]) == (200, "expired")
        listed = await client.get("/v1/api-keys", params={"state": "expired", "include_total": "true"})
        assert ([item["id"] for item in listed.json()["items"]], listed.json()["total"]) == ([made["id"]], 1)


async def test_the_former_secret_works_until_the_grace_is_over(client: httpx.AsyncClient, database: RolledBack) -> None:
    made = await add(client)
    answer = await client.post(f"/v1/api-keys/{made['id']}/rotate", json={"grace_seconds": 60})
    rotated = answer.json()
    assert (answer.status_code, rotated["id"], rotated["version"]) == (200, made["id"], 2)
    assert rotated["key"] != made["key"]
    assert await caller_by(database, made["key"]) is not None
    assert await caller_by(database, rotated["key"]) is not None
    with time_machine.travel(clock.now() + timedelta(seconds=61), tick=True):
        assert await caller_by(database, made["key"]) is None
        assert await caller_by(database, rotated["key"]) is not None


async def test_without_grace_the_former_secret_stops_at_once(client: httpx.AsyncClient, database: RolledBack) -> None:
    made = await add(client)
    rotated = (await client.post(f"/v1/api-keys/{made['id']}/rotate", json={"grace_seconds": 0})).json()
    assert rotated["former_until"] is None
    assert await caller_by(database, made["key"]) is None
    assert await caller_by(database, rotated["key"]) is not None


@pytest.mark.parametrize("grace", [-1, 604_801, "60", 1.5, True, None])
async def test_refuses_a_grace_out_of_range(client: httpx.AsyncClient, grace: object) -> None:
    made = await add(client)
    answer = await client.post(f"/v1/api-keys/{made['id']}/rotate", json={"grace_seconds": grace})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/grace_seconds")


async def test_revoking_is_final(client: httpx.AsyncClient, database: RolledBack) -> None:
    made = await add(client)
    path = f"/v1/api-keys/{made['id']}"
    revoked = await client.post(f"{path}/revoke")
    assert (revoked.status_code, revoked.json()["state"]) == (200, "revoked")
    assert await caller_by(database, made["key"]) is None
    again = [
        await client.post(f"{path}/revoke"),
        await client.post(f"{path}/rotate", json={}),
        await client.patch(path, json={"name": "Other"}, headers=ANY),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in again] == [(409, "key-revoked")] * 3


async def test_is_never_deleted(client: httpx.AsyncClient) -> None:
    made = await add(client)
    assert (await client.delete(f"/v1/api-keys/{made['id']}", headers=ANY)).status_code == 405


async def test_a_changed_role_counts(client: httpx.AsyncClient, database: RolledBack) -> None:
    made = await add(client)
    path = f"/v1/api-keys/{made['id']}"
    stale = await client.patch(path, json={"role": "viewer"}, headers={"If-Match": '"7.active"'})
    changed = await client.patch(path, json={"role": "viewer"}, headers={"If-Match": made["etag"]})
    assert (stale.status_code, changed.status_code, changed.json()["role"]) == (412, 200, "viewer")
    caller = await caller_by(database, made["key"])
    assert getattr(caller, "role", None) == AccessRole.VIEWER


async def test_the_last_key_of_a_pmo_lead_stays(client: httpx.AsyncClient) -> None:
    me = (await client.get("/v1/me")).json()["key_id"]
    await add(client, role="pmo_lead", name="Expires", expires_at=(clock.now() + timedelta(hours=1)).isoformat())
    path = f"/v1/api-keys/{me}"
    assert (await client.post(f"{path}/revoke", params={"dry_run": "true"})).status_code == 409
    with time_machine.travel(clock.now() + timedelta(hours=2), tick=True):
        revoked = await client.post(f"{path}/revoke")
        demoted = await client.patch(path, json={"role": "viewer"}, headers=ANY)
        renamed = await client.patch(path, json={"name": "Mine"}, headers=ANY)
        assert [(a.status_code, a.json()["code"]) for a in (revoked, demoted)] == [(409, "last-key")] * 2
        assert renamed.status_code == 200
        await add(client, role="pmo_lead", name="Another")
        assert (await client.post(f"{path}/revoke")).status_code == 200


async def test_the_last_lasting_key_of_a_pmo_lead_gets_no_expiry(client: httpx.AsyncClient) -> None:
    me = (await client.get("/v1/me")).json()["key_id"]
    soon = {"expires_at": (clock.now() + timedelta(hours=1)).isoformat()}
    other = await add(client, role="pmo_lead", name="Expires", **soon)
    refused = await client.patch(f"/v1/api-keys/{me}", json=soon, headers=ANY)
    assert (refused.status_code, refused.json()["code"]) == (409, "last-key")
    both = {"role": "viewer", **soon}
    assert (await client.patch(f"/v1/api-keys/{me}", json=both, headers=ANY)).status_code == 409
    assert (await client.patch(f"/v1/api-keys/{other['id']}", json=soon, headers=ANY)).status_code == 200
    assert (
        await client.patch(f"/v1/api-keys/{other['id']}", json={"expires_at": None}, headers=ANY)
    ).status_code == 200
    assert (await client.patch(f"/v1/api-keys/{me}", json=soon, headers=ANY)).status_code == 200
    last = await client.post(f"/v1/api-keys/{other['id']}/revoke")
    assert (last.status_code, last.json()["code"]) == (409, "last-key")


async def test_two_leads_who_revoke_each_other_leave_one(own_client_as: ClientFactory, own_database: Database) -> None:
    first = await own_client_as(AccessRole.PMO_LEAD)
    second = await own_client_as(AccessRole.PMO_LEAD)
    ids = [(await who.get("/v1/me")).json()["key_id"] for who in (first, second)]

    async def revoke(id: str) -> str:
        try:
            await own_database.write(service.revoke_key, SYSTEM, UUID(id), None)
        except LastKey as error:
            return error.code
        return "revoked"

    outcomes = [await task for task in [asyncio.ensure_future(revoke(id)) for id in ids]]
    assert sorted(outcomes) == ["last-key", "revoked"]


async def test_the_command_line_makes_a_key_by_the_same_service(database: RolledBack) -> None:
    data = ApiKeyCreate(name="First", role=AccessRole.PMO_LEAD)
    issued = await database.write(service.create_key, SYSTEM, data)
    assert issued.row.state == KeyState.ACTIVE
    assert await caller_by(database, issued.key) is not None
    await database.write(service.rotate_key, SYSTEM, issued.row.id, ApiKeyRotate(grace_seconds=0), None)
    assert await caller_by(database, issued.key) is None


async def test_events_hold_no_secret_and_no_name(client: httpx.AsyncClient, database: RolledBack) -> None:
    made = await add(client)
    path = f"/v1/api-keys/{made['id']}"
    await client.patch(path, json={"name": "Weekly"}, headers=ANY)
    await client.post(f"{path}/rotate", json={"grace_seconds": 60})
    await client.post(f"{path}/revoke")
    events = table_of(OutboxEvent)
    ours = sa.select(events.c.type, events.c.data).where(events.c.subject_id == UUID(made["id"]))
    found = {row.type: row.data for row in await database.read(lambda conn: conn.execute(ours).all())}
    assert found == {
        "api_key.created": {"role": "analyst"},
        "api_key.updated": {"fields": ["name"]},
        "api_key.rotated": {"grace_seconds": 60},
        "api_key.revoked": {},
    }
