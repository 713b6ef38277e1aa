"""Money, such that it fits the hours: prices, budgets with their baselines, invoices, expenses, what is charged."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from app.demo.projects import Plan
from app.demo.rows import Values, World, month_start, rounded
from app.models.finance import ExchangeRate, Expense, Invoice, RateCard
from app.models.project import (
    Baseline,
    BaselineCause,
    BaselineMilestone,
    Engagement,
    Milestone,
    ProjectStatus,
)
from app.models.role import ACCOUNT_MANAGER, PRODUCTION_MANAGER
from app.models.time_entry import TimeEntry

CHARGED = {ACCOUNT_MANAGER: 115, PRODUCTION_MANAGER: 115, "designer": 105, "developer": 120, "illustrator": 95}
HOUR = 112  # what an hour is charged at, over all roles
COST = 53  # and what it costs
IN_EUROS = {"EUR": 1.0, "USD": 0.92, "GBP": 1.17}
EXPENSES = (
    ("Stock photos", 40, 350),
    ("Web fonts", 60, 400),
    ("Test devices", 150, 900),
    ("Travel to the client", 80, 600),
)
PASSED_ON = (("Hosting", 90, 900), ("Software licences", 120, 2500), ("Print", 300, 4000))


@dataclass
class Worked:
    """What has been worked on a project: all hours, and the billable ones by month."""

    hours: float = 0.0
    billable: dict[date, float] | None = None


def make_finances(world: World, plans: list[Plan]) -> None:
    """Everything with a price on it."""
    _rate_cards(world, plans)
    _exchange_rates(world)
    worked = _worked(world)
    for plan in plans:
        _budget(world, plan, worked[plan.id])
        _baselines(world, plan)
        _expenses(world, plan)
        _invoices(world, plan, worked[plan.id])
    _number(world)


def _worked(world: World) -> dict[UUID, Worked]:
    found: dict[UUID, Worked] = defaultdict(lambda: Worked(billable=defaultdict(float)))
    for row in world.of(TimeEntry):
        if row["superseded_at"] is None:
            one = found[row["project_id"]]
            one.hours += float(row["hours"])
            if row["billable"] and one.billable is not None:
                one.billable[month_start(row["worked_on"])] += float(row["hours"])
    return found


def _budget(world: World, plan: Plan, worked: Worked) -> None:
    """Budgets such that most projects keep within them, some by little, and some do not."""
    if plan.engagement in (Engagement.RETAINER, Engagement.INTERNAL):
        return
    done = _progress(plan, world.today)
    hours = max(worked.hours / done if done else world.rng.randint(150, 600), 60.0)
    hours *= world.rng.choice((0.86, 0.97, 1.0, 1.04, 1.1, 1.18, 1.25))
    rate = IN_EUROS[plan.row["currency"]]
    plan.row["hours_budget"] = rounded(hours, 10)
    plan.row["cost_budget"] = rounded((hours * COST + 800) / rate, 100)
    if plan.engagement == Engagement.PRO_BONO:
        return
    price = rounded(hours * HOUR * world.rng.uniform(0.88, 1.08) / rate, 500)
    if plan.status in (ProjectStatus.PIPELINE, ProjectStatus.LOST):
        plan.row["expected_value"] = price
    else:
        plan.row["fee"] = price
    if plan.status in (ProjectStatus.ACTIVE, ProjectStatus.ON_HOLD):
        plan.row["remaining_value"] = rounded(float(price) * (1 - done), 500)
        plan.row["exit_cost"] = rounded(float(price) * 0.05, 500)


def _progress(plan: Plan, today: date) -> float:
    """The share of the work that is done, by the calendar; nothing before the start."""
    if plan.status in (ProjectStatus.CLOSED, ProjectStatus.CANCELLED, ProjectStatus.BACK_BURNER):
        return 1.0
    if plan.due is None or plan.start >= today or plan.status in (ProjectStatus.PIPELINE, ProjectStatus.LOST):
        return 0.0
    return min(max((today - plan.start).days / (plan.due - plan.start).days, 0.05), 0.95)


def _baselines(world: World, plan: Plan) -> None:
    """Number 1 at the first activation; for some a second one, when the client asked for more."""
    if plan.status in (ProjectStatus.PIPELINE, ProjectStatus.LOST):
        return
    _freeze(world, plan, 1, BaselineCause.ACTIVATION, plan.start, plan.due)
    ends = plan.ended_on or world.today
    agreed_on = plan.start + timedelta(60)
    if plan.engagement == Engagement.FIXED_FEE and agreed_on < ends and plan.due and world.chance(0.2):
        plan.due = plan.row["due_on"] = max(plan.due + timedelta(21), agreed_on)
        for name in ("fee", "cost_budget", "hours_budget"):
            if plan.row[name] is not None:
                plan.row[name] = rounded(float(plan.row[name]) * 1.08, 10)
        plan.row["version"] = 2
        _freeze(world, plan, 2, BaselineCause.CHANGE, agreed_on, plan.due)


def _freeze(world: World, plan: Plan, number: int, cause: BaselineCause, day: date, due: date | None) -> None:
    baseline = world.add(
        Baseline,
        max(day, world.begins),
        project_id=plan.id,
        number=number,
        cause=cause,
        valid_from=day,
        currency=plan.row["currency"],
        fee=plan.row["fee"],
        cost_budget=plan.row["cost_budget"],
        hours_budget=plan.row["hours_budget"],
        start_on=plan.start,
        due_on=due,
    )
    for milestone in world.of(Milestone):
        if milestone["project_id"] == plan.id:
            world.add(
                BaselineMilestone,
                day,
                baseline_id=baseline["id"],
                milestone_id=milestone["id"],
                name=milestone["name"],
                planned_on=milestone["planned_on"],
                weight=milestone["weight"],
            )


def _expenses(world: World, plan: Plan) -> None:
    if plan.status in (ProjectStatus.PIPELINE, ProjectStatus.LOST):
        return
    first, last = max(plan.start, world.begins), (plan.ended_on or world.today) - timedelta(1)
    for _ in range(world.rng.randint(0, 4)):
        passed_on = world.chance(0.4) and plan.engagement not in (Engagement.INTERNAL, Engagement.PRO_BONO)
        what, least, most = world.rng.choice(PASSED_ON if passed_on else EXPENSES)
        day = world.day_between(first, last)
        world.add(
            Expense,
            day,
            project_id=plan.id,
            incurred_on=day,
            amount=Decimal(world.rng.randint(least * 100, most * 100)) / 100,
            currency="EUR",
            pass_through=passed_on,
            description=what,
        )


def _invoices(world: World, plan: Plan, worked: Worked) -> None:
    """Fixed fees in three parts, hours and retainers by the month."""
    rate = IN_EUROS[plan.row["currency"]]
    if plan.engagement == Engagement.FIXED_FEE and plan.row["fee"] is not None and plan.due is not None:
        for amount, day in _instalments(plan, plan.row["fee"], plan.due):
            if plan.ended_on is None or plan.status == ProjectStatus.CLOSED or day < plan.ended_on:
                _invoice(world, plan, day, amount)
        if plan.status == ProjectStatus.CLOSED and plan.ended_on and world.chance(0.15):
            _invoice(world, plan, plan.ended_on + timedelta(5), rounded(float(plan.row["fee"]) * -0.02, 10))
    elif plan.engagement == Engagement.TIME_AND_MATERIALS:
        for month, hours in sorted((worked.billable or {}).items()):
            _invoice(world, plan, month_start(month, 1) + timedelta(4), rounded(hours * HOUR / rate, 1))
    elif plan.engagement == Engagement.RETAINER:
        month = month_start(plan.start, 1)
        while month < world.today:
            _invoice(world, plan, month, rounded(float(plan.row["period_hours"]) * 105 / rate, 10))
            month = month_start(month, 1)


def _instalments(plan: Plan, fee: Decimal, due: date) -> list[tuple[Decimal, date]]:
    """A third at the beginning, more half-way, the rest at the end."""
    end = plan.ended_on if plan.ended_on and plan.status == ProjectStatus.CLOSED else due
    first, second = rounded(float(fee) * 0.3, 10), rounded(float(fee) * 0.4, 10)
    half_way = min(plan.start + timedelta((due - plan.start).days // 2), end)
    return [(first, plan.start + timedelta(7)), (second, half_way), (fee - first - second, end)]


def _invoice(world: World, plan: Plan, day: date, amount: Decimal) -> None:
    if day < world.today and amount:
        world.add(Invoice, day, project_id=plan.id, invoiced_on=day, amount=amount, currency=plan.row["currency"])


def _number(world: World) -> None:
    """Invoices are numbered through, year by year, in the order of their days."""
    numbers: dict[int, int] = defaultdict(int)
    for row in sorted(world.of(Invoice), key=lambda row: row["invoiced_on"]):
        year = row["invoiced_on"].year
        numbers[year] += 1
        row["number"] = f"{year}-{numbers[year]:03}"


def _rate_cards(world: World, plans: list[Plan]) -> None:
    """The standard, raised each January; and what two clients have negotiated."""
    first = date(world.begins.year - 1, 1, 1)
    years = range(first.year, world.today.year + 1)
    for number, year in enumerate(years):
        for role, rate in CHARGED.items():
            price = Decimal(rate + 2 * (number - len(years) + 1))
            _card(world, date(year, 1, 1), role, price, "EUR")
    dollars, pounds = (next(plan.row for plan in plans if plan.row["currency"] == one) for one in ("USD", "GBP"))
    for role, rate in CHARGED.items():
        _card(world, first, role, rounded(rate / 0.92, 5), "USD", client_id=dollars["client_id"])
        _card(world, first, role, rounded(rate / 1.17, 5), "GBP", client_id=pounds["client_id"])


def _card(world: World, day: date, role: str, rate: Decimal, currency: str, client_id: UUID | None = None) -> None:
    world.add(
        RateCard, max(day, world.begins), client_id=client_id, role=role, rate=rate, currency=currency, valid_from=day
    )


def _exchange_rates(world: World) -> None:
    """What a dollar and a pound were worth in euros, month by month."""
    month = month_start(world.begins, -2)
    worth: Values = {"USD": IN_EUROS["USD"], "GBP": IN_EUROS["GBP"]}
    while month < world.today:
        for base in worth:
            worth[base] *= world.rng.uniform(0.985, 1.015)
            world.add(
                ExchangeRate,
                max(month, world.begins),
                base=base,
                quote="EUR",
                rate=Decimal(round(worth[base] * 10_000)) / 10_000,
                valid_from=month,
            )
        month = month_start(month, 1)
