from app.features.pmo import queries, schemas, service
from app.http.answers import Renderer
from app.http.lists import Lists
from app.http.resource import Resource, add_resource, router

need_renderer = Renderer(schemas.SkillNeedRead)

skill_needs = router("skill-needs")

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
