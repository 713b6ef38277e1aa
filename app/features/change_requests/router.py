from app.features.change_requests import options as option_service
from app.features.change_requests import queries, schemas, service
from app.http.answers import Renderer
from app.http.lists import Lists
from app.http.resource import Resource, add_resource, router

change_renderer = Renderer(schemas.ChangeRequestRead)
option_renderer = Renderer(schemas.ChangeOptionRead)

change_requests = router("change-requests")
change_options = router("change-options")

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
