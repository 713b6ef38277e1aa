"""When an outcome is reviewed, whether it was achieved, and what given hours are worth. Pure functions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from app.core.errors import invalid
from app.features.outcomes.errors import TooEarly
from app.features.outcomes.schemas import ValueReason
from app.measures.rates import Rates


def is_achieved(actual: Decimal, target: Decimal, lower_is_better: bool) -> bool:
    """Whether the target was reached: the target itself is enough."""
    return actual <= target if lower_is_better else actual >= target


def check_day(review_on: date, reviewed_on: date, today: date) -> None:
    """409 before the day of the review has come; 422 where it would have been reviewed before that day, or ahead."""
    if today < review_on:
        raise TooEarly(
            f"It is to be reviewed on {review_on}, and today is {today}: wait, or move `review_on` by PATCH."
        )
    if reviewed_on > today:
        raise invalid("/reviewed_on", f"must not lie in the future: today is {today}")
    if reviewed_on < review_on:
        raise invalid("/reviewed_on", f"must not lie before the day of the review, {review_on}")


@dataclass(frozen=True, slots=True)
class Price:
    """An hour in a role is charged at this from a day on."""

    valid_from: date
    rate: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Worth:
    """An amount of money; `None` with the reason why it is not known."""

    value: Fraction | None
    reason: str | None = None


NOTHING = Worth(Fraction(0))


def worth_of(
    hours: Fraction, role: str | None, day: date, prices: Mapping[str, Sequence[Price]], rates: Rates, currency: str
) -> Worth:
    """What hours in a role are worth at the price of the day; the prices of a role are in the order of their days."""
    if role is None:
        return Worth(None, ValueReason.NO_HOME_ROLE)
    price = next((price for price in reversed(prices.get(role, ())) if price.valid_from <= day), None)
    if price is None:
        return Worth(None, ValueReason.MISSING_RATE_CARD)
    factor = Fraction(1) if price.currency == currency else rates.on(price.currency, day)
    if factor is None:
        return Worth(None, ValueReason.MISSING_EXCHANGE_RATE)
    return Worth(hours * Fraction(price.rate) * factor)


def total(parts: Iterable[Worth]) -> Worth:
    """The sum; not known where one of its parts is not."""
    amount = Fraction(0)
    for part in parts:
        if part.value is None:
            return part
        amount += part.value
    return Worth(amount)
