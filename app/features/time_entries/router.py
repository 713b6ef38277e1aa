from fastapi import Request, Response

from app.core.caller import Right
from app.features.time_entries import schemas, service
from app.http.answers import Renderer, many, write
from app.http.lists import Lists
from app.http.resource import Resource, add_resource, operation, page_schema, router
from app.http.routing import requires

renderer = Renderer(schemas.TimeEntryRead)
several_made = many(renderer, 201)

WRITERS = (Right.WRITE_OWN_HOURS, Right.WRITE_ALL_HOURS)

time_entries = router("time-entries")

add_resource(
    time_entries,
    Resource(
        "time_entry",
        "time-entries",
        renderer,
        lists=Lists(service.TIME_ENTRIES, renderer),
        list=service.list_time_entries,
        get=service.get_time_entry,
        create=service.create_time_entry,
        create_schema=schemas.TimeEntryCreate,
        update=service.update_time_entry,
        update_schema=schemas.TimeEntryUpdate,
        delete=service.delete_time_entry,
        readers=(Right.READ, Right.READ_OWN_WRITES),
        writers=WRITERS,
        about="Hours worked. An integration sees those that it has written.",
        hot_create=True,
    ),
)


@time_entries.post(
    "/batch",
    status_code=201,
    response_model=page_schema(schemas.TimeEntryRead),
    **operation("create_time_entries"),
)
@requires(*WRITERS)
async def create_time_entries(request: Request, data: schemas.TimeEntryBatch) -> Response:
    """Add up to 1000 time entries, all or none."""
    return await write(request, several_made, service.create_time_entries, data)
