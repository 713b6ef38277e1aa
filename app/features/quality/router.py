from fastapi import Request, Response

from app.core.caller import Right
from app.features.quality import queries, schemas, service
from app.http.answers import Renderer, one, write
from app.http.lists import Lists
from app.http.preconditions import expected_version
from app.http.resource import Id, Resource, add_resource, operation, router
from app.http.routing import requires

review_renderer = Renderer(schemas.DeliverableReviewRead)
defect_renderer = Renderer(schemas.DefectRead)

deliverable_reviews = router("deliverable-reviews")
defects = router("defects")

show_defect = one(defect_renderer)
TODAY = schemas.DefectResolve()

add_resource(
    deliverable_reviews,
    Resource(
        "deliverable_review",
        "deliverable-reviews",
        review_renderer,
        lists=Lists(queries.REVIEWS, review_renderer),
        list=service.list_reviews,
        get=service.get_review,
        create=service.create_review,
        create_schema=schemas.DeliverableReviewCreate,
        update=service.update_review,
        update_schema=schemas.DeliverableReviewUpdate,
        delete=service.delete_review,
        about="Looks at deliverables: accepted, or sent back. One that is accepted is reviewed no more.",
    ),
)
add_resource(
    defects,
    Resource(
        "defect",
        "defects",
        defect_renderer,
        lists=Lists(queries.DEFECTS, defect_renderer),
        list=service.list_defects,
        get=service.get_defect,
        create=service.create_defect,
        create_schema=schemas.DefectCreate,
        update=service.update_defect,
        update_schema=schemas.DefectUpdate,
        delete=service.delete_defect,
        about="What does not work, found by us or, after delivery, by the client.",
    ),
)


@defects.post("/{id}/resolve", response_model=schemas.DefectRead, **operation("resolve_defect"))
@requires(Right.WRITE)
async def resolve_defect(request: Request, id: Id, data: schemas.DefectResolve = TODAY) -> Response:
    """It works. To open it again, clear `resolved_on` by PATCH."""
    return await write(request, show_defect, service.resolve, id, data.on, expected_version(request, required=False))
