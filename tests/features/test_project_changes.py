"""What an approved change does to its project: `projects.service.apply_change`."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa

from app.core.caller import SYSTEM
from app.core.errors import AppError
from app.core.ids import new_id
from app.features.projects import service
from app.features.projects.errors import ChangeDoesNotFit, NoBaseline
from tests.databases import RolledBack
from tests.features.calls import Json, add, add_project, day, events
from tests.features.test_seats import add_role

FIGURES = {
    "status": "active",
    "start_on": "2026-01-05",
    "due_on": "2026-06-30",
    "fee": "50000",
    "cost_budget": "30000",
    "hours_budget": "400",
}
CHANGE: Mapping[str, Any] = {
    "price": Decimal("4200.50"),
    "cost": Decimal(2500),
    "hours": {"designer": Decimal(30)},
    "due_on": date(2026, 7, 14),
}


async def apply(database: RolledBack, project: Json, **values: Any) -> UUID:
    """Apply a change to a project; returns the change's id."""
    change = new_id()

    def step(conn: sa.Connection) -> None:
        locked = service.lock(conn, UUID(project["id"]))
        service.apply_change(conn, SYSTEM, locked, change_request_id=change, **{**CHANGE, **values})

    await database.write(step)
    return change


async def figures(client: httpx.AsyncClient, project: Json) -> Json:
    found: Json = (await client.get(f"/v1/projects/{project['id']}")).json()
    return {name: found[name] for name in ("fee", "cost_budget", "hours_budget", "due_on")}


async def baselines(client: httpx.AsyncClient, project: Json) -> list[Json]:
    params = {"project_id": project["id"], "sort": "number"}
    items: list[Json] = (await client.get("/v1/baselines", params=params)).json()["items"]
    return items


async def test_figures_move_and_the_next_baseline_is_frozen(client: httpx.AsyncClient, database: RolledBack) -> None:
    with day("2026-03-02"):
        await add_role(client, "designer", exclusive=False)
        project = await add_project(client, **FIGURES)
        change = await apply(database, project)
        moved = {"fee": "54200.50", "cost_budget": "32500.00", "hours_budget": "430", "due_on": "2026-07-14"}
        assert await figures(client, project) == moved
        first, second = await baselines(client, project)
    assert (first["number"], first["fee"], first["change_request_id"]) == (1, "50000.00", None)
    assert (second["number"], second["cause"], second["change_request_id"]) == (2, "change", str(change))
    assert {name: second[name] for name in moved} == moved
    assert second["valid_from"] == "2026-03-02"


async def test_tells_of_the_project_the_estimate_and_the_baseline(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    await add_role(client, "designer", exclusive=False)
    project = await add_project(client, **FIGURES)
    await add(client, "estimates", project_id=project["id"], role="designer", hours_budget="9", hours_remaining="7")
    before = len(await events(database))
    await apply(database, project)
    told = (await events(database))[before:]
    of = {"project_id": project["id"]}
    assert told == [
        ("project.updated", {"fields": ["cost_budget", "due_on", "fee", "hours_budget"]}),
        ("estimate.updated", {**of, "role": "designer"}),
        ("baseline.created", {**of, "number": 2, "cause": "change"}),
    ]
    params = {"subject_type": "project", "subject_id": project["id"], "action": "updated"}
    [entry] = (await client.get("/v1/audit", params=params)).json()["items"]
    assert entry["before"]["due_on"] == "2026-06-30"
    assert entry["after"]["due_on"] == "2026-07-14"


async def test_what_was_unknown_stays_unknown(client: httpx.AsyncClient, database: RolledBack) -> None:
    await add_role(client, "designer", exclusive=False)
    unknown: Json = {**FIGURES, "fee": None, "hours_budget": None}
    project = await add_project(client, **unknown)
    await apply(database, project, cost=None, due_on=None)
    unmoved = {"fee": None, "cost_budget": "30000.00", "hours_budget": None, "due_on": "2026-06-30"}
    assert await figures(client, project) == unmoved


async def test_todays_estimate_is_the_latest_with_the_hours(client: httpx.AsyncClient, database: RolledBack) -> None:
    await add_role(client, "designer", exclusive=False)
    await add_role(client, "tester", exclusive=False)
    with day("2026-03-02"):
        project = await add_project(client, **FIGURES)
        body = {"project_id": project["id"], "role": "designer", "hours_budget": "100"}
        await add(client, "estimates", **body, hours_remaining="80", as_of="2026-02-02")
        await add(client, "estimates", **body, hours_remaining="40", as_of="2026-02-27")
        hours = {"designer": Decimal(-50), "tester": Decimal(8), "account_manager": Decimal(-2)}
        await apply(database, project, hours=hours)
        await apply(database, project, hours={"tester": Decimal("1.5")})
    items = (await client.get("/v1/estimates", params={"project_id": project["id"], "as_of": "2026-03-02"})).json()
    found = {(e["role"], e["hours_budget"], e["hours_remaining"], e["version"]) for e in items["items"]}
    assert found == {("designer", "50", "0", 1), ("tester", "9.5", "9.5", 2)}


async def test_a_project_that_nobody_has_estimated_stays_so(client: httpx.AsyncClient, database: RolledBack) -> None:
    """The hours of the change alone would pass for all that remains."""
    await add_role(client, "designer", exclusive=False)
    project = await add_project(client, **FIGURES)
    await apply(database, project)
    assert (await client.get("/v1/estimates")).json()["items"] == []


@pytest.mark.parametrize(
    "values",
    [
        {"price": Decimal(-50_001)},
        {"cost": Decimal(-30_001)},
        {"hours": {"account_manager": Decimal(-401)}},
        {"due_on": date(2026, 1, 4)},
        {"price": Decimal(99_999_999_999)},
    ],
    ids=["fee", "cost", "hours", "date", "too much"],
)
async def test_a_change_that_the_figures_do_not_take_changes_nothing(
    client: httpx.AsyncClient, database: RolledBack, values: Json
) -> None:
    await add_role(client, "designer", exclusive=False)
    project = await add_project(client, **FIGURES)
    with pytest.raises(ChangeDoesNotFit):
        await apply(database, project, **values)
    assert len(await baselines(client, project)) == 1
    assert (await figures(client, project))["fee"] == "50000.00"


async def test_a_project_without_a_baseline_is_to_be_activated_first(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    project = await add_project(client)
    with pytest.raises(NoBaseline, match="activate it first"):
        await apply(database, project)


async def test_a_baseline_is_never_overwritten(client: httpx.AsyncClient, database: RolledBack) -> None:
    await add_role(client, "designer", exclusive=False)
    project = await add_project(client, **FIGURES)
    await apply(database, project)
    for statement in ("UPDATE baseline SET number = 7", "DELETE FROM baseline"):
        with pytest.raises(AppError):
            await database.write(lambda conn, statement=statement: conn.execute(sa.text(statement)))
    assert [baseline["number"] for baseline in await baselines(client, project)] == [1, 2]


async def test_a_project_is_on_time_by_its_current_baseline(client: httpx.AsyncClient, database: RolledBack) -> None:
    with day("2026-03-02"):
        await add_role(client, "designer", exclusive=False)
        late, kept = [await add_project(client, code, **FIGURES) for code in ("LATE", "KEPT")]
        await apply(database, kept)
    with day("2026-07-10"):
        for project in (late, kept):
            answer = await client.post(f"/v1/projects/{project['id']}/transitions", json={"to": "closed"})
            assert answer.status_code == 200, answer.text
    for project, kpi, value in (
        (late, "on_time", "0.0000"),
        (kept, "on_time", "100.0000"),
        (kept, "on_time_original", "0.0000"),
    ):
        params = {"project_id": project["id"], "from": "2026-07-01", "until": "2026-07-31"}
        answer = await client.get(f"/v1/kpis/{kpi}/values", params=params)
        assert [row["value"] for row in answer.json()["rows"]] == [value], answer.text
