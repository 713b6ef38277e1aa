"""Figures: exact fractions inside, rounded once at the edge."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from app.core.calendar import Period
from app.core.money import format_decimal, from_units, round_half_up
from app.measures.definition import Definition
from app.measures.derivations import Basis, Derivation, Parts, Undefined
from app.measures.intervals import wilson_lower
from app.measures.measure import Measure, Unit

PERCENT = 100
# Numerators and denominators are shown in natural units, to four places without needless zeros, but at least so many.
SHOWN_PLACES = 4
LEAST_PLACES = {Unit.HOURS: 2, Unit.MONEY: 2}


def rounded(value: Fraction, places: int) -> Decimal:
    """The decimal nearest to `value`, a half going away from zero; exact, whatever the number of digits."""
    scaled = abs(value) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return from_units(-whole if value < 0 else whole, places)


@dataclass(frozen=True)
class Figure:
    """One cell. `value` is null with a `reason`, never zero, where there is nothing to divide by or to add up."""

    period: Period | None
    group: Mapping[str, Any]
    currency: str | None
    numerator: Fraction | None
    denominator: Fraction | None
    value: Fraction | None
    reason: str | None
    rows_used: int
    rows_excluded: Mapping[str, int]  # by reason
    basis: Basis | None = None


def value_text(figure: Figure, definition: Definition) -> str | None:
    """The value to the scale of its KPI: rounded once, half-up, here."""
    return None if figure.value is None else str(rounded(figure.value, definition.scale))


def part_text(part: Fraction | None, measures: tuple[Measure, ...]) -> str | None:
    """A numerator or denominator in the natural unit of its measures."""
    if part is None or not measures:
        return None
    return format_decimal(rounded(part, SHOWN_PLACES), LEAST_PLACES.get(measures[0].unit, 0))


def sample_size(figure: Figure) -> int | None:
    """Of how many a share is."""
    return None if figure.denominator is None else int(figure.denominator)


def lower_bound_text(figure: Figure, definition: Definition) -> str | None:
    """What a share of so many is at least, in the unit and to the scale of its KPI."""
    if figure.numerator is None or figure.denominator is None:
        return None
    bound = wilson_lower(int(figure.numerator), int(figure.denominator))
    if bound is None:
        return None
    return str(round_half_up(bound * (PERCENT if definition.unit is Unit.PERCENT else 1), definition.scale))


@dataclass
class Cell:
    """The sums of a cell while they are gathered."""

    numerator: Fraction = Fraction(0)
    denominator: Fraction = Fraction(0)
    used: int = 0
    excluded: dict[str, int] = field(default_factory=dict)
    labels: dict[str, Any] = field(default_factory=dict)
    unconverted: bool = False
    sums: dict[Measure, Fraction] = field(default_factory=dict)  # of what a derivation takes
    bases: set[Basis] = field(default_factory=set)
    undefined: str | None = None  # why a derivation has no value

    def exclude(self, reason: str, rows: int) -> None:
        if rows:
            self.excluded[reason] = self.excluded.get(reason, 0) + rows

    def add(self, other: "Cell") -> None:
        """Add another cell's sums: a total is made of sums, never of values."""
        self.numerator += other.numerator
        self.denominator += other.denominator
        self.used += other.used
        self.unconverted |= other.unconverted
        self.bases |= other.bases
        for measure, amount in other.sums.items():
            self.sums[measure] = self.sums.get(measure, Fraction(0)) + amount
        for reason, rows in other.excluded.items():
            self.exclude(reason, rows)

    def derive(self, derivation: Derivation) -> Parts | Undefined | None:
        """Put what a derivation makes of the sums in their place."""
        parts = derivation.derive(
            **{name: self.sums.get(measure, Fraction(0)) for name, measure in derivation.inputs.items()}
        )
        if isinstance(parts, Undefined):
            self.undefined = parts.reason
        elif parts is not None:
            self.numerator, self.denominator = parts.numerator, parts.denominator
            self.bases = {parts.basis} if parts.basis is not None else set()
        return parts

    def figure(
        self, definition: Definition, period: Period | None, group: Mapping[str, Any], currency: str | None
    ) -> Figure:
        numerator: Fraction | None = self.numerator
        denominator = self.denominator if definition.is_divided else None
        value, reason = None, None
        if self.unconverted:
            numerator, denominator, reason = None, None, "missing_rate"
        elif self.undefined is not None:
            numerator, denominator = None, None
            reason = self.undefined if self.used else next(iter(self.excluded), definition.nothing)
        elif denominator == 0 or (denominator is None and self.used == 0):
            reason = next(iter(self.excluded), definition.nothing)
        else:
            value = self.numerator if denominator is None else self.numerator / denominator
            if definition.unit is Unit.PERCENT:
                value *= PERCENT
        basis = (Basis.MIXED if len(self.bases) > 1 else next(iter(self.bases))) if self.bases else None
        return Figure(period, group, currency, numerator, denominator, value, reason, self.used, self.excluded, basis)
