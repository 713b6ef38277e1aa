import asyncio
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import sqlalchemy as sa

from app.core import clock
from app.core.ids import new_id
from app.db.dispatcher import Database
from app.db.record import table_of
from app.db.violations import SeatTaken
from app.features.assignments import rules
from app.features.assignments.errors import OutsideEmployment
from app.features.projects.rules import Holding, held_twice
from app.models.assignment import Assignment
from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.factories import make_person
from tests.features.calls import Json, add, add_project, day, events
from tests.features.test_seats import add_role

ACCOUNT, PRODUCTION = "account_manager", "production_manager"


async def person(database: Database, name: str = "maria", **values: Any) -> str:
    return str(await database.write(lambda conn: make_person(conn, f"{name}@agency.example", **values)))


def body(project: Json, person_id: str | None, role: str = ACCOUNT, **values: Any) -> Json:
    return {
        "project_id": project["id"],
        "role": role,
        "person_id": person_id,
        "valid_from": "2026-01-01",
        **values,
    }


async def refused(client: httpx.AsyncClient, given: Json) -> str:
    answer = await client.post("/v1/assignments", json=given)
    assert answer.status_code == 409, answer.text
    code: str = answer.json()["code"]
    return code


async def patch(client: httpx.AsyncClient, made: Json, **changes: Any) -> httpx.Response:
    return await client.patch(f"/v1/assignments/{made['id']}", json=changes, headers={"If-Match": "*"})


async def test_its_state_follows_from_the_day(client: httpx.AsyncClient, database: RolledBack) -> None:
    made = await add(
        client,
        "assignments",
        **body(await add_project(client), await person(database), valid_from="2026-02-01", valid_to="2026-03-01"),
    )
    states = {
        "2026-01-31": "planned",
        "2026-02-01": "active",
        "2026-02-28": "active",
        "2026-03-01": "ended",
    }
    for today, state in states.items():
        with day(today):
            one = await client.get(f"/v1/assignments/{made['id']}")
            assert (one.json()["state"], one.headers["ETag"]) == (state, f'"1.{state}"')
            for asked in ("planned", "active", "ended"):
                items = (await client.get("/v1/assignments", params={"state": asked})).json()["items"]
                assert len(items) == (asked == state)


async def test_the_seat_has_one_holder_on_any_day(client: httpx.AsyncClient, database: RolledBack) -> None:
    project = await add_project(client)
    maria, jon = await person(database), await person(database, "jon")
    await add(client, "assignments", **body(project, maria, valid_from="2026-02-01", valid_to="2026-03-01"))
    overlapping = [
        {"valid_from": "2026-01-01"},
        {"valid_from": "2026-01-01", "valid_to": "2026-02-02"},
        {"valid_from": "2026-02-28"},
        {"valid_from": "2026-02-10", "valid_to": "2026-02-11", "certainty": "tentative"},
    ]
    for days in overlapping:
        assert await refused(client, body(project, jon, **days)) == "seat-taken"
    await add(client, "assignments", **body(project, jon, valid_from="2026-01-01", valid_to="2026-02-01"))
    late = await add(client, "assignments", **body(project, jon, valid_from="2026-03-01"))
    answer = await patch(client, late, valid_from="2026-02-28")
    assert (answer.status_code, answer.json()["code"]) == (409, "seat-taken")


async def test_the_database_keeps_the_seat_by_itself(client: httpx.AsyncClient, database: RolledBack) -> None:
    project = await add_project(client)
    maria, jon = await person(database), await person(database, "jon")
    now = clock.now()

    def insert(conn: sa.Connection, person_id: str, kind: str) -> None:
        id = new_id()
        values = {"row_id": id, "id": id, "version": 1, "created_at": now, "recorded_at": now, "kind": kind}
        values |= {"project_id": UUID(project["id"]), "role": ACCOUNT, "person_id": UUID(person_id)}
        conn.execute(sa.insert(table_of(Assignment)), values | {"valid_from": date(2026, 1, 1)})

    await database.write(insert, maria, "holder")
    await database.write(insert, jon, "shadow")
    with pytest.raises(SeatTaken):
        await database.write(insert, jon, "holder")
    shadow = (await client.get("/v1/assignments?kind=shadow")).json()["items"][0]
    assert (await patch(client, shadow, kind="holder")).json()["code"] == "seat-taken"


async def test_shadows_and_covers_stand_beside_the_holder(client: httpx.AsyncClient, database: RolledBack) -> None:
    project = await add_project(client)
    for name, kind in (("maria", "holder"), ("jon", "shadow"), ("ada", "cover")):
        await add(client, "assignments", **body(project, await person(database, name), kind=kind))
    assert len((await client.get("/v1/assignments")).json()["items"]) == 3


async def test_split_management_takes_two_people(client: httpx.AsyncClient, database: RolledBack) -> None:
    project, maria = await add_project(client), await person(database)
    await add(client, "assignments", **body(project, maria, valid_to="2026-03-01"))
    assert await refused(client, body(project, maria, PRODUCTION, valid_from="2026-02-28")) == "same-person-twice"
    await add(client, "assignments", **body(project, maria, PRODUCTION, kind="shadow"))
    made = await add(client, "assignments", **body(project, maria, PRODUCTION, valid_from="2026-03-01"))
    answer = await patch(client, made, valid_from="2026-02-01")
    assert (answer.status_code, answer.json()["code"]) == (409, "same-person-twice")


async def test_combined_management_may_be_one_person(client: httpx.AsyncClient, database: RolledBack) -> None:
    project, maria = await add_project(client, management="combined"), await person(database)
    for role in (ACCOUNT, PRODUCTION):
        await add(client, "assignments", **body(project, maria, role))
    split = await client.patch("/v1/projects/WEB", json={"management": "split"}, headers={"If-Match": "*"})
    assert (split.status_code, split.json()["code"]) == (409, "same-person-twice")


async def test_before_the_day_of_the_split_it_may_be_one_person(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    project, maria = await add_project(client, split_on="2026-03-01"), await person(database)
    await add(client, "assignments", **body(project, maria))
    before = await add(client, "assignments", **body(project, maria, PRODUCTION, valid_to="2026-03-01"))
    assert (await patch(client, before, valid_to="2026-03-02")).json()["code"] == "same-person-twice"
    earlier = await client.patch("/v1/projects/WEB", json={"split_on": "2026-02-28"}, headers={"If-Match": "*"})
    assert earlier.json()["code"] == "same-person-twice"


async def test_nobody_is_assigned_outside_their_employment(client: httpx.AsyncClient, database: RolledBack) -> None:
    project = await add_project(client)
    maria = await person(database, hired_on=date(2026, 2, 1), left_on=date(2026, 6, 30))
    for days in (
        {"valid_from": "2026-01-31", "valid_to": "2026-03-01"},
        {"valid_from": "2026-02-01", "valid_to": "2026-07-02"},
        {"valid_from": "2026-02-01"},
    ):
        assert await refused(client, body(project, maria, **days)) == "outside-employment"
    made = await add(client, "assignments", **body(project, maria, valid_from="2026-02-01", valid_to="2026-07-01"))
    assert (await patch(client, made, valid_to=None)).json()["code"] == "outside-employment"


@pytest.mark.parametrize(
    ("hired_on", "left_on", "valid_from", "valid_to", "within"),
    [
        (None, None, date(2000, 1, 1), None, True),
        (date(2026, 1, 1), None, date(2026, 1, 1), None, True),
        (date(2026, 1, 2), None, date(2026, 1, 1), None, False),
        (None, date(2026, 1, 31), date(2026, 1, 1), date(2026, 2, 1), True),
        (None, date(2026, 1, 31), date(2026, 1, 1), date(2026, 2, 2), False),
        (None, date(2026, 1, 31), date(2026, 1, 1), None, False),
    ],
)
def test_employment_lasts_to_the_last_day_included(
    hired_on: date | None, left_on: date | None, valid_from: date, valid_to: date | None, within: bool
) -> None:
    if within:
        rules.check_employment(hired_on, left_on, valid_from, valid_to)
    else:
        with pytest.raises(OutsideEmployment):
            rules.check_employment(hired_on, left_on, valid_from, valid_to)


def test_finds_the_first_day_on_which_one_person_holds_both_seats() -> None:
    maria, jon = new_id(), new_id()
    holdings = [
        Holding(maria, ACCOUNT, date(2026, 1, 1), None),
        Holding(maria, ACCOUNT, date(2025, 1, 1), date(2025, 6, 1)),
        Holding(maria, PRODUCTION, date(2026, 2, 1), date(2026, 3, 1)),
        Holding(jon, PRODUCTION, date(2026, 3, 1), None),
    ]
    assert held_twice(holdings, None) == (maria, date(2026, 2, 1))
    assert held_twice(holdings, date(2026, 2, 10)) == (maria, date(2026, 2, 10))
    assert held_twice(holdings, date(2026, 3, 1)) is None
    assert held_twice([], None) is None


async def test_unnamed_demand_is_for_roles_that_several_may_have(client: httpx.AsyncClient) -> None:
    project, role = await add_project(client), await add_role(client)
    made = await add(client, "assignments", **body(project, None, role, allocation_percent="60"))
    assert (made["person_id"], made["allocation_percent"]) == (None, "60")
    for given in (body(project, None), body(project, None, role, kind="cover")):
        answer = await client.post("/v1/assignments", json=given)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/person_id")


async def test_an_exclusive_role_needs_its_seat(client: httpx.AsyncClient, database: RolledBack) -> None:
    project, maria = await add_project(client), await person(database)
    role = await add_role(client, "art_director", exclusive=True)
    assert await refused(client, body(project, maria, role)) == "no-such-seat"
    await add(client, "seats", project_id=project["id"], role=role)
    await add(client, "assignments", **body(project, maria, role))


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"valid_to": "2026-01-01"}, "/valid_to"),
        ({"person_id": str(uuid4())}, "/person_id"),
        ({"project_id": str(uuid4())}, "/project_id"),
        ({"role": "juggler"}, "/role"),
        ({"allocation_percent": "101"}, "/allocation_percent"),
        ({"kind": "guest"}, "/kind"),
        ({"valid_from": "1999-12-31"}, "/valid_from"),
    ],
)
async def test_names_the_field_that_is_wrong(
    client: httpx.AsyncClient, database: RolledBack, values: Json, pointer: str
) -> None:
    given = {**body(await add_project(client), await person(database)), **values}
    answer = await client.post("/v1/assignments", json=given)
    assert (answer.status_code, [error["pointer"] for error in answer.json()["errors"]]) == (422, [pointer])


async def test_a_correction_closes_the_old_version(client: httpx.AsyncClient, database: RolledBack) -> None:
    made = await add(client, "assignments", **body(await add_project(client), await person(database)))
    changed = await patch(client, made, reason="Knows them", certainty="tentative")
    assert (changed.json()["version"], changed.json()["id"]) == (2, made["id"])
    assert changed.json()["updated_at"] > made["updated_at"]
    table = table_of(Assignment)
    rows = await database.read(lambda conn: conn.execute(sa.select(table).order_by(table.c.version)).all())
    assert [(row.version, row.certainty, row.superseded_at is None) for row in rows] == [
        (1, "confirmed", False),
        (2, "tentative", True),
    ]
    for name, value in (("person_id", None), ("role", PRODUCTION), ("project_id", made["project_id"])):
        assert (await patch(client, made, **{name: value})).status_code == 422


async def test_ends_by_its_last_day_and_tells_so(client: httpx.AsyncClient, database: RolledBack) -> None:
    project, maria = await add_project(client), await person(database)
    made = await add(client, "assignments", **body(project, maria))
    await patch(client, made, valid_to="2026-02-01")
    await patch(client, made, valid_to="2026-02-02")
    assert (await client.delete(f"/v1/assignments/{made['id']}", headers={"If-Match": "*"})).status_code == 204
    assert (await client.get(f"/v1/assignments/{made['id']}")).status_code == 404
    of = {"project_id": project["id"], "person_id": maria}
    assert [told for told in await events(database) if told[0].startswith("assignment.")] == [
        ("assignment.started", of),
        ("assignment.ended", {**of, "on": "2026-02-01"}),
        ("assignment.updated", {**of, "fields": ["valid_to"]}),
        ("assignment.deleted", of),
    ]
    await add(client, "assignments", **body(project, await person(database, "jon")))


async def test_a_list_embeds_person_and_project_in_one_statement_each(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    project, role = await add_project(client), await add_role(client)
    await add(client, "assignments", **body(project, None, role))
    address = "/v1/assignments?include=person,project"
    with database.counting() as for_one:
        await client.get(address)
    for name in ("maria", "jon", "ada"):
        await add(client, "assignments", **body(project, await person(database, name), role))
    with database.counting() as for_four:
        items = (await client.get(address)).json()["items"]
    assert len(for_one) == len(for_four) == 3
    assert [item["person"] and item["person"]["email"] for item in items] == [
        None,
        "maria@agency.example",
        "jon@agency.example",
        "ada@agency.example",
    ]
    assert {item["project"]["code"] for item in items} == {"WEB"}


async def test_of_twenty_at_once_one_gets_the_seat(own_client_as: ClientFactory, own_database: Database) -> None:
    client = await own_client_as()
    project = await add_project(client)
    people = [await person(own_database, f"p{number}") for number in range(20)]
    answers = await asyncio.gather(
        *(client.post("/v1/assignments", json=body(project, person_id)) for person_id in people)
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 19
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"seat-taken"}


async def test_at_once_nobody_gets_both_manager_seats(own_client_as: ClientFactory, own_database: Database) -> None:
    client = await own_client_as()
    maria = await person(own_database)
    for number in range(5):
        project = await add_project(client, f"P{number}")
        answers = await asyncio.gather(
            *(client.post("/v1/assignments", json=body(project, maria, role)) for role in (ACCOUNT, PRODUCTION))
        )
        assert sorted(answer.status_code for answer in answers) == [201, 409]
