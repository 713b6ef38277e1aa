from typing import Annotated

from fastapi import Query, Request, Response
from pydantic import TypeAdapter

from app.core.caller import Right
from app.core.schema import FactDay
from app.features.status_reports import draft, queries, schemas, service
from app.http.answers import Renderer, model, read
from app.http.lists import Lists
from app.http.resource import Ref, Resource, add_resource, as_ref, operation, router
from app.http.routing import requires
from app.settings import Settings

report_renderer = Renderer(schemas.StatusReportRead)

status_reports = router("status-reports")
project_health = router("projects")

On = Annotated[FactDay | None, Query(description="By default today.")]

Days = Annotated[int, Query(ge=1, le=60, description="How many days ahead something counts as due next.")]

show_draft = model(TypeAdapter(schemas.StatusReportDraft))
show_health = model(TypeAdapter(schemas.ProjectHealth))

add_resource(
    status_reports,
    Resource(
        "status_report",
        "status-reports",
        report_renderer,
        lists=Lists(queries.STATUS_REPORTS, report_renderer),
        list=service.list_status_reports,
        get=service.get_status_report,
        create=service.create_status_report,
        create_schema=schemas.StatusReportCreate,
        update=service.update_status_report,
        update_schema=schemas.StatusReportUpdate,
        delete=service.delete_status_report,
        about="How projects stand: at most one report a project and day.",
    ),
)


@project_health.get("/{id}/health", response_model=schemas.ProjectHealth, **operation("get_project_health"))
@requires(Right.READ)
async def get_project_health(request: Request, id: Ref, on: On = None) -> Response:
    """The health of a project on a day: the worst dimension of its latest report until then, and how old that is."""
    settings: Settings = request.app.state.settings
    stale_days = settings.projects.health_stale_days
    return await read(request, show_health, service.get_project_health, as_ref(id), on, stale_days)


@project_health.get(
    "/{id}/status-report-draft", response_model=schemas.StatusReportDraft, **operation("get_status_report_draft")
)
@requires(Right.READ)
async def get_status_report_draft(request: Request, id: Ref, on: On = None, days: Days = 14) -> Response:
    """What happened on a project since its last report and what is due next, with a report made of it: to be read,
    changed, and sent to POST /v1/status-reports."""
    return await read(request, show_draft, draft.get_draft, as_ref(id), on, days, long=True)
