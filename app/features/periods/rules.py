"""Which month a label means, how it moves, and in which weeks hours are missing. Pure functions."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from app.core.calendar import Grain, Period, period_of, periods_between
from app.core.states import StateMachine
from app.models.period import PeriodStatus

OPEN, CLOSED = PeriodStatus

STATES = StateMachine(
    "period",
    begins=(OPEN,),
    moves={OPEN: {CLOSED: "POST …/close"}, CLOSED: {OPEN: "POST …/reopen"}},
)
WORKING_DAYS_A_WEEK = 5
# Who has logged nothing for so long is taken for somebody who logs no hours.
LOGGED_WITHIN = timedelta(days=90)


def month_of(label: str) -> Period:
    """The month that a label such as `2026-03` means."""
    return period_of(date.fromisoformat(f"{label}-01"), Grain.MONTH)


def is_over(month: Period, today: date) -> bool:
    return month.end <= today


@dataclass(frozen=True, slots=True)
class Away:
    """Time off, the last day included; `hours_per_day` null means whole days."""

    from_on: date
    until_on: date
    hours_per_day: Decimal | None


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody's hours a week, employment and time off."""

    weekly_hours: Decimal
    hired_on: date | None
    left_on: date | None
    away: Sequence[Away] = ()

    def hours_on(self, day: date) -> Decimal:
        """The hours that they have on a working day: a fifth of the week's, less time off."""
        if not (self.hired_on or date.min) <= day <= (self.left_on or date.max):
            return Decimal(0)
        hours = daily = self.weekly_hours / WORKING_DAYS_A_WEEK
        for off in self.away:
            if off.from_on <= day <= off.until_on:
                hours -= daily if off.hours_per_day is None else off.hours_per_day
        return max(hours, Decimal(0))


def weeks_of(month: Period, today: date) -> list[Period]:
    """The weeks that touch the days of the month that have passed."""
    return periods_between(month.start, min(month.end, today), Grain.WEEK)


def missing_weeks(
    staff: Staff, weeks: Iterable[Period], working: Collection[date], logged: Collection[date]
) -> list[Period]:
    """The weeks with hours on one of the `working` days, of which the Monday is none of those `logged`."""
    return [week for week in weeks if week.start not in logged and _has_hours(staff, week, working)]


def _has_hours(staff: Staff, week: Period, working: Collection[date]) -> bool:
    days = (week.start + timedelta(number) for number in range(7))
    return any(day in working and staff.hours_on(day) > 0 for day in days)
