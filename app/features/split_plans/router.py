import asyncio
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import TypeAdapter

from app.core import clock
from app.core.caller import Caller, Right
from app.core.schema import Schema
from app.features.handovers.schemas import HandoverRead
from app.features.split_plans import schemas, service
from app.http.answers import Renderer, database_of, json_response, many, model, read, write
from app.http.lists import Lists
from app.http.preconditions import expected_version
from app.http.resource import Id, Resource, add_resource, operation, page_schema, router
from app.http.routing import caller_of, requires

renderer = Renderer(schemas.SplitPlanRead)
move_renderer = Renderer(schemas.SplitPlanMoveRead)
handover_renderer = Renderer(HandoverRead, state="state")
HandoverPage: type[Schema] = page_schema(HandoverRead)

split_plans = router("split-plans")
split_plan_moves = router("split-plan-moves")

add_resource(
    split_plans,
    Resource(
        "split_plan",
        "split-plans",
        renderer,
        lists=Lists(service.PLANS, renderer),
        list=service.list_split_plans,
        delete=service.delete_split_plan,
        about="Proposals of who holds every manager's seat. By itself a plan moves nobody.",
    ),
)
add_resource(
    split_plan_moves,
    Resource(
        "split_plan_move",
        "split-plan-moves",
        move_renderer,
        lists=Lists(service.MOVES, move_renderer),
        list=service.list_split_plan_moves,
        get=service.get_split_plan_move,
        about="The seats that change hands in split plans, or were vacant.",
    ),
)


def show_plan(status: int = 200) -> Any:
    """Answers with a plan and its moves."""

    def render(found: Any, caller: Caller) -> Response:
        row, moves = found
        headers = {"ETag": renderer.etag(row, caller)}
        if status == 201:
            headers["Location"] = f"{split_plans.prefix}/{row.id}"
        return json_response(renderer.many([row], caller, {"moves": {row.id: moves}})[1:-1], status, headers)

    return render


show_comparison = model(TypeAdapter(schemas.SplitPlanComparison))
show_handovers = many(handover_renderer, 201)


@split_plans.post("", status_code=201, response_model=schemas.SplitPlanRead, **operation("create_split_plan"))
@requires(Right.WRITE)
async def create_split_plan(request: Request, data: schemas.SplitPlanCreate) -> Response:
    """Find who should hold every manager's seat. It takes `time_limit_seconds` at most, and says its gap then."""
    day = data.on or clock.today()
    loaded = await database_of(request).read_long(service.load, data, day)
    draft = await asyncio.to_thread(service.draft, loaded, day)
    return await write(request, show_plan(201), service.create_split_plan, data, draft)


@split_plans.get("/{id}", response_model=schemas.SplitPlanRead, **operation("get_split_plan"))
@requires(Right.READ)
async def get_split_plan(request: Request, id: Id) -> Response:
    """A plan with its moves."""
    return await read(request, show_plan(), service.get_split_plan, id, hot=True)


@split_plans.post("/{id}/replace-move", response_model=schemas.SplitPlanRead, **operation("replace_split_plan_move"))
@requires(Right.WRITE)
async def replace_split_plan_move(request: Request, id: Id, data: schemas.ReplaceMove) -> Response:
    """Put somebody else into a seat, by hand; the plan is scored again."""
    expected = expected_version(request, required=False)
    edit = await database_of(request).read_long(service.load_edit, caller_of(request), id, expected)
    return await write(request, show_plan(), service.replace_move, data, edit)


@split_plans.get("/{id}/compare", response_model=schemas.SplitPlanComparison, **operation("compare_split_plans"))
@requires(Right.READ)
async def compare_split_plans(
    request: Request, id: Id, with_: Annotated[UUID, Query(alias="with", description="The other plan's id.")]
) -> Response:
    """The moves in which two plans differ, and the difference of their scores."""
    return await read(request, show_comparison, service.compare_split_plans, id, with_, long=True)


@split_plans.post("/{id}/handovers", status_code=201, response_model=HandoverPage, **operation("hand_over_split_plan"))
@requires(Right.WRITE)
async def hand_over_split_plan(request: Request, id: Id, data: schemas.PlanHandovers) -> Response:
    """Turn a plan into draft hand-overs, one a wave."""
    expected = expected_version(request, required=False)
    return await write(request, show_handovers, service.hand_over, id, data, expected)
