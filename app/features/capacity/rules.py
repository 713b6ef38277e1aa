"""How much the seats that managers hold weigh on each day, and when that is too much. Pure functions.

A seat weighs on its confirmed holder while they hold it: on the active cap while its project is active, on the
back-burner cap while it is on the back burner, and nothing else (DOMAIN.md, rule 3 of assignments).
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate
from uuid import UUID

from app.core.errors import Conflict
from app.core.money import format_plain
from app.features.capacity.errors import OverCapacity
from app.features.capacity.schemas import Portfolio
from app.models.project import ProjectStatus

ZERO = Decimal(0)


CAP_FIELDS = {Portfolio.ACTIVE: "active_cap", Portfolio.BACK_BURNER: "back_burner_cap"}
PORTFOLIOS = {ProjectStatus.ACTIVE: Portfolio.ACTIVE, ProjectStatus.BACK_BURNER: Portfolio.BACK_BURNER}


@dataclass(frozen=True, slots=True)
class Days:
    """The days from `start` up to, and without, `end` (null: for good)."""

    start: date
    end: date | None = None

    @property
    def stop(self) -> date:
        return self.end or date.max

    def both(self, other: "Days") -> "Days | None":
        """The days that lie in both."""
        start, stop = max(self.start, other.start), min(self.stop, other.stop)
        return Days(start, None if stop == date.max else stop) if start < stop else None


@dataclass(frozen=True, slots=True)
class Weight:
    """So much, on these days."""

    days: Days
    amount: Decimal


@dataclass(frozen=True)
class Burden:
    """What somebody carries, and may carry at most, in each portfolio."""

    name: str
    caps: Mapping[Portfolio, Decimal]
    weights: Mapping[Portfolio, list[Weight]] = field(
        default_factory=lambda: {portfolio: [] for portfolio in Portfolio}
    )

    def add(self, status: str, days: Days | None, amount: Decimal) -> None:
        """A seat of a project that has this status on these days."""
        portfolio = PORTFOLIOS.get(ProjectStatus(status))
        if portfolio is not None and days is not None:
            self.weights[portfolio].append(Weight(days, amount))


Burdens = Mapping[UUID, Burden]


@dataclass(frozen=True, slots=True)
class Overload:
    """Days on which somebody carries more than the cap; `load` is the most on any of them."""

    person_id: UUID
    name: str
    portfolio: Portfolio
    load: Decimal
    cap: Decimal
    days: Days


def steps(weights: Iterable[Weight]) -> list[tuple[date, Decimal]]:
    """The load as a step function: the days on which it changes, in order, with what it is from there on."""
    change: defaultdict[date, Decimal] = defaultdict(lambda: ZERO)
    for weight in weights:
        change[weight.days.start] += weight.amount
        if weight.days.end is not None:
            change[weight.days.end] -= weight.amount
    days = sorted(change)
    return list(zip(days, accumulate(change[day] for day in days), strict=True))


def peak(weights: Iterable[Weight], start: date) -> Decimal:
    """The most on any day from `start` on."""
    now, most = ZERO, ZERO
    for day, load in steps(weights):
        if day <= start:
            now = load
        else:
            most = max(most, load)
    return max(now, most)


def most(function: Sequence[tuple[date, Decimal]], days: Days) -> Decimal:
    """The most that a step function is on any of these days."""
    place = bisect_right(function, days.start, key=lambda step: step[0])
    found = function[place - 1][1] if place else ZERO
    while place < len(function) and function[place][0] < days.stop:
        found = max(found, function[place][1])
        place += 1
    return found


def overloads(person_id: UUID, after: Burden, before: Burden | None = None) -> list[Overload]:
    """When somebody is above a cap, and more so than before: who is overloaded already may still give seats away."""
    found = []
    for portfolio in Portfolio:
        cap = after.caps[portfolio]
        allowed = before.caps[portfolio] if before is not None else cap
        now, then = steps(after.weights[portfolio]), steps(before.weights[portfolio]) if before is not None else []
        days = sorted({day for day, _ in now} | {day for day, _ in then} | {date.min})
        loads, formers = _at(now, days), _at(then, days)
        ranges: list[tuple[date, date | None, Decimal]] = []
        for index, (day, load, former) in enumerate(zip(days, loads, formers, strict=True)):
            if load - cap <= max(ZERO, former - allowed):
                continue
            end = days[index + 1] if index + 1 < len(days) else None
            if ranges and ranges[-1][1] == day:
                ranges[-1] = (ranges[-1][0], end, max(ranges[-1][2], load))
            else:
                ranges.append((day, end, load))
        found += [
            Overload(person_id, after.name, portfolio, load, cap, Days(start, end)) for start, end, load in ranges
        ]
    return found


def new_overloads(before: Burdens, after: Burdens) -> list[Overload]:
    """The overloads that a change causes or makes worse, by person."""
    return [
        overload
        for person_id in sorted(after)
        for overload in overloads(person_id, after[person_id], before.get(person_id))
    ]


def by_day(weights: Iterable[Weight], window: Days) -> list[Decimal]:
    """The sum of the weights on each day of a window."""
    length = (window.stop - window.start).days
    change = [ZERO] * (length + 1)
    for weight in weights:
        if (days := weight.days.both(window)) is not None:
            change[(days.start - window.start).days] += weight.amount
            change[(days.stop - window.start).days] -= weight.amount
    return list(accumulate(change[:-1]))


def gaps(wanted: Iterable[Days], taken: Iterable[Days]) -> list[Days]:
    """Of the days that are `wanted`, those on which nothing of `taken` lies."""
    marks = [Weight(days, Decimal(1)) for days in wanted]
    covered = [Weight(days, Decimal(1)) for days in taken]
    days = sorted({day for weight in [*marks, *covered] for day in (weight.days.start, weight.days.stop)})
    wants, haves = _at(steps(marks), days), _at(steps(covered), days)
    found: list[Days] = []
    for index, day in enumerate(days[:-1]):
        if wants[index] and not haves[index]:
            end = None if days[index + 1] == date.max else days[index + 1]
            if found and found[-1].end == day:
                found[-1] = Days(found[-1].start, end)
            else:
                found.append(Days(day, end))
    return found


def refusal(found: Sequence[Overload]) -> Conflict:
    """409 that names for each person the load, the cap, which of the two, and the days."""
    told = "; ".join(
        f"{overload.name} would carry {format_plain(overload.load)} on {_words(overload.portfolio)} projects "
        f"{said(overload.days)}, and the cap is {format_plain(overload.cap)}"
        for overload in found
    )
    fields = " or ".join(f"`{name}`" for name in sorted({CAP_FIELDS[overload.portfolio] for overload in found}))
    return OverCapacity(
        f"{told}. Choose another person (GET /v1/projects/{{id}}/seat-candidates) or other days, move a seat away, "
        f"raise the person's {fields}, or, with the right `override`, send `override_reason`.",
        extra={"overloads": [as_json(overload) for overload in found]},
    )


def as_json(overload: Overload) -> dict[str, str | None]:
    """An overload as problems tell it: `valid_to` is the first day without it."""
    return {
        "person_id": str(overload.person_id),
        "portfolio": str(overload.portfolio),
        "load": format_plain(overload.load),
        "cap": format_plain(overload.cap),
        "valid_from": overload.days.start.isoformat(),
        "valid_to": overload.days.end.isoformat() if overload.days.end is not None else None,
    }


def what(overload: Overload) -> str:
    """How the decision log tells of an overload that was allowed: without names, since it stays."""
    return (
        f"A load of {format_plain(overload.load)} on {_words(overload.portfolio)} projects is allowed "
        f"{said(overload.days)}, where the cap is {format_plain(overload.cap)}."
    )


def said(days: Days) -> str:
    """Days in words."""
    if days.end is None:
        return f"from {days.start} on"
    last = days.end - timedelta(1)
    return f"on {days.start}" if last == days.start else f"from {days.start} to {last}"


def _words(portfolio: Portfolio) -> str:
    return portfolio.replace("_", "-")


def _at(function: Sequence[tuple[date, Decimal]], days: Sequence[date]) -> list[Decimal]:
    """What a step function is on each of these days, which are in order."""
    found, place, now = [], 0, ZERO
    for day in days:
        while place < len(function) and function[place][0] <= day:
            now = function[place][1]
            place += 1
        found.append(now)
    return found
