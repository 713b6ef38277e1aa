from typing import Annotated

from fastapi import Path, Request, Response
from pydantic import TypeAdapter

from app.core.caller import Right
from app.features.periods import queries, schemas, service
from app.http.answers import Renderer, model, one, read, write
from app.http.lists import Lists
from app.http.preconditions import expected_version
from app.http.resource import Resource, add_resource, operation, router
from app.http.routing import requires

renderer = Renderer(schemas.PeriodRead)
history_renderer = Renderer(schemas.PeriodHistoryRead)

periods = router("periods")
period_history = router("period-history")

show = one(renderer)
show_readiness = model(TypeAdapter(schemas.Readiness))
READY = schemas.PeriodClose()
LabelInPath = Annotated[schemas.Label, Path(description="The month, as YYYY-MM.")]

add_resource(
    periods,
    Resource(
        "period",
        "periods",
        renderer,
        lists=Lists(queries.PERIODS, renderer),
        list=service.list_periods,
        about="The months of the books that were closed at least once. Any other month is open.",
    ),
)
add_resource(
    period_history,
    Resource(
        "period_history",
        "period-history",
        history_renderer,
        lists=Lists(queries.HISTORY, history_renderer),
        list=service.list_history,
        about="Each closing and reopening of a period, oldest first; the list only grows.",
    ),
)


@periods.get("/{label}", response_model=schemas.PeriodRead, **operation("get_period"))
@requires(Right.READ)
async def get_period(request: Request, label: LabelInPath) -> Response:
    """A month of the books; one that never was closed is open, at revision 0."""
    return await read(request, show, service.get_period, label, hot=True)


@periods.get("/{label}/readiness", response_model=schemas.Readiness, **operation("get_period_readiness"))
@requires(Right.READ)
async def get_period_readiness(request: Request, label: LabelInPath) -> Response:
    """Whether a month can be closed: missing timesheets and rates, unapproved hours, each with a link to look at it."""
    return await read(request, show_readiness, service.get_readiness, label, long=True)


@periods.post("/{label}/close", response_model=schemas.PeriodRead, **operation("close_period"))
@requires(Right.OVERRIDE)
async def close_period(request: Request, label: LabelInPath, data: schemas.PeriodClose = READY) -> Response:
    """Close the books of a month that is over: its facts are not added, corrected or withdrawn any more."""
    return await write(request, show, service.close_period, label, data, expected_version(request, required=False))


@periods.post("/{label}/reopen", response_model=schemas.PeriodRead, **operation("reopen_period"))
@requires(Right.OVERRIDE)
async def reopen_period(request: Request, label: LabelInPath, data: schemas.PeriodReopen) -> Response:
    """Open the books of a month again; the reason goes to the decision log."""
    expected = expected_version(request, required=False)
    return await write(request, show, service.reopen_period, label, data.reason, expected)
