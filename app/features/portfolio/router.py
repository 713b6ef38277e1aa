from decimal import Decimal
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import Query, Request, Response

from app.core.caller import Caller, Right
from app.core.schema import FactDay, Instant
from app.db.listing import ListQuery, Page
from app.features.portfolio import queries, schemas, service
from app.http.answers import Renderer
from app.http.lists import Lists
from app.http.resource import TEXT, operation, page_schema, router
from app.http.routing import requires
from app.measures.definition import Conventions
from app.settings import Settings

portfolio_renderer = Renderer(schemas.PortfolioRead, owner="id", state="status")
lists = Lists(queries.PORTFOLIO, portfolio_renderer)
FILES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {"schema": TEXT}, "application/x-ndjson": {"schema": TEXT}}}
}

portfolio = router("portfolio")


@portfolio.get(
    "",
    response_model=page_schema(schemas.PortfolioRead),
    responses=FILES,
    openapi_extra={"parameters": lists.parameters()},
    **operation("list_portfolio"),
)
@requires(Right.READ)
async def list_portfolio(
    request: Request,
    on: Annotated[FactDay | None, Query(description="By default today; never ahead.")] = None,
    changed_since: Annotated[Instant | None, Query(description="Tell what happened from this instant on.")] = None,
) -> Response:
    """The Monday view: each project with its seats, health, indices, next milestone, what waits, what is overdue and
    what has changed. Without `status` the live ones: active, on the back burner, on hold. CPI and forecast margin are
    shown to those who see the project's money.
    """
    settings: Settings = request.app.state.settings
    conventions = Conventions(
        week_line_rule=settings.kpi.week_line_rule,
        budget_tolerance=Decimal(str(settings.kpi.budget_tolerance)).quantize(Decimal("0.0001")),
        time_zone=settings.calendar.time_zone,
    )
    stale_days = settings.projects.health_stale_days

    def of_page(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
        return service.list_portfolio(conn, caller, query, on, changed_since, stale_days, conventions)

    return await lists.answer(request, of_page, long=True)
