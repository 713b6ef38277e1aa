"""Whose money a manager sees: of seats that others have given them, not of those that they take."""

from typing import Any
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa

from app.core.caller import AccessRole
from app.db.record import table_of
from app.http.sign_in import token_caller
from app.models.person import Person
from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.factories import make_person
from tests.features.calls import add, add_project

SEAT = {"role": "account_manager", "valid_from": "2020-01-01"}


async def sees_money(database: RolledBack, person_id: UUID, project_id: str) -> bool:
    """As sign-in finds it, without what it remembers."""
    people = table_of(Person)

    def look(conn: sa.Connection) -> bool:
        email = conn.execute(sa.select(people.c.email).where(people.c.id == person_id)).scalar_one()
        caller = token_caller(conn, email, AccessRole.MANAGER)
        return caller is not None and caller.sees_money_of(UUID(project_id))

    found: bool = await database.read(look)
    return found


@pytest.mark.parametrize(
    ("seat", "sees"),
    [
        ({}, True),
        ({"kind": "shadow"}, False),
        ({"certainty": "tentative"}, False),
        ({"valid_from": "2049-01-01"}, False),
    ],
    ids=["holder", "shadow", "tentative", "later"],
)
async def test_a_seat_given_by_the_lead_shows_money(
    client: httpx.AsyncClient, database: RolledBack, seat: dict[str, Any], sees: bool
) -> None:
    maria = await database.write(make_person)
    project = (await add_project(client, fee="48000"))["id"]
    await add(client, "assignments", **{**SEAT, "project_id": project, "person_id": str(maria), **seat})
    assert await sees_money(database, maria, project) is sees


@pytest.mark.parametrize("kind", ["holder", "shadow"])
async def test_a_seat_that_managers_give_themselves_shows_none(
    client: httpx.AsyncClient, client_as: ClientFactory, database: RolledBack, kind: str
) -> None:
    maria = await database.write(make_person)
    project = (await add_project(client, fee="48000"))["id"]
    manager = await client_as("manager", person_id=maria)
    await add(manager, "assignments", **SEAT, project_id=project, person_id=str(maria), kind=kind)
    assert not await sees_money(database, maria, project)
    fresh = await client_as("manager", person_id=maria)
    assert "fee" not in (await fresh.get("/v1/projects/WEB")).json()


async def test_a_role_that_anybody_may_have_shows_none(client: httpx.AsyncClient, database: RolledBack) -> None:
    maria = await database.write(make_person)
    project = (await add_project(client, fee="48000"))["id"]
    await add(client, "roles", key="designer", name="Designer", exclusive=False)
    await add(client, "assignments", **{**SEAT, "role": "designer"}, project_id=project, person_id=str(maria))
    assert not await sees_money(database, maria, project)


async def test_without_money_a_row_has_another_etag(
    client: httpx.AsyncClient, client_as: ClientFactory, database: RolledBack
) -> None:
    await add_project(client, fee="48000")
    full = await client.get("/v1/projects/WEB")
    manager = await client_as("manager", person_id=await database.write(make_person))
    known = {"If-None-Match": full.headers["ETag"]}
    assert (await client.get("/v1/projects/WEB", headers=known)).status_code == 304
    bare = await manager.get("/v1/projects/WEB", headers=known)
    assert (bare.status_code, bare.json()["etag"]) == (200, bare.headers["ETag"])
    assert (await manager.get("/v1/projects")).json()["items"][0]["etag"] == bare.headers["ETag"]
    known = {"If-None-Match": bare.headers["ETag"]}
    assert (await manager.get("/v1/projects/WEB", headers=known)).status_code == 304
    assert (await client.get("/v1/projects/WEB", headers=known)).status_code == 200
    guard = {"If-Match": bare.headers["ETag"]}
    changed = await manager.patch("/v1/projects/WEB", json={"priority": 5}, headers=guard)
    assert (changed.status_code, changed.json()["etag"]) == (200, changed.headers["ETag"])
    assert (await manager.patch("/v1/projects/WEB", json={"priority": 4}, headers=guard)).status_code == 412
