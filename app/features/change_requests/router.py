from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import TypeAdapter

from app.core.caller import Right
from app.features.change_requests import (
    allowance,
    ask_schemas,
    asks,
    client_view,
    decide,
    impact,
    impact_schemas,
    outcome,
    outcome_schemas,
    queries,
    schemas,
    service,
    steps,
)
from app.features.change_requests import authorities as authority_service
from app.features.change_requests import options as option_service
from app.http.answers import Renderer, model, one, read, write
from app.http.lists import Lists
from app.http.preconditions import expected_version
from app.http.resource import Id, Ref, Resource, add_resource, as_ref, operation, router
from app.http.routing import requires

change_renderer = Renderer(schemas.ChangeRequestRead)
option_renderer = Renderer(schemas.ChangeOptionRead)
authority_renderer = Renderer(schemas.ChangeAuthorityRead)
ask_renderer = Renderer(ask_schemas.ChangeAskRead)

change_requests = router("change-requests")
change_options = router("change-options")
change_authorities = router("change-authorities")
change_asks = router("change-asks")
change_allowance = router("projects")

show_change = one(change_renderer)
show_client_view = model(TypeAdapter(client_view.ClientView))
show_ask_link = model(TypeAdapter(ask_schemas.ChangeAskLink))
show_approved = one(change_renderer, 201, location=change_requests.prefix)
show_authority = model(TypeAdapter(schemas.AuthorityRead))
show_impact = model(TypeAdapter(impact_schemas.ImpactRead))
show_outcome = model(TypeAdapter(outcome_schemas.ChangeOutcome))
show_allowance = model(TypeAdapter(outcome_schemas.AllowanceRead))
PLAINLY = schemas.ChangeImplement()
Inputs = Annotated[bool, Query(description="With all that the figures were computed from.")]

add_resource(
    change_requests,
    Resource(
        "change_request",
        "change-requests",
        change_renderer,
        lists=Lists(queries.REQUESTS, change_renderer),
        list=service.list_change_requests,
        get=service.get_change_request,
        create=service.create_change_request,
        create_schema=schemas.ChangeRequestCreate,
        update=service.update_change_request,
        update_schema=schemas.ChangeRequestUpdate,
        delete=service.delete_change_request,
        about="What is asked of running projects, and what became of it. `status` changes by the steps.",
    ),
)
add_resource(
    change_options,
    Resource(
        "change_option",
        "change-options",
        option_renderer,
        lists=Lists(queries.OPTIONS, option_renderer),
        list=option_service.list_change_options,
        get=option_service.get_change_option,
        create=option_service.create_change_option,
        create_schema=schemas.ChangeOptionCreate,
        update=option_service.update_change_option,
        update_schema=schemas.ChangeOptionUpdate,
        delete=option_service.delete_change_option,
        about="Ways to answer a change request: what each takes and brings.",
    ),
)
add_resource(
    change_authorities,
    Resource(
        "change_authority",
        "change-authorities",
        authority_renderer,
        lists=Lists(queries.AUTHORITIES, authority_renderer),
        list=authority_service.list_change_authorities,
        get=authority_service.get_change_authority,
        create=authority_service.create_change_authority,
        create_schema=schemas.ChangeAuthorityCreate,
        update=authority_service.update_change_authority,
        update_schema=schemas.ChangeAuthorityUpdate,
        delete=authority_service.delete_change_authority,
        writers=(Right.OVERRIDE,),
        about="Who must decide changes of a kind and charge above an amount.",
    ),
)
add_resource(
    change_asks,
    Resource(
        "change_ask",
        "change-asks",
        ask_renderer,
        lists=Lists(asks.ASKS, ask_renderer),
        list=asks.list_change_asks,
        get=asks.get_change_ask,
        about="Which contacts were asked to decide, and what they answered.",
    ),
)


@change_requests.post("/{id}/submit", response_model=schemas.ChangeRequestRead, **operation("submit_change_request"))
@requires(Right.WRITE)
async def submit_change_request(request: Request, id: Id) -> Response:
    """Hand a draft in."""
    return await write(request, show_change, steps.submit, id, expected_version(request, required=False))


@change_requests.post("/{id}/assess", response_model=schemas.ChangeRequestRead, **operation("assess_change_request"))
@requires(Right.WRITE)
async def assess_change_request(request: Request, id: Id) -> Response:
    """Begin to assess it, for the first time or anew."""
    return await write(request, show_change, steps.assess, id, expected_version(request, required=False))


@change_requests.post("/{id}/present", response_model=schemas.ChangeRequestRead, **operation("present_change_request"))
@requires(Right.WRITE)
async def present_change_request(request: Request, id: Id) -> Response:
    """Let it await its decision; it needs two options at least."""
    return await write(request, show_change, steps.present, id, expected_version(request, required=False))


@change_requests.post(
    "/{id}/withdraw", response_model=schemas.ChangeRequestRead, **operation("withdraw_change_request")
)
@requires(Right.WRITE)
async def withdraw_change_request(request: Request, id: Id, data: schemas.ChangeWithdraw) -> Response:
    """Take it back; `decision_reason` says why."""
    expected = expected_version(request, required=False)
    return await write(request, show_change, steps.withdraw, id, data.reason, expected)


@change_requests.post("/{id}/merge", response_model=schemas.ChangeRequestRead, **operation("merge_change_request"))
@requires(Right.WRITE)
async def merge_change_request(request: Request, id: Id, data: schemas.ChangeMerge) -> Response:
    """Let it go into another open one of the same project."""
    expected = expected_version(request, required=False)
    return await write(request, show_change, steps.merge, id, data.into_id, expected)


@change_requests.get("/{id}/authority", response_model=schemas.AuthorityRead, **operation("get_change_authority_of"))
@requires(Right.READ)
async def get_change_authority_of(
    request: Request,
    id: Id,
    option_id: Annotated[UUID | None, Query(description="The option to choose. By default: to refuse all.")] = None,
) -> Response:
    """Who must decide, and which contacts could."""
    return await read(request, show_authority, decide.get_authority, id, option_id, long=True)


@change_requests.post("/{id}/decide", response_model=schemas.ChangeRequestRead, **operation("decide_change_request"))
@requires(Right.WRITE)
async def decide_change_request(request: Request, id: Id, data: schemas.ChangeDecide) -> Response:
    """Approve an option, reject or postpone. Approving freezes the figures, logs the decision, moves the project and
    makes its next baseline, all at once.
    """
    expected = expected_version(request, required=False)
    return await write(request, show_change, decide.decide_as_asked, id, data, expected)


@change_requests.post(
    "/{id}/implement", response_model=schemas.ChangeRequestRead, **operation("implement_change_request")
)
@requires(Right.WRITE)
async def implement_change_request(request: Request, id: Id, data: schemas.ChangeImplement = PLAINLY) -> Response:
    """Say that an approved change is done; what came of it goes to the decision log."""
    expected = expected_version(request, required=False)
    return await write(request, show_change, outcome.implement, id, data, expected)


@change_requests.get("/{id}/outcome", response_model=outcome_schemas.ChangeOutcome, **operation("get_change_outcome"))
@requires(Right.READ)
async def get_change_outcome(request: Request, id: Id) -> Response:
    """The estimate that was decided on beside what came of it, so far."""
    return await read(request, show_outcome, outcome.get_change_outcome, id, long=True)


@change_requests.post(
    "/within-allowance",
    status_code=201,
    response_model=schemas.ChangeRequestRead,
    **operation("create_change_within_allowance"),
)
@requires(Right.WRITE)
async def create_change_within_allowance(request: Request, data: outcome_schemas.AllowanceCreate) -> Response:
    """File a small change and approve it out of the project's allowance, in one call."""
    return await write(request, show_approved, allowance.create_within_allowance, data)


@change_requests.post(
    "/{id}/approve-within-allowance",
    response_model=schemas.ChangeRequestRead,
    **operation("approve_change_within_allowance"),
)
@requires(Right.WRITE)
async def approve_change_within_allowance(request: Request, id: Id, data: outcome_schemas.AllowanceApprove) -> Response:
    """Approve what nobody has presented yet out of the project's allowance; its charge becomes `included`."""
    expected = expected_version(request, required=False)
    approve = allowance.approve_within_allowance
    return await write(request, show_change, approve, id, data.hours, data.why, expected)


@change_allowance.get(
    "/{id}/change-allowance", response_model=outcome_schemas.AllowanceRead, **operation("get_change_allowance")
)
@requires(Right.READ)
async def get_change_allowance(request: Request, id: Ref) -> Response:
    """The hours for small changes that were agreed, used and left."""
    return await read(request, show_allowance, allowance.get_change_allowance, as_ref(id))


@change_requests.get(
    "/{id}/client-view", response_model=client_view.ClientView, **operation("get_change_request_client_view")
)
@requires(Right.READ)
async def get_change_request_client_view(request: Request, id: Id) -> Response:
    """What the client sees of it, and nothing else: value, price and day of each option. Needs to see its money."""
    return await read(request, show_client_view, asks.get_client_view, id, long=True)


@change_requests.post("/{id}/ask", response_model=ask_schemas.ChangeAskLink, **operation("ask_change_request"))
@requires(Right.WRITE)
async def ask_change_request(request: Request, id: Id, data: ask_schemas.ChangeAskCreate) -> Response:
    """Ask a contact to decide: answers a link that shows them the options as they are now, for as long as they stay."""
    expected = expected_version(request, required=False)
    return await write(request, show_ask_link, asks.ask, id, data.contact_id, expected, request.app.state.links)


@change_requests.get("/{id}/impact", response_model=impact_schemas.ImpactRead, **operation("get_change_impact"))
@requires(Right.READ)
async def get_change_impact(request: Request, id: Id, inputs: Inputs = False) -> Response:
    """What each option takes: cost, margin, finish, exposure, estimate at completion; frozen once it is decided."""
    return await read(request, show_impact, impact.get_impact, id, inputs, long=True)
