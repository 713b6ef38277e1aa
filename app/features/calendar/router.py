from typing import Annotated

from fastapi import Path, Request, Response

from app.core.caller import Right
from app.core.errors import Invalid
from app.core.schema import FactDay
from app.features.calendar import schemas, service
from app.http.answers import Renderer, one, read, write
from app.http.lists import Lists
from app.http.preconditions import expected_version
from app.http.resource import Resource, add_resource, operation, router
from app.http.routing import requires

renderer = Renderer(schemas.CalendarDayRead)
one_day = one(renderer)

DayInPath = Annotated[FactDay, Path(description="The day, as YYYY-MM-DD.")]

calendar_days = router("calendar-days")

add_resource(
    calendar_days,
    Resource(
        "calendar_day",
        "calendar-days",
        renderer,
        lists=Lists(service.CALENDAR_DAYS, renderer),
        list=service.list_days,
        about="The office calendar, 2000 to 2049: on which days the office works.",
    ),
)


@calendar_days.get("/{day}", response_model=schemas.CalendarDayRead, **operation("get_calendar_day"))
@requires(Right.READ)
async def get_calendar_day(request: Request, day: DayInPath) -> Response:
    return await read(request, one_day, service.get_day, day, hot=True)


@calendar_days.patch("/{day}", response_model=schemas.CalendarDayRead, **operation("update_calendar_day"))
@requires(Right.OVERRIDE)
async def update_calendar_day(request: Request, day: DayInPath, data: schemas.CalendarDayUpdate) -> Response:
    """Say for the office what a day is; the holidays of the country no longer decide it."""
    expected = expected_version(request, required=True)
    changes = data.changes
    if not changes:
        raise Invalid("Send at least one field to change.")
    return await write(request, one_day, service.update_day, day, changes, expected)
