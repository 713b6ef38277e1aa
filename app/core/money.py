"""Exact decimals: amounts of money and other figures with four places, stored as integers."""

from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

PLACES = 4
SCALE = 10**PLACES
MAX_AMOUNT = Decimal("99999999999.9999")


def to_units(value: Decimal, places: int = PLACES) -> int:
    """`value` as a whole number of its `places`-th decimal place: ten-thousandths, unless told otherwise."""
    units = value.scaleb(places)
    if units != units.to_integral_value():
        raise ValueError(f"{value} has more than {places} decimal places")
    return int(units)


def from_units(units: int, places: int = PLACES) -> Decimal:
    """The decimal of so many units of its `places`-th decimal place."""
    return Decimal(units).scaleb(-places)


@lru_cache(maxsize=16384)
def format_decimal(value: Decimal, least_places: int = 2) -> str:
    """Plain notation without needless zeros, but never fewer than `least_places` places: 12.5 gives "12.50"."""
    text = format(value, "f")
    whole, _, fraction = text.partition(".")
    fraction = fraction.rstrip("0").ljust(least_places, "0")
    return f"{whole}.{fraction}" if fraction else whole


@lru_cache(maxsize=16384)
def format_plain(value: Decimal) -> str:
    """Plain notation without needless zeros."""
    return format_decimal(value, 0)


def round_half_up(value: Decimal, places: int) -> Decimal:
    """`value` rounded half-up, the one rounding that figures get, at the edge."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
