from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import Query, Request, Response
from pydantic import TypeAdapter

from app.core.caller import Caller, Right
from app.core.schema import FactDay
from app.features.pmo import charter, development, gap, queries, schemas, service, worth
from app.http.answers import HIDDEN, Renderer, model, one, read, write
from app.http.lists import Lists
from app.http.preconditions import etag, expected_version
from app.http.resource import Id, Resource, add_resource, operation, router
from app.http.routing import requires
from app.measures.catalogue import KPIS
from app.measures.definition import Conventions
from app.settings import Settings


class CharterRenderer(Renderer):
    """Leaves the figures of money KPIs out for those who may not see money."""

    def etag(self, row: sa.Row[Any], caller: Caller) -> str:
        return etag(row, row._mapping.get("state"), "" if caller.sees_all_money else HIDDEN)

    def values(self, rows: Sequence[sa.Row[Any]], caller: Caller) -> list[dict[str, Any]]:
        found = super().values(rows, caller)
        for row, values in zip(rows, found, strict=True):
            values["etag"] = self.etag(row, caller)
            if not caller.sees_all_money:
                values["success_measures"] = [_without_money(measure) for measure in values["success_measures"]]
        return found


def _without_money(measure: dict[str, Any]) -> dict[str, Any]:
    definition = KPIS.get(measure["kpi"])
    if definition is not None and not definition.money:
        return measure
    return {name: value for name, value in measure.items() if name not in ("baseline", "target")}


need_renderer = Renderer(schemas.SkillNeedRead)
development_renderer = Renderer(schemas.DevelopmentRead)

charter_renderer = CharterRenderer(schemas.CharterRead)

skill_needs = router("skill-needs")
developments = router("developments")
charters = router("charter")
charter_versions = router("charter-versions")
skills_gap = router("skills-gap")
office_worth = router("worth")

show_development = one(development_renderer)
show_charter = one(charter_renderer)
show_gap = model(TypeAdapter(schemas.SkillsGapRead))
show_worth = model(TypeAdapter(schemas.WorthRead))
COMPLETED = schemas.DevelopmentComplete()

From = Annotated[FactDay | None, Query(alias="from", description="The first day. Default: this week's Monday.")]
Until = Annotated[FactDay | None, Query(description="The day after the last. Default: 13 weeks on; 53 at most.")]
Since = Annotated[FactDay | None, Query(alias="from", description="The first day. Default: 365 days before `until`.")]
UpTo = Annotated[FactDay | None, Query(description="The day after the last. Default: tomorrow.")]

add_resource(
    skill_needs,
    Resource(
        "skill_need",
        "skill-needs",
        need_renderer,
        lists=Lists(queries.SKILL_NEEDS, need_renderer),
        list=service.list_skill_needs,
        get=service.get_skill_need,
        create=service.create_skill_need,
        create_schema=schemas.SkillNeedCreate,
        update=service.update_skill_need,
        update_schema=schemas.SkillNeedUpdate,
        delete=service.delete_skill_need,
        about="What projects need people to be able to do, in hours a week.",
    ),
)
add_resource(
    developments,
    Resource(
        "development",
        "developments",
        development_renderer,
        lists=Lists(queries.DEVELOPMENTS, development_renderer),
        list=development.list_developments,
        get=development.get_development,
        create=development.create_development,
        create_schema=schemas.DevelopmentCreate,
        update=development.update_development,
        update_schema=schemas.DevelopmentUpdate,
        delete=development.delete_development,
        about="Trainings and mentorings, by which people are to reach a level in a skill.",
    ),
)
add_resource(
    charter_versions,
    Resource(
        "charter_version",
        "charter-versions",
        charter_renderer,
        lists=Lists(queries.CHARTER_VERSIONS, charter_renderer),
        list=charter.list_charters,
        about="All charters by number, those that have not begun yet among them; the list only grows.",
    ),
)


@developments.post("/{id}/complete", response_model=schemas.DevelopmentRead, **operation("complete_development"))
@requires(Right.WRITE)
async def complete_development(request: Request, id: Id, data: schemas.DevelopmentComplete = COMPLETED) -> Response:
    """The level has been reached: the person's skill is raised to it, and never lowered."""
    expected = expected_version(request, required=False)
    return await write(request, show_development, development.complete_development, id, data.completed_on, expected)


@charters.get("", response_model=schemas.CharterRead, **operation("get_charter"))
@requires(Right.READ)
async def get_charter(request: Request) -> Response:
    """What the office is for: the charter with the highest number of those that have begun. 404 while there is none."""
    return await read(request, show_charter, charter.get_charter)


@charters.put("", response_model=schemas.CharterRead, **operation("put_charter"))
@requires(Right.OVERRIDE)
async def put_charter(request: Request, data: schemas.CharterPut) -> Response:
    """Adopt a charter under the next number, from a day on; the old ones stay. Send the first with `If-Match: *`."""
    return await write(request, show_charter, charter.put_charter, data, expected_version(request, required=True))


@skills_gap.get("", response_model=schemas.SkillsGapRead, **operation("get_skills_gap"))
@requires(Right.READ)
async def get_skills_gap(request: Request, start: From = None, until: Until = None) -> Response:
    """What live and coming projects need people to be able to do, by ISO week and skill, against what people have.

    A person's free hours are shared among the skills that are needed in a week, so that as much as can be is covered.
    What projects in the pipeline need is told apart. For each skill with a gap: who could be trained, and by whom.
    """
    return await read(request, show_gap, gap.get_skills_gap, start, until, long=True)


@office_worth.get("", response_model=schemas.WorthRead, **operation("get_worth"))
@requires(Right.READ)
async def get_worth(request: Request, start: Since = None, until: UpTo = None) -> Response:
    """What the office cost in a window, against what the success measures of its charter have become since their
    baselines. It needs the right `see_money`.
    """
    return await read(request, show_worth, worth.get_worth, start, until, conventions(request), long=True)


def conventions(request: Request) -> Conventions:
    """What the settings say of KPIs."""
    settings: Settings = request.app.state.settings
    return Conventions(
        fiscal_start_month=settings.calendar.fiscal_start_month,
        week_line_rule=settings.kpi.week_line_rule,
        budget_tolerance=Decimal(str(settings.kpi.budget_tolerance)).quantize(Decimal("0.0001")),
        time_zone=settings.calendar.time_zone,
    )
