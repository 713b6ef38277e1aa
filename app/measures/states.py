"""Figures of how things stand on a day: the rows of snapshots, added up in Python."""

from collections.abc import Iterable
from datetime import timedelta
from fractions import Fraction
from typing import Any

import sqlalchemy as sa

from app.core import clock
from app.core.calendar import periods_between
from app.measures.cells import Cells, Question, count_in, fields, measures_of, needs
from app.measures.definition import Conventions
from app.measures.figures import Cell
from app.measures.periods import index_of
from app.measures.rates import Rates
from app.measures.sources.base import DIMENSIONS, Asked, Snapshot, StatusDay


def states(
    conn: sa.Connection, question: Question, conventions: Conventions, source: Snapshot, columns: frozenset[str]
) -> Iterable[Any]:
    """The rows behind the figures of a snapshot, by period: what a cell is made of, one by one."""
    days = status_days(question, conventions)
    if not days:
        return ()
    month, rule = conventions.fiscal_start_month, conventions.week_line_rule
    return source.rows(conn, Asked(days, columns, question.filters, question.grain, month, rule))


def status_days(question: Question, conventions: Conventions) -> tuple[StatusDay, ...]:
    """The days that stand for the periods: the last of each, or today where it is not over yet."""
    if question.start is None or question.end is None:
        return ()
    start, end = question.start, min(question.end, clock.today() + timedelta(1))
    if start >= end:
        return ()
    if question.grain is None:
        return (StatusDay(None, start, end - timedelta(1)),)
    grain, month = question.grain, conventions.fiscal_start_month
    return tuple(
        StatusDay(index_of(period.start, grain, month), max(start, period.start), min(end, period.end) - timedelta(1))
        for period in periods_between(start, end, grain, month)
    )


def columns_for(question: Question, source: Snapshot) -> frozenset[str]:
    """The columns of a snapshot that a question adds up."""
    return frozenset(measure.value for measure in measures_of(question.definition, source))


def gather_states(rows: Iterable[Any], question: Question, source: Snapshot, rates: Rates, cells: Cells) -> None:
    """Add the rows of a snapshot to the cells, each where its day and its keys belong."""
    definition = question.definition
    measures = measures_of(definition, source)
    reasons = needs(measures)
    by_currency = any(measure.currency for measure in measures)
    keys = [DIMENSIONS[name].key for name in question.group_by]
    labels = [name for dimension in question.group_by for name in fields(DIMENSIONS[dimension])]
    for row in rows:
        factor: Fraction | None = Fraction(1)
        if by_currency and question.currency is not None and row.currency != question.currency:
            factor = rates.on(row.currency, row.status_on)
        currency = (question.currency or row.currency) if by_currency else None
        cell = cells.setdefault((row.period, *(getattr(row, name) for name in keys), currency), Cell())
        cell.labels |= {name: getattr(row, name) for name in labels}
        lacking = next((reason for reason, column in reasons.items() if not getattr(row, column)), None)
        if lacking is not None:
            cell.exclude(lacking, 1)
        elif factor is None:
            cell.exclude("missing_rate", 1)
            cell.unconverted = True
        else:
            cell.used += 1
            for measure in measures:
                count_in(cell, definition, measure, getattr(row, measure.value) * factor)
                if measure.basis and (basis := getattr(row, measure.basis)) is not None:
                    cell.bases.add(basis)
