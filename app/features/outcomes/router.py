from decimal import Decimal
from typing import Annotated

from fastapi import Query, Request, Response
from pydantic import TypeAdapter

from app.core.calendar import CALENDAR_FIRST, CALENDAR_LAST
from app.core.caller import Right
from app.core.schema import Currency
from app.features.outcomes import pro_bono as pro_bono_service
from app.features.outcomes import queries, schemas, service
from app.http.answers import Renderer, model, one, read, write
from app.http.lists import Lists
from app.http.preconditions import expected_version
from app.http.resource import Id, Resource, add_resource, operation, router
from app.http.routing import requires
from app.measures.definition import Conventions
from app.settings import Settings

renderer = Renderer(schemas.OutcomeRead, state="state")

outcomes = router("outcomes")
pro_bono = router("pro-bono")

show = one(renderer)
show_pro_bono = model(TypeAdapter(schemas.ProBonoRead))

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


def conventions(request: Request) -> Conventions:
    """What the settings say of the KPIs that pro-bono work asks for."""
    settings: Settings = request.app.state.settings
    return Conventions(
        week_line_rule=settings.kpi.week_line_rule,
        budget_tolerance=Decimal(str(settings.kpi.budget_tolerance)).quantize(Decimal("0.0001")),
        time_zone=settings.calendar.time_zone,
    )


@pro_bono.get("", response_model=schemas.ProBonoRead, **operation("get_pro_bono"))
@requires(Right.READ)
async def get_pro_bono(
    request: Request,
    year: Annotated[
        int | None, Query(ge=CALENDAR_FIRST.year, le=CALENDAR_LAST.year, description="By default this one.")
    ] = None,
    currency: Annotated[Currency, Query(description="What money is shown in.")] = "EUR",
) -> Response:
    """What was given in a year to those who could not pay, by cause: the projects that were live or had hours, costs or
    reviewed outcomes, what they took, what that is worth at standard prices, and what came of it. Money is absent
    for those who may not see it; of a cause it shows to those who may see that of all its projects.
    """
    asked = (year, currency, conventions(request))
    return await read(request, show_pro_bono, pro_bono_service.get_pro_bono, *asked, long=True)
