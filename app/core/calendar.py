"""Periods of the office calendar: where each begins and ends, and its label (`2014-Q4`, `2015-03`, `2015-W14`)."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

# Days that any field may hold, and those of the office calendar, on which facts may lie.
FIRST_DAY = date(1900, 1, 1)
LAST_DAY = date(2199, 12, 31)
CALENDAR_FIRST = date(2000, 1, 1)
CALENDAR_LAST = date(2049, 12, 31)


class Grain(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    FISCAL_QUARTER = "fiscal_quarter"
    FISCAL_YEAR = "fiscal_year"


@dataclass(frozen=True)
class Period:
    """Days from `start` up to, and without, `end`."""

    label: str
    start: date
    end: date


def _month_after(year: int, month: int, months: int) -> date:
    index = year * 12 + month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def period_of(day: date, grain: Grain, fiscal_start_month: int = 1) -> Period:
    """The period of `grain` in which `day` lies. A fiscal year bears the number of the year in which it ends."""
    match grain:
        case Grain.DAY:
            return Period(day.isoformat(), day, day + timedelta(1))
        case Grain.WEEK:  # ISO 8601: from Monday, numbered by its Thursday
            start = day - timedelta(day.weekday())
            year, week, _ = day.isocalendar()
            return Period(f"{year}-W{week:02}", start, start + timedelta(7))
        case Grain.MONTH:
            return Period(f"{day:%Y-%m}", day.replace(day=1), _month_after(day.year, day.month, 1))
        case Grain.QUARTER | Grain.YEAR:
            first = 1
        case Grain.FISCAL_QUARTER | Grain.FISCAL_YEAR:
            first = fiscal_start_month
    months_in = (day.month - first) % 12
    year_start = _month_after(day.year, day.month, -months_in)
    year = year_start.year + (1 if first > 1 else 0)
    prefix = "FY" if grain in (Grain.FISCAL_QUARTER, Grain.FISCAL_YEAR) else ""
    if grain in (Grain.YEAR, Grain.FISCAL_YEAR):
        return Period(f"{prefix}{year}", year_start, _month_after(year_start.year, year_start.month, 12))
    quarter = months_in // 3
    start = _month_after(year_start.year, year_start.month, quarter * 3)
    return Period(f"{prefix}{year}-Q{quarter + 1}", start, _month_after(start.year, start.month, 3))


def periods_between(start: date, end: date, grain: Grain, fiscal_start_month: int = 1) -> list[Period]:
    """The periods that touch the days from `start` up to, and without, `end`, in order."""
    periods = []
    day = start
    while day < end:
        period = period_of(day, grain, fiscal_start_month)
        periods.append(period)
        day = period.end
    return periods
