"""What the facts say of a project's health. Each rule answers `None` where it knows nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction
from uuid import UUID

from app.models.delivery import HEALTH_DIMENSIONS, Health
from app.models.role import MANAGER_ROLES

ON_TRACK, AT_RISK, OFF_TRACK = Health

# A first report looks so many days back where the project has no start.
FIRST_PERIOD_DAYS = 14
# Off track is a milestone whose planned day has passed by more working days than these.
PASSED_WORKING_DAYS = 10
# What is used of a budget, against what is complete.
OVERRUN_AT_RISK = Fraction("1.05")
OVERRUN_OFF_TRACK = Fraction("1.2")
# Off track is a manager's seat that is vacant for more days than these, and a promise that is overdue by more.
VACANT_DAYS = 5
OVERDUE_DAYS = 5

NOTHING_KNOWN = "Nothing known against it."
NOTHING_NEW = "As in the last report: nothing is known since."


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A health, and why."""

    health: Health
    reason: str


@dataclass(frozen=True, slots=True)
class Point:
    """A milestone."""

    id: UUID
    name: str
    planned_on: date | None
    forecast_on: date | None
    reached_on: date | None
    weight: Decimal

    @property
    def expected_on(self) -> date | None:
        return self.forecast_on or self.planned_on

    def is_reached(self, on: date) -> bool:
        return self.reached_on is not None and self.reached_on <= on

    def days_late(self, on: date) -> int:
        """By how many days it is behind on a day: by its forecast, and by the days that have passed without it."""
        if self.reached_on is not None and self.is_reached(on):
            promised = self.planned_on or self.forecast_on or self.reached_on
            return max(0, (self.reached_on - promised).days)
        spans = [on - day for day in (self.planned_on, self.forecast_on) if day is not None]
        if self.planned_on is not None and self.forecast_on is not None:
            spans.append(self.forecast_on - self.planned_on)
        return max((span.days for span in spans if span > timedelta(0)), default=0)


def first_day(on: date, last_reported_on: date | None, start_on: date | None) -> date:
    """The first day of the period of a report: behind the last report, else the project's start, else a fortnight."""
    if last_reported_on is not None:
        return last_reported_on + timedelta(1)
    if start_on is not None and start_on <= on:
        return start_on
    return on - timedelta(FIRST_PERIOD_DAYS - 1)


def percent_complete(points: Sequence[Point], on: date, last: Decimal | None) -> Decimal | None:
    """Of the milestones' weights, the share that is reached; without any, what the last report said."""
    whole = sum((point.weight for point in points), Decimal(0))
    if not whole:
        return last
    reached = sum((point.weight for point in points if point.is_reached(on)), Decimal(0))
    return (100 * reached / whole).quantize(Decimal("0.01"), ROUND_DOWN)


def schedule(points: Sequence[Point], due_on: date | None, on: date, working_days: Sequence[date]) -> Suggestion | None:
    """`working_days` are the last ones until `on`, more than PASSED_WORKING_DAYS of them."""
    ahead = [point for point in points if not point.is_reached(on)]
    passed = [point for point in ahead if point.planned_on and _after(point.planned_on, working_days)]
    if passed:
        return Suggestion(OFF_TRACK, f"Planned more than {PASSED_WORKING_DAYS} working days ago: {_names(passed)}.")
    last = max((point for point in ahead if point.expected_on), key=_expected, default=None)
    if last is not None and due_on is not None and _expected(last) > due_on:
        return Suggestion(
            OFF_TRACK, f"{last.name} is expected on {last.expected_on}, and the project is due on {due_on}."
        )
    slipped = [point for point in ahead if point.days_late(on)]
    if slipped:
        return Suggestion(AT_RISK, f"Slipped: {_names(slipped)}.")
    dated = any(point.expected_on or point.reached_on for point in points)
    return Suggestion(ON_TRACK, "No milestone has slipped.") if dated else None


def budget(used: Mapping[str, Fraction], percent: Decimal | None) -> Suggestion | None:
    """`used` are the shares of budgets by their names (hours, cost). As long as nothing is complete there is nothing to
    hold them against, but for the whole budget."""
    if percent is None or not used:
        return None
    name, share = max(used.items(), key=lambda item: item[1])
    if not percent:
        over = share > 1
        return Suggestion(OFF_TRACK, f"All the {name} are used, and nothing is complete.") if over else None
    overrun = share * 100 / Fraction(percent)
    told = f"{_percent(share)} of the {name} used, {percent.normalize():f} % complete."
    health = OFF_TRACK if overrun > OVERRUN_OFF_TRACK else AT_RISK if overrun > OVERRUN_AT_RISK else ON_TRACK
    return Suggestion(health, told)


def scope(waiting: int, unapproved_hours: Decimal, changes: int) -> Suggestion | None:
    """`waiting` of the project's `changes` are undecided; hours were worked on some that nobody has approved."""
    if unapproved_hours:
        return Suggestion(AT_RISK, f"{unapproved_hours.normalize():f} hours went into changes that are not approved.")
    if waiting:
        return Suggestion(AT_RISK, f"Changes that wait for a decision: {waiting}.")
    return Suggestion(ON_TRACK, "No change waits for a decision.") if changes else None


def team(vacant: Mapping[str, int], seats: int) -> Suggestion | None:
    """`vacant` are the roles of vacant seats, with the days since when."""
    long = sorted(role for role, days in vacant.items() if role in MANAGER_ROLES and days > VACANT_DAYS)
    if long:
        return Suggestion(OFF_TRACK, f"Vacant for more than {VACANT_DAYS} days: {_roles(long)}.")
    if vacant:
        return Suggestion(AT_RISK, f"Vacant: {_roles(sorted(vacant))}.")
    return Suggestion(ON_TRACK, "Every seat has its holder.") if seats else None


def client(overdue_days: Sequence[int], promises: int, concerns: int) -> Suggestion | None:
    """`overdue_days` of the `promises` to the client that are overdue; `concerns` that nobody has met."""
    if concerns:
        return Suggestion(OFF_TRACK, f"Open concerns of the client: {concerns}.")
    most = max(overdue_days, default=0)
    if most > OVERDUE_DAYS:
        return Suggestion(OFF_TRACK, f"A promise to the client is overdue by {most} days.")
    if overdue_days:
        return Suggestion(AT_RISK, f"Overdue promises to the client: {len(overdue_days)}.")
    return Suggestion(ON_TRACK, "No promise to the client is overdue.") if promises else None


def suggested(known: Mapping[str, Suggestion | None], last: Mapping[str, str] | None) -> dict[str, Suggestion]:
    """One for each dimension: where nothing is known, what the last report said."""
    found: dict[str, Suggestion] = {}
    for name in HEALTH_DIMENSIONS:
        repeated = Suggestion(ON_TRACK, NOTHING_KNOWN)
        if last is not None and last[name] != ON_TRACK:
            repeated = Suggestion(Health(last[name]), NOTHING_NEW)
        found[name] = known.get(name) or repeated
    return found


def _after(day: date, working_days: Sequence[date]) -> bool:
    return sum(day < working for working in working_days) > PASSED_WORKING_DAYS


def _expected(point: Point) -> date:
    return point.expected_on or date.min


def _names(points: Sequence[Point]) -> str:
    return ", ".join(point.name for point in points)


def _roles(roles: Sequence[str]) -> str:
    return ", ".join(role.replace("_", " ") for role in roles)


def _percent(share: Fraction) -> str:
    return f"{round(share * 100)} %"
