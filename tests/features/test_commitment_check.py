from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa

from app.core import clock
from app.core.ids import new_id
from app.db.record import table_of
from app.features.capacity import rules as capacity_rules
from app.features.capacity.rules import Days, Weight
from app.features.commitments import rules
from app.features.commitments.rules import Outlook, Tally
from app.features.commitments.schemas import LoadBand, ReasonCode, Verdict
from app.models.change_request import ChangeRequest
from app.models.commitment import Commitment
from app.models.rescue import Rescue, RescueAction
from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.features.calls import Json, add, day
from tests.features.test_capacity import PRODUCTION, both_seats, live, person, seat

TODAY = "2026-06-01"  # a Monday
DUE = "2026-06-12"  # the Friday of the week after
SAFE, TIGHT, RISKY = Verdict
LIGHT, NORMAL, FULL, OVER = LoadBand

# The pure rules.

FREE = Outlook(free_hours=Decimal(8), share=Decimal("0.5"), due=0, bound=None)


@pytest.mark.parametrize(
    ("share", "band"),
    [
        ("0", LIGHT),
        ("0.4999", LIGHT),
        ("0.5", NORMAL),
        ("0.7999", NORMAL),
        ("0.8", FULL),
        ("1", FULL),
        ("1.0001", OVER),
        (None, OVER),
    ],
)
def test_bands_of_the_cap_begin_where_they_say(share: str | None, band: LoadBand) -> None:
    assert rules.band_of(None if share is None else Decimal(share)) is band


def test_a_cap_of_nothing_is_over_once_something_weighs() -> None:
    zero, one = Decimal(0), Decimal(1)
    assert rules.share_of(one, Decimal(4)) == Decimal("0.25")
    assert rules.share_of(zero, zero) == 0
    assert rules.share_of(one, zero) is None
    assert rules.highest([zero, one]) == one
    assert rules.highest([zero, None]) is None


@pytest.mark.parametrize(
    ("changed", "code", "verdict"),
    [
        ({}, None, SAFE),
        ({"free_hours": Decimal("0.01")}, None, SAFE),
        ({"free_hours": Decimal(0)}, ReasonCode.NO_FREE_HOURS, RISKY),
        ({"share": Decimal(1)}, None, SAFE),
        ({"share": Decimal("1.0001")}, ReasonCode.ABOVE_CAP, RISKY),
        ({"share": None}, ReasonCode.ABOVE_CAP, RISKY),
        ({"away": True}, ReasonCode.AWAY, RISKY),
        ({"due": 2}, None, SAFE),
        ({"due": 3}, ReasonCode.MANY_DUE, TIGHT),
        ({"bound": Decimal("0.6")}, None, SAFE),
        ({"bound": Decimal("0.5999")}, ReasonCode.RARELY_KEPT, TIGHT),
        ({"handovers": 1}, ReasonCode.HANDOVER, TIGHT),
        ({"office_closed": True}, ReasonCode.OFFICE_CLOSED, TIGHT),
        ({"after_project": True}, ReasonCode.AFTER_PROJECT, TIGHT),
    ],
)
def test_each_reason_holds_from_its_boundary_on(changed: Json, code: ReasonCode | None, verdict: Verdict) -> None:
    found = rules.reasons(replace(FREE, **changed))
    assert [reason.code for reason in found] == ([] if code is None else [code])
    assert rules.verdict_of(found) is verdict


def test_the_strongest_reason_makes_the_verdict() -> None:
    assert rules.verdict_of(rules.reasons(replace(FREE, due=5, away=True))) is RISKY


@pytest.mark.parametrize(("own", "everybody", "whose"), [(5, 9, "own"), (4, 5, "everybody"), (4, 4, None)])
def test_few_promises_of_ones_own_tell_little(own: int, everybody: int, whose: str | None) -> None:
    tallies = {"own": Tally(own, own), "everybody": Tally(everybody, 0)}
    assert rules.telling(**tallies) is (None if whose is None else tallies[whose])


@pytest.mark.parametrize(
    ("first", "last", "most"), [(1, 4, 0), (1, 5, 0), (1, 6, 2), (6, 7, 2), (7, 12, 3), (12, 30, 1)]
)
def test_the_most_of_a_week_is_the_highest_of_its_days(first: int, last: int, most: int) -> None:
    weights = [
        Weight(Days(date(2026, 6, 5)), Decimal(1)),
        Weight(Days(date(2026, 6, 5), date(2026, 6, 11)), Decimal(1)),
        Weight(Days(date(2026, 6, 8), date(2026, 6, 10)), Decimal(1)),
    ]
    days = Days(date(2026, 6, first), date(2026, 6, last))
    assert capacity_rules.most(capacity_rules.steps(weights), days) == most


# The answer.


async def check(client: httpx.AsyncClient, who: str, due_on: str = DUE, **more: Any) -> Json:
    answer = await client.post("/v1/commitments/check", json={"promised_by_id": who, "due_on": due_on, **more})
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def promise(client: httpx.AsyncClient, who: str, project: Json, due_on: str, *, kept: bool | None = None) -> Json:
    """A promise; `kept` says whether it was, by its day."""
    made = await add(
        client,
        "commitments",
        project_id=project["id"],
        promised_by_id=who,
        statement="It works.",
        promised_on="2026-01-05",
        due_on=due_on,
    )
    if kept is not None:
        verb, body = (
            ("achieve", {"achieved_at": f"{due_on}T10:00:00Z"})
            if kept
            else ("break", {"variance_reason": "capacity", "note": "It was too much."})
        )
        answer = await client.post(f"/v1/commitments/{made['id']}/{verb}", json=body)
        assert answer.status_code == 200, answer.text
    return made


async def insert(database: RolledBack, model: type[Any], **values: Any) -> UUID:
    """A row of a feature that is not at hand here."""
    table, id, now = table_of(model), new_id(), clock.now()
    row = {"id": id, "version": 1, "created_at": now, "updated_at": now, **values}
    await database.write(lambda conn: conn.execute(sa.insert(table), row))
    return id


def codes(found: Json) -> list[str]:
    return [reason["code"] for reason in found["advice"]["reasons"]]


async def test_somebody_with_nothing_to_do_may_promise(client: httpx.AsyncClient, database: RolledBack) -> None:
    maria = await person(database)
    with day(TODAY):
        found = await check(client, maria)
    assert (found["week"], found["from_on"], found["until_on"]) == ("2026-W24", "2026-06-08", "2026-06-14")
    assert found["load"]["active"] == {"load": "0", "cap": "6", "share": "0"}
    assert (found["load"]["share"], found["load"]["free_hours"]) == ("0", "40")
    nothing = {"holidays", "time_off", "handovers", "milestones", "rescue_actions", "change_decisions"}
    assert found["interruptions"] == {**{name: [] for name in nothing}, "firefighting_hours": None}
    assert found["due_then"] == {"count": 0, "items": [], "overdue_now": 0}
    none = {"n": 0, "kept": 0, "rate": None, "wilson_lower": None}
    assert found["kept_rate"] == {**none, "band": "light", "everybody": none, "overall": none}
    assert found["advice"] == {"verdict": "safe", "reasons": [], "better_on": None}


async def test_tells_the_load_at_its_peak_and_the_hours_that_are_left(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    with day(TODAY):
        maria = await person(database, active_cap=Decimal(1), back_burner_cap=Decimal(2))
        web = await live(client, "WEB")
        await add(client, "assignments", **seat(web, maria, allocation_percent="50"))
        await add(client, "assignments", **seat(web, maria, PRODUCTION, valid_from="2026-06-10"))
        shop = await live(client, "SHOP", status="back_burner")
        await add(client, "assignments", **seat(shop, maria))
        coming = await live(client, "NEXT", status="pipeline")
        await add(client, "assignments", **seat(coming, maria, allocation_percent="25"))
        await add(client, "time-off", person_id=maria, from_on="2026-06-11", until_on="2026-06-11")
        load = (await check(client, maria))["load"]
    assert load["active"] == {"load": "1", "cap": "1", "share": "1"}
    assert load["back_burner"] == {"load": "0.5", "cap": "2", "share": "0.25"}
    assert (load["share"], load["available_hours"], load["time_off_hours"]) == ("1", "32", "8")
    assert (load["booked_hours"], load["tentative_hours"], load["free_hours"]) == ("16", "8", "16")


async def test_of_the_week_that_has_begun_what_is_left_counts(client: httpx.AsyncClient, database: RolledBack) -> None:
    maria = await person(database)
    with day("2026-06-11"):
        found = await check(client, maria)
    assert (found["from_on"], found["load"]["free_hours"]) == ("2026-06-11", "16")


async def test_tells_what_breaks_into_the_week(client: httpx.AsyncClient, database: RolledBack) -> None:
    with day(TODAY):
        maria, jon = await person(database), await person(database, "jon")
        web = await live(client, "WEB")
        await both_seats(client, web, maria)
        await add(client, "contacts", client_id=web["client_id"], name="Ada", role="approver")
        await client.patch("/v1/calendar-days/2026-06-10", json={"is_working": False}, headers={"If-Match": "*"})
        off = await add(
            client, "time-off", person_id=maria, from_on="2026-06-01", until_on="2026-06-08", kind="training"
        )
        planned = await add(client, "milestones", project_id=web["id"], name="Beta", planned_on="2026-06-09")
        slipped = {"planned_on": "2026-05-01", "forecast_on": "2026-06-14"}
        forecast = await add(client, "milestones", project_id=web["id"], name="Launch", **slipped)
        await add(client, "milestones", project_id=web["id"], name="Later", planned_on="2026-06-15")
        move = {"project_id": web["id"], "role": PRODUCTION, "to_person_id": jon}
        words = {"name": "To Jon", "reason": "Work has grown.", "benefit": "Two heads.", "overlap_days": 5}
        handover = await add(client, "handovers", **words, effective_on="2026-06-17", moves=[move])
        assert (await client.post(f"/v1/handovers/{handover['id']}/schedule")).status_code == 200
        rescue = await insert(
            database,
            Rescue,
            project_id=UUID(web["id"]),
            rescuer_id=UUID(jon),
            status="assessing",
            opened_on=date(2026, 5, 1),
            trigger="It burns.",
        )
        action = {"rescue_id": rescue, "owner_id": UUID(maria), "statement": "Call them"}
        due = await insert(database, RescueAction, **action, due_on=date(2026, 6, 8))
        await insert(database, RescueAction, **action, due_on=date(2026, 6, 9), done_at=clock.now())
        await insert(database, RescueAction, **action, due_on=date(2026, 6, 15))
        asked = {"project_id": UUID(web["id"]), "title": "More", "value_statement": "Sells more."}
        asked |= {"kind": "new_scope", "charge": "billable", "urgency": 3, "within_allowance": False}
        on = date(2026, 6, 12)
        change = await insert(database, ChangeRequest, **asked, number=1, status="assessing", decide_by=on)
        await insert(database, ChangeRequest, **asked, number=2, status="approved", decide_by=on)
        found = await check(client, maria)
        of_jon = await check(client, jon)
        of_week_after = await check(client, maria, "2026-06-19")
    seen = found["interruptions"]
    assert [(item["day"]) for item in seen["holidays"]] == ["2026-06-10"]
    assert [(item["id"], item["kind"]) for item in seen["time_off"]] == [(off["id"], "training")]
    assert [(item["id"], item["due_on"]) for item in seen["milestones"]] == [
        (planned["id"], "2026-06-09"),
        (forecast["id"], "2026-06-14"),
    ]
    (given,) = seen["handovers"]
    assert (given["handover_id"], given["gives"], given["from_on"]) == (handover["id"], True, "2026-06-12")
    assert [item["id"] for item in seen["rescue_actions"]] == [str(due)]
    assert [item["id"] for item in seen["change_decisions"]] == [str(change)]
    assert [item["gives"] for item in of_jon["interruptions"]["handovers"]] == [False]
    assert codes(found) == ["handover"]
    assert codes(of_week_after) == ["handover"]
    assert of_week_after["interruptions"]["time_off"] == []


async def test_firefighting_is_the_mean_of_rework_and_craft(client: httpx.AsyncClient, database: RolledBack) -> None:
    with day(TODAY):
        maria, web = await person(database), await live(client, "WEB")

        async def log(on: str, hours: str, **values: Any) -> None:
            await add(
                client, "time-entries", project_id=web["id"], person_id=maria, worked_on=on, hours=hours, **values
            )

        craft = "fixing"
        await add(client, "responsibilities", role=PRODUCTION, key=craft, name="Fix bugs", duty="craft")
        await log("2026-05-29", "3", responsibility="client_relationship")
        assert (await check(client, maria))["interruptions"]["firefighting_hours"] == "0"
        await log("2026-05-29", "6", responsibility=craft)
        await log("2026-04-06", "4", is_rework=True)
        await log("2026-04-05", "20", is_rework=True)
        await log(TODAY, "8", is_rework=True)
        assert (await check(client, maria))["interruptions"]["firefighting_hours"] == "1.25"


async def test_tells_the_promises_due_then_and_those_overdue(client: httpx.AsyncClient, database: RolledBack) -> None:
    with day(TODAY):
        maria, jon, web = await person(database), await person(database, "jon"), await live(client, "WEB")
        due = [(await promise(client, maria, web, on))["id"] for on in ("2026-06-08", DUE, "2026-06-14")]
        await promise(client, maria, web, "2026-06-07")
        await promise(client, maria, web, "2026-06-15")
        await promise(client, jon, web, DUE)
        for _ in range(2):
            await promise(client, maria, web, "2026-05-29")
        await promise(client, maria, web, "2026-05-29", kept=False)
        found = await check(client, maria)
    assert ([item["id"] for item in found["due_then"]["items"]], found["due_then"]["count"]) == (due, 3)
    assert found["due_then"]["overdue_now"] == 2
    assert codes(found) == ["many_due"]
    assert found["advice"]["better_on"] == "2026-06-15"


async def test_tells_how_many_promises_were_kept_at_such_a_load(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    """Maria was full in May, and has little since; Jon has always had little."""
    with day(TODAY):
        maria = await person(database, active_cap=Decimal(1))
        jon, web = await person(database, "jon"), await live(client, "WEB")
        await add(client, "assignments", **seat(web, maria, valid_from="2026-05-04", valid_to="2026-05-16"))
        await add(client, "assignments", **seat(web, maria, PRODUCTION, valid_from="2026-05-16", valid_to="2026-06-01"))
        shop = await live(client, "SHOP")
        await add(client, "assignments", **seat(shop, maria, valid_from="2026-05-16", valid_to="2026-06-01"))
        # Of the week that ends on the day when it fills up, the peak counts.
        for on, kept in (("2026-05-15", False), ("2026-05-20", True), ("2026-05-29", None)):
            await promise(client, maria, web, on, kept=kept)
        for on, kept in (("2026-04-10", True), ("2026-04-17", True), ("2026-04-24", False)):
            await promise(client, maria, web, on, kept=kept)
        gone = await promise(client, maria, web, "2026-04-03")
        await client.post(f"/v1/commitments/{gone['id']}/withdraw", json={"note": "They need it no more."})
        for _ in range(3):
            await promise(client, jon, web, "2026-04-10", kept=True)
        light = (await check(client, maria))["kept_rate"]
        await add(client, "assignments", **seat(shop, maria, valid_from="2026-06-08"))
        await add(client, "assignments", **seat(web, maria, PRODUCTION, valid_from="2026-06-14"))
        full = (await check(client, maria))["kept_rate"]
    assert (light["band"], light["n"], light["kept"], light["rate"]) == ("light", 3, 2, "0.6667")
    assert light["wilson_lower"] == "0.2077"
    assert (light["everybody"]["n"], light["everybody"]["kept"]) == (6, 5)
    assert (light["overall"]["n"], light["overall"]["kept"]) == (6, 3)
    assert (full["band"], full["n"], full["kept"]) == ("full", 3, 1)
    assert full["everybody"]["n"] == 3


async def test_own_promises_suffice_where_they_are_many(client: httpx.AsyncClient, database: RolledBack) -> None:
    with day(TODAY):
        maria, web = await person(database), await live(client, "WEB")
        for number in range(1, 6):
            await promise(client, maria, web, f"2026-05-{number:02}", kept=number < 4)
        found = await check(client, maria)
    assert (found["kept_rate"]["n"], found["kept_rate"]["everybody"]) == (5, None)
    assert (found["advice"]["verdict"], codes(found)) == ("tight", ["rarely_kept"])
    assert found["advice"]["better_on"] is None


async def test_suggests_the_first_working_day_that_would_be_safe(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    with day(TODAY):
        maria = await person(database)
        await add(client, "time-off", person_id=maria, from_on="2026-06-08", until_on="2026-06-22")
        found = await check(client, maria)
        assert codes(found) == ["away", "no_free_hours"]
        assert (found["advice"]["verdict"], found["advice"]["better_on"]) == ("risky", "2026-06-23")
        closed = await check(client, maria, "2026-07-04")
        assert (codes(closed), closed["advice"]["better_on"]) == (["office_closed"], "2026-07-06")
        await client.patch(f"/v1/people/{maria}", json={"left_on": "2026-06-30"}, headers={"If-Match": "*"})
        gone = await check(client, maria, "2026-07-01")
        assert ("away" in codes(gone), gone["advice"]["better_on"]) == (True, None)


async def test_a_promise_should_not_outlast_its_project(client: httpx.AsyncClient, database: RolledBack) -> None:
    with day(TODAY):
        maria = await person(database)
        web = await live(client, "WEB", due_on=DUE)
        assert codes(await check(client, maria, project_id=web["id"])) == []
        assert codes(await check(client, maria, "2026-06-15", project_id=web["id"])) == ["after_project"]


async def test_looking_writes_nothing_and_needs_no_right_to_write(
    client_as: ClientFactory, database: RolledBack
) -> None:
    maria = await person(database)
    viewer = await client_as("viewer", person_id=UUID(maria))
    with day(TODAY):
        answer = await viewer.post("/v1/commitments/check", json={"due_on": DUE})
    assert (answer.status_code, answer.json()["promised_by_id"]) == (200, maria)
    count = sa.select(sa.func.count()).select_from(table_of(Commitment))
    assert await database.read(lambda conn: conn.execute(count).scalar_one()) == 0


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        (lambda maria: {"due_on": DUE}, "/promised_by_id"),
        (lambda maria: {"promised_by_id": str(new_id()), "due_on": DUE}, "/promised_by_id"),
        (lambda maria: {"promised_by_id": maria, "due_on": DUE, "project_id": str(new_id())}, "/project_id"),
        (lambda maria: {"promised_by_id": maria, "due_on": "2026-05-31"}, "/due_on"),
    ],
)
async def test_says_what_is_wrong_with_the_question(
    client: httpx.AsyncClient, database: RolledBack, values: Callable[[str], Json], pointer: str
) -> None:
    with day(TODAY):
        answer = await client.post("/v1/commitments/check", json=values(await person(database)))
    assert answer.status_code == 422, answer.text
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_takes_the_same_statements_for_any_number_of_promises_and_projects(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    with day(TODAY):
        maria, web = await person(database), await live(client, "WEB")
        with database.counting() as for_nothing:
            await check(client, maria)
        for number in range(3):
            other = await person(database, f"p{number}")
            project = await live(client, f"P{number}")
            await add(client, "assignments", **seat(project, maria))
            for who in (maria, other):
                await promise(client, who, web, "2026-04-10", kept=True)
                await promise(client, who, web, DUE)
        with database.counting() as for_many:
            await check(client, maria)
    assert len(for_nothing) == len(for_many)
    assert len(for_many) < 20
