"""What a KPI is: a declaration, never code. Names follow dbt and MetricFlow where they have one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from app.measures.sources import SOURCES
from app.measures.sources.base import Source

WeekLineRule = Literal["first_day", "spread"]


class KpiType(StrEnum):
    SIMPLE = "simple"  # a sum
    RATIO = "ratio"  # a sum over a sum; its total is the ratio of the sums


class Unit(StrEnum):
    HOURS = "hours"
    MONEY = "money"
    PERCENT = "percent"
    PROJECTS = "projects"
    PROJECT_DAYS = "project_days"
    SEAT_DAYS = "seat_days"


class Direction(StrEnum):
    UP = "up"
    DOWN = "down"
    BAND = "band"


class Additivity(StrEnum):
    ADDITIVE = "additive"  # the values of parts add up to that of the whole
    NON_ADDITIVE = "non_additive"  # a report adds numerators and denominators, and divides those


@dataclass(frozen=True)
class Conventions:
    """What the office has agreed on, from its settings."""

    fiscal_start_month: int = 1
    week_line_rule: WeekLineRule = "first_day"
    budget_tolerance: Decimal = Decimal("0.1")
    time_zone: str = "UTC"


@dataclass(frozen=True)
class Measure:
    """A sum over one source of facts; all names are those of the source's columns.

    `value` is what is summed, multiplied by `times` where that is given: whole numbers, of which `per` make one unit.
    Only rows that hold `filter` count. A row that lacks one of `needs` (reason → column) is excluded, and coverage
    says why. `currency` names the column that holds the currency of money.
    """

    source: str
    value: str
    unit: Unit
    per: int = 1
    times: str | None = None
    filter: str | None = None
    needs: Mapping[str, str] = field(default_factory=dict, hash=False)
    currency: str | None = None

    @property
    def expression(self) -> str:
        """The measure as people read it: `Σ time_entry.seconds / 3600 where billable`."""
        product = f"{self.source}.{self.value}" + (f" × {self.times}" if self.times else "")
        divided = f" / {self.per}" if self.per > 1 else ""
        return f"Σ {product}{divided}" + (f" where {self.filter}" if self.filter else "")


@dataclass(frozen=True)
class Definition:
    """One KPI. The numerator and the denominator are sums of measures.

    `nothing` is the reason that a null value bears when there is nothing to divide by or to add up; `drill_members`
    are, by source, the columns of the rows behind a figure; `source` says where the formula is from.
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
    money: bool = False
    owner: str = "pmo"
    version: int = 1

    @property
    def measures(self) -> tuple[Measure, ...]:
        return self.numerator + self.denominator

    @property
    def additivity(self) -> Additivity:
        return Additivity.NON_ADDITIVE if self.denominator else Additivity.ADDITIVE

    @property
    def in_currency(self) -> bool:
        """Whether the figures are amounts of money, not merely derived from them."""
        return any(measure.currency for measure in self.measures)

    @property
    def sources(self) -> tuple[Source, ...]:
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
        return tuple(dict.fromkeys([self.nothing, *needs, *rates]))
