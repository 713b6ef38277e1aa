"""What the options of a change take: computed while it is open, kept with all that went in when it is decided."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic import TypeAdapter

from app.core import clock
from app.core.caller import Caller
from app.core.hours import from_seconds
from app.core.ids import new_id
from app.core.money import MAX_AMOUNT, format_decimal, format_plain
from app.db.record import table_of
from app.features.capacity import service as capacity
from app.features.change_requests import impact_rules as rules
from app.features.change_requests import queries
from app.features.change_requests.impact_rules import Basis, LabourLine, Option, Scheduled
from app.features.risks import service as risks
from app.measures.catalogue import KPIS
from app.measures.definition import Conventions
from app.measures.engine import Question, evaluate
from app.measures.figures import rounded
from app.measures.role_rates import Rate, RoleRates, role_rates
from app.messaging.audit import audit_all
from app.messaging.records import Row
from app.models.change_request import ChangeImpact

OptionImpact = rules.OptionImpact

impacts = table_of(ChangeImpact)
PROJECT: sa.Select[Any] = sa.select(
    queries.projects.c.id,
    queries.projects.c.currency,
    queries.projects.c.fee,
    queries.projects.c.start_on,
    queries.projects.c.due_on,
    queries.projects.c.hours_budget,
    queries.projects.c.cost_budget,
).where(queries.projects.c.id == sa.bindparam("which"))
ADD = sa.insert(impacts)
FROZEN: sa.Select[Any] = sa.select(impacts).where(impacts.c.change_request_id == sa.bindparam("which"))

ONE_DAY = timedelta(1)
RATE_PLACES = 4
NO_BASELINE = "no_baseline"
# What only those see who may see the project's money.
MONEY = ("cost", "purchases", "price", "margin", "margin_percent", "eac_before", "eac", "fee", "forecast_margin")
STORED: TypeAdapter[OptionImpact] = TypeAdapter(OptionImpact)


@dataclass(frozen=True)
class Assessment:
    """The figures of every option, by its id, and all that they were computed from."""

    options: Mapping[UUID, OptionImpact]
    inputs: Mapping[str, Any]
    currency: str
    computed_at: datetime


class UsedRates:
    """The rates of the roles on one project, noting each that is asked for."""

    def __init__(self, rates: RoleRates, project_id: UUID) -> None:
        self._rates, self._project_id = rates, project_id
        self.used: dict[str | None, dict[date, Rate]] = defaultdict(dict)

    def on(self, role: str | None, day: date) -> Rate:
        rate = self.used[role][day] = self._rates.on(self._project_id, role, day)
        return rate


def assess(conn: sa.Connection, change: Row, options: Sequence[Row]) -> Assessment:
    """What each option takes as things stand; the same statements for any number of options."""
    today = clock.today()
    project = conn.execute(PROJECT, {"which": change.project_id}).one()
    outlook = capacity.outlook(conn, project.id, today)
    rates = UsedRates(role_rates(conn, [project.id]), project.id)
    open_risks = risks.open_risks(conn, [project.id])[project.id]
    spent, spent_reason = _actual_cost(conn, project, today)
    remaining = outlook.remaining.hours
    without = capacity.plan(outlook.team, remaining, {})
    last_on = max((piece.day for piece in without.pieces), default=today)
    basis = Basis(
        today=today,
        charge=change.charge,
        due_on=project.due_on,
        fee=project.fee,
        actual_cost=spent,
        actual_cost_reason=spent_reason,
        remaining_known=outlook.remaining.basis != capacity.RemainingBasis.NONE,
        remaining=rules.remaining_lines(remaining, _worked(without, added=False), last_on, rates.on),
        risks={str(risk.id): risk.likelihood * risk.impact for risk in open_risks},
        start_on=project.start_on,
    )
    found: dict[UUID, OptionImpact] = {}
    asked = [rules.read_option(row) for row in options]
    for option in asked:
        plan = without
        if not option.declines:
            plan = capacity.plan(outlook.team, remaining, option.added, option.starts_on)
            last_on = max([last_on, *(piece.day for piece in plan.pieces)])
        found[option.id] = rules.assess_option(basis, option, _scheduled(plan), rates.on)
    inputs = {
        "today": today.isoformat(),
        "charge": str(change.charge),
        "project": _project(project),
        "actual_cost": {"amount": _money(spent), "reason": spent_reason},
        "remaining": {
            "basis": str(outlook.remaining.basis),
            "hours": [{"role": role, "hours": _hours(seconds)} for role, seconds in remaining.items()],
            "costed": [_line(line) for line in basis.remaining],
            "finish_on": _day(without.finish_on),
            "reason": without.reason,
        },
        "worked_on": [{"valid_from": _day(days.start), "valid_to": _day(days.end)} for days in outlook.team.work.days],
        "team": _team(outlook, last_on),
        "calendar_horizon": _day(outlook.horizon),
        "rates": _rates(rates.used),
        "open_risks": [
            {"id": str(risk.id), "likelihood": risk.likelihood, "impact": risk.impact} for risk in open_risks
        ],
        "options": [_option(option) for option in asked],
    }
    return Assessment(found, inputs, project.currency, clock.now())


def freeze(conn: sa.Connection, change: Row, assessment: Assessment, chosen: UUID | None, caller: Caller) -> None:
    """Keep the figures of every option for good, with what they were computed from."""
    rows = [
        {
            "id": new_id(),
            "change_request_id": change.id,
            "option_id": impact.option_id,
            "chosen": impact.option_id == chosen,
            "hours": impact.hours,
            "cost": _storable(impact.cost),
            "price": impact.price or rules.ZERO,
            "currency": assessment.currency,
            "finish_on": impact.finish_on,
            "due_on": impact.due_on,
            "figures": STORED.dump_python(impact, mode="json"),
            "inputs": assessment.inputs,
            "computed_at": assessment.computed_at,
        }
        for impact in assessment.options.values()
    ]
    if rows:
        conn.execute(ADD, rows)
        told = [{name: value for name, value in row.items() if name not in ("figures", "inputs")} for row in rows]
        audit_all(conn, caller, "created", impacts.name, [(row["id"], None, row) for row in told])


def _storable(cost: Decimal | None) -> Decimal | None:
    """A cost that its column holds; a greater one, which no project takes, is in the figures alone."""
    return cost if cost is None or abs(cost) <= MAX_AMOUNT else None


def get_impact(conn: sa.Connection, caller: Caller, id: UUID, inputs: bool) -> dict[str, Any]:
    """The figures of a change's options: as they were decided on, else as things stand.

    Money, and what the figures were computed from, only for those who may see the money of the project.
    """
    change = queries.read(conn, id)
    rows = conn.execute(FROZEN, {"which": id}).all()
    sees_money = caller.sees_money_of(change.project_id)
    answer: dict[str, Any] = {"change_request_id": id, "project_id": change.project_id, "frozen": bool(rows)}
    if rows:
        answer |= {"currency": rows[0].currency, "computed_at": rows[0].computed_at}
        found = [{**row.figures, "chosen": row.chosen} for row in rows]
        used: Mapping[str, Any] = rows[0].inputs
    else:
        assessment = assess(conn, change, queries.options_of(conn, id))
        answer |= {"currency": assessment.currency, "computed_at": assessment.computed_at}
        found = [{**STORED.dump_python(impact), "chosen": False} for impact in assessment.options.values()]
        used = assessment.inputs
    found.sort(key=lambda figures: figures["number"])
    answer["options"] = found if sees_money else [_without_money(figures) for figures in found]
    if inputs and sees_money:
        answer["inputs"] = used
    return answer


def _without_money(figures: Mapping[str, Any]) -> dict[str, Any]:
    shown = {name: value for name, value in figures.items() if name not in MONEY}
    shown["reasons"] = {name: reason for name, reason in figures["reasons"].items() if name not in MONEY}
    shown["lines"] = [{k: v for k, v in line.items() if k not in ("cost", "reason")} for line in figures["lines"]]
    return shown


def _actual_cost(conn: sa.Connection, project: Row, today: date) -> tuple[Decimal | None, str | None]:
    """What the project has cost so far, or why that is not known."""
    only = (("project", (project.id,)),)
    question = Question(KPIS["ac"], today, today + ONE_DAY, None, ("project",), only, project.currency)
    figure = next(iter(evaluate(conn, question, Conventions()).figures), None)
    if figure is None:
        return None, NO_BASELINE
    return (None, figure.reason) if figure.value is None else (rounded(figure.value, rules.CENTS), None)


def _worked(plan: capacity.Plan, added: bool) -> dict[str | None, dict[date, int]]:
    found: dict[str | None, dict[date, int]] = defaultdict(dict)
    for (job, day), seconds in capacity.hours_by_day(plan.pieces).items():
        if job[0] is added:
            found[job[1]][day] = seconds
    return found


def _scheduled(plan: capacity.Plan) -> Scheduled:
    left = {role: seconds for (added, role), seconds in plan.left.items() if added}
    last_on = max((piece.day for piece in plan.pieces), default=None)
    return Scheduled(plan.finish_on, plan.reason, _worked(plan, added=True), left, last_on)


# What went in, as plain JSON: ids and figures, no names.


def _project(project: Row) -> dict[str, Any]:
    return {
        "id": str(project.id),
        "currency": project.currency,
        "fee": _money(project.fee),
        "start_on": _day(project.start_on),
        "due_on": _day(project.due_on),
        "hours_budget": None if project.hours_budget is None else format_plain(project.hours_budget),
        "cost_budget": _money(project.cost_budget),
    }


def _option(option: Option) -> dict[str, Any]:
    return {
        "id": str(option.id),
        "number": option.number,
        "kind": str(option.kind),
        "price": _money(option.price),
        "starts_on": _day(option.starts_on),
        "hours": [{"role": role, "hours": _hours(seconds)} for role, seconds in option.added.items()],
        "purchases": [_money(amount) for amount in option.purchases],
        "risk_changes": [
            {name: change[name] for name in ("risk_id", "likelihood", "impact")} for change in option.risk_changes
        ],
    }


def _team(outlook: capacity.Outlook, last_on: date) -> list[dict[str, Any]]:
    """The free hours of each by week, named by its Monday, up to the week of the last day that was planned."""
    stop = last_on + timedelta(7 - last_on.weekday())
    found = []
    for member in outlook.members:
        weeks: dict[date, int] = defaultdict(int)
        free = outlook.team.free[member.person_id]
        for day, seconds, held in zip(outlook.team.days, free, outlook.team.held, strict=True):
            if day < stop and member.person_id in held:
                weeks[day - timedelta(day.weekday())] += seconds
        found.append(
            {
                "person_id": str(member.person_id),
                "roles": sorted({role for role, _ in member.roles}),
                "weeks": [{"starts_on": _day(week), "free_hours": _hours(weeks[week])} for week in weeks],
            }
        )
    return found


def _rates(used: Mapping[str | None, Mapping[date, Rate]]) -> list[dict[str, Any]]:
    """The rates that counted for each role: the first, each that differs from the one before, and the last."""
    found = []
    for role, days in used.items():
        ordered = sorted(days.items())
        changes = [
            (day, rate)
            for index, (day, rate) in enumerate(ordered)
            if index in (0, len(ordered) - 1) or rate != ordered[index - 1][1]
        ]
        found.append({"role": role, "on": [{"day": _day(day), **_rate(rate)} for day, rate in changes]})
    return found


def _rate(rate: Rate) -> dict[str, Any]:
    return {"rate": None if rate.value is None else _shown(rate.value), "reason": rate.reason}


def _line(line: LabourLine) -> dict[str, Any]:
    return {
        "role": line.role,
        "hours": format_plain(line.hours),
        "cost": _money(line.cost),
        "from_on": _day(line.from_on),
        "until_on": _day(line.until_on),
        "reason": line.reason,
    }


def _shown(value: Fraction) -> str:
    return format_decimal(rounded(value, RATE_PLACES))


def _money(amount: Decimal | None) -> str | None:
    return None if amount is None else format_decimal(amount)


def _hours(seconds: int) -> str:
    return format_plain(from_seconds(seconds))


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
