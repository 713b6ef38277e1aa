"""What is asked, and the cells in which the answer is gathered."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from app.core.calendar import Grain
from app.measures.definition import Definition
from app.measures.figures import Cell
from app.measures.measure import Measure
from app.measures.sources.base import Dimension, Snapshot, Source

Cells = dict[tuple[Any, ...], Cell]  # by period, keys and currency


@dataclass(frozen=True)
class Question:
    """The days from `start` up to, and without, `end` (null: all there is), cut by `grain` and `group_by`.

    `filters` are dimensions with the keys to keep. Without `currency`, money is grouped by its own.
    """

    definition: Definition
    start: date | None = None
    end: date | None = None
    grain: Grain | None = None
    group_by: tuple[str, ...] = ()
    filters: tuple[tuple[str, tuple[Any, ...]], ...] = ()
    currency: str | None = None


def measures_of(definition: Definition, source: Source | Snapshot) -> tuple[Measure, ...]:
    return tuple(dict.fromkeys(measure for measure in definition.measures if measure.source == source.name))


def count_in(cell: Cell, definition: Definition, measure: Measure, amount: Fraction) -> None:
    """Add an amount of a measure, in its natural unit, wherever the definition takes it."""
    cell.numerator += amount * definition.numerator.count(measure)
    cell.denominator += amount * definition.denominator.count(measure)
    if definition.derivation is not None:
        cell.sums[measure] = cell.sums.get(measure, Fraction(0)) + amount


def needs(measures: tuple[Measure, ...]) -> dict[str, str]:
    """Reasons and columns: a row that one measure of a source can't use is excluded from all of them."""
    return {reason: column for measure in measures for reason, column in measure.needs.items()}


def fields(dimension: Dimension) -> tuple[str, ...]:
    return (dimension.key, *dimension.labels)
