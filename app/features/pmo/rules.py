"""What the fields of the office's records must keep to, and how gap and worth are computed. Pure functions."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from app.core.errors import FieldError, Invalid, invalid
from app.measures.catalogue import KPIS
from app.measures.definition import Direction
from app.models.pmo import DevelopmentKind

WORKING_DAYS_A_WEEK = 5
Skill = tuple[str, int]  # with the least level that will do


def check_need_days(from_on: date, until_on: date) -> None:
    if until_on < from_on:
        raise invalid("/until_on", f"must not lie before from_on, {from_on}")


def check_development(values: Mapping[str, Any]) -> None:
    """Its days, and who needs a mentor."""
    starts_on, ends_on = values["starts_on"], values["ends_on"]
    if ends_on is not None and ends_on < starts_on:
        raise invalid("/ends_on", f"must not lie before starts_on, {starts_on}")
    if values["kind"] == DevelopmentKind.MENTORING:
        if values["mentor_id"] is None:
            raise invalid("/mentor_id", "is required of a mentoring", "required")
        if values["mentor_id"] == values["person_id"]:
            raise invalid("/mentor_id", "must be somebody else than the person who learns")
    elif values["mentor_id"] is not None:
        raise invalid("/mentor_id", "must be left out of a training; with a mentor it is a mentoring")


def check_target(target: int, present: int) -> None:
    if target <= present:
        raise invalid("/target_level", f"must lie above the level that the person has now, {present}")


def check_mentor(target: int, mentor: int) -> None:
    if mentor < target:
        has = f"has level {mentor}" if mentor else "does not have the skill"
        raise invalid("/mentor_id", f"must be somebody with the skill at level {target} at least; this person {has}")


def check_completed_on(completed_on: date, starts_on: date, today: date) -> None:
    if not starts_on <= completed_on <= today:
        raise invalid("/completed_on", f"must lie from starts_on, {starts_on}, to today, {today}")


def check_charter(kpis: Sequence[str], members: Sequence[UUID], known: set[UUID]) -> None:
    """422 naming each measure and member that is not there."""
    errors = [
        FieldError(f"/success_measures/{index}/kpi", f"there is no KPI {name!r}", "unknown-reference")
        for index, name in enumerate(kpis)
        if name not in KPIS
    ]
    errors += [
        FieldError(f"/members/{index}", f"there is no person {str(id)!r}", "unknown-reference")
        for index, id in enumerate(members)
        if id not in known
    ]
    if errors:
        raise Invalid("Name KPIs that GET /v1/kpis lists, and people that GET /v1/people lists.", errors=errors)


@dataclass(frozen=True, slots=True)
class Need:
    """So much a week of a skill, from `start` up to, and without, `stop`."""

    skill: Skill
    weekly: int
    start: date
    stop: date


def needed_by_week(needs: Sequence[Need]) -> dict[date, dict[Skill, int]]:
    """What is needed in each week, by its Monday, in fifths of the unit of `weekly`: a fifth for each day from Monday
    to Friday.
    """
    found: dict[date, dict[Skill, int]] = defaultdict(lambda: defaultdict(int))
    for need in needs:
        monday = need.start - timedelta(need.start.weekday())
        while monday < need.stop:
            first = max((need.start - monday).days, 0)
            last = min((need.stop - monday).days, WORKING_DAYS_A_WEEK)
            if first < last:
                found[monday][need.skill] += need.weekly * (last - first)
            monday += timedelta(7)
    return found


def share(needs: Mapping[Skill, int], able: Sequence[frozenset[Skill]], free: Sequence[int]) -> list[dict[Skill, int]]:
    """What each one gives to which need: as much in all as can be covered at once, a maximum flow.

    Needs are served in order. For one that is short, a chain of others hands hours on: whoever serves this need could
    be replaced where they are now. No need loses by it what it has, so that the sum of what stays uncovered is least.
    """
    left = list(free)
    given: list[dict[Skill, int]] = [{} for _ in able]
    servers = {need: [index for index, skills in enumerate(able) if need in skills] for need in needs}
    for wanted, amount in needs.items():
        missing = amount
        while missing > 0 and (chain := _chain(wanted, servers, left, given)):
            hours = min(missing, left[chain[-1][0]], *(given[who][source] for who, source, _ in chain if source))
            for who, source, target in chain:
                if source:
                    given[who][source] -= hours
                given[who][target] = given[who].get(target, 0) + hours
            left[chain[-1][0]] -= hours
            missing -= hours
    return given


def _chain(
    wanted: Skill, servers: Mapping[Skill, Sequence[int]], left: Sequence[int], given: Sequence[Mapping[Skill, int]]
) -> list[tuple[int, Skill | None, Skill]]:
    """The shortest chain that brings hours to a need: who moves them from which need (none: free ones) to which."""
    moved: dict[Skill, tuple[int, Skill]] = {}  # a need, who would leave it, and for which
    seen: set[int] = set()
    queue = [wanted]
    for need in queue:
        for who in servers[need]:
            if who in seen:
                continue
            seen.add(who)
            if left[who] > 0:
                chain: list[tuple[int, Skill | None, Skill]] = [(who, None, need)]
                while need != wanted:
                    mover, target = moved[need]
                    chain.insert(0, (mover, need, target))
                    need = target
                return chain
            for other, hours in given[who].items():
                if hours > 0 and other != wanted and other not in moved:
                    moved[other] = (who, need)
                    queue.append(other)
    return []


@dataclass(frozen=True, slots=True)
class Rate:
    """What an hour costs from a day on; null where that is not known."""

    amount: Decimal | None
    currency: str | None


@dataclass(frozen=True, slots=True)
class Cost:
    """Hours and what they cost, or why that can't be told."""

    hours: Fraction
    amount: Fraction | None
    currency: str | None
    reason: str | None = None


def cost_of(parts: Sequence[tuple[Fraction, Rate]]) -> Cost:
    """The cost of hours at their rates: null where a rate is missing, or where there are several currencies."""
    hours = sum((hours for hours, _ in parts), Fraction(0))
    costs = [(hours, rate) for hours, rate in parts if hours]
    currencies = {rate.currency for _, rate in costs}
    if any(rate.amount is None for _, rate in costs):
        return Cost(hours, None, None, "missing_rate")
    if len(currencies) > 1:
        return Cost(hours, None, None, "several_currencies")
    amount = sum((hours * Fraction(rate.amount or 0) for hours, rate in costs), Fraction(0))
    return Cost(hours, amount, next(iter(currencies), None))


def declared(
    weekly_hours: Decimal, days: Sequence[date], rates: Sequence[tuple[date, Rate]]
) -> list[tuple[Fraction, Rate]]:
    """A fifth of the weekly hours for each working day, at the rate of that day; `rates` are in the order of days."""
    daily = Fraction(weekly_hours) / WORKING_DAYS_A_WEEK
    unknown = Rate(None, None)
    return [(daily, next((rate for valid_from, rate in reversed(rates) if valid_from <= day), unknown)) for day in days]


def total_of(costs: Sequence[Cost]) -> Cost:
    """The sum of the members' costs; null where one of them is, or where there is nobody."""
    hours = sum((cost.hours for cost in costs), Fraction(0))
    reason = next((cost.reason for cost in costs if cost.reason is not None), None if costs else "no_members")
    currencies = {cost.currency for cost in costs if cost.currency is not None}
    if reason is None and len(currencies) > 1:
        reason = "several_currencies"
    if reason is not None:
        return Cost(hours, None, None, reason)
    amount = sum((cost.amount or Fraction(0) for cost in costs), Fraction(0))
    return Cost(hours, amount, next(iter(currencies), None))


def is_reached(direction: Direction, value: Fraction | None, target: Fraction) -> bool | None:
    """Whether a target is reached; null where neither way is the better one."""
    if value is None or direction not in (Direction.UP, Direction.DOWN):
        return None
    return value >= target if direction is Direction.UP else value <= target


def share_of_the_way(
    direction: Direction, baseline: Fraction, value: Fraction | None, target: Fraction
) -> Fraction | None:
    """How far a value has come from the baseline to the target: 1 is there, negative is the wrong way."""
    if value is None or baseline == target or direction not in (Direction.UP, Direction.DOWN):
        return None
    return (value - baseline) / (target - baseline)
