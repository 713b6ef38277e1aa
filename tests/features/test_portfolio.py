from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import pytest_asyncio
import sqlalchemy as sa

from app.core.caller import SYSTEM
from app.core.events import DomainEvent
from app.core.ids import new_id
from app.messaging.outbox import emit
from app.models.change_request import ChangeRequest
from app.models.person import PersonRate
from app.models.project import Milestone
from app.models.rescue import Rescue
from app.models.risk import Risk
from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.features.calls import Json, day
from tests.measures import facts, progress

TODAY, START = date(2026, 6, 1), date(2026, 1, 1)
MANAGERS = ("account_manager", "production_manager")
FLAT = (
    "cpi",
    "spi_t",
    "forecast_margin",
    "health",
    "next_milestone",
    "decisions_waiting",
    "overdue_promises",
    "exposure",
    "rescue_id",
)


class Office:
    """A client, and Maria, whose hour costs 50."""

    def __init__(self, client: httpx.AsyncClient, database: RolledBack) -> None:
        self.client, self.database = client, database
        self.acme, self.maria = new_id(), new_id()

    async def open(self) -> "Office":
        def made(conn: sa.Connection) -> tuple[UUID, UUID]:
            maria = facts.person(conn)
            values = {"cost_rate": Decimal(50), "currency": "EUR", "valid_from": START}
            facts.add(conn, PersonRate, person_id=maria, **values)
            return facts.client(conn), maria

        self.acme, self.maria = await self.database.write(made)
        return self

    async def project(self, code: str, status: str = "active", since: date = START, **values: Any) -> UUID:
        def made(conn: sa.Connection) -> UUID:
            project = facts.project(conn, self.acme, code, **values)
            facts.status(conn, project, status, since)
            for role in MANAGERS:
                facts.seat(conn, project, role)
            return project

        found: UUID = await self.database.write(made)
        return found

    async def busy(self, code: str) -> UUID:
        """A project with something of all that the portfolio shows."""

        def made(conn: sa.Connection, project: UUID) -> None:
            agreed: Json = {"fee": Decimal(100_000), "cost_budget": Decimal(60_000), "due_on": date(2026, 12, 31)}
            progress.baseline(conn, project, start_on=START, **agreed)
            progress.report(conn, project, date(2026, 5, 2), "30")
            facts.holder(conn, project, self.maria, START)
            facts.hours(conn, project, self.maria, date(2026, 5, 4), 24, cost_rate=Decimal(1000))
            progress.estimate(conn, project, MANAGERS[0], date(2026, 5, 30), "100")
            for name, on in (("Launch", date(2026, 7, 1)), ("Design", date(2026, 6, 11))):
                facts.add(conn, Milestone, project_id=project, name=name, planned_on=on, weight=Decimal(1))
            for place, by in enumerate((date(2026, 6, 20), date(2026, 6, 5)), 1):
                said = {"number": place, "title": "T", "value_statement": "V", "decide_by": by}
                facts.add(conn, ChangeRequest, project_id=project, status="awaiting_decision", **said)
            facts.commitment(conn, self.maria, date(2026, 5, 4), project_id=project)
            facts.commitment(conn, self.maria, date(2026, 7, 4), project_id=project)
            said = {"cause": "c", "event": "e", "effect": "f", "identified_on": START}
            facts.add(conn, Risk, project_id=project, number=1, likelihood=3, impact=4, **said)
            facts.add(conn, Rescue, project_id=project, rescuer_id=self.maria, opened_on=TODAY, trigger="It is late")

        project = await self.project(code)
        await self.database.write(made, project)
        return project

    async def portfolio(self, client: httpx.AsyncClient | None = None, **params: Any) -> list[Json]:
        answer = await (client or self.client).get("/v1/portfolio", params=params)
        assert answer.status_code == 200, answer.text
        found: list[Json] = answer.json()["items"]
        return found


@pytest_asyncio.fixture(loop_scope="session")
async def office(client: httpx.AsyncClient, database: RolledBack) -> AsyncIterator[Office]:
    with day(TODAY.isoformat()):
        yield await Office(client, database).open()


async def test_shows_how_a_project_stands_in_one_call(office: Office) -> None:
    await office.busy("SHOP")
    [item] = await office.portfolio()
    assert (item["code"], item["client_code"], item["status"], item["engagement"]) == (
        "SHOP",
        "ACME",
        "active",
        "fixed_fee",
    )
    assert item["account_manager_id"] == str(office.maria)
    assert item["seats"] == [
        {
            "role": "account_manager",
            "person_id": str(office.maria),
            "name": "maria@agency.example",
            "vacant": False,
        },
        {"role": "production_manager", "person_id": None, "name": None, "vacant": True},
    ]
    assert (item["health"], item["health_age_days"], item["health_stale"]) == ("on_track", 30, True)
    assert item["percent_complete"] == "30"
    # 30 % of 60,000 for 24,000; 100,000 − 24,000 − 100 h × 50.
    assert (item["cpi"], item["forecast_margin"]) == ("0.75", "71")
    assert item["spi_t"] is not None
    assert (item["next_milestone"], item["next_milestone_on"], item["next_milestone_days"]) == (
        "Design",
        "2026-06-11",
        10,
    )
    assert (item["decisions_waiting"], item["decide_by"]) == (2, "2026-06-05")
    assert (item["overdue_promises"], item["exposure"]) == (1, 12)
    assert item["rescue_id"] is not None
    assert "changed" not in item


async def test_says_of_a_bare_project_that_nothing_is_known(office: Office) -> None:
    await office.project("NEW")
    [item] = await office.portfolio()
    unknown = dict.fromkeys(FLAT) | {"decisions_waiting": 0, "overdue_promises": 0}
    assert {name: item[name] for name in FLAT} == unknown


async def test_shows_the_live_projects_unless_a_status_is_asked_for(office: Office) -> None:
    for status in ("pipeline", "active", "back_burner", "on_hold", "closed"):
        await office.project(status.upper().replace("_", "-"), status)
    live = [item["code"] for item in await office.portfolio()]
    assert live == ["ACTIVE", "BACK-BURNER", "ON-HOLD"]
    assert [item["code"] for item in await office.portfolio(status="pipeline,closed")] == ["CLOSED", "PIPELINE"]


async def test_a_day_shows_what_held_then(office: Office) -> None:
    await office.busy("SHOP")
    await office.project("LATER", since=date(2026, 5, 1))
    [item] = await office.portfolio(on="2026-04-30")
    assert (item["code"], item["health"], item["overdue_promises"]) == ("SHOP", None, 0)
    answer = await office.client.get("/v1/portfolio", params={"on": "2026-06-02"})
    assert answer.status_code == 422


async def test_filters_by_whom_and_by_health(office: Office) -> None:
    await office.busy("SHOP")
    await office.project("NEW")
    questions: tuple[Json, ...] = (
        {"account_manager_id": str(office.maria)},
        {"health": "on_track"},
        {"health": "on_track,off_track", "client_id": str(office.acme)},
    )
    for params in questions:
        assert [item["code"] for item in await office.portfolio(**params)] == ["SHOP"]
    assert await office.portfolio(production_manager_id=str(office.maria)) == []
    assert await office.portfolio(health="off_track") == []


async def test_tells_what_has_changed_since(office: Office) -> None:
    shop, other = await office.project("SHOP"), await office.project("OTHER")

    def happens(conn: sa.Connection) -> None:
        emit(conn, SYSTEM, DomainEvent("project.updated", "project", shop, {"fields": []}))
        for _ in range(2):
            emit(conn, SYSTEM, DomainEvent("risk.created", "risk", new_id(), {"project_id": str(shop)}))
        emit(conn, SYSTEM, DomainEvent("client.updated", "client", office.acme, {"fields": []}))

    with day("2026-05-20"):
        await office.database.write(lambda conn: emit(conn, SYSTEM, DomainEvent("project.updated", "project", other)))
    await office.database.write(happens)
    since = datetime(2026, 5, 29, 18, tzinfo=UTC)
    by_code = {item["code"]: item["changed"] for item in await office.portfolio(changed_since=since.isoformat())}
    assert by_code["OTHER"] == []
    assert [(change["type"], change["count"]) for change in by_code["SHOP"]] == [
        ("project.updated", 1),
        ("risk.created", 2),
    ]
    assert all(change["last_at"].startswith("2026-06-01T12") for change in by_code["SHOP"])
    earlier = await office.portfolio(changed_since=(since - timedelta(20)).isoformat())
    assert [change["type"] for change in earlier[0]["changed"]] == ["project.updated"]


async def test_hides_money_from_those_who_may_not_see_it(office: Office, client_as: ClientFactory) -> None:
    await office.busy("SHOP")
    await office.busy("THEIRS")
    for role in ("viewer", "contributor"):
        for item in await office.portfolio(await client_as(role)):
            assert "cpi" not in item
            assert "forecast_margin" not in item
            assert item["spi_t"] is not None
    [shop, theirs] = await office.portfolio(await client_as("manager", person_id=office.maria))
    assert (shop["cpi"], theirs["cpi"]) == ("0.75", "0.75")
    jon = await office.database.write(facts.person, "jon@agency.example")
    assert all("cpi" not in item for item in await office.portfolio(await client_as("manager", person_id=jon)))


async def test_pages_without_missing_or_repeating(office: Office) -> None:
    for number in range(5):
        await office.project(f"P{number}", due_on=date(2026, 9, 1 + number % 2))
    seen, cursor = [], None
    while True:
        params: Json = {"limit": 2, "sort": "-due_on"} | ({"cursor": cursor} if cursor else {})
        answer = (await office.client.get("/v1/portfolio", params=params)).json()
        seen += [item["code"] for item in answer["items"]]
        cursor = answer["next_cursor"]
        if cursor is None:
            break
    assert sorted(seen) == [f"P{number}" for number in range(5)]
    assert seen[:2] == ["P1", "P3"]


async def test_comes_as_a_table(office: Office) -> None:
    await office.busy("SHOP")
    params = {"format": "csv", "fields": "code,cpi,next_milestone_on,decisions_waiting"}
    answer = await office.client.get("/v1/portfolio", params=params)
    assert answer.text == "code,cpi,next_milestone_on,decisions_waiting\r\nSHOP,0.75,2026-06-11,2\r\n"


async def test_asks_as_much_for_sixty_projects_as_for_three(office: Office) -> None:
    for number in range(3):
        await office.busy(f"P{number}")
    params: Json = {"limit": 200, "changed_since": "2026-05-29T18:00:00Z"}
    with office.database.counting() as for_three:
        assert len(await office.portfolio(**params)) == 3
    for number in range(3, 60):
        await office.busy(f"P{number}")
    with office.database.counting() as for_sixty:
        assert len(await office.portfolio(**params)) == 60
    few, many = ([said for said in found if "FROM api_key" not in said] for found in (for_three, for_sixty))
    assert len(few) == len(many) <= 30
