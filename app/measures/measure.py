"""What is summed: a measure over one source of facts, and its unit."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Unit(StrEnum):
    HOURS = "hours"
    MONEY = "money"
    PERCENT = "percent"
    PROJECTS = "projects"
    PROJECT_DAYS = "project_days"
    SEAT_DAYS = "seat_days"
    PERSON_DAYS = "person_days"
    RATIO = "ratio"
    WORKING_DAYS = "working_days"
    COMMITMENTS = "commitments"
    ANSWERS = "answers"
    LOAD = "load"  # the weights of seats; a project that one person runs alone weighs 1


@dataclass(frozen=True)
class Measure:
    """A sum over one source of facts; all names are those of the source's columns.

    `value` is what is summed, multiplied by `times` where that is given: whole numbers, of which `per` make one unit.
    Only rows that hold `filter` count. A row that lacks one of `needs` (reason → column) is excluded, and coverage
    says why. `currency` names the column that holds the currency of money, `basis` that which says how the value came
    about.
    """

    source: str
    value: str
    unit: Unit
    per: int = 1
    times: str | None = None
    filter: str | None = None
    needs: Mapping[str, str] = field(default_factory=dict, hash=False)
    currency: str | None = None
    basis: str | None = None

    @property
    def expression(self) -> str:
        """The measure as people read it: `Σ time_entry.seconds / 3600 where billable`."""
        product = f"{self.source}.{self.value}" + (f" × {self.times}" if self.times else "")
        divided = f" / {self.per}" if self.per > 1 else ""
        return f"Σ {product}{divided}" + (f" where {self.filter}" if self.filter else "")
