from fastapi import Request, Response
from pydantic import TypeAdapter

from app.core.caller import Right
from app.features.commitments import check, queries, schemas, service, steps
from app.http.answers import Renderer, model, one, write
from app.http.lists import Lists
from app.http.preconditions import expected_version
from app.http.resource import Id, Resource, add_resource, operation, router
from app.http.routing import requires

renderer = Renderer(schemas.CommitmentRead, state="state")
renegotiation_renderer = Renderer(schemas.RenegotiationRead)

commitments = router("commitments")
commitment_renegotiations = router("commitment-renegotiations")

show = one(renderer)
show_check = model(TypeAdapter(schemas.CommitmentCheckRead))
ACTED, ACHIEVED = schemas.CommitmentAct(), schemas.CommitmentAchieve()

add_resource(
    commitments,
    Resource(
        "commitment",
        "commitments",
        renderer,
        lists=Lists(queries.COMMITMENTS, renderer),
        list=service.list_commitments,
        get=service.get_commitment,
        create=service.create_commitment,
        create_schema=schemas.CommitmentCreate,
        update=service.update_commitment,
        update_schema=schemas.CommitmentUpdate,
        about="Results that somebody promised by a day. They are never deleted: withdraw, or break them.",
    ),
)
add_resource(
    commitment_renegotiations,
    Resource(
        "commitment_renegotiation",
        "commitment-renegotiations",
        renegotiation_renderer,
        lists=Lists(queries.RENEGOTIATIONS, renegotiation_renderer),
        list=service.list_renegotiations,
        about="Each time that a promise was moved, oldest first; the list only grows.",
    ),
)


@commitments.post("/check", response_model=schemas.CommitmentCheckRead, **operation("check_commitment"))
@requires(Right.READ)
async def check_commitment(request: Request, data: schemas.CommitmentCheck) -> Response:
    """Before promising: the load, interruptions and promises of that week, how many were kept at such a load, and
    advice. Nothing is written.
    """
    # Though nothing is written, it keeps to what holds for every POST: it can be rehearsed, and repeated by its key.
    return await write(request, show_check, check.check_commitment, data)


@commitments.post("/{id}/renegotiate", response_model=schemas.CommitmentRead, **operation("renegotiate_commitment"))
@requires(Right.WRITE)
async def renegotiate_commitment(request: Request, id: Id, data: schemas.CommitmentRenegotiate) -> Response:
    """Move a promise to another day, strictly before its own. It is no breach, but counted."""
    return await write(request, show, steps.renegotiate, id, data, expected_version(request, required=False))


@commitments.post("/{id}/act", response_model=schemas.CommitmentRead, **operation("act_on_commitment"))
@requires(Right.WRITE)
async def act_on_commitment(request: Request, id: Id, data: schemas.CommitmentAct = ACTED) -> Response:
    """We did our part. The action is not the result: the promise stays open."""
    return await write(request, show, steps.act, id, data.done_at, expected_version(request, required=False))


@commitments.post("/{id}/achieve", response_model=schemas.CommitmentRead, **operation("achieve_commitment"))
@requires(Right.WRITE)
async def achieve_commitment(request: Request, id: Id, data: schemas.CommitmentAchieve = ACHIEVED) -> Response:
    """The result is there: `kept` by the promised day, `late` after it."""
    return await write(request, show, steps.achieve, id, data, expected_version(request, required=False))


@commitments.post("/{id}/break", response_model=schemas.CommitmentRead, **operation("break_commitment"))
@requires(Right.WRITE)
async def break_commitment(request: Request, id: Id, data: schemas.CommitmentBreak) -> Response:
    """Give a promise up, and say why."""
    return await write(request, show, steps.break_commitment, id, data, expected_version(request, required=False))


@commitments.post("/{id}/withdraw", response_model=schemas.CommitmentRead, **operation("withdraw_commitment"))
@requires(Right.WRITE)
async def withdraw_commitment(request: Request, id: Id, data: schemas.CommitmentWithdraw) -> Response:
    """The one it was given to has released us from it: it counts neither as kept nor as broken."""
    return await write(request, show, steps.withdraw, id, data.note, expected_version(request, required=False))
