"""What a change takes: computed while it is open, frozen when it is decided."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from app.core.caller import SYSTEM
from app.core.ids import new_id
from app.db.record import table_of
from app.features.capacity import finish_rules
from app.features.change_requests import impact
from app.features.change_requests.impact_rules import (
    Basis,
    Option,
    OptionImpact,
    Scheduled,
    assess_option,
    exposure_after,
    labour_lines,
)
from app.measures.role_rates import Rate
from app.models.assignment import Assignment
from app.models.audit import AuditEntry
from app.models.change_request import ChangeImpact, ChangeOption, ChangeRequest
from app.models.delivery import Estimate
from app.models.person import PersonRate
from app.models.project import Project
from app.models.risk import Risk
from app.models.role import Role
from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.features.calls import Json, day
from tests.features.test_finish import DAYS, HOUR, ROLES, TODAY, additions, demands, teams
from tests.measures import facts

RATE = Rate(Fraction(60))
BASIS = Basis(TODAY, "billable", DAYS[9], Decimal(10000), Decimal(2000), None, True, (), {})
DONE = Scheduled(DAYS[4], None, {"designer": {DAYS[0]: 8 * HOUR}}, {}, DAYS[4])


def option(**values: Any) -> Option:
    said: dict[str, Any] = {"kind": "as_asked", "price": Decimal(1000), "starts_on": None, "purchases": []}
    said |= {"added": {"designer": 8 * HOUR}, "risk_changes": []}
    return Option(UUID(int=1), 1, **(said | values))


def impact_of(asked: Option, plan: Scheduled = DONE, rate: Rate = RATE, **values: Any) -> Any:
    return assess_option(replace(BASIS, **values), asked, plan, lambda role, day: rate)


# Pure figures.


def test_cost_is_labour_and_purchases_and_margin_is_what_the_price_leaves() -> None:
    found = impact_of(option(purchases=[Decimal("99.995"), Decimal(20)]))
    assert [(line.role, line.hours, line.cost) for line in found.lines] == [("designer", 8, 480)]
    assert (found.purchases, found.cost, found.margin) == (Decimal("120.00"), 600, 400)
    assert (found.margin_percent, found.fee, found.eac_before, found.eac) == (40, 11000, 2000, 2600)
    assert found.forecast_margin == Decimal("76.36")
    assert not found.reasons


def test_each_line_is_rounded_half_up_to_the_cent_before_it_is_added_up() -> None:
    plan = Scheduled(DAYS[0], None, {role: {DAYS[0]: HOUR} for role in ROLES})
    found = impact_of(option(added=dict.fromkeys(ROLES, HOUR)), plan, Rate(Fraction("10.005")))
    assert [line.cost for line in found.lines] == [Decimal("10.01")] * 3
    assert found.cost == Decimal("30.03")


def test_hours_cost_the_rate_of_the_day_on_which_they_are_worked() -> None:
    plan = Scheduled(DAYS[1], None, {"designer": {DAYS[0]: HOUR, DAYS[1]: HOUR}})
    lines = labour_lines(
        BASIS, option(added={"designer": 2 * HOUR}), plan, lambda role, day: Rate(Fraction(60 if day < DAYS[1] else 90))
    )
    assert [line.cost for line in lines] == [150]
    assert (lines[0].from_on, lines[0].until_on) == (DAYS[0], DAYS[1])


def test_saved_hours_save_at_the_rate_of_today() -> None:
    found = impact_of(option(added={"designer": -10 * HOUR}, price=Decimal(-500)), Scheduled(DAYS[2], None))
    assert (found.hours, found.cost, found.margin) == (-10, -600, 100)
    assert found.due_on == BASIS.due_on


def test_hours_beyond_a_missing_finish_count_at_the_rate_of_the_last_day_with_work() -> None:
    plan = Scheduled(None, "team_ends", {"designer": {DAYS[0]: HOUR}}, {"designer": 2 * HOUR}, DAYS[3])
    lines = labour_lines(
        BASIS, option(added={"designer": 3 * HOUR}), plan, lambda role, day: Rate(Fraction(60 if day < DAYS[3] else 90))
    )
    assert [line.cost for line in lines] == [240]
    found = impact_of(option(added={"designer": 3 * HOUR}), plan)
    assert (found.finish_on, found.due_on, found.finish_reason) == (None, None, "team_ends")
    assert found.reasons["due_on"] == "team_ends"


def test_the_day_that_would_be_promised_is_the_later_of_the_due_day_and_the_finish() -> None:
    assert impact_of(option()).due_on == DAYS[9]
    assert impact_of(option(), due_on=DAYS[2]).due_on == DAYS[4]
    assert impact_of(option(), due_on=None).due_on == DAYS[4]
    assert impact_of(option(added={})).due_on == DAYS[9]


def test_what_is_unknown_is_null_with_its_reason_and_never_nothing() -> None:
    found = impact_of(option(), rate=Rate(None, "missing_rate"))
    assert (found.cost, found.margin, found.eac, found.forecast_margin) == (None, None, None, None)
    assert {found.reasons[name] for name in ("cost", "margin", "eac", "forecast_margin")} == {"missing_rate"}
    found = impact_of(option(price=None), fee=None, actual_cost=None, actual_cost_reason="no_baseline")
    assert found.reasons == {
        "price": "no_price",
        "margin": "no_price",
        "margin_percent": "no_price",
        "eac_before": "no_baseline",
        "eac": "no_baseline",
        "fee": "no_fee",
        "forecast_margin": "no_fee",
    }
    found = impact_of(option(), remaining_known=False)
    assert (found.finish_on, found.eac_before) == (None, None)
    assert found.reasons["finish_on"] == found.reasons["eac_before"] == "remaining_unknown"


def test_what_is_not_billable_has_no_price_and_no_percentage_of_it() -> None:
    found = impact_of(option(price=None), charge="goodwill")
    assert (found.price, found.margin, found.margin_percent) == (0, -480, None)
    assert found.reasons == {"margin_percent": "no_denominator"}


def test_exposure_counts_open_risks_as_they_would_be_rated() -> None:
    changes: list[Json] = [
        {"risk_id": "a", "likelihood": 1, "impact": 2},
        {"risk_id": "gone", "likelihood": 5, "impact": 5},
        {"risk_id": None, "likelihood": 3, "impact": 3},
    ]
    assert exposure_after({"a": 20, "b": 4}, changes) == 2 + 4 + 9


# Laws.


def assessed(
    members: list[finish_rules.Member],
    remaining: Mapping[str | None, int],
    asked: Option,
    steps: list[int] | None = None,
) -> Any:
    """An option as the service assesses it; rates rise on the days of `steps`, where they are given."""
    group = finish_rules.team(TODAY, DAYS, members)
    plan = finish_rules.plan(group, remaining, {} if asked.declines else asked.added, asked.starts_on)
    scheduled = impact._scheduled(plan)

    def rate(role: str | None, on: date) -> Rate:
        return Rate(Fraction("33.333") + len(role or "") + sum(10 for step in steps or () if on >= DAYS[step]))

    return assess_option(BASIS, asked, scheduled, rate)


rises = st.lists(st.integers(0, len(DAYS) - 1), max_size=3)
starts = st.none() | st.sampled_from(DAYS)


@given(teams(), demands, additions, st.sampled_from(ROLES), st.integers(0, 100 * HOUR), starts, rises)
def test_more_hours_never_cost_less_and_never_finish_earlier(
    members: list[finish_rules.Member],
    remaining: dict[str | None, int],
    added: dict[str, int],
    role: str,
    more: int,
    start: date | None,
    steps: list[int],
) -> None:
    """Where rates don't fall in time: then what is pushed back costs no less either."""
    less = assessed(members, remaining, option(added=added, starts_on=start), steps)
    plus = {**added, role: added.get(role, 0) + more}
    after = assessed(members, remaining, option(added=plus, starts_on=start), steps)
    assert after.cost >= less.cost
    assert (after.finish_on or date.max) >= (less.finish_on or date.max)


@given(teams(), demands)
def test_declining_changes_nothing(members: list[finish_rules.Member], remaining: dict[str | None, int]) -> None:
    found = assessed(members, remaining, option(kind="declined", price=None, added={}))
    plan = finish_rules.plan(finish_rules.team(TODAY, DAYS, members), remaining, {})
    assert (found.hours, found.lines, found.cost, found.price, found.margin) == (0, [], 0, 0, 0)
    assert (found.finish_on, found.due_on) == (plan.finish_on, BASIS.due_on)
    assert (found.exposure, found.eac, found.fee) == (found.exposure_before, found.eac_before, BASIS.fee)


amounts = st.decimals(-10000, 10000, places=4)


@given(teams(), demands, additions, starts, amounts, st.lists(st.decimals(0, 999, places=4), max_size=3), rises)
def test_lines_sum_to_the_cost_and_margin_and_cost_to_the_price(
    members: list[finish_rules.Member],
    remaining: dict[str | None, int],
    added: dict[str, int],
    start: date | None,
    price: Decimal,
    purchases: list[Decimal],
    steps: list[int],
) -> None:
    asked = option(added=added, starts_on=start, price=price, purchases=purchases)
    found = assessed(members, remaining, asked, steps)
    assert found.cost == sum(line.cost or 0 for line in found.lines) + found.purchases
    assert found.cost == round(found.cost, 2)
    assert found.margin + found.cost == price
    assert sum((line.hours * HOUR for line in found.lines), Decimal(0)) == sum(added.values()) or any(
        seconds % 36 for seconds in added.values()
    )


# From the database.


def shop(conn: sa.Connection, people: int = 2) -> Json:
    """A project with a team of designers, remaining hours, a risk, a fee; and a change with three options."""
    facts.add(conn, Role, key="designer", name="Designer")
    project = facts.project(
        conn, facts.client(conn), "WEB", fee=Decimal(10000), due_on=DAYS[2], hours_budget=Decimal(100)
    )
    facts.status(conn, project, "active", DAYS[0] - timedelta(30))
    facts.baseline(conn, project, 1, fee=Decimal(10000), cost_budget=Decimal(5000), hours_budget=Decimal(100))
    team = []
    for number in range(people):
        id = facts.person(conn, f"p{number}@agency.example")
        facts.holder(conn, project, id, DAYS[0] - timedelta(30), role="designer")
        pay(conn, id, "60")
        team.append(id)
    left = {"hours_budget": Decimal(100), "hours_remaining": Decimal(32), "as_of": TODAY}
    facts.add(conn, Estimate, project_id=project, role="designer", **left)
    facts.hours(conn, project, team[0], DAYS[0] - timedelta(7), "10", cost_rate=Decimal(50))
    risk = facts.add(
        conn,
        Risk,
        project_id=project,
        number=1,
        cause="c",
        event="e",
        effect="f",
        likelihood=4,
        impact=5,
        identified_on=TODAY,
    )
    change = facts.add(
        conn, ChangeRequest, project_id=project, number=1, title="Cards", value_statement="More", status="assessing"
    )
    said = [
        ("as_asked", "2000", "24", [{"statement": "Service", "amount": "100.00"}], [(str(risk), 5, 5), (None, 1, 2)]),
        ("smaller", "500", "-8", [], []),
        ("declined", None, None, [], []),
    ]
    for number, (kind, price, hours, purchases, changes) in enumerate(said, 1):
        facts.add(
            conn,
            ChangeOption,
            change_request_id=change,
            number=number,
            kind=kind,
            title=kind,
            price=None if price is None else Decimal(price),
            hours=[] if hours is None else [{"role": "designer", "hours": hours}],
            purchases=purchases,
            risk_changes=[{"risk_id": id, "likelihood": how, "impact": much} for id, how, much in changes],
        )
    return {"project": project, "team": team, "change": change, "risk": risk}


def pay(conn: sa.Connection, person_id: UUID, amount: str) -> UUID:
    return facts.add(
        conn,
        PersonRate,
        person_id=person_id,
        cost_rate=Decimal(amount),
        currency="EUR",
        valid_from=DAYS[0] - timedelta(60),
    )


def rows(conn: sa.Connection, change: UUID) -> tuple[Any, Any]:
    requests, options = table_of(ChangeRequest), table_of(ChangeOption)
    row = conn.execute(sa.select(requests).where(requests.c.id == change)).one()
    found = conn.execute(sa.select(options).where(options.c.change_request_id == change).order_by(options.c.number))
    return row, found.all()


def figures(answer: Mapping[str, Any]) -> list[Json]:
    return [{name: value for name, value in found.items() if name != "chosen"} for found in answer["options"]]


async def test_options_are_assessed_by_the_team_its_rates_and_its_risks(database: RolledBack) -> None:
    with day("2026-03-02"):
        made = await database.write(shop)
        assessment = await database.read(lambda conn: impact.assess(conn, *rows(conn, made["change"])))
    asked, smaller, declined = assessment.options.values()
    assert [(line.hours, line.cost) for line in asked.lines] == [(24, 1440)]
    assert (asked.cost, asked.price, asked.margin, asked.margin_percent) == (1540, 2000, 460, 23)
    assert (asked.finish_on, asked.due_on) == (DAYS[3], DAYS[3])  # 56 hours of two people with 8 a day
    assert (asked.exposure_before, asked.exposure) == (20, 27)
    assert (asked.eac_before, asked.eac, asked.fee) == (500 + 1920, 2420 + 1540, 12000)
    assert (smaller.hours, smaller.cost, smaller.finish_on, smaller.due_on) == (-8, -480, DAYS[1], DAYS[2])
    assert (declined.cost, declined.eac, declined.finish_on) == (0, 2420, DAYS[1])
    used = assessment.inputs
    assert used["remaining"]["basis"] == "estimates"
    assert used["rates"][0] == {
        "role": "designer",
        "on": [{"day": DAYS[n].isoformat(), "rate": "60.00", "reason": None} for n in (0, 3)],
    }
    assert [week["free_hours"] for week in used["team"][0]["weeks"]] == ["40"]


async def test_takes_as_many_statements_for_many_options_as_for_one(database: RolledBack) -> None:
    with day("2026-03-02"):
        made = await database.write(shop, 9)
        change, options = await database.read(rows, made["change"])
        counts = []
        for asked in (options[:1], options):
            with database.counting() as statements:
                await database.read(impact.assess, change, asked)
            counts.append(len(statements))
    assert counts[0] == counts[1]


async def test_frozen_figures_stay_and_explain_themselves_whatever_changes(database: RolledBack) -> None:
    def freeze(conn: sa.Connection) -> Json:
        change, options = rows(conn, made["change"])
        before = impact.get_impact(conn, SYSTEM, change.id, True)
        impact.freeze(conn, change, impact.assess(conn, change, options), options[0].id, SYSTEM)
        return before

    def upset(conn: sa.Connection) -> None:
        for table, values in (
            (Project, {"fee": Decimal(1), "due_on": date(2027, 1, 1), "currency": "USD"}),
            (Assignment, {"valid_to": DAYS[1]}),
            (PersonRate, {"cost_rate": Decimal(999)}),
            (Estimate, {"hours_remaining": Decimal(0)}),
            (Risk, {"status": "closed"}),
            (ChangeOption, {"price": Decimal(7), "hours": [], "purchases": []}),
        ):
            conn.execute(sa.update(table_of(table)).values(**values))

    with day("2026-03-02"):
        made = await database.write(shop)
        before = await database.write(freeze)
        await database.write(upset)
    with day("2026-05-04"):
        after = await database.read(impact.get_impact, SYSTEM, made["change"], True)
    assert (before["frozen"], after["frozen"], after["currency"]) == (False, True, "EUR")
    assert [found["chosen"] for found in after["options"]] == [True, False, False]
    stored = [impact.STORED.validate_python(found) for found in figures(after)]
    assert [asdict(found) for found in stored] == [
        asdict(impact.STORED.validate_python(found)) for found in figures(before)
    ]
    explained(after["inputs"], stored)


def explained(used: Json, stored: list[OptionImpact]) -> None:
    """The figures once more, by hand, from what was kept of that day alone."""
    costed = sum(Decimal(line["cost"]) for line in used["remaining"]["costed"])
    before = Decimal(used["actual_cost"]["amount"]) + costed
    open_risks = {risk["id"]: risk["likelihood"] * risk["impact"] for risk in used["open_risks"]}
    rate = Decimal(used["rates"][0]["on"][0]["rate"])
    fee = Decimal(used["project"]["fee"])
    for found, asked in zip(stored, used["options"], strict=True):
        labour = sum((Decimal(line["hours"]) * rate for line in asked["hours"]), Decimal(0))
        cost = labour + sum((Decimal(amount) for amount in asked["purchases"]), Decimal(0))
        assert found.cost == cost == sum(line.cost or 0 for line in found.lines) + found.purchases
        assert (found.eac_before, found.eac) == (before, before + cost)
        assert found.price is not None
        assert found.fee == fee + found.price
        assert found.exposure == exposure_after(open_risks, asked["risk_changes"])
        assert found.due_on == max(date.fromisoformat(used["project"]["due_on"]), found.finish_on or date.min)


async def test_freezing_is_audited_once_for_each_option_without_the_figures(database: RolledBack) -> None:
    entries, kept = table_of(AuditEntry), table_of(ChangeImpact)

    def freeze(conn: sa.Connection) -> tuple[int, Any]:
        change, options = rows(conn, made["change"])
        impact.freeze(conn, change, impact.assess(conn, change, options), None, SYSTEM)
        told = sa.select(sa.func.count()).where(entries.c.subject_type == "change_impact")
        return conn.execute(told).scalar_one(), conn.execute(sa.select(kept)).all()

    with day("2026-03-02"):
        made = await database.write(shop)
        told, found = await database.write(freeze)
    assert told == 3
    assert not any(row.chosen for row in found)
    assert {(row.price, row.cost) for row in found} == {(2000, 1540), (500, -480), (0, 0)}


# By the API.

HIDDEN = {"cost", "purchases", "price", "margin", "margin_percent", "eac_before", "eac", "fee", "forecast_margin"}


async def test_shows_all_figures_to_those_who_see_money(database: RolledBack, client_as: ClientFactory) -> None:
    with day("2026-03-02"):
        made = await database.write(shop)
        client = await client_as("pmo_lead")
        path = f"/v1/change-requests/{made['change']}/impact"
        answer = await client.get(path)
        with_inputs = await client.get(path, params={"inputs": "true"})
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert "inputs" not in shown
    assert with_inputs.json()["inputs"]["today"] == "2026-03-02"
    asked = shown["options"][0]
    assert asked.keys() > HIDDEN
    assert (asked["cost"], asked["margin"], asked["finish_on"], asked["hours"]) == (
        "1540.00",
        "460.00",
        DAYS[3].isoformat(),
        "24",
    )
    assert asked["lines"][0]["cost"] == "1440.00"
    assert shown["options"][2]["margin_percent"] is None


async def test_shows_what_was_frozen_with_the_option_that_was_chosen(
    database: RolledBack, client_as: ClientFactory
) -> None:
    def freeze(conn: sa.Connection) -> None:
        change, options = rows(conn, made["change"])
        impact.freeze(conn, change, impact.assess(conn, change, options), options[1].id, SYSTEM)

    with day("2026-03-02"):
        made = await database.write(shop)
        client = await client_as("pmo_lead")
        path = f"/v1/change-requests/{made['change']}/impact?inputs=true"
        before = (await client.get(path)).json()
        await database.write(freeze)
        after = (await client.get(path)).json()
    assert (before.pop("frozen"), after.pop("frozen")) == (False, True)
    assert [option.pop("chosen") for option in after["options"]] == [False, True, False]
    assert [option.pop("chosen") for option in before["options"]] == [False] * 3
    del before["computed_at"], after["computed_at"]
    assert after == before


async def test_leaves_money_out_for_those_who_may_not_see_it(database: RolledBack, client_as: ClientFactory) -> None:
    with day("2026-03-02"):
        made = await database.write(shop)
        elsewhere = await database.write(lambda conn: facts.person(conn, "else@agency.example"))
        path = f"/v1/change-requests/{made['change']}/impact"
        for role, person_id, sees in (("viewer", None, False), ("manager", elsewhere, False), ("analyst", None, True)):
            answer = await (await client_as(role, person_id=person_id)).get(path, params={"inputs": "true"})
            assert answer.status_code == 200, answer.text
            shown = answer.json()
            assert ("inputs" in shown) is sees
            for found in shown["options"]:
                assert (found.keys() >= HIDDEN) is sees
                assert bool(HIDDEN & found.keys()) is sees
                assert all(("cost" in line) is sees for line in found["lines"])
            assert shown["options"][0]["finish_on"] == DAYS[3].isoformat()
            assert ("1540" in answer.text) is sees


async def test_there_is_no_impact_of_an_unknown_change(client_as: ClientFactory, database: RolledBack) -> None:
    client = await client_as("viewer")
    answer = await client.get(f"/v1/change-requests/{new_id()}/impact")
    assert answer.status_code == 404
