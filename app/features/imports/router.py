from fastapi import Request, Response
from pydantic import TypeAdapter

from app.core.caller import Right
from app.features.imports import schemas, service
from app.http.answers import model, write
from app.http.resource import operation, router
from app.http.routing import requires

report = model(TypeAdapter(schemas.ImportReport))

imports = router("imports")


@imports.post("", response_model=schemas.ImportReport, **operation("create_import"))
@requires(Right.ADMINISTER)
async def create_import(request: Request, data: schemas.ImportCreate) -> Response:
    """Import files, all or nothing, by natural key: what is new is created, what differs is updated.

    Answers a report of every row. When one fails nothing is kept, and the problem carries the report.
    """
    return await write(request, report, service.create_import, data)
