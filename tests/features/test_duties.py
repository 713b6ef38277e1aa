from typing import Any
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.ids import new_id
from app.db.record import table_of
from app.features.time_entries.queries import OF_BOUND_VALUES, duty_rules
from app.features.time_entries.rules import TAGGED_BY, responsibility_of
from app.models.audit import AuditEntry
from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.features.calls import Json, add, events
from tests.measures.facts import MADE_AT
from tests.portfolio import Portfolio, make_portfolio

BUG = {"source": "jira", "issue_type": "Bug"}


@pytest.fixture
async def there(database: RolledBack) -> Portfolio:
    return await make_portfolio(database)


def hours_of(there: Portfolio, **values: Any) -> Json:
    who = {"project_id": str(there.project), "person_id": str(there.maria)}
    return {**who, "worked_on": "2026-03-02", "hours": "2", **values}


async def rule(client: httpx.AsyncClient, responsibility: str = "testing", **values: Any) -> Json:
    return await add(client, "duty-rules", responsibility=responsibility, **values)


async def tag_of(client: httpx.AsyncClient, there: Portfolio, **values: Any) -> str | None:
    tag: str | None = (await add(client, "time-entries", **hours_of(there, **values)))["responsibility"]
    return tag


some = st.sampled_from([None, "a", "b"])
rule_rows = st.lists(
    st.fixed_dictionaries(
        dict.fromkeys(TAGGED_BY, some)
        | {"position": st.integers(0, 2), "responsibility": st.sampled_from(["testing", "task_assignment"])}
    ),
    max_size=6,
)
entry_values = st.fixed_dictionaries(dict.fromkeys(TAGGED_BY, some) | {"source": st.sampled_from(["a", "b"])})


async def test_the_rule_in_python_and_the_rule_in_sql_are_one(database: RolledBack) -> None:
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(rule_rows, st.lists(entry_values, min_size=1, max_size=4))
    def holds(conn: sa.Connection, made: list[Json], entries: list[Json]) -> None:
        conn.execute(sa.delete(duty_rules))
        rows = [{**row, "id": new_id(), "version": 1} | stamps for row in made]
        if rows:
            conn.execute(sa.insert(duty_rules), rows)
        for entry in entries:
            assert conn.execute(sa.select(OF_BOUND_VALUES), entry).scalar_one() == responsibility_of(rows, entry)

    stamps = {"created_at": MADE_AT, "updated_at": MADE_AT}
    await database.write(lambda conn: holds(conn))


def test_the_first_rule_is_that_of_the_lowest_position_then_the_one_that_asks_for_more_then_the_older() -> None:
    def made(position: int, number: int, responsibility: str, **attributes: str) -> Json:
        asked = dict.fromkeys(TAGGED_BY) | attributes
        return {"id": UUID(int=number), "position": position, "responsibility": responsibility, **asked}

    bug = {"source": "jira", "issue_type": "Bug", "component": "Shop", "activity": None}
    by_source, by_both = made(5, 1, "one", source="jira"), made(5, 2, "two", source="jira", issue_type="Bug")
    assert responsibility_of([by_source, by_both], bug) == "two"
    assert responsibility_of([by_source, by_both, made(1, 3, "three", component="Shop")], bug) == "three"
    assert responsibility_of([made(5, 9, "nine", source="jira"), by_source], bug) == "one"
    assert responsibility_of([made(5, 1, "one", activity="Call")], bug) is None


async def test_hours_without_a_responsibility_get_that_of_the_first_rule(
    client: httpx.AsyncClient, there: Portfolio
) -> None:
    await rule(client, **BUG)
    await rule(client, "task_assignment", position=1, component="Board")
    assert await tag_of(client, there, **BUG) == "testing"
    assert await tag_of(client, there, **BUG, component="Board") == "task_assignment"
    assert await tag_of(client, there, **BUG, responsibility="scope_review") == "scope_review"
    assert await tag_of(client, there, source="jira") is None
    found = (await client.get("/v1/time-entries", params={"component": "Board"})).json()["items"]
    assert [item["responsibility"] for item in found] == ["task_assignment"]


async def test_rules_cost_the_writing_of_hours_no_statement(
    client: httpx.AsyncClient, database: RolledBack, there: Portfolio
) -> None:
    await rule(client, **BUG)
    await tag_of(client, there, **BUG)
    with database.counting() as statements:
        assert await tag_of(client, there, **BUG) == "testing"
    assert len(statements) == 5, statements


async def test_a_batch_is_tagged_in_the_same_number_of_statements_for_any_size(
    client: httpx.AsyncClient, database: RolledBack, there: Portfolio
) -> None:
    await rule(client, **BUG)
    counts = []
    for size in (1, 30):
        with database.counting() as statements:
            answer = await client.post("/v1/time-entries/batch", json={"entries": [hours_of(there, **BUG)] * size})
        assert {item["responsibility"] for item in answer.json()["items"]} == {"testing"}
        counts.append(len(statements))
    assert counts[0] == counts[1]


async def test_a_correction_tags_hours_that_have_no_responsibility_and_leaves_the_others(
    client: httpx.AsyncClient, there: Portfolio
) -> None:
    await rule(client, **BUG)
    untagged = await add(client, "time-entries", **hours_of(there, source="jira"))
    tagged = await add(client, "time-entries", **hours_of(there, source="jira", responsibility="scope_review"))

    async def patched(entry: Json, **changes: Any) -> str | None:
        answer = await client.patch(f"/v1/time-entries/{entry['id']}", json=changes, headers={"If-Match": "*"})
        found: str | None = answer.json()["responsibility"]
        return found

    assert await patched(untagged, hours="3") is None
    assert await patched(untagged, issue_type="Bug") == "testing"
    assert await patched(untagged, responsibility=None) is None
    assert await patched(tagged, issue_type="Bug") == "scope_review"


async def test_applying_the_rules_tags_what_is_untagged_as_corrections(
    client: httpx.AsyncClient, database: RolledBack, there: Portfolio
) -> None:
    for day in ("2026-03-01", "2026-03-02", "2026-03-31"):
        await add(client, "time-entries", **hours_of(there, **BUG, worked_on=day))
    await add(client, "time-entries", **hours_of(there, source="post"))
    await add(client, "time-entries", **hours_of(there, **BUG, responsibility="scope_review"))
    await rule(client, **BUG)
    days = {"from_on": "2026-03-02", "until_on": "2026-03-31"}
    asked = await client.post("/v1/duty-rules/apply", json=days, params={"dry_run": "true"})
    done = await client.post("/v1/duty-rules/apply", json=days)
    expected = {"tagged": 2, "untagged": 1, "by_responsibility": [{"responsibility": "testing", "time_entries": 2}]}
    assert asked.json() == done.json() == expected
    listed = (await client.get("/v1/time-entries", params={"responsibility": "testing"})).json()["items"]
    assert sorted((item["worked_on"], item["version"]) for item in listed) == [("2026-03-02", 2), ("2026-03-31", 2)]
    again = (await client.post("/v1/duty-rules/apply", json=days)).json()
    assert (again["tagged"], again["untagged"]) == (0, 1)
    told = [data for type, data in await events(database) if type == "time_entries.tagged"]
    assert told == [{"time_entries": 2, "in_closed_periods": 0}]
    audit = table_of(AuditEntry)
    written = sa.select(sa.func.count()).select_from(audit).where(audit.c.action == "tagged")
    assert await database.read(lambda conn: conn.execute(written).scalar_one()) == 1


async def test_applying_takes_the_same_number_of_statements_for_any_number_of_hours(
    client: httpx.AsyncClient, database: RolledBack, there: Portfolio
) -> None:
    counts = []
    for size in (2, 30):
        made = await client.post("/v1/time-entries/batch", json={"entries": [hours_of(there, **BUG)] * size})
        assert made.status_code == 201
        found = await rule(client, **BUG)
        with database.counting() as statements:
            assert (await client.post("/v1/duty-rules/apply", json={})).json()["tagged"] == size
        await client.delete(f"/v1/duty-rules/{found['id']}", headers={"If-Match": "*"})
        counts.append(len(statements))
    assert counts[0] == counts[1]


async def test_refuses_a_rule_that_would_tag_everything(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/duty-rules", json={"responsibility": "testing"})
    pointers = [error["pointer"] for error in answer.json()["errors"]]
    assert (answer.status_code, pointers) == (422, [f"/{name}" for name in TAGGED_BY])
    made = await rule(client, source="jira")
    answer = await client.patch(f"/v1/duty-rules/{made['id']}", json={"source": None}, headers={"If-Match": "*"})
    assert answer.status_code == 422
    assert (await client.get(f"/v1/duty-rules/{made['id']}")).json()["source"] == "jira"


async def test_refuses_days_that_end_before_they_begin(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/duty-rules/apply", json={"from_on": "2026-03-02", "until_on": "2026-03-01"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/until_on")


async def test_a_profile_holds_a_responsibility_once_for_each_person(
    client: httpx.AsyncClient, there: Portfolio
) -> None:
    said = {"person_id": str(there.maria), "responsibility": "testing", "weekly_hours": "6"}
    made = await add(client, "duty-profiles", **said)
    again = await client.post("/v1/duty-profiles", json=said)
    assert (again.status_code, again.json()["code"]) == (409, "duplicate")
    address = f"/v1/duty-profiles/{made['id']}"
    changed = await client.patch(address, json={"weekly_hours": "7.5"}, headers={"If-Match": made["etag"]})
    assert changed.json()["weekly_hours"] == "7.5"
    assert (await client.delete(address, headers={"If-Match": "*"})).status_code == 204
    unknown = await client.post("/v1/duty-profiles", json={**said, "responsibility": "juggling"})
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "/responsibility")


@pytest.mark.parametrize("role", ["contributor", "viewer"])
async def test_duties_are_written_by_those_who_run_projects(client_as: ClientFactory, role: str) -> None:
    caller = await client_as(role)
    assert (await caller.get("/v1/duty-rules")).status_code == 200
    assert (await caller.post("/v1/duty-rules", json={**BUG, "responsibility": "testing"})).status_code == 403
    assert (await caller.post("/v1/duty-rules/apply", json={})).status_code == 403


async def test_what_somebody_spends_is_what_is_logged_else_what_they_declare(
    client: httpx.AsyncClient, there: Portfolio
) -> None:
    for responsibility, hours in (("client_relationship", "14"), ("task_assignment", "7")):
        said = {"person_id": str(there.maria), "responsibility": responsibility, "weekly_hours": hours}
        await add(client, "duty-profiles", **said)
    march = {"from": "2026-03-01", "until": "2026-04-01"}

    async def spent() -> Json:
        answer = await client.get(f"/v1/people/{there.maria}/duties", params=march)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    found = await spent()
    assert (found["basis"], found["role_strain_basis"], found["reason"]) == ("declared", "declared", None)
    assert [(item["duty"], item["hours"]) for item in found["items"]] == [("client", "62.00"), ("project", "31.00")]
    assert (found["client_share"], found["project_share"]) == ("66.6667", "33.3333")
    for responsibility, hours in (("client_relationship", "1"), ("testing", "3")):
        await add(client, "time-entries", **hours_of(there, responsibility=responsibility, hours=hours))
    found = await spent()
    assert (found["basis"], found["role_strain_basis"]) == ("logged", "logged")
    assert [(item["responsibility"], item["hours"]) for item in found["items"]] == [
        ("client_relationship", "1.00"),
        ("testing", "3.00"),
    ]
    assert (found["client_share"], found["project_share"]) == ("25.0000", "75.0000")
    kpi = await client.get("/v1/kpis/role_strain/values", params={**march, "person_id": str(there.maria)})
    (row,) = kpi.json()["rows"]
    assert (row["value"], row["basis"]) == (found["role_strain"], "logged")


async def test_who_spends_nothing_has_no_shares_and_a_reason(client: httpx.AsyncClient, there: Portfolio) -> None:
    found = (await client.get(f"/v1/people/{there.maria}/duties")).json()
    assert (found["items"], found["basis"], found["client_share"], found["role_strain"]) == ([], None, None, None)
    assert found["reason"] == "no_duty_hours"
    backwards = {"from": "2026-03-02", "until": "2026-03-02"}
    assert (await client.get(f"/v1/people/{there.maria}/duties", params=backwards)).status_code == 422
