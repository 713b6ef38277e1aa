"""Which days of a touchpoint make sense, and which clients have waited too long. Pure functions."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction

from app.core.errors import invalid
from app.measures.figures import rounded
from app.models.client import ClientTier

# The days for which a client of each tier may be left alone.
Allowed = Mapping[ClientTier, int]
PLACES = 4


def check_days(happened_on: date, next_on: date | None, today: date) -> None:
    """422 where it would have happened ahead, or be followed by one before it."""
    if happened_on > today:
        raise invalid("/happened_on", f"must not lie in the future: today is {today}")
    if next_on is not None and next_on < happened_on:
        raise invalid("/next_on", f"must not lie before the touchpoint itself, on {happened_on}")


def is_overdue(days: int | None, allowed: int, next_on: date | None, on: date) -> bool:
    """Whether somebody should have been in touch by a day: never was, said so for a day before it, or left the client
    alone for more days than are allowed."""
    return days is None or days > allowed or (next_on is not None and next_on < on)


def share(part: int, whole: int) -> Decimal | None:
    """A part of a whole; of nothing there is none."""
    return rounded(Fraction(part, whole), PLACES) if whole else None
