"""What a duty rule must be. Which one tags an entry is a rule of hours. Pure functions."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, NamedTuple

from app.core.errors import FieldError, Invalid
from app.models.person import Duty

ATTRIBUTES = ("source", "issue_type", "component", "activity")


class Spent(NamedTuple):
    """Hours on a responsibility."""

    responsibility: str
    duty: str
    hours: Fraction


def check_asks_something(values: Mapping[str, Any]) -> None:
    """422 for a rule that every entry would match."""
    if all(values[name] is None for name in ATTRIBUTES):
        named = ", ".join(f"`{name}`" for name in ATTRIBUTES)
        raise Invalid(
            f"Give at least one of {named}: a rule without any would tag all hours.",
            errors=[FieldError(f"/{name}", "give at least one of these", "required") for name in ATTRIBUTES],
        )


def days_employed(hired_on: date | None, left_on: date | None, start: date, end: date) -> int:
    """How many of the days from `start` up to, and without, `end` lie within the employment."""
    first = max(start, hired_on) if hired_on is not None else start
    after = min(end, left_on + timedelta(1)) if left_on is not None else end
    return max((after - first).days, 0)


def share(spent: Sequence[Spent], duty: Duty) -> Fraction | None:
    """The hours of one duty over those of client and project together; nothing where there are none."""
    torn = sum(item.hours for item in spent if item.duty in (Duty.CLIENT, Duty.PROJECT))
    return Fraction(sum(item.hours for item in spent if item.duty == duty)) / torn if torn else None
