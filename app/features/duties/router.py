from typing import Annotated

from fastapi import Query, Request, Response
from pydantic import TypeAdapter

from app.core.caller import Right
from app.core.schema import FactDay
from app.features.duties import queries, schemas, service
from app.http.answers import Renderer, model, read, write
from app.http.lists import Lists
from app.http.resource import Ref, Resource, add_resource, as_ref, operation, router
from app.http.routing import requires
from app.measures.definition import Conventions
from app.settings import Settings

rule_renderer = Renderer(schemas.DutyRuleRead)
profile_renderer = Renderer(schemas.DutyProfileRead)
applied = model(TypeAdapter(schemas.DutyRulesApplied))

spent = model(TypeAdapter(schemas.PersonDuties))

From = Annotated[FactDay | None, Query(alias="from", description="The first day. Default: 13 weeks before `until`.")]
Until = Annotated[FactDay | None, Query(description="The day after the last. Default: tomorrow.")]

duty_rules = router("duty-rules")
duty_profiles = router("duty-profiles")
person_duties = router("people")

add_resource(
    duty_rules,
    Resource(
        "duty_rule",
        "duty-rules",
        rule_renderer,
        lists=Lists(queries.DUTY_RULES, rule_renderer),
        list=service.list_duty_rules,
        get=service.get_duty_rule,
        create=service.create_duty_rule,
        create_schema=schemas.DutyRuleCreate,
        update=service.update_duty_rule,
        update_schema=schemas.DutyRuleUpdate,
        delete=service.delete_duty_rule,
        about="They tag hours that come without a responsibility. The lowest position wins, then the one that asks for "
        "more.",
    ),
)
add_resource(
    duty_profiles,
    Resource(
        "duty_profile",
        "duty-profiles",
        profile_renderer,
        lists=Lists(queries.DUTY_PROFILES, profile_renderer),
        list=service.list_duty_profiles,
        get=service.get_duty_profile,
        create=service.create_duty_profile,
        create_schema=schemas.DutyProfileCreate,
        update=service.update_duty_profile,
        update_schema=schemas.DutyProfileUpdate,
        delete=service.delete_duty_profile,
        about="Hours a week that people say to spend on each responsibility: they stand in where none are logged.",
    ),
)


@duty_rules.post("/apply", response_model=schemas.DutyRulesApplied, **operation("apply_duty_rules"))
@requires(Right.WRITE)
async def apply_duty_rules(request: Request, data: schemas.DutyRulesApply) -> Response:
    """Tag the hours of these days that still bear no responsibility; `?dry_run=true` only says how many they are."""
    return await write(request, applied, service.apply_duty_rules, data)


@person_duties.get("/{id}/duties", response_model=schemas.PersonDuties, **operation("list_person_duties"))
@requires(Right.READ)
async def list_person_duties(request: Request, id: Ref, start: From = None, until: Until = None) -> Response:
    """Hours by responsibility, and how torn somebody is between clients and projects: where to split first."""
    settings: Settings = request.app.state.settings
    conventions = Conventions(week_line_rule=settings.kpi.week_line_rule)
    return await read(request, spent, service.list_person_duties, as_ref(id), start, until, conventions, long=True)
