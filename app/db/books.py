"""The books of a month: on which days facts lie, and that those of a closed month stay as they are.

The database keeps it, by the triggers of `triggers.py`. On Postgres a writer shares a lock of each month that it writes
in, and whoever closes the month takes that lock alone: they wait for writers under way, and later ones, whose trigger
takes a new snapshot (READ COMMITTED), see the month closed. On SQLite there is one writer at a time.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

import sqlalchemy as sa

from app.db.violations import PeriodClosed, names_no_period

# The facts of the books: the column of their first day and, where they may span several, of their last.
FACT_DAYS: Mapping[str, tuple[str, str | None]] = {
    "time_entry": ("worked_on", "worked_until"),
    "expense": ("incurred_on", None),
    "invoice": ("invoiced_on", None),
    "deliverable_review": ("reviewed_on", None),
    "defect": ("found_on", None),
    "feedback": ("given_on", None),
    "touchpoint": ("happened_on", None),
}
# What is found in one month is resolved in another: that is a fact of its own day. So a step may be taken behind the
# books of the first day, where nothing else changes: the column of its day, and the columns that it leaves alone.
LATER_STEP: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "defect": (
        "resolved_on",
        (
            "project_id",
            "title",
            "found_on",
            "escaped",
            "severity",
            "found_by_contact_id",
            "description",
            "source",
            "external_id",
        ),
    ),
}
Values = Mapping[str, Any] | sa.RowMapping
# The months' advisory locks on Postgres: this number, then the month's.
LOCK_SPACE = 7203393

_periods = sa.table(
    "period",
    sa.column("label", sa.String),
    sa.column("status", sa.String),
    sa.column("starts_on", sa.Date),
    sa.column("ends_on", sa.Date),
)
_CLOSED = _periods.c.status == "closed"
CLOSED = (
    sa.select(_periods.c.label, _periods.c.starts_on, _periods.c.ends_on)
    .where(
        _CLOSED,
        _periods.c.starts_on <= sa.bindparam("last", type_=sa.Date),
        _periods.c.ends_on > sa.bindparam("first", type_=sa.Date),
    )
    .order_by(_periods.c.starts_on)
)
LOCK_MONTH = sa.text("SELECT pg_advisory_xact_lock(:space, :month)")
CHECK_PERIOD = sa.text("SELECT tandem_check_period(:first, :last)").bindparams(
    sa.bindparam("first", type_=sa.Date), sa.bindparam("last", type_=sa.Date)
)


def in_closed_period(first: sa.ColumnElement[Any], last: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Whether one of the days from `first` to `last` lies in a closed month."""
    return sa.exists().where(_CLOSED, _periods.c.starts_on <= last, _periods.c.ends_on > first)


def lock_month(conn: sa.Connection, day: date) -> None:
    """Wait for those who write facts of this day's month, and keep others waiting until the transaction ends."""
    if conn.dialect.name == "postgresql":
        conn.execute(LOCK_MONTH, {"space": LOCK_SPACE, "month": day.year * 12 + day.month})


def closed_labels(conn: sa.Connection, spans: Iterable[tuple[date, date]]) -> list[str | None]:
    """For each span of days, the label of the first closed month that it touches; one statement for all of them."""
    wanted = list(spans)
    if not wanted:
        return []
    binds = {"first": min(first for first, _ in wanted), "last": max(last for _, last in wanted)}
    closed = conn.execute(CLOSED, binds).all()
    ends = [row.ends_on for row in closed]
    found = ((bisect_right(ends, first), last) for first, last in wanted)
    return [closed[n].label if n < len(closed) and closed[n].starts_on <= last else None for n, last in found]


@contextmanager
def kept(conn: sa.Connection, table: sa.Table, rows: Iterable[Values]) -> Iterator[None]:
    """Around a write of facts: names the month that refused them, where the database could not.

    SQLite's triggers raise fixed texts only; but there the transaction goes on after a refusal, and can be asked.
    """
    try:
        yield
    except sa.exc.IntegrityError as error:
        if not names_no_period(error):
            raise
        labels = closed_labels(conn, _spans(table.name, rows))
        raise PeriodClosed.of(next(filter(None, labels), None)) from error


def check_withdrawal(conn: sa.Connection, table: sa.Table, row: Values) -> None:
    """409 where a fact that is withdrawn lies in a closed month, and the triggers, which see a version closed, can't
    tell this from a later step.
    """
    if table.name not in LATER_STEP:
        return
    for first, last in _spans(table.name, [row]):
        if conn.dialect.name == "postgresql":
            conn.execute(CHECK_PERIOD, {"first": first, "last": last})
        elif label := closed_labels(conn, [(first, last)])[0]:
            raise PeriodClosed.of(label)


def _spans(table: str, rows: Iterable[Values]) -> list[tuple[date, date]]:
    """The days of facts, those of later steps first: where both are closed, the step is what was refused."""
    known = list(rows)
    steps = [row.get(LATER_STEP[table][0]) for row in known] if table in LATER_STEP else []
    return [(day, day) for day in steps if day is not None] + [days_of(table, row) for row in known]


def days_of(table: str, row: Values) -> tuple[date, date]:
    """The first and the last day of a fact."""
    first, last = FACT_DAYS[table]
    return row[first], (row.get(last) if last is not None else None) or row[first]
