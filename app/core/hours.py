"""Hours as people write them (decimals), seconds as they are stored (integers)."""

from decimal import Decimal

SECONDS = 3600
SHOWN = Decimal("0.0001")


def to_seconds(hours: Decimal) -> int:
    """The whole seconds in `hours`; hundredths of an hour always are whole (36 s)."""
    seconds = hours * SECONDS
    if seconds != seconds.to_integral_value():
        raise ValueError(f"{hours} hours are not a whole number of seconds")
    return int(seconds)


def from_seconds(seconds: int) -> Decimal:
    """Hours, shown to four places; exact where the seconds are a multiple of 36, as all hundredths of an hour are."""
    hours = Decimal(seconds) / SECONDS
    return hours if seconds % 36 == 0 else hours.quantize(SHOWN)
