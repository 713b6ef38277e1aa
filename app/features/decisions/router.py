from fastapi import Request, Response

from app.core.caller import Right
from app.features.decisions import schemas, service
from app.http.answers import Renderer, one, write
from app.http.lists import Lists
from app.http.resource import Id, Resource, add_resource, operation, router
from app.http.routing import requires

renderer = Renderer(schemas.DecisionRead)
outcome_renderer = Renderer(schemas.OutcomeRead)

decisions = router("decisions")
decision_outcomes = router("decision-outcomes")

show_outcome = one(outcome_renderer, 201, location=decision_outcomes.prefix)

add_resource(
    decisions,
    Resource(
        "decision",
        "decisions",
        renderer,
        lists=Lists(service.DECISIONS, renderer),
        list=service.list_decisions,
        get=service.get_decision,
        create=service.create_decision,
        create_schema=schemas.DecisionCreate,
        about="The decision log: it only grows, newest first.",
    ),
)
add_resource(
    decision_outcomes,
    Resource(
        "decision_outcome",
        "decision-outcomes",
        outcome_renderer,
        lists=Lists(service.OUTCOMES, outcome_renderer),
        list=service.list_outcomes,
        get=service.get_outcome,
        about="What came of decisions, as it was found later; it only grows, newest first.",
    ),
)


@decisions.post(
    "/{id}/outcomes", status_code=201, response_model=schemas.OutcomeRead, **operation("record_decision_outcome")
)
@requires(Right.WRITE)
async def record_decision_outcome(request: Request, id: Id, data: schemas.OutcomeCreate) -> Response:
    """Hold what came of a decision against what was decided; a decision may have several outcomes."""
    return await write(request, show_outcome, service.create_outcome, id, data)
