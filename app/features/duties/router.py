from fastapi import Request, Response
from pydantic import TypeAdapter

from app.core.caller import Right
from app.features.duties import queries, schemas, service
from app.http.answers import Renderer, model, write
from app.http.lists import Lists
from app.http.resource import Resource, add_resource, operation, router
from app.http.routing import requires

rule_renderer = Renderer(schemas.DutyRuleRead)
profile_renderer = Renderer(schemas.DutyProfileRead)
applied = model(TypeAdapter(schemas.DutyRulesApplied))

duty_rules = router("duty-rules")
duty_profiles = router("duty-profiles")

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
