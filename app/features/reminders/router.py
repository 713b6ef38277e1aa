from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import TypeAdapter

from app.core.caller import Right
from app.core.schema import FactDay
from app.features.reminders import schemas, service
from app.features.reminders.schemas import ReminderKind
from app.http.answers import model, read
from app.http.resource import operation, router
from app.http.routing import requires
from app.settings import Settings

reminders = router("reminders")

show_reminders = model(TypeAdapter(schemas.RemindersRead))
MOST = 500


@reminders.get("", response_model=schemas.RemindersRead, **operation("get_reminders"))
@requires(Right.READ)
async def get_reminders(
    request: Request,
    on: Annotated[FactDay | None, Query(description="By default today; it may lie ahead.")] = None,
    kind: Annotated[ReminderKind | None, Query(description="This kind alone.")] = None,
    person_id: Annotated[UUID | None, Query(description="What this person should see to.")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST, description="So many at most, the oldest first.")] = MOST,
) -> Response:
    """What is due on a day or before, and has not been done by now: outcome reviews, stale health, links that nobody
    has answered, promises, responses to risks, rescue actions, decisions, trainings, touchpoints, milestones, tasks and
    months to close. Each is told once as the event `reminder.sent`.
    """
    settings: Settings = request.app.state.settings
    chosen = settings.reminders
    days = service.ReminderDays(
        settings.projects.health_stale_days, chosen.link_days, chosen.promise_days, chosen.period_days
    )
    return await read(request, show_reminders, service.list_reminders, on, kind, person_id, limit, days, long=True)
