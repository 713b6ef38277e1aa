from app.features.roles import queries, schemas, service
from app.http.answers import Renderer
from app.http.lists import Lists
from app.http.resource import Resource, add_resource, router

role_renderer = Renderer(schemas.RoleRead)
responsibility_renderer = Renderer(schemas.ResponsibilityRead)

roles = router("roles")
responsibilities = router("responsibilities")

add_resource(
    roles,
    Resource(
        "role",
        "roles",
        role_renderer,
        lists=Lists(queries.ROLES, role_renderer),
        list=service.list_roles,
        get=service.get_role,
        create=service.create_role,
        create_schema=schemas.RoleCreate,
        update=service.update_role,
        update_schema=schemas.RoleUpdate,
        delete=service.delete_role,
        keyed=True,
        about="What people are on projects. The account manager and the production manager are built in.",
    ),
)
add_resource(
    responsibilities,
    Resource(
        "responsibility",
        "responsibilities",
        responsibility_renderer,
        lists=Lists(queries.RESPONSIBILITIES, responsibility_renderer),
        list=service.list_responsibilities,
        get=service.get_responsibility,
        create=service.create_responsibility,
        create_schema=schemas.ResponsibilityCreate,
        update=service.update_responsibility,
        update_schema=schemas.ResponsibilityUpdate,
        delete=service.delete_responsibility,
        keyed=True,
        about="The duties of the roles: towards the client, the project or the craft.",
    ),
)
