"""The office calendar, a row a day: stored, so that an upgrade of a holidays' library does not restate history."""

from datetime import date
from enum import StrEnum

from sqlmodel import Field, SQLModel

from app.db.types import one_of, text


class DaySource(StrEnum):
    WEEK = "week"  # by the day of the week
    HOLIDAYS = "holidays"  # a public holiday of the office's country
    OFFICE = "office"  # set by the office


class CalendarDay(SQLModel, table=True):
    """Whether the office works on a day, and who says so."""

    __tablename__ = "calendar_day"
    __table_args__ = (one_of("calendar_day", "source", DaySource),)
    day: date = Field(primary_key=True)
    is_working: bool
    name: str | None = Field(default=None, sa_type=text(200))
    source: str = Field(default=DaySource.WEEK, sa_type=text(20))
    version: int = 1
