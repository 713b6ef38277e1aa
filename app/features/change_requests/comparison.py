"""The estimate of a change beside what came of it: pure figures."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from app.core.money import format_plain, from_units

COST_PLACES = 4


@dataclass(frozen=True, slots=True)
class Worked:
    """Hours at a rate, and what a unit of its currency is worth in the project's."""

    hours: Decimal
    rate: Decimal | None
    factor: Fraction | None


def cost_of(worked: Iterable[Worked]) -> tuple[Decimal | None, str | None]:
    """What hours cost, or why that is unknown: the sum is rounded once."""
    cost = Fraction(0)
    for line in worked:
        if line.rate is None:
            return None, "missing_rate"
        if line.factor is None:
            return None, "missing_exchange_rate"
        cost += Fraction(line.hours) * Fraction(line.rate) * line.factor
    units = cost * 10**COST_PLACES
    return from_units((2 * units.numerator + units.denominator) // (2 * units.denominator), COST_PLACES), None


@dataclass(frozen=True, slots=True)
class Figures:
    hours: Decimal
    cost: Decimal | None
    finish_on: date | None
    value_points: int | None

    def plain(self) -> dict[str, Any]:
        return {
            "hours": self.hours,
            "cost": self.cost,
            "finish_on": self.finish_on,
            "value_points": self.value_points,
        }


@dataclass(frozen=True, slots=True)
class Compared:
    """Estimated and actual figures; what is unknown on either side has no difference."""

    currency: str
    estimated: Figures
    actual: Figures
    reasons: tuple[str, ...]

    @property
    def hours_over(self) -> Decimal:
        return self.actual.hours - self.estimated.hours

    @property
    def cost_over(self) -> Decimal | None:
        if self.actual.cost is None or self.estimated.cost is None:
            return None
        return self.actual.cost - self.estimated.cost

    @property
    def days_late(self) -> int | None:
        if self.actual.finish_on is None or self.estimated.finish_on is None:
            return None
        return (self.actual.finish_on - self.estimated.finish_on).days

    @property
    def points_over(self) -> int | None:
        if self.actual.value_points is None or self.estimated.value_points is None:
            return None
        return self.actual.value_points - self.estimated.value_points

    @property
    def as_expected(self) -> bool | None:
        """No more hours than estimated, and no later; null where the finish was unknown."""
        return None if self.days_late is None else self.hours_over <= 0 and self.days_late <= 0

    def figures(self) -> dict[str, Any]:
        """For the decision log: no money."""
        return {
            "hours_estimated": format_plain(self.estimated.hours),
            "hours_actual": format_plain(self.actual.hours),
            "days_late": self.days_late,
            "value_points_estimated": self.estimated.value_points,
            "value_points_actual": self.actual.value_points,
        }

    def plain(self, id: UUID, with_money: bool) -> dict[str, Any]:
        """As the API shows it."""
        parts = {
            "estimated": self.estimated.plain(),
            "actual": self.actual.plain(),
            "difference": {
                "hours": self.hours_over,
                "cost": self.cost_over,
                "days_late": self.days_late,
                "value_points": self.points_over,
            },
        }
        if not with_money:
            for part in parts.values():
                del part["cost"]
        return {"change_request_id": id, "currency": self.currency, **parts, "reasons": list(self.reasons)}
