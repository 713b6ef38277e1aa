from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import httpx
import pytest_asyncio

from app.features.outcomes import rules
from app.features.outcomes.rules import Price, Worth
from app.measures.rates import NO_RATES
from app.settings import Settings
from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.features.calls import Json, add, add_project
from tests.features.test_capacity import person
from tests.portfolio import add_rate, seat

YEAR = 2026


@dataclass
class Charity:
    """Maria, an account manager who costs 50 an hour and is charged at 120, works for good causes."""

    client: httpx.AsyncClient
    database: RolledBack
    maria: str

    async def project(self, code: str, cause: str | None = "Literacy", **values: Any) -> Json:
        given = {"engagement": "pro_bono", "status": "active", "status_on": "2026-01-01", "cause": cause, **values}
        return await add_project(self.client, code, "LIBRARY", **given)

    async def works(self, project: Json, hours: str, on: str = "2026-03-02", person_id: str | None = None) -> None:
        values = {"project_id": project["id"], "person_id": person_id or self.maria, "worked_on": on, "hours": hours}
        await add(self.client, "time-entries", **values)

    async def charges(self, rate: str, on: str = "2026-01-01", **values: Any) -> None:
        given = {"role": "account_manager", "rate": rate, "currency": "EUR", "valid_from": on, **values}
        await add(self.client, "rate-cards", **given)

    async def given(self, client: httpx.AsyncClient | None = None, **query: Any) -> list[Json]:
        answer = await (client or self.client).get("/v1/pro-bono", params={"year": YEAR, **query})
        assert answer.status_code == 200, answer.text
        found: list[Json] = answer.json()["items"]
        return found


@pytest_asyncio.fixture(loop_scope="session")
async def charity(client: httpx.AsyncClient, database: RolledBack) -> Charity:
    maria = await person(database, home_role="account_manager")
    await database.write(add_rate, UUID(maria), "50", "2026-01-01")
    return Charity(client, database, maria)


async def test_tells_by_cause_what_was_given_and_what_came_of_it(charity: Charity) -> None:
    await charity.charges("120")
    books = await charity.project("BOOKS", declared_impact="Children read")
    sea = await charity.project("SEA", "Oceans")
    paid = await add_project(charity.client, "SHOP")
    await charity.works(books, "10")
    await charity.works(sea, "1.5")
    await charity.works(paid, "9")
    spent = {"project_id": books["id"], "incurred_on": "2026-03-03", "currency": "EUR"}
    await add(charity.client, "expenses", **spent, amount="20")
    await add(charity.client, "expenses", **spent, amount="70", pass_through=True)
    for measure, actual in (("Readers", "80"), ("Books", "10")):
        values = {"project_id": books["id"], "measure": measure, "target": "50", "review_on": "2026-06-01"}
        made = await add(charity.client, "outcomes", **values)
        seen = {"actual": actual, "evidence": "Counted", "reviewed_on": "2026-06-02"}
        assert (await charity.client.post(f"/v1/outcomes/{made['id']}/review", json=seen)).status_code == 200
    of_books = {
        "hours": "10",
        "cost": "520.00",
        "cost_reason": None,
        "value": "1200.00",
        "value_reason": None,
        "outcomes": {"reviewed": 2, "achieved": 1},
    }
    literacy, oceans = await charity.given()
    assert literacy["projects"] == [
        {
            **of_books,
            "id": books["id"],
            "code": "BOOKS",
            "name": "Project BOOKS",
            "client": {"id": books["client_id"], "code": "LIBRARY", "name": "Library"},
            "declared_impact": "Children read",
        }
    ]
    assert literacy == {**of_books, "cause": "Literacy", "projects": literacy["projects"]}
    assert (oceans["cause"], oceans["hours"], oceans["value"]) == ("Oceans", "1.5", "180.00")


async def test_a_cause_adds_up_its_projects_and_those_without_one_come_last(charity: Charity) -> None:
    await charity.charges("100")
    for code, hours in (("A", "1"), ("B", "2.5")):
        await charity.works(await charity.project(code), hours)
    await charity.project("C", None)
    literacy, none = await charity.given()
    assert [(p["code"], p["hours"], p["value"]) for p in literacy["projects"]] == [
        ("A", "1", "100.00"),
        ("B", "2.5", "250.00"),
    ]
    assert (literacy["hours"], literacy["cost"], literacy["value"]) == ("3.5", "175.00", "350.00")
    assert (none["cause"], none["hours"], none["cost"], none["value"]) == (None, "0", "0.00", "0.00")


async def test_hours_are_worth_the_standard_price_of_their_day(charity: Charity) -> None:
    books = await charity.project("BOOKS")
    await charity.charges("100")
    await charity.charges("150", "2026-07-01")
    await charity.charges("999", "2026-02-01", client_id=books["client_id"])
    await charity.charges("999", "2026-02-01", project_id=books["id"])
    await charity.works(books, "1", "2026-06-30")
    await charity.works(books, "1", "2026-07-01")
    assert (await charity.given())[0]["value"] == "250.00"


async def test_says_why_a_value_is_not_known(charity: Charity) -> None:
    books = await charity.project("BOOKS")
    await charity.works(books, "1")
    [literacy] = await charity.given()
    assert (literacy["value"], literacy["value_reason"]) == (None, "missing_rate_card")
    await charity.charges("100", currency="CHF")
    [literacy] = await charity.given()
    assert (literacy["value"], literacy["value_reason"]) == (None, "missing_exchange_rate")
    [literacy] = await charity.given(currency="CHF")
    assert (literacy["value"], literacy["cost"], literacy["cost_reason"]) == ("100.00", None, "missing_rate")
    await add(charity.client, "exchange-rates", base="CHF", quote="EUR", rate="0.5", valid_from="2026-01-01")
    [literacy] = await charity.given()
    assert (literacy["value"], literacy["value_reason"]) == ("50.00", None)
    guest = await person(charity.database, "guest")
    await charity.works(books, "1", person_id=guest)
    [literacy] = await charity.given()
    assert (literacy["hours"], literacy["value"], literacy["value_reason"]) == ("2", None, "no_home_role")
    assert (literacy["cost"], literacy["cost_reason"]) == (None, "missing_rate")


async def test_looks_at_the_projects_of_the_year(charity: Charity) -> None:
    await charity.project("NEXT", status_on="2027-02-01")
    over = await charity.project("OVER", status_on="2025-01-01")
    done = {"to": "closed", "on": "2025-11-01"}
    assert (await charity.client.post("/v1/projects/OVER/transitions", json=done)).status_code == 200
    assert await charity.given() == []
    await charity.works(over, "1", "2026-01-01")
    await charity.works(over, "1", "2027-01-01")
    [literacy] = await charity.given()
    assert [(p["code"], p["hours"]) for p in literacy["projects"]] == [("OVER", "1")]
    [literacy] = await charity.given(year=2025)
    assert [(p["code"], p["hours"]) for p in literacy["projects"]] == [("OVER", "0")]


async def test_hides_money_from_those_who_may_not_see_it(
    charity: Charity, client_as: ClientFactory, database: RolledBack
) -> None:
    await charity.charges("100")
    ours, other = await charity.project("OURS"), await charity.project("OTHER")
    for project in (ours, other):
        await charity.works(project, "1")
    money = {"cost", "cost_reason", "value", "value_reason"}
    [literacy] = await charity.given(await client_as("viewer"))
    assert literacy["hours"] == "2"
    assert not money & literacy.keys()
    assert not any(money & project.keys() for project in literacy["projects"])
    await database.write(seat, UUID(ours["id"]), UUID(charity.maria))
    [literacy] = await charity.given(await client_as("manager", person_id=UUID(charity.maria)))
    assert not money & literacy.keys()
    assert [(p["code"], p.get("value")) for p in literacy["projects"]] == [("OTHER", None), ("OURS", "100.00")]


async def test_takes_as_many_statements_for_many_projects_as_for_one(charity: Charity, database: RolledBack) -> None:
    await charity.charges("100")

    async def statements(first: int, last: int) -> int:
        for number in range(first, last):
            await charity.works(await charity.project(f"P{number}", f"Cause {number % 3}"), "1")
        with database.counting() as found:
            assert sum(len(item["projects"]) for item in await charity.given()) == last
        return len(found)

    await statements(0, 1)  # which also signs in
    assert await statements(1, 3) == await statements(3, 12)


async def test_lines_over_several_days_count_as_the_setting_says(charity: Charity, settings: Settings) -> None:
    assert settings.kpi.week_line_rule == "first_day"
    books = await charity.project("BOOKS")
    values = {"project_id": books["id"], "person_id": charity.maria, "hours": "10"}
    await add(charity.client, "time-entries", **values, worked_on="2025-12-29", worked_until="2026-01-02")
    assert (await charity.given())[0]["hours"] == "0"
    assert (await charity.given(year=2025))[0]["hours"] == "10"


# Rules.


def test_a_sum_is_not_known_where_a_part_of_it_is_not() -> None:
    price = {"designer": [Price(date(2026, 1, 1), Decimal(90), "EUR")]}
    known = rules.worth_of(Fraction(2), "designer", date(2026, 1, 1), price, NO_RATES, "EUR")
    assert known == Worth(Fraction(180))
    unknown = rules.worth_of(Fraction(2), "designer", date(2025, 12, 31), price, NO_RATES, "EUR")
    assert unknown.value is None
    assert rules.total([known, known]) == Worth(Fraction(360))
    assert rules.total([known, unknown]) == unknown
    assert rules.total([]) == rules.NOTHING
