from fastapi import Request, Response
from pydantic import TypeAdapter

from app.core.caller import Right
from app.features.templates import closing, queries, schemas, service
from app.features.templates import kick_off as kick_off_service
from app.features.templates import tasks as task_service
from app.http.answers import Renderer, model, read, write
from app.http.lists import Lists
from app.http.preconditions import expected_version
from app.http.resource import Ref, Resource, add_resource, as_ref, operation, router
from app.http.routing import requires

template_renderer = Renderer(schemas.ProjectTemplateRead)
task_renderer = Renderer(schemas.ProjectTaskRead)

project_templates = router("project-templates")
project_tasks = router("project-tasks")
project_steps = router("projects")

show_kick_off = model(TypeAdapter(schemas.KickOffRead))
show_check = model(TypeAdapter(schemas.ClosingCheck))
show_close = model(TypeAdapter(schemas.ProjectCloseRead))
PLAINLY = schemas.ProjectClose()

add_resource(
    project_templates,
    Resource(
        "project_template",
        "project-templates",
        template_renderer,
        lists=Lists(queries.TEMPLATES, template_renderer),
        list=service.list_templates,
        get=service.get_template,
        create=service.create_template,
        create_schema=schemas.ProjectTemplateCreate,
        update=service.update_template,
        update_schema=schemas.ProjectTemplateUpdate,
        delete=service.delete_template,
        keyed=True,
        about="What projects of a kind begin with.",
    ),
)
add_resource(
    project_tasks,
    Resource(
        "project_task",
        "project-tasks",
        task_renderer,
        lists=Lists(queries.TASKS, task_renderer),
        list=task_service.list_tasks,
        get=task_service.get_task,
        create=task_service.create_task,
        create_schema=schemas.ProjectTaskCreate,
        delete=task_service.delete_task,
        about="What is to be done on projects, on the occasions of the playbook.",
    ),
)
# Ticking is for more people than writing is.
add_resource(
    project_tasks,
    Resource(
        "project_task",
        "project-tasks",
        task_renderer,
        update=task_service.update_task,
        update_schema=schemas.ProjectTaskUpdate,
        writers=(Right.TICK_CHECKLISTS,),
    ),
)


@project_steps.post("/{id}/kick-off", response_model=schemas.KickOffRead, **operation("kick_off_project"))
@requires(Right.WRITE)
async def kick_off_project(request: Request, id: Ref, data: schemas.KickOff) -> Response:
    """Begin a project of the pipeline by a template, in one transaction: seats, people, milestones, estimates, skills
    and tasks are made, it becomes active on `start_on`, and baseline 1 is frozen. What the project has already stays.
    409 `seats-unfilled` lists each role of the template without a person, with those who could take it.
    """
    expected = expected_version(request, required=False)
    return await write(request, show_kick_off, kick_off_service.kick_off, as_ref(id), data, expected)


@project_steps.get("/{id}/closing-check", response_model=schemas.ClosingCheck, **operation("get_closing_check"))
@requires(Right.READ)
async def get_closing_check(request: Request, id: Ref) -> Response:
    """What is open on a project, and what is worth a look before it is closed."""
    return await read(request, show_check, closing.get_closing_check, as_ref(id), long=True)


@project_steps.post("/{id}/prepare-closing", response_model=schemas.ClosingCheck, **operation("prepare_closing"))
@requires(Right.WRITE)
async def prepare_closing(request: Request, id: Ref) -> Response:
    """Copy the playbook's closing checklist to the project's tasks, once, and answer what is open."""
    expected = expected_version(request, required=False)
    return await write(request, show_check, closing.prepare_closing, as_ref(id), expected)


@project_steps.post("/{id}/close", response_model=schemas.ProjectCloseRead, **operation("close_project"))
@requires(Right.WRITE)
async def close_project(request: Request, id: Ref, data: schemas.ProjectClose = PLAINLY) -> Response:
    """Close a project on which nothing is open; 409 `not-ready-to-close` lists what is, as `open[] {what, id, detail}`.
    `accept_open` closes it nevertheless, for a reason that goes to the decision log.
    """
    expected = expected_version(request, required=False)
    return await write(request, show_close, closing.close_project, as_ref(id), data, expected)
