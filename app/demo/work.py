"""Two years of hours: what everybody worked on, day by day, up to yesterday."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from app.demo.projects import Plan
from app.demo.rows import Values, World, quarter_hours
from app.models.assignment import Assignment, AssignmentKind
from app.models.person import PersonRate, TimeOff
from app.models.project import Engagement, ProjectStatus
from app.models.role import ACCOUNT_MANAGER, PRODUCTION_MANAGER
from app.models.time_entry import Approval, TimeEntry

CLIENT_DUTIES = ("real_time_communication", "scheduled_communication", "proactive_communication", "client_relationship")
PROJECT_DUTIES = ("task_assignment", "capacity_management", "deliverable_review", "testing", "scope_review")
DUTIES = {
    ACCOUNT_MANAGER: CLIENT_DUTIES,
    PRODUCTION_MANAGER: PROJECT_DUTIES,
    "designer": ("design_work",),
    "developer": ("development_work",),
}
NOTES = {
    ACCOUNT_MANAGER: ("Weekly call with the client", "Prepared the monthly report", "Ideas for the next quarter"),
    PRODUCTION_MANAGER: ("Planned the week with the team", "Reviewed the scope", "Tested the release"),
    "designer": ("Screens for the product pages", "Corrections after the review", "Style guide"),
    "developer": ("Checkout", "Search", "Fixed what testing found", "Content migration"),
}
UNBILLABLE = (Engagement.PRO_BONO, Engagement.INTERNAL)
# How likely a project of each status is to be worked on.
PULL = {ProjectStatus.ACTIVE: 1.0, ProjectStatus.BACK_BURNER: 0.06}


@dataclass(frozen=True)
class Stint:
    """A person's work in one role of one project."""

    plan: Plan
    role: str
    first: date
    until: date | None


def make_hours(world: World, plans: list[Plan], people: list[Values]) -> None:
    """Time entries of everybody, for every working day that they were there."""
    office = next(plan for plan in plans if plan.engagement == Engagement.INTERNAL)
    stints = _stints(world, plans)
    away = _days_off(world)
    for person in people:
        rates = sorted(
            ((row["valid_from"], row["cost_rate"]) for row in world.of(PersonRate) if row["person_id"] == person["id"]),
            reverse=True,
        )
        for day in _working_days(max(world.begins, person["hired_on"]), world.today):
            if day in away[person["id"]] or world.chance(0.004):
                continue
            rate = next(rate for valid_from, rate in rates if valid_from <= day)
            for plan, role, hours in _day(world, person, day, stints[person["id"]], office):
                _entry(world, plan, person, role, day, hours, rate)


def _stints(world: World, plans: list[Plan]) -> dict[UUID, list[Stint]]:
    by_id = {plan.id: plan for plan in plans}
    found: dict[UUID, list[Stint]] = defaultdict(list)
    for row in world.of(Assignment):
        plan = by_id[row["project_id"]]
        if row["person_id"] and row["kind"] == AssignmentKind.HOLDER and plan.engagement != Engagement.INTERNAL:
            found[row["person_id"]].append(Stint(plan, row["role"], row["valid_from"], row["valid_to"]))
    return found


def _days_off(world: World) -> dict[UUID, set[date]]:
    found: dict[UUID, set[date]] = defaultdict(set)
    for row in world.of(TimeOff):
        length = (row["until_on"] - row["from_on"]).days + 1
        found[row["person_id"]].update(row["from_on"] + timedelta(number) for number in range(length))
    return found


def _working_days(first: date, until: date) -> Iterator[date]:
    for number in range((until - first).days):
        day = first + timedelta(number)
        if day.weekday() < 5 and (day.month, day.day) not in ((1, 1), (5, 1), (12, 25), (12, 26)):
            yield day


def _day(
    world: World, person: Values, day: date, stints: list[Stint], office: Plan
) -> Iterator[tuple[Plan, str | None, Decimal]]:
    """What one person did on one day: some of it for the office, the rest on up to three projects."""
    left = float(person["weekly_hours"]) / 5 * world.rng.uniform(0.92, 1.06)
    if person["home_role"] is None:
        yield office, None, quarter_hours(left)
        return
    if world.chance(0.3):
        meeting = world.rng.choice((0.5, 1.0, 1.0, 1.5))
        left -= meeting
        yield office, None, quarter_hours(meeting)
    chosen = _choose(world, day, stints)
    if not chosen:
        yield office, None, quarter_hours(left)
        return
    shares = [world.rng.uniform(0.5, 1.5) for _ in chosen]
    for stint, share in zip(chosen, shares, strict=True):
        hours = quarter_hours(left * share / sum(shares))
        if hours:
            yield stint.plan, stint.role, hours


def _choose(world: World, day: date, stints: list[Stint]) -> list[Stint]:
    """Up to three of the stints of that day, a project at most once."""
    weighed = []
    for stint in stints:
        if stint.first <= day and (stint.until is None or day < stint.until):
            status = stint.plan.status_on(day)
            if status in PULL:
                weighed.append((world.rng.random() ** (1 / PULL[status]), stint))
    weighed.sort(key=lambda one: one[0], reverse=True)
    wanted = world.rng.choice((1, 2, 2, 3))
    chosen: dict[UUID, Stint] = {}
    for _, stint in weighed:
        if len(chosen) < wanted:
            chosen.setdefault(stint.plan.id, stint)
    return list(chosen.values())


def _entry(
    world: World, plan: Plan, person: Values, role: str | None, day: date, hours: Decimal, rate: Decimal
) -> None:
    age = (world.today - day).days
    manages = role in (ACCOUNT_MANAGER, PRODUCTION_MANAGER)
    row = world.add(
        TimeEntry,
        day,
        project_id=plan.id,
        person_id=person["id"],
        worked_on=day,
        hours=hours,
        billable=plan.engagement not in UNBILLABLE and world.chance(0.75 if manages else 0.93),
        responsibility=world.rng.choice(DUTIES[role]) if role else None,
        is_rework=role in ("designer", "developer") and world.chance(0.05),
        approval=Approval.APPROVED if age > 14 else Approval.SUBMITTED if age > 2 else Approval.DRAFT,
        note=world.rng.choice(NOTES[role]) if role and world.chance(0.2) else None,
        cost_rate=rate,
        cost_currency="EUR",
    )
    if age > 5 and world.chance(0.005):
        _correct(world, row)


def _correct(world: World, row: Values) -> None:
    """Two days later somebody notices a slip: the entry gets a second version, the first one is kept."""
    at = row["recorded_at"] + timedelta(2)
    row["superseded_at"] = at
    corrected = {
        **row,
        "row_id": world.new_id(at),
        "version": 2,
        "hours": row["hours"] + Decimal("0.5"),
        "recorded_at": at,
        "superseded_at": None,
    }
    world.of(TimeEntry).append(corrected)
