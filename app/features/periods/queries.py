"""What periods ask of the database."""

from typing import Any

import sqlalchemy as sa

from app.core.calendar import Period as Month
from app.db.functions import day_number
from app.db.listing import Listing
from app.db.record import table_of
from app.db.types import Moves
from app.features.periods.rules import STATES
from app.messaging.records import Row
from app.models.calendar_day import CalendarDay
from app.models.finance import ExchangeRate, Expense, Invoice
from app.models.period import Period, PeriodHistory, PeriodStatus
from app.models.person import Person, TimeOff
from app.models.project import Project
from app.models.time_entry import Approval, TimeEntry

periods, history = table_of(Period), table_of(PeriodHistory)
people, time_off = table_of(Person), table_of(TimeOff)
projects, calendar_days = table_of(Project), table_of(CalendarDay)
entries, expenses, invoices = table_of(TimeEntry), table_of(Expense), table_of(Invoice)
rates = table_of(ExchangeRate)

# Of each kind of obstacle at most so many are listed.
LISTED = 200

PERIODS = Listing(
    name="periods",
    columns={
        **{column.name: column for column in periods.c},
        "allowed_transitions": sa.type_coerce(periods.c.status, Moves(STATES.moves)),
    },
    source=periods,
    filters=("label", "status", "starts_on"),
    sorts=("starts_on", "status", "revision", "updated_at"),
    default_sort=(("starts_on", True),),
)
HISTORY = Listing(
    name="period_history",
    columns={
        **{column.name: column for column in history.c if column.name != "by_key_id"},
        "period": periods.c.label,
        "version": sa.literal(1),  # it has but one
    },
    source=history.join(periods, periods.c.id == history.c.period_id),
    filters=("period", "period_id", "step", "by_person_id"),
    sorts=("at", "revision"),
    default_sort=(("at", False),),
)
ADD_HISTORY = sa.insert(history)

# A month without a row is open, and never was closed.
_month = sa.select(
    sa.bindparam("label", type_=periods.c.label.type).label("label"),
    sa.bindparam("start", type_=sa.Date).label("starts_on"),
    sa.bindparam("stop", type_=sa.Date).label("ends_on"),
).subquery("month")
_status = sa.func.coalesce(periods.c.status, sa.literal(str(PeriodStatus.OPEN), periods.c.status.type))
BY_LABEL: sa.Select[Any] = sa.select(
    periods.c.id,
    sa.func.coalesce(periods.c.version, 0).label("version"),
    periods.c.created_at,
    periods.c.updated_at,
    *_month.c,
    _status.label("status"),
    sa.type_coerce(_status, Moves(STATES.moves)).label("allowed_transitions"),
    sa.func.coalesce(periods.c.revision, 0).label("revision"),
).select_from(_month.outerjoin(periods, periods.c.label == _month.c.label))


def read(conn: sa.Connection, month: Month) -> Row:
    """A month as it stands."""
    return conn.execute(BY_LABEL, {"label": month.label, "start": month.start, "stop": month.end}).one()


# What is in the way of closing, each in one statement for the whole month.
_START, _STOP = sa.bindparam("start", type_=sa.Date), sa.bindparam("stop", type_=sa.Date)
_LAST_DAY = sa.func.coalesce(entries.c.worked_until, entries.c.worked_on)

STAFF: sa.Select[Any] = (
    sa.select(
        people.c.id,
        people.c.display_name,
        people.c.home_role,
        people.c.weekly_hours,
        people.c.hired_on,
        people.c.left_on,
    )
    .where(
        sa.or_(people.c.hired_on.is_(None), people.c.hired_on < _STOP),
        sa.or_(people.c.left_on.is_(None), people.c.left_on >= _START),
    )
    .order_by(people.c.display_name, people.c.id)
)
TIME_OFF: sa.Select[Any] = sa.select(
    time_off.c.person_id, time_off.c.from_on, time_off.c.until_on, time_off.c.hours_per_day
).where(time_off.c.from_on < _STOP, time_off.c.until_on >= _START)
WORKING_DAYS: sa.Select[Any] = sa.select(calendar_days.c.day).where(
    calendar_days.c.day >= _START, calendar_days.c.day < _STOP, calendar_days.c.is_working.is_(True)
)
# Of entries that reach into the window, their first and last weeks by number: few rows, whatever was logged.
_first_week, _last_week = day_number(entries.c.worked_on) // 7, day_number(_LAST_DAY) // 7
WEEKS_LOGGED: sa.Select[Any] = (
    sa.select(entries.c.person_id, _first_week.label("first_week"), _last_week.label("last_week"))
    .where(entries.c.superseded_at.is_(None), entries.c.worked_on < _STOP, _LAST_DAY >= _START)
    .distinct()
)
_OF_MONTH = (entries.c.superseded_at.is_(None), entries.c.worked_on < _STOP, _LAST_DAY >= _START)
# How many there are in all stands beside each row.
_TOTAL = sa.func.count().over().label("total")
UNAPPROVED: sa.Select[Any] = (
    sa.select(entries.c.id, entries.c.worked_on, entries.c.hours, entries.c.approval, _TOTAL)
    .where(*_OF_MONTH, entries.c.approval != Approval.APPROVED)
    .order_by(entries.c.worked_on, entries.c.id)
    .limit(LISTED)
)
WITHOUT_RATE: sa.Select[Any] = (
    sa.select(
        entries.c.person_id,
        sa.func.count().label("entries"),
        sa.func.min(entries.c.worked_on).label("first_on"),
        _TOTAL,
    )
    .where(*_OF_MONTH, entries.c.cost_rate.is_(None))
    .group_by(entries.c.person_id)
    .order_by(entries.c.person_id)
    .limit(LISTED)
)


def _foreign(table: sa.Table, day: sa.ColumnElement[Any], currency: sa.ColumnElement[Any], last: Any) -> sa.Select[Any]:
    """Facts of the month in another currency than their project's with no rate on their day, in either direction."""
    here, there = (
        sa.and_(rates.c.base == currency, rates.c.quote == projects.c.currency),
        sa.and_(rates.c.quote == currency, rates.c.base == projects.c.currency, rates.c.rate != 0),
    )
    known = sa.exists().where(rates.c.superseded_at.is_(None), rates.c.valid_from <= day, sa.or_(here, there))
    return (
        sa.select(
            sa.literal(table.name, sa.String).label("kind"),
            table.c.id.label("id"),
            day.label("day"),
            currency.label("currency"),
            projects.c.currency.label("own"),
        )
        .select_from(table.join(projects, projects.c.id == table.c.project_id))
        .where(table.c.superseded_at.is_(None), day < _STOP, last >= _START, currency != projects.c.currency, ~known)
    )


_unknown = sa.union_all(
    _foreign(entries, entries.c.worked_on, entries.c.cost_currency, _LAST_DAY),
    _foreign(expenses, expenses.c.incurred_on, expenses.c.currency, expenses.c.incurred_on),
    _foreign(invoices, invoices.c.invoiced_on, invoices.c.currency, invoices.c.invoiced_on),
).subquery("unknown")
WITHOUT_EXCHANGE_RATE: sa.Select[Any] = (
    sa.select(*_unknown.c, _TOTAL).order_by(_unknown.c.day, _unknown.c.kind, _unknown.c.id).limit(LISTED)
)
