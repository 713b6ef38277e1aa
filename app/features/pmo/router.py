from fastapi import Request, Response

from app.core.caller import Right
from app.features.pmo import development, queries, schemas, service
from app.http.answers import Renderer, one, write
from app.http.lists import Lists
from app.http.preconditions import expected_version
from app.http.resource import Id, Resource, add_resource, operation, router
from app.http.routing import requires

need_renderer = Renderer(schemas.SkillNeedRead)
development_renderer = Renderer(schemas.DevelopmentRead)

skill_needs = router("skill-needs")
developments = router("developments")

show_development = one(development_renderer)
COMPLETED = schemas.DevelopmentComplete()

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


@developments.post("/{id}/complete", response_model=schemas.DevelopmentRead, **operation("complete_development"))
@requires(Right.WRITE)
async def complete_development(request: Request, id: Id, data: schemas.DevelopmentComplete = COMPLETED) -> Response:
    """The level has been reached: the person's skill is raised to it, and never lowered."""
    expected = expected_version(request, required=False)
    return await write(request, show_development, development.complete_development, id, data.completed_on, expected)
