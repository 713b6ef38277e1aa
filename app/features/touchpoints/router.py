from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import TypeAdapter

from app.core.caller import Right
from app.core.schema import FactDay
from app.features.touchpoints import queries, schemas, service
from app.features.touchpoints.rules import Allowed
from app.http.answers import Renderer, model, read
from app.http.lists import Lists
from app.http.resource import Resource, add_resource, operation, router
from app.http.routing import requires
from app.models.client import ClientTier
from app.settings import Settings

renderer = Renderer(schemas.TouchpointRead)

touchpoints = router("touchpoints")
touchpoint_gaps = router("touchpoint-gaps")

show_gaps = model(TypeAdapter(schemas.TouchpointGaps))
MOST = 500
LONGEST = 3650

add_resource(
    touchpoints,
    Resource(
        "touchpoint",
        "touchpoints",
        renderer,
        lists=Lists(queries.TOUCHPOINTS, renderer),
        list=service.list_touchpoints,
        get=service.get_touchpoint,
        create=service.create_touchpoint,
        create_schema=schemas.TouchpointCreate,
        update=service.update_touchpoint,
        update_schema=schemas.TouchpointUpdate,
        delete=service.delete_touchpoint,
        about="When somebody of ours spoke with a client: as scheduled, by our own impulse, or in answer.",
    ),
)


def allowed(request: Request) -> Allowed:
    """What the settings say of the days for which clients may be left alone."""
    settings: Settings = request.app.state.settings
    return {tier: getattr(settings.touchpoints, f"{tier}_days") for tier in ClientTier}


@touchpoint_gaps.get("", response_model=schemas.TouchpointGaps, **operation("list_touchpoint_gaps"))
@requires(Right.READ)
async def list_touchpoint_gaps(
    request: Request,
    on: Annotated[FactDay | None, Query(description="By default today.")] = None,
    days: Annotated[int, Query(ge=0, le=LONGEST, description="Only those left alone for so many days at least.")] = 0,
    account_manager_id: Annotated[UUID | None, Query(description="Only whose relationship this person owns.")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST, description="So many at most, the longest gaps first.")] = MOST,
) -> Response:
    """The active clients by the days since anybody was in touch, the longest gap first; those with whom nobody ever was
    lead. `overdue` is who should have heard of us by that day.
    """
    asked = (on, days, account_manager_id, limit, allowed(request))
    return await read(request, show_gaps, service.touchpoint_gaps, *asked)
