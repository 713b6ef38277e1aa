from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio

from app.features.touchpoints import rules
from app.settings import TouchpointSettings
from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.features.calls import Json, add, add_client, add_project, day, events
from tests.features.test_capacity import person

TODAY = "2026-06-30"
ANY = {"If-Match": "*"}


@dataclass
class Office:
    """Maria keeps in touch with Acme."""

    client: httpx.AsyncClient
    maria: str
    acme: Json

    async def post(self, client_id: str | None = None, **values: Any) -> httpx.Response:
        given = {"client_id": client_id or self.acme["id"], "person_id": self.maria, "kind": "scheduled", **values}
        return await self.client.post("/v1/touchpoints", json=given)

    async def touch(self, client_id: str | None = None, **values: Any) -> Json:
        answer = await self.post(client_id, **values)
        assert answer.status_code == 201, answer.text
        made: Json = answer.json()
        return made

    async def patch(self, made: Json, **changes: Any) -> httpx.Response:
        return await self.client.patch(f"/v1/touchpoints/{made['id']}", json=changes, headers=ANY)

    async def delete(self, made: Json) -> httpx.Response:
        return await self.client.delete(f"/v1/touchpoints/{made['id']}", headers=ANY)

    async def gaps(self, **query: Any) -> list[Json]:
        answer = await self.client.get("/v1/touchpoint-gaps", params={"on": TODAY, **query})
        assert answer.status_code == 200, answer.text
        found: list[Json] = answer.json()["items"]
        return found


@pytest_asyncio.fixture(loop_scope="session")
async def office(client: httpx.AsyncClient, database: RolledBack) -> Office:
    return Office(client, await person(database), await add_client(client))


def problem(answer: httpx.Response) -> tuple[int, str, list[str]]:
    body = answer.json()
    return answer.status_code, body["code"], [error["pointer"] for error in body.get("errors", ())]


def refuses(*pointers: str) -> tuple[int, str, list[str]]:
    return 422, "invalid", list(pointers)


# Touchpoints.


async def test_a_touchpoint_is_of_today_and_of_whose_key_it_is_unless_told_otherwise(
    office: Office, client: httpx.AsyncClient, client_as: ClientFactory
) -> None:
    values = {"client_id": office.acme["id"], "kind": "proactive"}
    hers = await client_as("manager", person_id=UUID(office.maria))
    with day(TODAY):
        made = await add(hers, "touchpoints", **values)
    assert (made["person_id"], made["happened_on"], made["next_on"]) == (office.maria, TODAY, None)
    assert problem(await client.post("/v1/touchpoints", json=values)) == refuses("/person_id")


async def test_a_touchpoint_lies_behind_and_the_next_one_after_it(office: Office) -> None:
    with day(TODAY):
        assert problem(await office.post(happened_on="2026-07-01")) == refuses("/happened_on")
        assert problem(await office.post(next_on="2026-06-29")) == refuses("/next_on")
        made = await office.touch(happened_on="2026-06-01", next_on="2026-06-01")
        assert problem(await office.patch(made, happened_on="2026-06-02")) == refuses("/next_on")
        assert problem(await office.patch(made, happened_on="2026-07-01", next_on=None)) == refuses("/happened_on")
        assert (await office.patch(made, next_on="2026-08-01")).json()["next_on"] == "2026-08-01"


async def test_its_project_and_its_contact_are_the_clients(office: Office, client: httpx.AsyncClient) -> None:
    ours, theirs = await add_project(client), await add_project(client, "NORTH-WEB", "NORTH")
    eva = await add(client, "contacts", client_id=office.acme["id"], name="Eva")
    ada = await add(client, "contacts", client_id=theirs["client_id"], name="Ada")
    made = await office.touch(project_id=ours["id"], contact_id=eva["id"])
    wrong = {"project_id": theirs["id"], "contact_id": ada["id"]}
    assert problem(await office.post(**wrong)) == refuses("/project_id", "/contact_id")
    for name, id in wrong.items():
        assert problem(await office.patch(made, **{name: id})) == refuses(f"/{name}")
        assert problem(await office.patch(made, **{name: str(uuid4())})) == refuses(f"/{name}")
        assert (await office.patch(made, **{name: None})).json()[name] is None
    for name in ("client_id", "person_id"):
        assert problem(await office.post(**{name: str(uuid4())})) == refuses(f"/{name}")
        assert problem(await office.patch(made, **{name: made[name]})) == refuses(f"/{name}")


async def test_a_corrected_touchpoint_keeps_its_former_version_and_a_withdrawn_one_is_gone(office: Office) -> None:
    made = await office.touch(happened_on="2026-06-01")
    changed = (await office.patch(made, kind="reactive")).json()
    assert (changed["version"], changed["kind"]) == (2, "reactive")
    assert (await office.client.get("/v1/touchpoints?kind=reactive")).json()["items"] == [changed]
    assert (await office.client.get("/v1/touchpoints?kind=scheduled,proactive")).json()["items"] == []
    assert (await office.delete(made)).status_code == 204
    assert (await office.client.get(f"/v1/touchpoints/{made['id']}")).status_code == 404
    assert (await office.gaps())[0]["last_touchpoint"] is None


async def test_touchpoints_are_told_by_events_without_words(office: Office, database: RolledBack) -> None:
    made = await office.touch(happened_on="2026-06-01")
    await office.patch(made, note="They are happy")
    await office.patch(made, note="They are happy")
    await office.delete(made)
    client_id = office.acme["id"]
    assert [one for one in await events(database) if one[0].startswith("touchpoint.")] == [
        ("touchpoint.recorded", {"client_id": client_id, "person_id": office.maria, "kind": "scheduled"}),
        ("touchpoint.corrected", {"client_id": client_id, "fields": ["note"]}),
        ("touchpoint.withdrawn", {"client_id": client_id}),
    ]


async def test_touchpoints_are_written_by_those_who_may_write(office: Office, client_as: ClientFactory) -> None:
    watching = Office(await client_as("viewer"), office.maria, office.acme)
    assert (await watching.post()).status_code == 403
    assert len(await watching.gaps()) == 1


# Gaps.


async def test_a_client_nobody_has_called_for_three_weeks_stands_out(office: Office, client: httpx.AsyncClient) -> None:
    key = await add(client, "clients", code="KEY", name="Key", tier="key")
    strategic = await add(client, "clients", code="BIG", name="Big", tier="strategic")
    never = await add_client(client, "NEW")
    last = await office.touch(key["id"], happened_on="2026-06-09", kind="reactive")
    await office.touch(key["id"], happened_on="2026-05-01")
    await office.touch(happened_on="2026-05-31")
    await office.touch(strategic["id"], happened_on="2026-06-23")
    found = await office.gaps()
    assert [(gap["client"]["code"], gap["days"], gap["allowed_days"], gap["overdue"]) for gap in found] == [
        ("NEW", None, 30, True),
        ("ACME", 30, 30, False),
        ("KEY", 21, 14, True),
        ("BIG", 7, 7, False),
    ]
    assert found[2]["last_touchpoint"] == {"id": last["id"], "kind": "reactive", "happened_on": "2026-06-09"}
    assert (found[0]["reason"], found[2]["reason"]) == ("never", None)
    assert found[0]["client"] == {"id": never["id"], "code": "NEW", "name": "New", "tier": "standard"}
    assert [gap["client"]["code"] for gap in await office.gaps(days=21)] == ["NEW", "ACME", "KEY"]
    assert [gap["client"]["code"] for gap in await office.gaps(limit=2)] == ["NEW", "ACME"]


async def test_a_gap_is_overdue_once_the_day_has_passed_that_the_last_touchpoint_named(office: Office) -> None:
    await office.touch(happened_on="2026-06-25", next_on="2026-06-29")
    [gap] = await office.gaps()
    assert (gap["next_on"], gap["overdue"], gap["days"]) == ("2026-06-29", True, 5)
    [gap] = await office.gaps(on="2026-06-29")
    assert not gap["overdue"]
    await office.touch(happened_on="2026-06-26")
    [gap] = await office.gaps()
    assert (gap["next_on"], gap["overdue"]) == (None, False)


async def test_a_gap_is_that_of_the_day(office: Office) -> None:
    await office.touch(happened_on="2026-06-10")
    await office.touch(happened_on="2026-06-20")
    assert [(await office.gaps(on=on))[0]["days"] for on in ("2026-06-19", "2026-06-20", "2026-06-21")] == [9, 0, 1]


async def test_tells_how_much_of_the_last_90_days_was_by_our_own_impulse(office: Office) -> None:
    for happened_on, kind in (
        ("2026-04-01", "proactive"),  # the 90th day back does not count
        ("2026-04-02", "proactive"),
        ("2026-05-01", "reactive"),
        ("2026-06-30", "scheduled"),
    ):
        await office.touch(happened_on=happened_on, kind=kind)
    [gap] = await office.gaps()
    assert gap["last_90_days"] == {"touchpoints": 3, "proactive": 1, "proactive_share": "0.3333"}
    [gap] = await office.gaps(on="2026-03-31")
    assert gap["last_90_days"] == {"touchpoints": 0, "proactive": 0, "proactive_share": None}


async def test_only_active_clients_are_looked_at_and_those_of_an_account_manager(
    office: Office, client: httpx.AsyncClient, database: RolledBack
) -> None:
    jon = await person(database, "jon")
    await add(client, "clients", code="OLD", name="Old", status="former")
    await add(client, "clients", code="MAYBE", name="Maybe", status="prospect")
    await add(client, "clients", code="JONS", name="Jons", account_manager_id=jon)
    assert [gap["client"]["code"] for gap in await office.gaps()] == ["ACME", "JONS"]
    [gap] = await office.gaps(account_manager_id=jon)
    assert (gap["client"]["code"], gap["account_manager"]["email"]) == ("JONS", "jon@agency.example")
    assert (await office.gaps())[0]["account_manager"] is None


async def test_gaps_take_one_statement_for_any_number_of_clients(
    office: Office, client: httpx.AsyncClient, database: RolledBack
) -> None:
    await office.gaps()  # which also signs in
    for number in range(12):
        made = await add_client(client, f"C{number}")
        await office.touch(made["id"], happened_on="2026-06-01")
    with database.counting() as statements:
        assert len(await office.gaps()) == 13
    assert len(statements) == 1


# Rules.


@pytest.mark.parametrize(
    ("days", "next_on", "overdue"),
    [(None, None, True), (14, None, False), (15, None, True), (3, 29, True), (3, 30, False), (15, 31, True)],
)
def test_a_client_waits_until_the_allowed_days_or_the_named_one_have_passed(
    days: int | None, next_on: int | None, overdue: bool
) -> None:
    named = None if next_on is None else date(2026, 5, next_on)
    assert rules.is_overdue(days, 14, named, date(2026, 5, 30)) is overdue


def test_a_share_of_nothing_is_none() -> None:
    assert rules.share(0, 0) is None
    assert rules.share(2, 3) == Decimal("0.6667")


def test_the_greater_a_client_the_sooner_we_are_in_touch() -> None:
    settings = TouchpointSettings()
    assert (settings.strategic_days, settings.key_days, settings.standard_days) == (7, 14, 30)
