"""What a KPI is: a declaration, never code. Names follow dbt and MetricFlow where they have one."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from app.measures.derivations import Derivation
from app.measures.measure import Measure, Unit
from app.measures.sources import SOURCES
from app.measures.sources.base import Snapshot, Source

WeekLineRule = Literal["first_day", "spread"]


class KpiType(StrEnum):
    SIMPLE = "simple"  # a sum
    RATIO = "ratio"  # a sum over a sum; its total is the ratio of the sums
    DERIVED = "derived"  # a named function of sums, which answers numerator and denominator


class Direction(StrEnum):
    UP = "up"
    DOWN = "down"
    BAND = "band"
    NONE = "none"  # neither is better


class Additivity(StrEnum):
    ADDITIVE = "additive"  # the values of parts add up to that of the whole
    SEMI_ADDITIVE = "semi_additive"  # those of projects do; of several periods, the last one's stands for all
    NON_ADDITIVE = "non_additive"  # a report adds numerators and denominators, and divides those


@dataclass(frozen=True)
class Conventions:
    """What the office has agreed on, from its settings."""

    fiscal_start_month: int = 1
    week_line_rule: WeekLineRule = "first_day"
    budget_tolerance: Decimal = Decimal("0.1")
    time_zone: str = "UTC"


@dataclass(frozen=True)
class Definition:
    """One KPI. The numerator and the denominator are sums of measures, or what a derivation makes of its inputs.

    `nothing` is the reason that a null value bears when there is nothing to divide by or to add up; `drill_members`
    are, by source, the columns of the rows behind a figure; `source` says where the formula is from; `interval` is the
    one whose lower bound stands beside a share.
    """

    name: str
    label: str
    description: str
    type: KpiType
    numerator: tuple[Measure, ...]
    dimensions: tuple[str, ...]
    unit: Unit
    scale: int
    direction: Direction
    nothing: str
    drill_members: Mapping[str, tuple[str, ...]]
    source: str
    denominator: tuple[Measure, ...] = ()
    derivation: Derivation | None = None
    money: bool = False
    interval: Literal["wilson"] | None = None
    owner: str = "pmo"
    version: int = 1

    @property
    def measures(self) -> tuple[Measure, ...]:
        return self.numerator + self.denominator + self.inputs

    @property
    def inputs(self) -> tuple[Measure, ...]:
        """The measures that a derivation takes."""
        return tuple(self.derivation.inputs.values()) if self.derivation is not None else ()

    @property
    def is_divided(self) -> bool:
        """Whether a value is a numerator over a denominator."""
        return bool(self.denominator) or self.derivation is not None

    @property
    def additivity(self) -> Additivity:
        if self.is_divided:
            return Additivity.NON_ADDITIVE
        return Additivity.SEMI_ADDITIVE if self.is_snapshot else Additivity.ADDITIVE

    @property
    def is_snapshot(self) -> bool:
        """Whether figures say how things stand on a day: then those of several periods are never added up."""
        return any(isinstance(source, Snapshot) for source in self.sources)

    @property
    def has_basis(self) -> bool:
        """Whether figures say how they came about."""
        by_derivation = self.derivation is not None and self.derivation.per is not None
        return by_derivation or any(measure.basis for measure in self.measures)

    @property
    def in_currency(self) -> bool:
        """Whether the figures are amounts of money, not merely derived from them."""
        return any(measure.currency for measure in self.measures)

    @property
    def sources(self) -> tuple[Source | Snapshot, ...]:
        return tuple(SOURCES[name] for name in dict.fromkeys(measure.source for measure in self.measures))

    @property
    def time_dimension(self) -> str:
        """The business date by which figures fall into periods; by several sources, that of the first."""
        return self.sources[0].time_dimension

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why a value can be null, or rows left out."""
        needs = [reason for measure in self.measures for reason in measure.needs]
        rates = ["missing_rate"] if self.in_currency else []
        derived = self.derivation.reasons if self.derivation is not None else ()
        return tuple(dict.fromkeys([self.nothing, *needs, *derived, *rates]))
