from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import TypeAdapter

from app.core.caller import Right
from app.features.handovers import notices, queries, schemas, service, steps
from app.http.answers import Renderer, model, one, read, write
from app.http.lists import Lists
from app.http.preconditions import expected_version
from app.http.resource import Id, Resource, add_resource, operation, router
from app.http.routing import requires

handover_renderer = Renderer(schemas.HandoverRead, state="state")
move_renderer = Renderer(schemas.HandoverMoveRead)
notice_renderer = Renderer(schemas.HandoverNoticeRead)
task_renderer = Renderer(schemas.HandoverTaskRead)

handovers = router("handovers")
handover_moves = router("handover-moves")
handover_notices = router("handover-notices")
handover_tasks = router("handover-tasks")

show_handover = one(handover_renderer)
show_notice = one(notice_renderer)
show_link = model(TypeAdapter(schemas.NoticeLink))
show_progress = model(TypeAdapter(schemas.HandoverProgress))
PLAINLY = schemas.HandoverComplete()


# Before `/{id}`, which would take it for an id.
@handovers.get(
    "/progress",
    response_model=schemas.HandoverProgress,
    responses={404: {"$ref": "#/components/responses/404"}},
    **operation("get_handover_progress"),
)
@requires(Right.READ)
async def get_handover_progress(
    request: Request,
    split_plan_id: Annotated[UUID | None, Query(description="By default all plans that became hand-overs.")] = None,
) -> Response:
    """Of the seats that split plans move, how many are done, under way, late, or still open."""
    return await read(request, show_progress, service.get_handover_progress, split_plan_id)


add_resource(
    handovers,
    Resource(
        "handover",
        "handovers",
        handover_renderer,
        lists=Lists(queries.HANDOVERS, handover_renderer),
        list=service.list_handovers,
        get=service.get_handover,
        create=service.create_handover,
        create_schema=schemas.HandoverCreate,
        update=service.update_handover,
        update_schema=schemas.HandoverUpdate,
        delete=service.delete_handover,
        about="Seats that change hands together, one careful step at a time.",
    ),
)
add_resource(
    handover_moves,
    Resource(
        "handover_move",
        "handover-moves",
        move_renderer,
        lists=Lists(queries.MOVES, move_renderer),
        list=service.list_moves,
        about="The seats of hand-overs.",
    ),
)
add_resource(
    handover_notices,
    Resource(
        "handover_notice",
        "handover-notices",
        notice_renderer,
        lists=Lists(queries.NOTICES, notice_renderer),
        list=notices.list_notices,
        get=notices.get_notice,
        about="What the contacts of the affected clients are told, and what they answer.",
    ),
)
add_resource(
    handover_tasks,
    Resource(
        "handover_task",
        "handover-tasks",
        task_renderer,
        lists=Lists(queries.TASKS, task_renderer),
        list=notices.list_tasks,
        get=notices.get_task,
        update=notices.update_task,
        update_schema=schemas.HandoverTaskUpdate,
        writers=(Right.TICK_CHECKLISTS,),
        about="What is to be done before a hand-over is completed, copied from the playbook.",
    ),
)


@handovers.post("/{id}/schedule", response_model=schemas.HandoverRead, **operation("schedule_handover"))
@requires(Right.WRITE)
async def schedule_handover(request: Request, id: Id) -> Response:
    """Render a notice for each contact, copy the checklist, and let the successors sit beside for the overlap."""
    return await write(request, show_handover, steps.schedule, id, expected_version(request, required=False))


@handovers.post("/{id}/complete", response_model=schemas.HandoverRead, **operation("complete_handover"))
@requires(Right.WRITE)
async def complete_handover(request: Request, id: Id, data: schemas.HandoverComplete = PLAINLY) -> Response:
    """Switch all seats today, in one transaction; 409 lists what is missing as `missing[] {what, id, detail}`."""
    expected = expected_version(request, required=False)
    return await write(request, show_handover, steps.complete, id, data.override_reason, expected)


@handovers.post("/{id}/cancel", response_model=schemas.HandoverRead, **operation("cancel_handover"))
@requires(Right.WRITE)
async def cancel_handover(request: Request, id: Id, data: schemas.HandoverCancel) -> Response:
    """Call off a hand-over that is not completed; everything is put back."""
    expected = expected_version(request, required=False)
    return await write(request, show_handover, steps.cancel, id, data.reason, expected)


@handover_notices.post("/{id}/notify", response_model=schemas.NoticeLink, **operation("notify_handover_notice"))
@requires(Right.WRITE)
async def notify_handover_notice(request: Request, id: Id) -> Response:
    """Count the contact as told now (once), and answer a link to send, with which they read and answer."""
    expected = expected_version(request, required=False)
    return await write(request, show_link, notices.notify, id, expected, request.app.state.links)


@handover_notices.post("/{id}/waive", response_model=schemas.HandoverNoticeRead, **operation("waive_handover_notice"))
@requires(Right.OVERRIDE)
async def waive_handover_notice(request: Request, id: Id, data: schemas.NoticeWaive) -> Response:
    """Do without telling a contact in time; it is in the decision log."""
    expected = expected_version(request, required=False)
    return await write(request, show_notice, notices.waive, id, data.reason, expected)


@handover_notices.post(
    "/{id}/resolve", response_model=schemas.HandoverNoticeRead, **operation("resolve_handover_notice")
)
@requires(Right.WRITE)
async def resolve_handover_notice(request: Request, id: Id, data: schemas.NoticeResolve) -> Response:
    """Say how a contact's concern was met, which blocks the hand-over until then."""
    expected = expected_version(request, required=False)
    return await write(request, show_notice, notices.resolve, id, data.resolution, expected)
