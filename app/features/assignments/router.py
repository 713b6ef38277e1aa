from app.features.assignments import schemas, service
from app.http.answers import Renderer
from app.http.lists import Lists
from app.http.resource import Resource, add_resource, router

renderer = Renderer(schemas.AssignmentRead, state="state")

assignments = router("assignments")

add_resource(
    assignments,
    Resource(
        "assignment",
        "assignments",
        renderer,
        lists=Lists(service.ASSIGNMENTS, renderer),
        list=service.list_assignments,
        get=service.get_assignment,
        create=service.create_assignment,
        create_schema=schemas.AssignmentCreate,
        update=service.update_assignment,
        update_schema=schemas.AssignmentUpdate,
        delete=service.delete_assignment,
        about="Who has which role on a project, when. PATCH `valid_to` to end one.",
    ),
)
