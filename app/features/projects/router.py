from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Request, Response
from pydantic import TypeAdapter

from app.core.caller import Right
from app.core.schema import FactDay
from app.features.projects import baselines as baseline_service
from app.features.projects import comparison, forecast, lead_role, queries, schemas, service, transitions
from app.features.projects import estimates as estimate_service
from app.features.projects import milestones as milestone_service
from app.features.projects import seats as seat_service
from app.features.projects.comparison_schemas import BaselineComparison
from app.features.projects.forecast_schemas import ForecastRead
from app.http.answers import Renderer, many, model, nothing, one, read, write
from app.http.lists import Lists
from app.http.preconditions import expected_version
from app.http.resource import Ref, Resource, add_resource, as_ref, operation, page_schema, router
from app.http.routing import requires

project_renderer = Renderer(schemas.ProjectRead, owner="id", state="status")
transition_renderer = Renderer(schemas.TransitionRead)
seat_renderer = Renderer(schemas.SeatRead)
milestone_renderer = Renderer(schemas.MilestoneRead)
baseline_renderer = Renderer(schemas.BaselineRead)

estimate_renderer = Renderer(schemas.EstimateRead)

TransitionPage = page_schema(schemas.TransitionRead)
SeatOnPage = page_schema(schemas.SeatOn)
FromNumber = Annotated[int, Query(alias="from", ge=1, le=1_000_000, description="The number of a baseline.")]
ToNumber = Annotated[int | None, Query(alias="to", ge=1, le=1_000_000, description="By default the current one's.")]
Transition = Annotated[UUID, Path(description="The transition's id.")]

projects = router("projects")
seats = router("seats")
milestones = router("milestones")
baselines = router("baselines")
estimates = router("estimates")

add_resource(
    projects,
    Resource(
        "project",
        "projects",
        project_renderer,
        lists=Lists(queries.PROJECTS, project_renderer),
        list=service.list_projects,
        get=service.get_project,
        create=service.create_project,
        create_schema=schemas.ProjectCreate,
        update=service.update_project,
        update_schema=schemas.ProjectUpdate,
        delete=service.delete_project,
        keyed=True,
        about="What the agency does for its clients. `status` is that of today; it changes by transitions.",
        hot_update=True,
    ),
)
add_resource(
    seats,
    Resource(
        "seat",
        "seats",
        seat_renderer,
        lists=Lists(seat_service.SEATS, seat_renderer),
        list=seat_service.list_seats,
        get=seat_service.get_seat,
        create=seat_service.create_seat,
        create_schema=schemas.SeatCreate,
        update=seat_service.update_seat,
        update_schema=schemas.SeatUpdate,
        delete=seat_service.delete_seat,
        about="The roles that projects need, with the load that each puts on its holder.",
    ),
)
add_resource(
    milestones,
    Resource(
        "milestone",
        "milestones",
        milestone_renderer,
        lists=Lists(milestone_service.MILESTONES, milestone_renderer),
        list=milestone_service.list_milestones,
        get=milestone_service.get_milestone,
        create=milestone_service.create_milestone,
        create_schema=schemas.MilestoneCreate,
        update=milestone_service.update_milestone,
        update_schema=schemas.MilestoneUpdate,
        delete=milestone_service.delete_milestone,
        about="Points that projects reach.",
    ),
)
add_resource(
    baselines,
    Resource(
        "baseline",
        "baselines",
        baseline_renderer,
        lists=Lists(baseline_service.BASELINES, baseline_renderer),
        list=baseline_service.list_baselines,
        get=baseline_service.get_baseline,
        about="What was agreed, frozen. The first is made when a project's activation is recorded.",
    ),
)
add_resource(
    estimates,
    Resource(
        "estimate",
        "estimates",
        estimate_renderer,
        lists=Lists(estimate_service.ESTIMATES, estimate_renderer),
        list=estimate_service.list_estimates,
        get=estimate_service.get_estimate,
        create=estimate_service.create_estimate,
        create_schema=schemas.EstimateCreate,
        update=estimate_service.update_estimate,
        update_schema=schemas.EstimateUpdate,
        delete=estimate_service.delete_estimate,
        about="Hours that roles are given on projects, and those that remain. The latest of a role counts.",
    ),
)

show_project = one(project_renderer)
show_transitions = many(transition_renderer)
show_lead_role = model(TypeAdapter(schemas.LeadRoleRead))
show_comparison = model(TypeAdapter(BaselineComparison))
show_forecast = model(TypeAdapter(ForecastRead))
show_seats = model(TypeAdapter(SeatOnPage))


@projects.post("/{id}/transitions", response_model=schemas.ProjectRead, **operation("transition_project"))
@requires(Right.WRITE)
async def transition_project(request: Request, id: Ref, data: schemas.TransitionCreate) -> Response:
    """Move a project to another status, from a day on; what is planned behind it must stay legal."""
    expected = expected_version(request, required=False)
    return await write(request, show_project, transitions.transition_project, as_ref(id), data, expected)


@projects.get("/{id}/transitions", response_model=TransitionPage, **operation("list_project_transitions"))
@requires(Right.READ)
async def list_project_transitions(request: Request, id: Ref) -> Response:
    """All statuses of a project in their order, those that are planned included."""
    return await read(request, show_transitions, transitions.list_transitions, as_ref(id))


@projects.delete(
    "/{id}/transitions/{transition_id}",
    status_code=204,
    response_model=None,
    **operation("delete_project_transition"),
)
@requires(Right.WRITE)
async def delete_project_transition(request: Request, id: Ref, transition_id: Transition) -> Response:
    """Cancel a planned transition. `If-Match` takes the project's ETag."""
    expected = expected_version(request, required=True)
    return await write(request, nothing, transitions.cancel_transition, as_ref(id), transition_id, expected)


@projects.get("/{id}/seats", response_model=SeatOnPage, **operation("list_project_seats"))
@requires(Right.READ)
async def list_project_seats(
    request: Request, id: Ref, on: Annotated[FactDay | None, Query(description="By default today.")] = None
) -> Response:
    """Each seat of a project with who holds it, learns it and stands in on a day."""
    return await read(request, show_seats, seat_service.seats_on_day, as_ref(id), on)


@projects.get("/{id}/lead-role", response_model=schemas.LeadRoleRead, **operation("get_lead_role"))
@requires(Right.READ)
async def get_lead_role(request: Request, id: Ref) -> Response:
    """Which of the two managers leads a project, and why."""
    return await read(request, show_lead_role, lead_role.get_lead_role, as_ref(id))


@projects.post("/{id}/lead-role", response_model=schemas.LeadRoleRead, **operation("set_lead_role"))
@requires(Right.WRITE)
async def set_lead_role(request: Request, id: Ref, data: schemas.LeadRoleSet) -> Response:
    """Say who leads a project, or (null) let it be derived again. `If-Match` takes the project's ETag."""
    expected = expected_version(request, required=False)
    return await write(request, show_lead_role, lead_role.set_lead_role, as_ref(id), data, expected)


@projects.get("/{id}/baselines/compare", response_model=BaselineComparison, **operation("compare_baselines"))
@requires(Right.READ)
async def compare_baselines(request: Request, id: Ref, first: FromNumber = 1, second: ToNumber = None) -> Response:
    """What lies between two baselines of a project, and which changes made the difference."""
    return await read(request, show_comparison, comparison.compare_baselines, as_ref(id), first, second)


@projects.get("/{id}/forecast", response_model=ForecastRead, **operation("get_project_forecast"))
@requires(Right.READ)
async def get_project_forecast(request: Request, id: Ref) -> Response:
    """When the team's free hours will have covered what remains of a project."""
    return await read(request, show_forecast, forecast.get_forecast, as_ref(id), long=True)
