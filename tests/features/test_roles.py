import asyncio
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import sqlalchemy as sa

from app.core.errors import StillReferenced
from app.db.dispatcher import Database
from app.db.record import table_of
from app.features.roles import rules
from app.features.roles.errors import BuiltInRole, SeveralHolders
from app.models.assignment import Assignment
from app.models.outbox_event import OutboxEvent
from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.portfolio import Portfolio, make_portfolio, seat

ANY = {"If-Match": "*"}
DESIGNER = {"key": "designer", "name": "Designer"}
BUILT_IN = {"key": "account_manager", "exclusive": True, "built_in": True}


async def add(client: httpx.AsyncClient, plural: str = "roles", **values: Any) -> dict[str, Any]:
    body = {**DESIGNER, **values} if plural == "roles" else values
    answer = await client.post(f"/v1/{plural}", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def problem(answer: httpx.Response) -> tuple[int, str, list[str]]:
    body = answer.json()
    return answer.status_code, body["code"], [error["pointer"] for error in body.get("errors", ())]


async def hold(
    database: RolledBack, project: UUID, person: UUID, valid_from: str, valid_to: str | None, **values: Any
) -> None:
    """Put a person into the designer's seat for these days."""
    table = table_of(Assignment)
    changed = {
        "role": "designer",
        "valid_from": date.fromisoformat(valid_from),
        "valid_to": None if valid_to is None else date.fromisoformat(valid_to),
        **values,
    }

    def add_seat(conn: sa.Connection) -> None:
        id = seat(conn, project, person)
        conn.execute(sa.update(table).where(table.c.id == id).values(**changed))

    await database.write(add_seat)


@pytest.fixture
async def there(database: RolledBack) -> Portfolio:
    return await make_portfolio(database)


@pytest.mark.parametrize("changes", [{"key": "x"}, {"exclusive": False}, {"key": "x", "name": "X"}])
def test_a_built_in_role_keeps_its_key_and_its_exclusiveness(changes: dict[str, object]) -> None:
    with pytest.raises(BuiltInRole):
        rules.check_may_change(BUILT_IN, changes)
    rules.check_may_change({**BUILT_IN, "built_in": False}, changes)
    rules.check_may_change(BUILT_IN, {"key": "account_manager", "exclusive": True, "name": "AM"})


def test_says_what_stands_in_the_way() -> None:
    with pytest.raises(SeveralHolders, match="On 2 projects several holders of 'designer' overlap"):
        rules.check_may_be_exclusive("designer", 2)
    with pytest.raises(StillReferenced, match="'designer'"):
        rules.check_may_rename("designer", True)


async def test_two_roles_and_fourteen_responsibilities_are_there_from_the_start(client: httpx.AsyncClient) -> None:
    roles = (await client.get("/v1/roles")).json()["items"]
    assert [(role["key"], role["exclusive"], role["built_in"]) for role in roles] == [
        ("account_manager", True, True),
        ("production_manager", True, True),
    ]
    for role, duty, number in (("account_manager", "client", 6), ("production_manager", "project", 8)):
        items = (await client.get(f"/v1/responsibilities?role={role}&duty={duty}")).json()["items"]
        assert len(items) == number
        assert {item["rasci"] for item in items} == {"R"}
    assert (await client.get("/v1/responsibilities?include_total=true&limit=1")).json()["total"] == 14


async def test_is_read_back_by_id_and_by_key(client: httpx.AsyncClient) -> None:
    made = await add(client, purpose="Gives it its looks.")
    assert (made["exclusive"], made["built_in"]) == (False, False)
    for ref in (made["id"], "designer"):
        assert (await client.get(f"/v1/roles/{ref}")).json() == made
    assert (await client.get("/v1/roles/juggler")).status_code == 404


@pytest.mark.parametrize("key", ["Designer", "1st", "art-director", "", "values", "a" * 61, "abcdef0123456789" * 2])
async def test_refuses_a_key_that_a_path_could_not_hold(client: httpx.AsyncClient, key: str) -> None:
    assert problem(await client.post("/v1/roles", json={**DESIGNER, "key": key}))[::2] == (422, ["/key"])


async def test_refuses_a_key_that_is_taken(client: httpx.AsyncClient) -> None:
    await add(client)
    assert problem(await client.post("/v1/roles", json=DESIGNER)) == (409, "duplicate", ["/key"])


async def test_nobody_makes_a_role_built_in(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/roles", json={**DESIGNER, "built_in": True})
    assert problem(answer) == (422, "invalid", ["/built_in"])


async def test_a_built_in_role_is_protected_but_may_be_renamed(client: httpx.AsyncClient) -> None:
    address = "/v1/roles/account_manager"
    for change in ({"key": "client_lead"}, {"exclusive": False}):
        answer = await client.patch(address, json=change, headers=ANY)
        assert problem(answer)[:2] == (409, "built-in-role"), change
    assert problem(await client.delete(address, headers=ANY))[:2] == (409, "built-in-role")
    renamed = await client.patch(address, json={"name": "Client lead", "exclusive": True}, headers=ANY)
    assert (renamed.status_code, renamed.json()["name"]) == (200, "Client lead")


async def test_a_stale_writer_changes_nothing(client: httpx.AsyncClient) -> None:
    made = await add(client)
    read = {"If-Match": made["etag"]}
    assert (await client.patch("/v1/roles/designer", json={"name": "UX"}, headers=read)).status_code == 200
    assert (await client.patch("/v1/roles/designer", json={"name": "UI"}, headers=read)).status_code == 412
    assert (await client.delete("/v1/roles/designer", headers=read)).status_code == 412
    assert (await client.get("/v1/roles/designer")).json()["name"] == "UX"


async def test_a_role_in_use_keeps_its_key_and_is_not_deleted(client: httpx.AsyncClient) -> None:
    await add(client)
    person = {"email": "ines.ito@agency.example", "display_name": "Inés Ito", "home_role": "designer"}
    assert (await client.post("/v1/people", json=person)).status_code == 201
    renamed = await client.patch("/v1/roles/designer", json={"key": "ux"}, headers=ANY)
    deleted = await client.delete("/v1/roles/designer", headers=ANY)
    assert problem(renamed)[:2] == problem(deleted)[:2] == (409, "still-referenced")
    await client.patch("/v1/people/ines.ito@agency.example", json={"home_role": None}, headers=ANY)
    assert (await client.patch("/v1/roles/designer", json={"key": "ux"}, headers=ANY)).json()["key"] == "ux"
    assert (await client.delete("/v1/roles/ux", headers=ANY)).status_code == 204


@pytest.mark.parametrize(
    ("second", "status"),
    [
        ({"valid_from": "2026-03-01", "valid_to": None}, 200),
        ({"valid_from": "2026-02-28", "valid_to": None}, 409),
        ({"valid_from": "2025-01-01", "valid_to": "2026-01-01"}, 200),
        ({"valid_from": "2025-01-01", "valid_to": "2026-01-02"}, 409),
        ({"valid_from": "2026-02-01", "valid_to": "2026-02-02", "kind": "shadow"}, 200),
        ({"valid_from": "2026-02-01", "valid_to": "2026-02-02", "superseded_at": sa.func.current_timestamp()}, 200),
    ],
)
async def test_becomes_exclusive_only_where_no_two_hold_it_at_once(
    client: httpx.AsyncClient, database: RolledBack, there: Portfolio, second: dict[str, Any], status: int
) -> None:
    await add(client)
    await hold(database, there.project, there.maria, "2026-01-01", "2026-03-01")
    await hold(database, there.project, there.jon, **second)
    answer = await client.patch("/v1/roles/designer", json={"exclusive": True}, headers=ANY)
    assert answer.status_code == status
    if status == 409:
        assert answer.json()["code"] == "several-holders"
        assert "On 1 project" in answer.json()["detail"]
        assert (await client.patch("/v1/roles/designer", json={"name": "UX"}, headers=ANY)).status_code == 200


async def test_a_responsibility_is_kept_by_its_key(client: httpx.AsyncClient) -> None:
    await add(client)
    values = {"role": "designer", "key": "looks", "name": "Give it its looks", "duty": "craft"}
    made = await add(client, "responsibilities", **values)
    assert made["rasci"] == "R"
    for ref in (made["id"], "looks"):
        assert (await client.get(f"/v1/responsibilities/{ref}")).json() == made
    assert problem(await client.post("/v1/responsibilities", json=values)) == (409, "duplicate", ["/key"])
    read = {"If-Match": made["etag"]}
    changed = await client.patch("/v1/responsibilities/looks", json={"rasci": "A"}, headers=read)
    assert (changed.status_code, changed.json()["rasci"]) == (200, "A")
    assert (await client.patch("/v1/responsibilities/looks", json={"rasci": "C"}, headers=read)).status_code == 412
    assert (await client.get("/v1/responsibilities?rasci=A,C")).json()["items"] == [changed.json()]
    assert problem(await client.delete("/v1/roles/designer", headers=ANY))[:2] == (409, "still-referenced")
    renamed = await client.patch("/v1/responsibilities/looks", json={"key": "visuals"}, headers=ANY)
    assert renamed.json()["key"] == "visuals"
    assert (await client.delete("/v1/responsibilities/visuals", headers=ANY)).status_code == 204


async def test_a_responsibility_with_hours_keeps_its_key_and_is_not_deleted(
    client: httpx.AsyncClient, there: Portfolio
) -> None:
    entry = {"project_id": str(there.project), "person_id": str(there.maria), "worked_on": "2026-02-02", "hours": "1"}
    tagged = await client.post("/v1/time-entries", json={**entry, "responsibility": "testing"})
    assert tagged.status_code == 201, tagged.text
    renamed = await client.patch("/v1/responsibilities/testing", json={"key": "qa"}, headers=ANY)
    deleted = await client.delete("/v1/responsibilities/testing", headers=ANY)
    assert problem(renamed)[:2] == problem(deleted)[:2] == (409, "still-referenced")


@pytest.mark.parametrize(
    ("field", "value"), [("role", "juggler"), ("duty", "sales"), ("rasci", "X"), ("key", "Looks"), ("name", "")]
)
async def test_names_what_is_wrong_with_a_responsibility(client: httpx.AsyncClient, field: str, value: str) -> None:
    values = {"role": "account_manager", "key": "looks", "name": "Looks", "duty": "craft", field: value}
    assert problem(await client.post("/v1/responsibilities", json=values))[::2] == (422, [f"/{field}"])


async def test_a_roles_life_is_told_without_its_name(client: httpx.AsyncClient, database: RolledBack) -> None:
    id = (await add(client))["id"]
    await client.patch("/v1/roles/designer", json={"name": "UX"}, headers=ANY)
    await client.delete("/v1/roles/designer", headers=ANY)
    outbox = table_of(OutboxEvent)
    statement = sa.select(outbox.c.type, outbox.c.data).where(outbox.c.subject_id == UUID(id)).order_by(outbox.c.id)
    rows = await database.read(lambda conn: conn.execute(statement).all())
    assert [tuple(row) for row in rows] == [
        ("role.created", {}),
        ("role.updated", {"fields": ["name"]}),
        ("role.deleted", {}),
    ]


async def test_lists_take_one_statement(client: httpx.AsyncClient, database: RolledBack) -> None:
    await client.get("/v1/roles")  # the key is looked up once
    for plural in ("roles", "responsibilities"):
        with database.counting() as statements:
            assert (await client.get(f"/v1/{plural}")).status_code == 200
        assert len(statements) == 1


async def test_a_contributor_reads_roles_and_writes_none(client_as: ClientFactory) -> None:
    contributor = await client_as("contributor", person_id=None)
    assert (await contributor.get(f"/v1/roles/{uuid4()}")).status_code == 404
    assert (await contributor.get("/v1/roles/account_manager")).status_code == 200
    assert problem(await contributor.post("/v1/roles", json=DESIGNER))[:2] == (403, "forbidden")


async def test_becoming_exclusive_and_being_shared_exclude_each_other_when_they_come_at_once(
    own_client_as: ClientFactory, own_database: Database
) -> None:
    client, there = await own_client_as(), await make_portfolio(own_database)
    for number in range(8):
        key = f"designer_{number}"
        await add(client, key=key)
        held = {"project_id": str(there.project), "role": key, "valid_from": "2026-01-01"}
        answers = await asyncio.gather(
            client.post("/v1/assignments", json={**held, "person_id": str(there.maria)}),
            client.patch(f"/v1/roles/{key}", json={"exclusive": True}, headers=ANY),
            client.post("/v1/assignments", json={**held, "person_id": str(there.jon)}),
        )
        assert [answer.status_code for answer in answers].count(409) >= 1
        assert all(answer.status_code in (200, 201, 409) for answer in answers)
        exclusive = (await client.get(f"/v1/roles/{key}")).json()["exclusive"]
        holders = (await client.get(f"/v1/assignments?role={key}")).json()["items"]
        # None, where the role became exclusive first: such a role is held in a seat, and the project has none.
        assert len(holders) <= 1 if exclusive else len(holders) == 2
