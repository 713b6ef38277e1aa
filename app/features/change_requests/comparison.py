"""The estimate of a change beside what came of it: pure figures."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from app.core.money import format_plain
from app.measures.figures import rounded

COST_PLACES = 4
NO_EXCHANGE_RATE = "missing_exchange_rate"
MONEY = ("cost", "labour", "purchases")


@dataclass(frozen=True, slots=True)
class Worked:
    """Hours at a rate, and what a unit of its currency is worth in the project's."""

    hours: Decimal
    rate: Decimal | None
    factor: Fraction | None


@dataclass(frozen=True, slots=True)
class Bought:
    """An own expense, and what a unit of its currency is worth in the project's."""

    amount: Decimal
    factor: Fraction | None


def labour_of(worked: Iterable[Worked]) -> tuple[Decimal | None, str | None]:
    """What hours cost, or why that is unknown: the sum is rounded once."""
    cost = Fraction(0)
    for line in worked:
        if line.rate is None:
            return None, "missing_rate"
        if line.factor is None:
            return None, NO_EXCHANGE_RATE
        cost += Fraction(line.hours) * Fraction(line.rate) * line.factor
    return rounded(cost, COST_PLACES), None


def purchases_of(bought: Iterable[Bought]) -> tuple[Decimal | None, str | None]:
    """What was bought, or why that is unknown: the sum is rounded once."""
    cost = Fraction(0)
    for expense in bought:
        if expense.factor is None:
            return None, NO_EXCHANGE_RATE
        cost += Fraction(expense.amount) * expense.factor
    return rounded(cost, COST_PLACES), None


@dataclass(frozen=True, slots=True)
class Figures:
    """What a change takes and brings; its cost is labour and purchases, of which either may be unknown."""

    hours: Decimal
    labour: Decimal | None
    purchases: Decimal | None
    finish_on: date | None
    value_points: int | None

    @property
    def cost(self) -> Decimal | None:
        return None if self.labour is None or self.purchases is None else self.labour + self.purchases

    def plain(self) -> dict[str, Any]:
        return {
            "hours": self.hours,
            "cost": self.cost,
            "labour": self.labour,
            "purchases": self.purchases,
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
            parts = {part: {k: v for k, v in found.items() if k not in MONEY} for part, found in parts.items()}
        return {"change_request_id": id, "currency": self.currency, **parts, "reasons": list(self.reasons)}
