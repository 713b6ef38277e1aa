from fastapi import Request, Response

from app.core.caller import Right
from app.features.change_requests import authorities as authority_service
from app.features.change_requests import options as option_service
from app.features.change_requests import queries, schemas, service, steps
from app.http.answers import Renderer, one, write
from app.http.lists import Lists
from app.http.preconditions import expected_version
from app.http.resource import Id, Resource, add_resource, operation, router
from app.http.routing import requires

change_renderer = Renderer(schemas.ChangeRequestRead)
option_renderer = Renderer(schemas.ChangeOptionRead)
authority_renderer = Renderer(schemas.ChangeAuthorityRead)

change_requests = router("change-requests")
change_options = router("change-options")
change_authorities = router("change-authorities")

show_change = one(change_renderer)

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
