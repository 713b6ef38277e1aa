from datetime import date
from typing import Any

from pydantic import ConfigDict, Field

from app.core.schema import Bool, Example, Name, Schema, partial
from app.models.calendar_day import DaySource

EXAMPLE: Example = {"is_working": False, "name": "The agency's birthday"}


class CalendarDaySet(Schema):
    """What the office may say of a day."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})
    is_working: Bool
    name: Name | None = None


CalendarDayUpdate: Any = partial("CalendarDayUpdate", CalendarDaySet, example=EXAMPLE)


class CalendarDayRead(Schema):
    """Whether the office works on a day, and who says so. The day itself is its key."""

    day: date
    is_working: bool
    name: Name | None
    source: DaySource
    version: int
    etag: str = Field(examples=['"1"'])
