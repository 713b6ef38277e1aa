from fastapi import Request, Response

from app.core.caller import Right
from app.features.outcomes import queries, schemas, service
from app.http.answers import Renderer, one, write
from app.http.lists import Lists
from app.http.preconditions import expected_version
from app.http.resource import Id, Resource, add_resource, operation, router
from app.http.routing import requires

renderer = Renderer(schemas.OutcomeRead, state="state")

outcomes = router("outcomes")

show = one(renderer)

add_resource(
    outcomes,
    Resource(
        "outcome",
        "outcomes",
        renderer,
        lists=Lists(queries.OUTCOMES, renderer),
        list=service.list_outcomes,
        get=service.get_outcome,
        create=service.create_outcome,
        create_schema=schemas.OutcomeCreate,
        update=service.update_outcome,
        update_schema=schemas.OutcomeUpdate,
        delete=service.delete_outcome,
        about="What projects were to bring to those who use them, and what they did, looked at after a while.",
    ),
)


@outcomes.post("/{id}/review", response_model=schemas.OutcomeRead, **operation("review_outcome"))
@requires(Right.WRITE)
async def review_outcome(request: Request, id: Id, data: schemas.OutcomeReview) -> Response:
    """What came of it, once `review_on` has come: `achieved` where the target was reached. A second review corrects the
    first, and needs `If-Match`.
    """
    expected, names_version = expected_version(request, required=False), "if-match" in request.headers
    return await write(request, show, service.review, id, data, expected, names_version)
