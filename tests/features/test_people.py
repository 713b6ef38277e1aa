from datetime import date
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import sqlalchemy as sa

from app.core.errors import Invalid
from app.db.record import table_of
from app.features.people import rules
from app.features.people.errors import StillSeated
from app.models.assignment import Assignment
from app.models.audit import AuditEntry
from app.models.outbox_event import OutboxEvent
from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.portfolio import Portfolio, make_portfolio, seat

INES = {"email": "ines.ito@agency.example", "display_name": "Inés Ito"}
ANY = {"If-Match": "*"}


async def add(client: httpx.AsyncClient, plural: str = "people", **values: Any) -> dict[str, Any]:
    body = {**INES, **values} if plural == "people" else values
    answer = await client.post(f"/v1/{plural}", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def problem(answer: httpx.Response) -> tuple[int, str, list[str]]:
    body = answer.json()
    return answer.status_code, body["code"], [error["pointer"] for error in body.get("errors", ())]


async def events_of(database: RolledBack, subject_id: str) -> list[tuple[str, dict[str, Any]]]:
    outbox = table_of(OutboxEvent)
    statement = sa.select(outbox.c.type, outbox.c.data).where(outbox.c.subject_id == UUID(subject_id))
    rows = await database.read(lambda conn: conn.execute(statement.order_by(outbox.c.occurred_at, outbox.c.id)).all())
    return [(row.type, row.data) for row in rows]


async def actions_on(database: RolledBack, subject_id: str) -> list[str]:
    entries = table_of(AuditEntry)
    statement = sa.select(entries.c.action).where(entries.c.subject_id == UUID(subject_id)).order_by(entries.c.id)
    found: list[str] = await database.read(lambda conn: list(conn.execute(statement).scalars()))
    return found


async def end_seats(database: RolledBack, person_id: UUID, valid_to: date) -> None:
    table = table_of(Assignment)
    statement = sa.update(table).where(table.c.person_id == person_id).values(valid_to=valid_to)
    await database.write(lambda conn: conn.execute(statement))


@pytest.fixture
async def there(database: RolledBack) -> Portfolio:
    return await make_portfolio(database)


def test_nobody_leaves_before_they_are_hired() -> None:
    rules.check_employment(date(2026, 1, 1), date(2026, 1, 1))
    rules.check_employment(None, date(2026, 1, 1))
    with pytest.raises(Invalid):
        rules.check_employment(date(2026, 1, 2), date(2026, 1, 1))


def test_says_how_many_seats_to_hand_over() -> None:
    rules.check_no_seats_after(date(2026, 1, 1), 0)
    with pytest.raises(StillSeated, match="1 seat after 2026-01-01: end or hand over that assignment first"):
        rules.check_no_seats_after(date(2026, 1, 1), 1)
    with pytest.raises(StillSeated, match="3 seats"):
        rules.check_no_seats_after(date(2026, 1, 1), 3)


async def test_is_read_back_by_id_and_by_email_in_any_case(client: httpx.AsyncClient) -> None:
    made = await add(client, email="Ines.Ito@Agency.example")
    assert made["email"] == "ines.ito@agency.example"
    assert (made["weekly_hours"], made["active_cap"], made["back_burner_cap"]) == ("40", "6", "15")
    assert "skills" not in made
    for ref in (made["id"], "ines.ito@agency.example", "INES.ITO@agency.example"):
        assert (await client.get(f"/v1/people/{ref}")).json() == made
    assert (await client.get("/v1/people/nobody@agency.example")).status_code == 404


async def test_refuses_an_email_that_is_taken(client: httpx.AsyncClient) -> None:
    await add(client)
    answer = await client.post("/v1/people", json={**INES, "email": "INES.ITO@agency.example"})
    assert problem(answer) == (409, "duplicate", ["/email"])


async def test_a_stale_writer_changes_nothing(client: httpx.AsyncClient) -> None:
    await add(client)
    address = "/v1/people/ines.ito@agency.example"
    first = await client.patch(address, json={"team": "Web"}, headers={"If-Match": '"1"'})
    second = await client.patch(address, json={"team": "Print"}, headers={"If-Match": '"1"'})
    assert (first.status_code, second.status_code) == (200, 412)
    assert (await client.patch(address, json={"team": "Print"})).status_code == 428
    assert (await client.get(address)).json()["team"] == "Web"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("weekly_hours", "168.5"),
        ("weekly_hours", "-1"),
        ("active_cap", "999.5"),
        ("active_cap", "1.125"),
        ("back_burner_cap", "-0.5"),
        ("email", "no address"),
        ("display_name", " "),
        ("preferred_duty", "sales"),
        ("home_role", "juggler"),
        ("hired_on", "2026-02-30"),
        ("nickname", "I"),
    ],
)
async def test_names_the_field_that_is_wrong(client: httpx.AsyncClient, field: str, value: str) -> None:
    status, _, pointers = problem(await client.post("/v1/people", json={**INES, field: value}))
    assert (status, pointers) == (422, [f"/{field}"])


async def test_null_clears_what_may_be_empty_and_nothing_else(client: httpx.AsyncClient) -> None:
    made = await add(client, team="Web", home_role="account_manager")
    address = f"/v1/people/{made['id']}"
    cleared = await client.patch(address, json={"team": None, "home_role": None}, headers=ANY)
    assert (cleared.json()["team"], cleared.json()["home_role"]) == (None, None)
    answer = await client.patch(address, json={"active_cap": None}, headers=ANY)
    assert problem(answer)[::2] == (422, ["/active_cap"])


async def test_finds_people_by_name_and_email_after_a_change_too(client: httpx.AsyncClient) -> None:
    await add(client)
    await client.patch("/v1/people/ines.ito@agency.example", json={"display_name": "Inés Öztürk"}, headers=ANY)
    for q, expected in (("ÖZTÜRK", 1), ("ines.ITO", 1), ("inés ito", 0)):
        answer = await client.get("/v1/people", params={"q": q})
        assert len(answer.json()["items"]) == expected, q


async def test_filters_and_sorts(client: httpx.AsyncClient) -> None:
    await add(client, email="a@agency.example", team="Web", home_role="account_manager", hired_on="2020-01-01")
    await add(client, email="b@agency.example", team="Print", hired_on="2024-01-01")
    await add(client, email="c@agency.example", team="Web")
    for query, expected in (
        ("sort=-email", "cba"),
        ("team=Web&sort=email", "ac"),
        ("home_role=account_manager", "a"),
        ("hired_on_from=2020-01-02", "b"),
        ("sort=hired_on", "abc"),
        ("email=B@agency.example,c@agency.example&sort=email", "bc"),
    ):
        items = (await client.get(f"/v1/people?{query}")).json()["items"]
        assert "".join(item["email"][0] for item in items) == expected, query


async def test_employment_ends_after_it_began(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/people", json={**INES, "hired_on": "2026-02-01", "left_on": "2026-01-31"})
    assert problem(answer) == (422, "invalid", ["/left_on"])
    made = await add(client, hired_on="2026-02-01", left_on="2026-02-01")
    later = await client.patch(f"/v1/people/{made['id']}", json={"hired_on": "2026-02-02"}, headers=ANY)
    assert problem(later) == (422, "invalid", ["/left_on"])


async def test_nobody_leaves_while_they_hold_a_seat(
    client: httpx.AsyncClient, database: RolledBack, there: Portfolio
) -> None:
    await database.write(seat, there.project, there.maria)
    address = f"/v1/people/{there.maria}"
    answer = await client.patch(address, json={"left_on": "2026-06-30"}, headers=ANY)
    assert problem(answer)[:2] == (409, "still-seated")
    assert "1 seat after 2026-06-30" in answer.json()["detail"]
    for valid_to, status in ((date(2026, 7, 2), 409), (date(2026, 7, 1), 200)):
        await end_seats(database, there.maria, valid_to)
        left = await client.patch(address, json={"left_on": "2026-06-30"}, headers=ANY)
        assert left.status_code == status
    assert (await client.patch(f"/v1/people/{there.jon}", json={"left_on": "2026-06-30"}, headers=ANY)).is_success


async def test_nobody_is_hired_after_an_assignment_of_theirs_begins(
    client: httpx.AsyncClient, database: RolledBack, there: Portfolio
) -> None:
    await database.write(seat, there.project, there.maria)
    address = f"/v1/people/{there.maria}"
    answer = await client.patch(address, json={"hired_on": "2020-01-02"}, headers=ANY)
    assert problem(answer)[:2] == (409, "seated-before")
    assert "1 assignment from before 2020-01-02" in answer.json()["detail"]
    for changed in ({"hired_on": "2020-01-01"}, {"hired_on": None}):
        assert (await client.patch(address, json=changed, headers=ANY)).status_code == 200


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "mallory@agency.example"),
        ("active_cap", "99"),
        ("back_burner_cap", "99"),
        ("weekly_hours", "60"),
        ("hired_on", "2019-01-01"),
        ("left_on", "2030-01-01"),
    ],
)
async def test_who_somebody_is_and_may_carry_is_changed_by_the_pmo_alone(
    client: httpx.AsyncClient, client_as: ClientFactory, field: str, value: str
) -> None:
    manager = await client_as("manager")
    made = await add(manager, hired_on="2020-01-01")
    address = f"/v1/people/{made['id']}"
    refused = await manager.patch(address, json={field: value, "team": "Web"}, headers=ANY)
    assert problem(refused)[:2] == (403, "forbidden")
    assert f"`{field}`" in refused.json()["detail"]
    same = await manager.patch(address, json={field: made[field], "team": "Web"}, headers=ANY)
    assert (same.status_code, same.json()["team"]) == (200, "Web")
    changed = await client.patch(address, json={field: value}, headers=ANY)
    assert (changed.status_code, changed.json()[field]) == (200, value)


@pytest.mark.parametrize("values", [{"kind": "shadow"}, {"kind": "cover"}, {"superseded": True}])
async def test_who_only_shadows_or_covers_or_did_may_leave(
    client: httpx.AsyncClient, database: RolledBack, there: Portfolio, values: dict[str, Any]
) -> None:
    await database.write(seat, there.project, there.maria)
    table = table_of(Assignment)
    changed = {"superseded_at": table.c.recorded_at} if "superseded" in values else values
    await database.write(lambda conn: conn.execute(sa.update(table).values(**changed)))
    answer = await client.patch(f"/v1/people/{there.maria}", json={"left_on": "2026-06-30"}, headers=ANY)
    assert answer.status_code == 200


async def test_is_deleted_only_when_nothing_refers_to_them(client: httpx.AsyncClient, there: Portfolio) -> None:
    maria = await client.delete(f"/v1/people/{there.maria}", headers=ANY)
    assert problem(maria)[:2] == (409, "still-referenced")
    assert (await client.delete("/v1/people/jon.berg@agency.example", headers=ANY)).status_code == 204
    assert (await client.get(f"/v1/people/{there.jon}")).status_code == 404


async def test_a_persons_life_is_told_and_audited(client: httpx.AsyncClient, database: RolledBack) -> None:
    id = (await add(client))["id"]
    await client.patch(f"/v1/people/{id}", json={"team": "Web"}, headers=ANY)
    await client.patch(f"/v1/people/{id}", json={"team": "Web"}, headers=ANY)
    await client.delete(f"/v1/people/{id}", headers=ANY)
    assert await events_of(database, id) == [
        ("person.created", {}),
        ("person.updated", {"fields": ["team"]}),
        ("person.deleted", {}),
    ]
    assert await actions_on(database, id) == ["created", "updated", "deleted"]


async def test_a_list_takes_the_same_number_of_statements_for_any_number_of_people_and_skills(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    ines = await add(client)
    await add(client, "skills", person_id=ines["id"], skill="typography", level=2)
    with database.counting() as for_one:
        await client.get("/v1/people?include=skills")
    for number in range(4):
        other = await add(client, email=f"p{number}@agency.example")
        await add(client, "skills", person_id=other["id"], skill="typography", level=2)
    with database.counting() as for_five:
        answer = await client.get("/v1/people?include=skills")
    assert len(for_one) == len(for_five) == 2
    assert all(len(item["skills"]) == 1 for item in answer.json()["items"])


async def test_includes_the_skills_of_each_sorted(client: httpx.AsyncClient) -> None:
    ines = await add(client)
    await add(client, email="unskilled@agency.example", display_name="Zoe")
    python = await add(client, "skills", person_id=ines["id"], skill="python", level=5)
    css = await add(client, "skills", person_id=ines["id"], skill="css", level=1)
    first, second = (await client.get("/v1/people?include=skills")).json()["items"]
    assert first["skills"] == [
        {"id": css["id"], "skill": "css", "level": 1},
        {"id": python["id"], "skill": "python", "level": 5},
    ]
    assert second["skills"] == []
    header = (await client.get("/v1/people?format=csv")).text.splitlines()[0]
    assert "skills" not in header


async def test_a_person_has_a_skill_once(client: httpx.AsyncClient) -> None:
    ines = await add(client)
    skill = await add(client, "skills", person_id=ines["id"], skill="css", level=1)
    again = {"person_id": ines["id"], "skill": "css", "level": 2}
    assert problem(await client.post("/v1/skills", json=again))[:2] == (409, "duplicate")
    beyond = await client.post("/v1/skills", json={**again, "skill": "html", "level": 6})
    assert problem(beyond)[::2] == (422, ["/level"])
    nobody = await client.post("/v1/skills", json={**again, "person_id": str(uuid4())})
    assert problem(nobody) == (422, "invalid", ["/person_id"])
    raised = await client.patch(f"/v1/skills/{skill['id']}", json={"level": 3}, headers={"If-Match": skill["etag"]})
    assert raised.json()["level"] == 3
    stale = await client.delete(f"/v1/skills/{skill['id']}", headers={"If-Match": skill["etag"]})
    assert stale.status_code == 412
    assert (await client.get("/v1/skills?skill=css&level_from=3")).json()["items"] == [raised.json()]
    assert (await client.delete(f"/v1/skills/{skill['id']}", headers=ANY)).status_code == 204


async def test_time_off_ends_after_it_began(client: httpx.AsyncClient, database: RolledBack) -> None:
    ines = await add(client)
    days = {"person_id": ines["id"], "from_on": "2026-08-03", "until_on": "2026-08-02"}
    assert problem(await client.post("/v1/time-off", json=days)) == (422, "invalid", ["/until_on"])
    made = await add(client, "time-off", **{**days, "until_on": "2026-08-14", "hours_per_day": "4"})
    assert (made["kind"], made["hours_per_day"], made["note"]) == ("vacation", "4", None)
    address = f"/v1/time-off/{made['id']}"
    later = await client.patch(address, json={"from_on": "2026-08-15"}, headers=ANY)
    assert problem(later) == (422, "invalid", ["/until_on"])
    longer = await client.patch(address, json={"until_on": "2026-08-21"}, headers={"If-Match": made["etag"]})
    assert (longer.json()["until_on"], longer.json()["version"]) == ("2026-08-21", 2)
    found = await client.get(f"/v1/time-off?person_id={ines['id']}&until_on_from=2026-08-20&kind=vacation,sick")
    assert found.json()["items"] == [longer.json()]
    assert (await client.delete(address, headers=ANY)).status_code == 204
    data = {"person_id": ines["id"], "from_on": "2026-08-03", "until_on": "2026-08-14"}
    changed = {**data, "until_on": "2026-08-21"}
    assert await events_of(database, made["id"]) == [
        ("time_off.created", data),
        ("time_off.updated", changed),
        ("time_off.deleted", changed),
    ]
