"""The only source of time. Tests move it with time-machine; nothing else calls `datetime.now`."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

_zone: ZoneInfo = ZoneInfo("UTC")


def use_time_zone(name: str) -> None:
    """Set the office's time zone, which decides what day `today()` is. Called once, by the roots."""
    global _zone
    _zone = ZoneInfo(name)


def now() -> datetime:
    """This instant, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """This day at the office."""
    return datetime.now(_zone).date()


def day_of(instant: datetime) -> date:
    """The day at the office on which `instant` lies."""
    return instant.astimezone(_zone).date()


def start_of(day: date) -> datetime:
    """The instant at which a day begins at the office."""
    return datetime.combine(day, time.min, _zone)
