from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import TypeAdapter

from app.core.caller import Right
from app.features.feedback import queries, requests, schemas, service
from app.http.answers import Renderer, model, one, read, write
from app.http.lists import Lists
from app.http.preconditions import expected_version
from app.http.resource import Id, Resource, add_resource, operation, router
from app.http.routing import requires

renderer = Renderer(schemas.FeedbackRead)
request_renderer = Renderer(schemas.FeedbackRequestRead)

feedback = router("feedback")
feedback_requests = router("feedback-requests")

show_withheld = model(TypeAdapter(schemas.WithheldFeedback))
show_link = model(TypeAdapter(schemas.FeedbackLink))
show_made = one(Renderer(schemas.FeedbackRequestMade), 201, location=feedback_requests.prefix)


# Before `/{id}`, which would take it for an id.
@feedback.get("/withheld", response_model=schemas.WithheldFeedback, **operation("get_withheld_feedback"))
@requires(Right.READ)
async def get_withheld_feedback(
    request: Request,
    client_id: Annotated[UUID | None, Query(description="By default of all clients.")] = None,
    project_id: Annotated[UUID | None, Query(description="By default of all projects, and of none.")] = None,
) -> Response:
    """How many anonymous answers there are, and how many wait until three about the same thing can be told."""
    return await read(request, show_withheld, service.get_withheld_feedback, client_id, project_id)


add_resource(
    feedback,
    Resource(
        "feedback",
        "feedback",
        renderer,
        lists=Lists(queries.FEEDBACK, renderer),
        list=service.list_feedback,
        get=service.get_feedback,
        create=service.create_feedback,
        create_schema=schemas.FeedbackCreate,
        update=service.update_feedback,
        update_schema=schemas.FeedbackUpdate,
        delete=service.delete_feedback,
        about="What clients and colleagues say. Anonymous answers are told in groups of three about the same thing, "
        "once the day of the last is over, and all on that day.",
    ),
)


@feedback_requests.post(
    "",
    status_code=201,
    response_model=schemas.FeedbackRequestMade,
    **operation("create_feedback_request"),
)
@requires(Right.WRITE)
async def create_feedback_request(request: Request, data: schemas.FeedbackRequestCreate) -> Response:
    """Ask a contact what they think: answers the link to send, with which they say it without an account."""
    return await write(request, show_made, requests.create_feedback_request, data, request.app.state.links)


add_resource(
    feedback_requests,
    Resource(
        "feedback_request",
        "feedback-requests",
        request_renderer,
        lists=Lists(queries.REQUESTS, request_renderer),
        list=requests.list_feedback_requests,
        get=requests.get_feedback_request,
        delete=requests.delete_feedback_request,
        about="Contacts who were asked what they think. One that waits for its answer can be withdrawn by deleting it.",
    ),
)


@feedback_requests.post("/{id}/link", response_model=schemas.FeedbackLink, **operation("link_feedback_request"))
@requires(Right.WRITE)
async def link_feedback_request(request: Request, id: Id) -> Response:
    """Another link to send, which holds anew, while the request waits for its answer."""
    expected = expected_version(request, required=False)
    return await write(request, show_link, requests.renew_link, id, expected, request.app.state.links)
