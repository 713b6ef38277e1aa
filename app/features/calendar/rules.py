"""What a day of the office calendar is. Pure functions."""

from datetime import date
from typing import Any
from uuid import UUID, uuid5

import holidays

from app.models.calendar_day import DaySource

_NAMESPACE = UUID("01890000-0000-7000-8000-0000000000ff")
CALENDAR_ID = uuid5(_NAMESPACE, "calendar")


def day_id(day: date) -> UUID:
    """The id by which the audit and events know a day, which is its own key everywhere else."""
    return uuid5(_NAMESPACE, f"calendar-day/{day.isoformat()}")


def resolved(day: date, public: holidays.HolidayBase) -> dict[str, Any]:
    """What a country's calendar says of a day; its weekend may be another than Saturday and Sunday."""
    name, is_working = public.get(day), public.is_working_day(day)
    as_any_week = name is None and is_working == (day.weekday() < 5)
    return {
        "is_working": is_working,
        "name": None if name is None else name[:200],
        "source": DaySource.WEEK if as_any_week else DaySource.HOLIDAYS,
    }


def is_settled(day: date, source: str, today: date, settled_years: set[int]) -> bool:
    """Whether a stored day stays: what the office said, and the past once holidays of its year were stored."""
    return source == DaySource.OFFICE or (day < today and day.year in settled_years)
