from typing import Annotated

from fastapi import Query, Request, Response
from pydantic import TypeAdapter

from app.core.caller import Right
from app.core.schema import FactDay
from app.features.goals import schemas, service
from app.http.answers import Renderer, model, read
from app.http.lists import Lists
from app.http.resource import Resource, add_resource, operation, router
from app.http.routing import requires

goal_renderer = Renderer(schemas.GoalRead)
link_renderer = Renderer(schemas.GoalLinkRead)

goals = router("goals")
goal_links = router("goal-links")
goal_alignment = router("goal-alignment")

add_resource(
    goals,
    Resource(
        "goal",
        "goals",
        goal_renderer,
        lists=Lists(service.GOALS, goal_renderer),
        list=service.list_goals,
        get=service.get_goal,
        create=service.create_goal,
        create_schema=schemas.GoalCreate,
        update=service.update_goal,
        update_schema=schemas.GoalUpdate,
        delete=service.delete_goal,
        keyed=True,
        writers=(Right.OVERRIDE,),
        about="Strategic objectives of the agency.",
    ),
)
add_resource(
    goal_links,
    Resource(
        "goal_link",
        "goal-links",
        link_renderer,
        lists=Lists(service.GOAL_LINKS, link_renderer),
        list=service.list_goal_links,
        get=service.get_goal_link,
        create=service.create_goal_link,
        create_schema=schemas.GoalLinkCreate,
        update=service.update_goal_link,
        update_schema=schemas.GoalLinkUpdate,
        delete=service.delete_goal_link,
        about="Which projects serve which goals.",
    ),
)

show_alignment = model(TypeAdapter(schemas.GoalAlignment))


@goal_alignment.get("", response_model=schemas.GoalAlignment, **operation("get_goal_alignment"))
@requires(Right.READ)
async def get_goal_alignment(
    request: Request, on: Annotated[FactDay | None, Query(description="By default today.")] = None
) -> Response:
    """How many of the projects that are active, on the back burner or on hold serve a goal, and which serve none.

    A goal counts within its period alone.
    """
    return await read(request, show_alignment, service.get_alignment, on)
