"""Hours that were spent on a change request."""

from typing import Any
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa

from app.core.caller import SYSTEM
from app.db.record import table_of
from app.messaging import records
from app.models.change_request import ChangeRequest
from app.models.client import Client
from app.models.project import Project
from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.portfolio import Portfolio, make_portfolio


def file_change(conn: sa.Connection, project_id: UUID) -> UUID:
    values = {"project_id": project_id, "number": 1, "title": "A search", "value_statement": "Buyers find more"}
    made: UUID = records.add(conn, SYSTEM, table_of(ChangeRequest), values).id
    return made


def another_project(conn: sa.Connection) -> UUID:
    client = records.add(conn, SYSTEM, table_of(Client), {"code": "OTHER", "name": "Other", "search_text": "other"})
    values = {"code": "OTHER-1", "name": "Other", "client_id": client.id, "search_text": "other"}
    made: UUID = records.add(conn, SYSTEM, table_of(Project), values).id
    return made


@pytest.fixture
async def there(database: RolledBack) -> Portfolio:
    return await make_portfolio(database)


@pytest.fixture
async def client(client_as: ClientFactory) -> httpx.AsyncClient:
    return await client_as("pmo_lead")


async def test_hours_name_the_change_that_they_were_spent_on(
    client: httpx.AsyncClient, database: RolledBack, there: Portfolio
) -> None:
    change = await database.write(file_change, there.project)
    entry: dict[str, Any] = {"project_id": str(there.project), "person_id": str(there.maria), "worked_on": "2026-03-02"}
    answer = await client.post("/v1/time-entries", json={**entry, "hours": "2", "change_request_id": str(change)})
    assert (answer.status_code, answer.json()["change_request_id"]) == (201, str(change))
    await client.post("/v1/time-entries", json={**entry, "hours": "3"})
    found = await client.get("/v1/time-entries", params={"change_request_id": str(change)})
    assert [item["hours"] for item in found.json()["items"]] == ["2"]


async def test_refuses_hours_on_a_change_of_another_project(
    client: httpx.AsyncClient, database: RolledBack, there: Portfolio
) -> None:
    elsewhere = await database.write(another_project)
    change = await database.write(file_change, elsewhere)
    entry = {
        "project_id": str(there.project),
        "person_id": str(there.maria),
        "worked_on": "2026-03-02",
        "hours": "2",
        "change_request_id": str(change),
    }
    refused = await client.post("/v1/time-entries", json=entry)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/change_request_id")
    refused = await client.post("/v1/time-entries/batch", json={"entries": [entry]})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/entries/0/change_request_id")
    made = await client.post("/v1/time-entries", json={**entry, "change_request_id": None})
    path, match = f"/v1/time-entries/{made.json()['id']}", {"If-Match": made.json()["etag"]}
    refused = await client.patch(path, json={"change_request_id": str(change)}, headers=match)
    assert refused.status_code == 422
    moved = {"project_id": str(elsewhere), "change_request_id": str(change)}
    assert (await client.patch(path, json=moved, headers=match)).status_code == 200
    back = await client.patch(path, json={"project_id": str(there.project)}, headers={"If-Match": "*"})
    assert (back.status_code, back.json()["errors"][0]["pointer"]) == (422, "/change_request_id")
