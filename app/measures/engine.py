"""Answers every question about every KPI: a definition, a window, a grain, groups and filters become one aggregating
statement for each source of facts, whatever the number of rows. No KPI has code of its own.
"""

import functools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import visitors

from app.core import clock
from app.core.calendar import Grain
from app.core.money import to_units
from app.measures.cells import Cells, Question, count_in, fields, measures_of, needs
from app.measures.definition import Conventions, Definition
from app.measures.derivations import Derivation
from app.measures.figures import Cell, Figure
from app.measures.measure import Measure
from app.measures.periods import index_of, period_at, period_index
from app.measures.rates import NO_RATES, Rates, rates_to
from app.measures.sources import SOURCES, VARIANTS
from app.measures.sources.base import (
    DIMENSIONS,
    FROM_DAY,
    PART,
    UNTIL_DAY,
    Dimension,
    Snapshot,
    Source,
)
from app.measures.states import columns_for, gather_states, states, status_days

__all__ = ["Answer", "Question", "evaluate", "evaluate_many"]


@dataclass(frozen=True)
class Answer:
    """`start` and `end` are the window that was used: null where there is nothing at all."""

    start: date | None
    end: date | None
    figures: tuple[Figure, ...]
    totals: tuple[Figure, ...]


@dataclass(frozen=True)
class Shape:
    """What a statement depends on, but for its values."""

    grain: Grain | None
    fiscal_start_month: int
    group_by: tuple[str, ...]
    filters: tuple[str, ...]
    convert: bool


# What several questions about the same days read of a snapshot, by its name.
StateRows = Mapping[str, Sequence[Any]]
NO_STATES: StateRows = {}


def evaluate(conn: sa.Connection, question: Question, conventions: Conventions) -> Answer:
    """The figures of a KPI, in order, and their totals: one, or for money in its own currencies, one for each."""
    return _evaluate(conn, question, conventions, NO_STATES)


def evaluate_many(
    conn: sa.Connection, definitions: Sequence[Definition], question: Question, conventions: Conventions
) -> dict[str, Answer]:
    """The answers of several KPIs to what `question` asks of its own, by name; a snapshot is read once for all that
    stand on it. The window has both its ends."""
    assert question.start is not None
    assert question.end is not None
    questions = [replace(question, definition=definition) for definition in definitions]
    columns: dict[Snapshot, frozenset[str]] = {}
    for asked in questions:
        if not _is_made_per_cell(asked.definition):
            for source in asked.definition.sources:
                if isinstance(source, Snapshot):
                    columns[source] = columns.get(source, frozenset()) | columns_for(asked, source)
    read = {source.name: list(states(conn, question, conventions, source, columns[source])) for source in columns}
    return {asked.definition.name: _evaluate(conn, asked, conventions, read) for asked in questions}


def _is_made_per_cell(definition: Definition) -> bool:
    """Whether it is computed at a finer grain than it is asked at."""
    return definition.derivation is not None and definition.derivation.per is not None


def _evaluate(conn: sa.Connection, question: Question, conventions: Conventions, read: StateRows) -> Answer:
    question = _within_all_there_is(conn, question, conventions)
    definition = question.definition
    cells: Cells = {}
    if question.start is not None and question.end is not None and question.start < question.end:
        if definition.derivation is None or definition.derivation.per is None:
            cells = _sums_of(conn, question, conventions, read)
        else:
            cells = _derived(conn, question, conventions, definition.derivation, definition.derivation.per)
    totals = _totals(question, conventions, cells)
    if definition.derivation is not None and definition.derivation.per is None:
        for cell in (*cells.values(), *totals.values()):
            cell.derive(definition.derivation)
    figures = [
        cell.figure(definition, _period(question, conventions, key[0]), cell.labels, key[-1])
        for key, cell in sorted(cells.items(), key=lambda item: _order(item[0], item[1]))
    ]
    summed = tuple(
        totals[currency].figure(definition, None, {}, currency)
        for currency in sorted(totals, key=lambda currency: currency or "~")
    )
    if not figures and question.grain is None and not question.group_by:
        figures = list(summed)
    return Answer(question.start, question.end, tuple(figures), summed)


def _totals(question: Question, conventions: Conventions, cells: Cells) -> dict[str | None, Cell]:
    """The cells added up, by currency; of states on a day, those of the last day alone."""
    totals: dict[str | None, Cell] = defaultdict(Cell)
    counted: Iterable[tuple[tuple[Any, ...], Cell]] = cells.items()
    if question.definition.is_snapshot and question.grain is not None:
        days = status_days(question, conventions)
        counted = [(key, cell) for key, cell in counted if days and key[0] == days[-1].period]
    for key, cell in counted:
        totals[key[-1]].add(cell)
    if not totals:
        totals[question.currency if question.definition.in_currency else None] = Cell()
    return totals


def _sums_of(conn: sa.Connection, question: Question, conventions: Conventions, read: StateRows = NO_STATES) -> Cells:
    """The sums of all cells, from all sources."""
    cells: Cells = {}
    definition = question.definition
    rates = rates_to(conn, question.currency) if question.currency and definition.in_currency else NO_RATES
    for source in definition.sources:
        if isinstance(source, Snapshot):
            rows: Iterable[Any] | None = read.get(source.name)
            if rows is None:
                rows = states(conn, question, conventions, source, columns_for(question, source))
            gather_states(rows, question, source, rates, cells)
        else:
            _gather(conn, question, conventions, source, rates, cells)
    return cells


def _derived(
    conn: sa.Connection,
    question: Question,
    conventions: Conventions,
    derivation: Derivation,
    per: tuple[str, ...],
) -> Cells:
    """What a derivation makes of the sums, each where it is made; coarser cells add that up."""
    finest = question.grain if question.grain in (Grain.DAY, Grain.WEEK) else Grain.MONTH
    made_by = tuple(dict.fromkeys(question.group_by + per))
    labels = [name for dimension in question.group_by for name in fields(DIMENSIONS[dimension])]
    cells: Cells = {}
    for key, sums in _sums_of(conn, replace(question, grain=finest, group_by=made_by), conventions).items():
        if sums.derive(derivation) is None:
            continue
        period = None
        if question.grain is not None:
            first = period_at(key[0], finest, conventions.fiscal_start_month).start
            period = index_of(first, question.grain, conventions.fiscal_start_month)
        cell = cells.setdefault((period, *key[1 : 1 + len(question.group_by)], key[-1]), Cell())
        cell.labels |= {name: sums.labels[name] for name in labels}
        cell.add(sums)
    return cells


def _gather(
    conn: sa.Connection,
    question: Question,
    conventions: Conventions,
    source: Source,
    rates: Rates,
    cells: Cells,
) -> None:
    """Add what one source has to the cells."""
    definition = question.definition
    measures = measures_of(definition, source)
    source = VARIANTS.get((source.name, conventions.week_line_rule), source)
    by_currency = any(measure.currency for measure in measures)
    shape = Shape(
        question.grain,
        conventions.fiscal_start_month,
        question.group_by,
        tuple(name for name, _ in question.filters),
        by_currency and question.currency is not None,
    )
    keys = [DIMENSIONS[name].key for name in question.group_by]
    labels = [name for dimension in question.group_by for name in fields(DIMENSIONS[dimension])]
    reasons = tuple(needs(measures))
    for row in conn.execute(_statement(source, measures, shape), _values(question, conventions)).mappings():
        own: Any = row.get("currency")
        factor: Fraction | int | None = 1
        if shape.convert and own != question.currency:
            factor = rates.on(own, row["rate_day"])
        currency = (question.currency or own) if by_currency else None
        key = (row.get("period"), *(row[name] for name in keys), currency)
        cell = cells.setdefault(key, Cell())
        cell.labels |= {name: row[name] for name in labels}
        for index, reason in enumerate(reasons):
            cell.exclude(reason, row[f"excluded_{index}"] or 0)
        used = row["used"] or 0
        if factor is None:
            cell.exclude("missing_rate", used)
            cell.unconverted |= used > 0
            continue
        cell.used += used
        for index, measure in enumerate(measures):
            amount = int(row[f"sum_{index}"] or 0) + PART * int(row.get(f"part_{index}") or 0)
            count_in(cell, definition, measure, Fraction(amount, measure.per) * factor)


@functools.lru_cache(maxsize=2048)
def _statement(source: Source, measures: tuple[Measure, ...], shape: Shape) -> sa.Select[Any]:
    groups = _groups(source, measures, shape)
    figures = [*_counts(source, measures), *_sums(source, measures)]
    where = [source.day >= FROM_DAY, source.day < UNTIL_DAY]
    for name in shape.filters:
        key = source.dimensions[name]
        where.append(key.in_(sa.bindparam(f"filter_{name}", expanding=True, type_=key.type)))
    counted = [source.columns[measure.filter] for measure in measures if measure.filter]
    if len(counted) == len(measures):  # what no measure counts is not read, so it is neither used nor excluded
        where.append(sa.or_(*counted))
    statement = (
        sa.select(*groups, *figures)
        .select_from(_rows(source, [*groups, *figures, *where]))
        .where(*source.where, *where)
        # By position: Postgres takes a name for a table's column, and an expression with other parameters for another.
        .group_by(*(sa.literal_column(str(position)) for position in range(1, len(groups) + 1)))
    )
    return _labelled(statement, tuple(DIMENSIONS[name] for name in shape.group_by))


def _groups(source: Source, measures: tuple[Measure, ...], shape: Shape) -> list[sa.ColumnElement[Any]]:
    """What a cell is found by: its period, its keys, and of money its currency and the day of the rate."""
    groups: list[sa.ColumnElement[Any]] = []
    if shape.grain is not None:
        groups.append(period_index(source.day, shape.grain, shape.fiscal_start_month).label("period"))
    groups += [source.dimensions[name].label(DIMENSIONS[name].key) for name in shape.group_by]
    currency = next((source.columns[measure.currency] for measure in measures if measure.currency), None)
    if currency is not None:
        groups.append(currency.label("currency"))
    if shape.convert and currency is not None:
        needs_rate = currency != sa.bindparam("currency", type_=sa.String)
        groups.append(sa.case((needs_rate, source.day)).label("rate_day"))
    return groups


def _counts(source: Source, measures: tuple[Measure, ...]) -> list[sa.ColumnElement[Any]]:
    """How many rows are used, and how many lack something, each counted by the first thing that it lacks."""
    has = [source.columns[name] for name in needs(measures).values()]
    counts: list[sa.ColumnElement[Any]] = [_count(sa.and_(*has) if has else None).label("used")]
    for index, column in enumerate(has):
        counts.append(_count(sa.and_(*has[:index], sa.not_(column))).label(f"excluded_{index}"))
    return counts


def _count(condition: sa.ColumnElement[bool] | None) -> sa.ColumnElement[int]:
    return sa.func.count() if condition is None else sa.func.count(sa.case((condition, 1)))


def _sums(source: Source, measures: tuple[Measure, ...]) -> list[sa.ColumnElement[Any]]:
    has = [source.columns[name] for name in needs(measures).values()]
    sums: list[sa.ColumnElement[Any]] = []
    for index, measure in enumerate(measures):
        conditions = has + ([source.columns[measure.filter]] if measure.filter else [])
        for name, term in _terms(source, measure).items():
            counted = sa.case((sa.and_(*conditions), term), else_=0) if conditions else term
            sums.append(sa.func.sum(counted).label(f"{name}_{index}"))
    return sums


def _terms(source: Source, measure: Measure) -> dict[str, sa.ColumnElement[Any]]:
    value = source.columns[measure.value]
    if measure.times is not None:
        times = source.columns[measure.times]
        return {"part": value * (times // PART), "sum": value * (times % PART)}
    if measure.currency is not None:
        return {"part": value // PART, "sum": value % PART}
    return {"sum": value}


def _rows(source: Source, expressions: list[sa.ColumnElement[Any]]) -> sa.FromClause:
    """The source's rows, with the joins of which a column is used."""
    used = {
        part.table
        for expression in expressions
        for part in visitors.iterate(expression)
        if isinstance(part, sa.ColumnClause)
    }
    rows = source.rows
    for join in source.joins:
        if join.table in used:
            rows = rows.join(join.table, join.on, isouter=join.outer)
    return rows


def _labelled(statement: sa.Select[Any], dimensions: tuple[Dimension, ...]) -> sa.Select[Any]:
    """Labels join what has been added up, not every row."""
    if not any(dimension.labels for dimension in dimensions):
        return statement
    summed = statement.subquery("summed")
    rows: sa.FromClause = summed
    labels: list[sa.ColumnElement[Any]] = []
    for dimension in dimensions:
        if dimension.table is not None:
            rows = rows.outerjoin(dimension.table, dimension.table.c.id == summed.c[dimension.key])
            labels += [column.label(name) for name, column in dimension.labels.items()]
    return sa.select(*summed.c, *labels).select_from(rows)


def _values(question: Question, conventions: Conventions) -> dict[str, Any]:
    return {
        "from_day": question.start,
        "until_day": question.end,
        "today": clock.today(),
        "currency": question.currency,
        "tolerated": to_units(1 + conventions.budget_tolerance),
        **{f"filter_{name}": list(keys) for name, keys in question.filters},
    }


def _within_all_there_is(conn: sa.Connection, question: Question, conventions: Conventions) -> Question:
    """The question with its window's open ends closed by the first and the last day of the facts."""
    if question.start is not None and question.end is not None:
        return question
    names = tuple(source.name for source in question.definition.sources)
    row = conn.execute(_extent(names, conventions.week_line_rule), {"today": clock.today()}).one()
    start, end = question.start, question.end
    if row.last is not None:
        # What is asked for may lie before or after all there is: the window is empty then.
        start = start or min(row.first, end or row.first)
        end = end or max(row.last + timedelta(1), start)
    return replace(question, start=start, end=end)


@functools.cache
def _extent(source_names: tuple[str, ...], rule: str) -> sa.Select[Any]:
    sources = [VARIANTS.get((name, rule), SOURCES[name]) for name in source_names]
    extents = sa.union_all(*(source.extent for source in sources if source.extent is not None)).subquery()
    return sa.select(sa.func.min(extents.c.first).label("first"), sa.func.max(extents.c.last).label("last"))


def _period(question: Question, conventions: Conventions, index: int | None) -> Any:
    if question.grain is None or index is None:
        return None
    return period_at(index, question.grain, conventions.fiscal_start_month)


def _order(key: tuple[Any, ...], cell: Cell) -> tuple[Any, ...]:
    """By period, then by the human keys of the groups, then by currency; nulls last."""
    labels = [name for name in cell.labels if not name.endswith("_id")]
    return (key[0] or 0, [(cell.labels[name] is None, cell.labels[name] or "") for name in labels], key[-1] or "~")
