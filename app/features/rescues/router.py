from decimal import Decimal
from fractions import Fraction
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import TypeAdapter

from app.core.caller import Right
from app.core.schema import FactDay
from app.features.rescues import actions as action_service
from app.features.rescues import queries, schemas, service
from app.features.rescues import triage as triage_service
from app.features.rescues.schemas import Part
from app.features.rescues.triage_rules import Scale, Weighing
from app.http.answers import Renderer, model, one, read, write
from app.http.lists import Lists
from app.http.preconditions import expected_version
from app.http.resource import Id, Resource, add_resource, operation, router
from app.http.routing import requires
from app.measures.definition import Conventions
from app.settings import Settings

rescue_renderer = Renderer(schemas.RescueRead)
action_renderer = Renderer(schemas.RescueActionRead)

rescues = router("rescues")
rescue_actions = router("rescue-actions")
rescue_triage = router("rescue-triage")

show_rescue = one(rescue_renderer)
show_new_rescue = one(rescue_renderer, 201, location="/v1/rescues")
show_action = one(action_renderer)
show_triage = model(TypeAdapter(schemas.TriageRead))
DONE = schemas.RescueActionDone()
MOST = 500

add_resource(
    rescues,
    Resource(
        "rescue",
        "rescues",
        rescue_renderer,
        lists=Lists(queries.RESCUES, rescue_renderer),
        list=service.list_rescues,
        get=service.get_rescue,
        update=service.update_rescue,
        update_schema=schemas.RescueUpdate,
        about="Looks at troubled projects by somebody who has no seat on them.",
    ),
)
add_resource(
    rescue_actions,
    Resource(
        "rescue_action",
        "rescue-actions",
        action_renderer,
        lists=Lists(queries.ACTIONS, action_renderer),
        list=action_service.list_actions,
        get=action_service.get_action,
        create=action_service.create_action,
        create_schema=schemas.RescueActionCreate,
        update=action_service.update_action,
        update_schema=schemas.RescueActionUpdate,
        delete=action_service.delete_action,
        about="What is done in the course of rescues, by whom, until when.",
    ),
)


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


def weighing(request: Request) -> Weighing:
    """What the settings say of triage."""
    settings = _settings(request).triage
    scales = {
        part: Scale(*(_exact(getattr(settings, f"{part}_{name}")) for name in ("weight", "good", "bad")))
        for part in Part
    }
    return Weighing(scales, _exact(settings.continue_below), _exact(settings.re_scope_share))


def conventions(request: Request) -> Conventions:
    """What the settings say of the KPIs that rescues ask for."""
    settings = _settings(request)
    return Conventions(
        week_line_rule=settings.kpi.week_line_rule,
        budget_tolerance=Decimal(str(settings.kpi.budget_tolerance)).quantize(Decimal("0.0001")),
        time_zone=settings.calendar.time_zone,
    )


def _exact(value: float) -> Fraction:
    """As it is written."""
    return Fraction(str(value))


@rescues.post("", status_code=201, response_model=schemas.RescueRead, **operation("create_rescue"))
@requires(Right.WRITE)
async def create_rescue(request: Request, data: schemas.RescueCreate) -> Response:
    """Open a rescue of a live project, with its triage of this moment. Neither the rescuer nor whoever opens it has a
    seat on the project; a project has one rescue at a time.
    """
    return await write(request, show_new_rescue, service.create_rescue, data, weighing(request), conventions(request))


@rescues.post("/{id}/decide", response_model=schemas.RescueRead, **operation("decide_rescue"))
@requires(Right.WRITE)
async def decide_rescue(request: Request, id: Id, data: schemas.RescueDecide) -> Response:
    """Choose the project's course, which goes to the decision log. Its status does not move by that: `pause` and `stop`
    are carried out by `POST /v1/projects/{id}/transitions`.
    """
    return await write(request, show_rescue, service.decide, id, data, expected_version(request, required=False))


@rescues.post("/{id}/close", response_model=schemas.RescueRead, **operation("close_rescue"))
@requires(Right.WRITE)
async def close_rescue(request: Request, id: Id, data: schemas.RescueClose) -> Response:
    """Hold what came of it against the forecast: `met_forecast` is true where each forecast that was given is met, null
    where none was, or one can't be told.
    """
    expected = expected_version(request, required=False)
    return await write(request, show_rescue, service.close, id, data, conventions(request), expected)


@rescues.post("/{id}/cancel", response_model=schemas.RescueRead, **operation("cancel_rescue"))
@requires(Right.WRITE)
async def cancel_rescue(request: Request, id: Id, data: schemas.RescueCancel) -> Response:
    """No rescue is needed."""
    expected = expected_version(request, required=False)
    return await write(request, show_rescue, service.cancel, id, data.reason, expected)


@rescue_actions.post("/{id}/done", response_model=schemas.RescueActionRead, **operation("finish_rescue_action"))
@requires(Right.WRITE)
async def finish_rescue_action(request: Request, id: Id, data: schemas.RescueActionDone = DONE) -> Response:
    """It is done; with `done: false` it is not after all."""
    expected = expected_version(request, required=False)
    return await write(request, show_action, action_service.set_done, id, data.done, expected)


@rescue_triage.get("", response_model=schemas.TriageRead, **operation("get_rescue_triage"))
@requires(Right.READ)
async def get_rescue_triage(
    request: Request,
    on: Annotated[FactDay | None, Query(description="By default today; never ahead.")] = None,
    project_id: Annotated[UUID | None, Query(description="This project alone.")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST, description="So many at most, the most troubled first.")] = MOST,
) -> Response:
    """Every project that is active, on the back burner or on hold, scored by six parts, each shown, and placed by its
    forward value: what is still to come counts, what has been spent does not. Those with no score come last. It shows
    money: managers see their own projects.
    """
    asked = (on, project_id, limit, weighing(request), conventions(request))
    return await read(request, show_triage, triage_service.rescue_triage, *asked, long=True)
