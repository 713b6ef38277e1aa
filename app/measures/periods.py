"""Periods as whole numbers: an expression that groups days in either database, and the way back to the calendar."""

from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from app.core.calendar import Grain, Period, period_of
from app.db.functions import DAY_ZERO, day_number


def _whole(number: int) -> sa.ColumnElement[int]:
    # In place, not bound: Postgres tells the expressions of SELECT and GROUP BY apart by their parameters.
    return sa.literal_column(str(number), sa.Integer)


def period_index(day: sa.ColumnElement[date], grain: Grain, fiscal_start_month: int) -> sa.ColumnElement[Any]:
    """The number of the period in which `day` lies: rising by one from period to period."""
    if grain is Grain.DAY:
        return day_number(day)
    if grain is Grain.WEEK:
        return day_number(day) // _whole(7)
    months = (
        sa.cast(sa.extract("year", day), sa.Integer) * _whole(12)
        + sa.cast(sa.extract("month", day), sa.Integer)
        - _whole(_months_skipped(grain, fiscal_start_month))
    )
    return months // _whole(_MONTHS[grain])


def index_of(day: date, grain: Grain, fiscal_start_month: int) -> int:
    """The number that `period_index` gives the period in which `day` lies."""
    days = (day - DAY_ZERO).days
    if grain is Grain.DAY:
        return days
    if grain is Grain.WEEK:
        return days // 7
    return (day.year * 12 + day.month - _months_skipped(grain, fiscal_start_month)) // _MONTHS[grain]


def period_at(index: int, grain: Grain, fiscal_start_month: int) -> Period:
    """The period that `period_index` gave this number."""
    if grain is Grain.DAY:
        first = DAY_ZERO + timedelta(index)
    elif grain is Grain.WEEK:
        first = DAY_ZERO + timedelta(7 * index)
    else:
        months = index * _MONTHS[grain] + _months_skipped(grain, fiscal_start_month) - 1
        first = date(months // 12, months % 12 + 1, 1)
    return period_of(first, grain, fiscal_start_month)


_MONTHS = {
    Grain.MONTH: 1,
    Grain.QUARTER: 3,
    Grain.YEAR: 12,
    Grain.FISCAL_QUARTER: 3,
    Grain.FISCAL_YEAR: 12,
}


def _months_skipped(grain: Grain, fiscal_start_month: int) -> int:
    return fiscal_start_month if grain in (Grain.FISCAL_QUARTER, Grain.FISCAL_YEAR) else 1
