from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.features.rescues import triage_rules as rules
from app.features.rescues.schemas import Part
from app.features.rescues.triage_rules import Finding, Scale, Weighing
from app.models.person import PersonRate
from app.models.quality import Feedback
from app.models.rescue import Course
from app.models.risk import Risk
from app.settings import TriageSettings
from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.features.calls import Json, add, day
from tests.measures import facts, progress

TODAY, START = date(2026, 6, 1), date(2026, 1, 1)
ROLE = "account_manager"


def person_of(conn: sa.Connection) -> UUID:
    """Somebody whose hour costs 50."""
    id = facts.person(conn)
    facts.add(conn, PersonRate, person_id=id, cost_rate=Decimal(50), currency="EUR", valid_from=START)
    return id


def troubled(conn: sa.Connection, client_id: UUID, maria: UUID, code: str = "SHOP", **values: Any) -> UUID:
    """A project that has spent 24,000 on 18,000's worth of work, and needs another 5,000."""
    values = {"remaining_value": Decimal(9000), **values}
    project = facts.project(conn, client_id, code, **values)
    facts.status(conn, project, "active", START)
    agreed: Json = {"fee": Decimal(100_000), "cost_budget": Decimal(60_000), "due_on": date(2026, 12, 31)}
    progress.baseline(conn, project, start_on=START, **agreed)
    progress.report(conn, project, date(2026, 5, 30), "30")
    facts.holder(conn, project, maria, START)
    facts.hours(conn, project, maria, date(2026, 5, 4), 24, cost_rate=Decimal(1000))
    progress.estimate(conn, project, ROLE, date(2026, 5, 30), "100")
    promise = {"project_id": project, "client_id": client_id}
    facts.commitment(conn, maria, date(2026, 5, 4), "kept", result_achieved_on=date(2026, 5, 4), **promise)
    facts.commitment(conn, maria, date(2026, 5, 11), "broken", closed_on=date(2026, 5, 11), **promise)
    risk(conn, project, 1, due_on=date(2026, 5, 31))
    return project


def risk(conn: sa.Connection, project: UUID, number: int, **values: Any) -> UUID:
    said = {"cause": "c", "event": "e", "effect": "f", "likelihood": 3, "impact": 4, "identified_on": START, **values}
    return facts.add(conn, Risk, project_id=project, number=number, **said)


class Office:
    """An office with Maria, who runs what is in trouble."""

    def __init__(self, client: httpx.AsyncClient, database: RolledBack, client_id: UUID, maria: UUID) -> None:
        self.client, self.database, self.client_id, self.maria = client, database, client_id, maria

    async def troubled(self, code: str = "SHOP", **values: Any) -> UUID:
        made: UUID = await self.database.write(troubled, self.client_id, self.maria, code, **values)
        return made

    async def triage(self, **params: Any) -> Json:
        answer = await self.client.get("/v1/rescue-triage", params=params)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    async def only(self, **params: Any) -> Json:
        [item] = (await self.triage(**params))["items"]
        found: Json = item
        return found


@pytest_asyncio.fixture(loop_scope="session")
async def office(client: httpx.AsyncClient, database: RolledBack) -> AsyncIterator[Office]:
    client_id = await database.write(facts.client)
    maria = await database.write(person_of)
    with day(TODAY.isoformat()):
        yield Office(client, database, client_id, maria)


def part_of(item: Json, key: str) -> Json:
    found: Json = next(part for part in item["parts"] if part["key"] == key)
    return found


async def test_every_part_of_a_score_is_shown(office: Office) -> None:
    await office.troubled()
    item = await office.only()
    shown = {part["key"]: (part["value"], part["badness"]) for part in item["parts"]}
    assert shown.keys() == set(Part)
    assert shown["cpi"] == ("0.75", "0.8333")
    assert shown["forecast_margin"] == ("71", "0")
    assert shown["promises_kept"] == ("50", "1")
    assert shown["overdue_risks"] == ("12", "0.48")
    assert (part_of(item, "promises_kept")["n"], part_of(item, "overdue_risks")["n"]) == (2, 1)
    there = [
        [float(part[name]) for name in ("weight", "badness", "contribution")]
        for part in item["parts"]
        if not part["missing"]
    ]
    assert len(there) == 5
    mean = sum(w * b for w, b, _ in there) / sum(w for w, _, _ in there)
    assert float(item["score"]) == pytest.approx(mean, abs=0.0002)
    assert float(item["score"]) == pytest.approx(sum(c for _, _, c in there), abs=0.0004)


async def test_one_project_with_figures_beyond_all_measure_is_shown_among_the_others(office: Office) -> None:
    most = Decimal(99_999_999_999)
    project = await office.troubled(remaining_value=Decimal(0), exit_cost=most)
    await office.troubled("OTHER")
    await office.database.write(progress.baseline, project, number=2, fee=Decimal("0.0001"), valid_from=TODAY)
    items = {item["code"]: item for item in (await office.triage())["items"]}
    assert part_of(items["SHOP"], "forecast_margin")["value"] == "-28999999900"
    assert Decimal(items["SHOP"]["forward_value"]["value"]) == -most - 5000
    assert items["OTHER"]["placement"] == "recover"


async def test_what_has_no_data_is_missing_and_not_zero(office: Office) -> None:
    await office.troubled()
    csat = part_of(await office.only(), "csat")
    assert csat == {
        "key": "csat",
        "value": None,
        "n": None,
        "badness": None,
        "weight": "0.1",
        "contribution": None,
        "missing": True,
        "reason": "no_feedback",
    }


async def test_satisfaction_counts_of_the_last_half_year(office: Office) -> None:
    project = await office.troubled()

    def say(conn: sa.Connection) -> None:
        for given_on, csat in ((date(2026, 5, 20), 5), (date(2026, 5, 21), 1), (date(2025, 11, 1), 1)):
            facts.add(conn, Feedback, subject="project", project_id=project, given_on=given_on, csat=csat)

    await office.database.write(say)
    csat = part_of(await office.only(), "csat")
    assert (csat["value"], csat["n"], csat["badness"], csat["missing"]) == ("50", 2, "1", False)


async def test_a_project_of_which_nothing_is_known_has_no_score_and_comes_last(office: Office) -> None:
    def make(conn: sa.Connection) -> None:
        facts.status(conn, facts.project(conn, office.client_id, "AAA"), "active", START)

    await office.database.write(make)
    await office.troubled()
    items = (await office.triage())["items"]
    assert [item["code"] for item in items] == ["SHOP", "AAA"]
    assert (items[1]["score"], items[1]["placement"], items[1]["placement_reason"]) == (None, None, "no_data")
    assert all(part["missing"] and part["reason"] for part in items[1]["parts"])
    assert items[1]["forward_value"]["reason"] == "no_remaining_value"


@pytest.mark.parametrize(
    ("remaining", "exit_cost", "value", "placement"),
    [
        ("9000", None, "4000.00", "recover"),
        ("9000", "4000", "0.00", "re_scope"),
        ("2500", None, "-2500.00", "re_scope"),
        ("2499", None, "-2501.00", "pause"),
        ("100", "100", "-5000.00", "stop"),
        ("0", None, "-5000.00", "stop"),
        (None, None, None, None),
    ],
)
async def test_a_troubled_project_is_placed_by_what_is_still_to_come(
    office: Office, remaining: str | None, exit_cost: str | None, value: str | None, placement: str | None
) -> None:
    await office.troubled(remaining_value=remaining and Decimal(remaining), exit_cost=exit_cost and Decimal(exit_cost))
    item = await office.only()
    forward = item["forward_value"]
    assert (forward["value"], item["placement"]) == (value, placement)
    assert (forward["estimate_to_complete"], forward["basis"]) == ("5000.00", "estimated")
    assert forward["exit_cost_assumed"] is (exit_cost is None)
    assert (item["placement_reason"] is None) is (placement is not None)


async def test_what_is_spent_moves_the_score_and_never_the_forward_value(office: Office) -> None:
    project = await office.troubled()
    before = await office.only()
    await office.database.write(facts.hours, project, office.maria, date(2026, 5, 5), 24, cost_rate=Decimal(1000))
    after = await office.only()
    assert after["forward_value"] == before["forward_value"]
    assert Decimal(after["score"]) > Decimal(before["score"])


async def test_triage_is_of_the_projects_that_live_on_the_day(office: Office) -> None:
    def make(conn: sa.Connection) -> None:
        for code, status in (("HOLD", "on_hold"), ("BACK", "back_burner"), ("DONE", "closed"), ("NEXT", "pipeline")):
            facts.status(conn, facts.project(conn, office.client_id, code), status, START)
        moved = facts.project(conn, office.client_id, "MOVED")
        facts.status(conn, moved, "active", START, date(2026, 5, 1))
        facts.status(conn, moved, "closed", date(2026, 5, 1))

    await office.database.write(make)
    assert {item["code"]: item["status"] for item in (await office.triage())["items"]} == {
        "HOLD": "on_hold",
        "BACK": "back_burner",
    }
    assert "MOVED" in [item["code"] for item in (await office.triage(on="2026-04-30"))["items"]]
    answer = await office.client.get("/v1/rescue-triage", params={"on": "2026-06-02"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "?on")


async def test_a_risk_counts_as_it_stood_on_the_day(office: Office) -> None:
    def make(conn: sa.Connection) -> UUID:
        project = facts.project(conn, office.client_id, "SHOP")
        facts.status(conn, project, "active", START)
        risk(conn, project, 1, due_on=date(2026, 4, 1), status="closed", closed_on=date(2026, 5, 1))
        risk(conn, project, 2, due_on=date(2026, 4, 1), identified_on=date(2026, 3, 1))
        risk(conn, project, 3)
        return project

    project = await office.database.write(make)
    days = {"2026-02-01": ("0", 0), "2026-04-01": ("0", 0), "2026-04-02": ("24", 2), "2026-05-01": ("12", 1)}
    for on, expected in days.items():
        found = part_of(await office.only(on=on, project_id=str(project)), "overdue_risks")
        assert (found["value"], found["n"]) == expected, on


async def test_the_rescue_that_runs_is_named(office: Office) -> None:
    project = await office.troubled()
    jon = await office.database.write(facts.person, "jon@agency.example")
    body = {"project_id": str(project), "rescuer_id": str(jon), "trigger": "It is nominated"}
    made = await add(office.client, "rescues", **body)
    item = await office.only()
    assert item["rescue_id"] == made["id"]
    assert made["triage"] == {
        **{name: value for name, value in item.items() if name not in ("code", "name")},
        "rescue_id": None,
    }


async def test_triage_shows_money_to_those_who_may_see_it(office: Office, client_as: ClientFactory) -> None:
    project = await office.troubled()
    await office.troubled("OTHER")
    assert (await office.triage())["hidden"] == 0
    for role in ("contributor", "viewer"):
        answer = await (await client_as(role)).get("/v1/rescue-triage")
        assert (answer.status_code, answer.json()["code"]) == (403, "money-hidden")
    jon = await office.database.write(facts.person, "jon@agency.example")
    await office.database.write(facts.holder, project, jon, START, role="production_manager")
    manager = await client_as("manager", person_id=jon)
    shown = (await manager.get("/v1/rescue-triage")).json()
    assert ([item["code"] for item in shown["items"]], shown["hidden"]) == (["SHOP"], 1)


async def test_the_limit_keeps_the_most_troubled(office: Office) -> None:
    for code in ("ONE", "TWO"):
        await office.troubled(code)
    await office.database.write(
        lambda conn: facts.status(conn, facts.project(conn, office.client_id, "AAA"), "active", START)
    )
    assert [item["code"] for item in (await office.triage(limit=2))["items"]] == ["ONE", "TWO"]


async def test_one_pass_serves_any_number_of_projects(office: Office) -> None:
    async def statements(first: int, last: int) -> int:
        for number in range(first, last):
            await office.troubled(f"P{number}")
        with office.database.counting() as found:
            assert len((await office.triage())["items"]) == last
        return len(found)

    await statements(0, 1)  # which also signs in
    assert await statements(1, 3) == await statements(3, 30)


def test_a_scale_has_two_ends() -> None:
    with pytest.raises(ValidationError, match="cpi_good"):
        TriageSettings(cpi_good=0.7)


def twentieths(least: int, most: int) -> st.SearchStrategy[Fraction]:
    """Fractions that are quick to make: six scales for each example are many."""
    return st.integers(least, most).map(lambda number: Fraction(number, 20))


fractions = twentieths(-60, 60)
scales = st.builds(Scale, twentieths(0, 20), st.just(Fraction(1)), twentieths(-20, 18))
weighings = st.fixed_dictionaries(dict.fromkeys(Part, scales))
findings = st.fixed_dictionaries({part: st.none() | fractions for part in Part}).map(
    lambda values: {part: Finding(value) for part, value in values.items()}
)


@given(findings, weighings, st.sampled_from(Part), st.fractions(0, 3))
def test_a_worse_part_never_lowers_the_score(
    found: dict[Part, Finding], weights: dict[Part, Scale], part: Part, by: Fraction
) -> None:
    value = found[part].value
    if value is None:
        return
    before, _ = rules.score(found, weights)
    after, _ = rules.score({**found, part: Finding(value - by)}, weights)
    if before is None:
        assert after is None
    else:
        assert after is not None
        assert 0 <= before <= after <= 1


@given(findings, weighings, st.sampled_from(Part))
def test_a_missing_part_counts_as_if_it_were_not_there(
    found: dict[Part, Finding], weights: dict[Part, Scale], part: Part
) -> None:
    missing = {**found, part: Finding(None, "no_data")}
    without = {key: finding for key, finding in found.items() if key is not part}
    assert rules.score(missing, weights)[0] == rules.score(without, weights)[0]


@given(findings, weighings)
def test_the_parts_add_up_to_the_score(found: dict[Part, Finding], weights: dict[Part, Scale]) -> None:
    score, parts = rules.score(found, weights)
    if score is not None:
        assert sum(one.contribution for one in parts.values() if one.contribution is not None) == score


amounts = st.none() | st.fractions(0, 1000, max_denominator=4)
ORDER = [None, Course.STOP, Course.PAUSE, Course.RE_SCOPE, Course.RECOVER]


@given(amounts, amounts, amounts, st.fractions(0, 1000, max_denominator=4))
def test_more_remaining_value_never_places_a_project_worse(
    remaining: Fraction | None, etc: Fraction | None, exit_cost: Fraction | None, more: Fraction
) -> None:
    weighing = Weighing({}, Fraction(1, 4), Fraction(1, 2))

    def place(value: Fraction | None) -> Course | None:
        return rules.place(Fraction(1), rules.forward(value, Finding(etc, "no_estimate"), exit_cost), weighing)[0]

    if remaining is not None:
        assert ORDER.index(place(remaining + more)) >= ORDER.index(place(remaining))


@given(amounts, amounts, amounts)
def test_a_placement_or_its_absence_always_has_its_ground(
    remaining: Fraction | None, etc: Fraction | None, exit_cost: Fraction | None
) -> None:
    weighing = Weighing({}, Fraction(1, 4), Fraction(1, 2))
    forward = rules.forward(remaining, Finding(etc, "no_estimate"), exit_cost)
    course, reason = rules.place(Fraction(1), forward, weighing)
    assert (course is None) is (reason is not None) is (remaining is None or etc is None)
    assert rules.place(Fraction(1, 5), forward, weighing) == (Course.CONTINUE, None)
    assert forward.exit_cost_assumed is (exit_cost is None)
