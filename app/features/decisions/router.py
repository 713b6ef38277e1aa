from app.features.decisions import schemas, service
from app.http.answers import Renderer
from app.http.lists import Lists
from app.http.resource import Resource, add_resource, router

renderer = Renderer(schemas.DecisionRead)

decisions = router("decisions")

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
