from datetime import date
from typing import Any
from uuid import UUID

import holidays
import httpx
import pytest
import sqlalchemy as sa
import time_machine

from app.core.caller import SYSTEM
from app.core.errors import Invalid
from app.db.record import table_of
from app.features.calendar import rules
from app.features.calendar.service import store_holidays
from app.models.audit import AuditEntry
from app.models.outbox_event import OutboxEvent
from tests.conftest import ClientFactory
from tests.databases import RolledBack

ANY = {"If-Match": "*"}


async def day(client: httpx.AsyncClient, text: str) -> dict[str, Any]:
    answer = await client.get(f"/v1/calendar-days/{text}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def store(database: RolledBack, country: str, subdivision: str | None, *years: int) -> int:
    stored: int = await database.write(store_holidays, SYSTEM, country, subdivision, years)
    return stored


def test_a_holiday_is_none_of_the_week() -> None:
    bavaria = holidays.country_holidays("DE", subdiv="BY", years=2026)
    epiphany = rules.resolved(date(2026, 1, 6), bavaria)
    assert (epiphany["is_working"], epiphany["source"]) == (False, "holidays")
    assert epiphany["name"]
    assert rules.resolved(date(2026, 1, 7), bavaria) == {"is_working": True, "name": None, "source": "week"}
    assert rules.resolved(date(2026, 1, 10), bavaria) == {"is_working": False, "name": None, "source": "week"}


def test_knows_weekends_other_than_saturday_and_sunday() -> None:
    israel = holidays.country_holidays("IL", years=2026)
    friday, sunday = rules.resolved(date(2026, 1, 16), israel), rules.resolved(date(2026, 1, 18), israel)
    assert friday == {"is_working": False, "name": None, "source": "holidays"}
    assert sunday == {"is_working": True, "name": None, "source": "holidays"}


def test_the_past_is_settled_once_its_year_is_stored() -> None:
    today = date(2026, 6, 1)
    assert not rules.is_settled(date(2026, 5, 31), "week", today, set())
    assert rules.is_settled(date(2026, 5, 31), "week", today, {2026})
    assert not rules.is_settled(date(2026, 6, 1), "holidays", today, {2026})
    assert rules.is_settled(date(2027, 1, 1), "office", today, set())


async def test_works_from_monday_to_friday_unless_told_otherwise(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/calendar-days?day_from=2026-03-02&day_until=2026-03-08")
    assert [item["is_working"] for item in answer.json()["items"]] == [True] * 5 + [False] * 2
    assert answer.json()["items"][0] == {
        "day": "2026-03-02",
        "is_working": True,
        "name": None,
        "source": "week",
        "version": 1,
        "etag": '"1"',
    }


async def test_pages_through_the_days_in_either_direction(client: httpx.AsyncClient) -> None:
    for sort in ("day", "-day"):
        query = f"day_from=2026-02-25&day_until=2026-03-05&is_working=true&sort={sort}"
        found, address = [], f"/v1/calendar-days?{query}&limit=3&include_total=true"
        while address:
            answer = await client.get(address)
            assert answer.json()["total"] == 7
            found += [item["day"] for item in answer.json()["items"]]
            address = answer.links["next"]["url"] if answer.json()["next_cursor"] else ""
        whole = (await client.get(f"/v1/calendar-days?{query}")).json()["items"]
        assert found == [item["day"] for item in whole]
        assert found == sorted(found, reverse=sort == "-day")


async def test_is_exported(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/calendar-days?day=2026-03-02,2026-03-07&format=csv&fields=day,is_working")
    assert answer.text == "day,is_working\r\n2026-03-02,true\r\n2026-03-07,false\r\n"


@pytest.mark.parametrize("wrong", ["1999-12-31", "2050-01-01", "2026-02-30", "today", "0", "2026-01-01T00:00:00"])
async def test_refuses_what_is_no_day_of_the_calendar(client: httpx.AsyncClient, wrong: str) -> None:
    answer = await client.get(f"/v1/calendar-days/{wrong}")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "path:day")


async def test_the_first_and_the_last_day_are_there(client: httpx.AsyncClient) -> None:
    assert (await day(client, "2000-01-01"))["source"] == (await day(client, "2049-12-31"))["source"] == "week"


async def test_the_office_says_what_a_day_is(client: httpx.AsyncClient, database: RolledBack) -> None:
    before = await day(client, "2026-03-02")
    read = {"If-Match": before["etag"]}
    said = {"is_working": False, "name": "The agency's birthday"}
    answer = await client.patch("/v1/calendar-days/2026-03-02", json=said, headers=read)
    after = {**before, **said, "source": "office", "version": 2, "etag": '"2"'}
    assert (answer.status_code, answer.json(), answer.headers["ETag"]) == (200, after, '"2"')
    assert await day(client, "2026-03-02") == after
    stale = await client.patch("/v1/calendar-days/2026-03-02", json={"is_working": True}, headers=read)
    assert stale.status_code == 412
    same = await client.patch("/v1/calendar-days/2026-03-02", json=said, headers=ANY)
    assert same.json() == after
    subject = rules.day_id(date(2026, 3, 2))
    assert await written_about(database, subject) == (["updated"], ["calendar_day.updated"])


async def test_naming_a_working_day_makes_it_the_offices_too(client: httpx.AsyncClient) -> None:
    answer = await client.patch("/v1/calendar-days/2026-03-03", json={"name": "Open house"}, headers=ANY)
    assert (answer.json()["is_working"], answer.json()["source"]) == (True, "office")
    cleared = await client.patch("/v1/calendar-days/2026-03-03", json={"name": None}, headers=ANY)
    assert (cleared.json()["name"], cleared.json()["source"]) == (None, "office")


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        ({"is_working": None}, ANY, 422),
        ({"is_working": "yes"}, ANY, 422),
        ({"source": "week"}, ANY, 422),
        ({}, ANY, 422),
        ({"is_working": False}, {}, 428),
    ],
)
async def test_refuses_what_a_day_can_not_be(
    client: httpx.AsyncClient, body: dict[str, object], headers: dict[str, str], status: int
) -> None:
    answer = await client.patch("/v1/calendar-days/2026-03-02", json=body, headers=headers)
    assert answer.status_code == status


async def test_only_those_who_may_override_say_it(client_as: ClientFactory) -> None:
    manager = await client_as("manager")
    assert (await manager.get("/v1/calendar-days/2026-03-02")).status_code == 200
    answer = await manager.patch("/v1/calendar-days/2026-03-02", json={"is_working": False}, headers=ANY)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


async def test_a_day_that_the_caller_has_is_not_sent_again(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/calendar-days/2026-03-02", headers={"If-None-Match": '"1"'})
    assert answer.status_code == 304


async def test_a_dry_run_keeps_nothing(client: httpx.AsyncClient) -> None:
    address = "/v1/calendar-days/2026-03-02"
    answer = await client.patch(f"{address}?dry_run=true", json={"is_working": False}, headers=ANY)
    assert answer.json()["is_working"] is False
    assert (await day(client, "2026-03-02"))["is_working"] is True


async def written_about(database: RolledBack, subject: UUID) -> tuple[list[str], list[str]]:
    entries, outbox = table_of(AuditEntry), table_of(OutboxEvent)

    def read(conn: sa.Connection) -> tuple[list[str], list[str]]:
        audited = conn.execute(sa.select(entries.c.action).where(entries.c.subject_id == subject)).scalars()
        told = conn.execute(sa.select(outbox.c.type).where(outbox.c.subject_id == subject)).scalars()
        return list(audited), list(told)

    found: tuple[list[str], list[str]] = await database.read(read)
    return found


async def test_holidays_are_stored_once(client: httpx.AsyncClient, database: RolledBack) -> None:
    expected = holidays.country_holidays("DE", subdiv="BY", years=(2026, 2027))
    assert await store(database, "DE", "BY", 2026, 2027) == len(expected)
    listed = (await client.get("/v1/calendar-days?source=holidays&limit=200")).json()["items"]
    assert [(item["day"], item["name"], item["is_working"]) for item in listed] == [
        (when.isoformat(), name, False) for when, name in sorted(expected.items())
    ]
    assert await store(database, "DE", "BY", 2026, 2027) == 0
    assert await written_about(database, rules.day_id(date(2026, 1, 6))) == (["updated"], [])
    assert await written_about(database, rules.CALENDAR_ID) == ([], ["calendar.holidays_stored"])


async def test_what_the_office_has_set_stays(client: httpx.AsyncClient, database: RolledBack) -> None:
    await client.patch("/v1/calendar-days/2026-12-25", json={"is_working": True}, headers=ANY)
    await client.patch("/v1/calendar-days/2026-12-24", json={"is_working": False, "name": "Eve"}, headers=ANY)
    await store(database, "DE", None, 2026)
    working, eve = await day(client, "2026-12-25"), await day(client, "2026-12-24")
    assert (working["is_working"], working["source"], working["version"]) == (True, "office", 2)
    assert (eve["name"], eve["source"]) == ("Eve", "office")
    assert (await day(client, "2026-12-26"))["source"] == "holidays"


async def test_another_country_changes_the_days_to_come_and_not_the_past(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    with time_machine.travel("2026-06-01T12:00:00Z", tick=False):
        await store(database, "DE", "BY", 2025, 2026)
        await store(database, "US", None, 2025, 2026)
    assert (await day(client, "2026-05-01"))["source"] == "holidays"  # Labour Day in Germany, behind us
    assert (await day(client, "2025-07-04"))["source"] == "week"
    assert (await day(client, "2026-11-26"))["is_working"] is False  # Thanksgiving, ahead of us
    reunification = await day(client, "2026-10-03")
    assert (reunification["name"], reunification["source"]) == (None, "week")


async def test_takes_the_same_number_of_statements_for_any_number_of_years(database: RolledBack) -> None:
    with database.counting() as for_one:
        await store(database, "DE", None, 2026)
    with database.counting() as for_twenty:
        await store(database, "AT", None, *range(2027, 2047))
    assert len(for_one) == len(for_twenty)


async def test_years_without_a_calendar_are_left_out(database: RolledBack) -> None:
    assert await store(database, "DE", None, 1999, 2050) == 0


@pytest.mark.parametrize(
    ("country", "subdivision", "pointer"), [("XX", None, "/country"), ("DE", "QQ", "/subdivision")]
)
async def test_names_a_country_whose_holidays_are_unknown(
    database: RolledBack, country: str, subdivision: str | None, pointer: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await store(database, country, subdivision, 2026)
    assert refused.value.errors[0].pointer == pointer
