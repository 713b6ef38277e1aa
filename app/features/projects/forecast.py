"""When a project will be done: the first day on which its team's free hours cover what remains."""

from collections import Counter
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.calendar import Grain, period_of
from app.core.caller import Caller
from app.core.hours import SECONDS
from app.features.capacity import service as capacity
from app.features.capacity.service import Outlook, Plan, RemainingBasis
from app.features.projects import queries
from app.features.projects.forecast_schemas import NoForecast
from app.measures.figures import rounded


def get_forecast(conn: sa.Connection, caller: Caller, ref: UUID | str) -> dict[str, Any]:
    """The forecast as of today; the same statements for any number of people and roles."""
    project, today = queries.read(conn, ref), clock.today()
    outlook = capacity.outlook(conn, project.id, today)
    remaining = outlook.remaining
    plan = capacity.plan(outlook.team, remaining.hours, {})
    known = remaining.basis != RemainingBasis.NONE
    finish_on = plan.finish_on if known else None
    comparable = finish_on is not None and project.due_on is not None
    return {
        "project_id": project.id,
        "on": today,
        "due_on": project.due_on,
        "finish_on": finish_on,
        "finish_reason": plan.reason if known else NoForecast.REMAINING_UNKNOWN,
        "days_late": (finish_on - project.due_on).days if comparable else None,
        "basis": remaining.basis,
        "remaining": [{"role": role, "hours": _shown(seconds)} for role, seconds in remaining.hours.items()],
        "weeks": _weeks(outlook, plan),
    }


def _weeks(outlook: Outlook, plan: Plan) -> list[dict[str, Any]]:
    """The team's free hours and those that the plan takes, by week up to the one in which it ends."""
    free: Counter[str] = Counter()
    team = outlook.team
    end = period_of(plan.finish_on, Grain.WEEK).end if plan.finish_on is not None else None
    for place, (day, held) in enumerate(zip(team.days, team.held, strict=True)):
        if end is None or day < end:
            free[period_of(day, Grain.WEEK).label] += sum(team.free[person_id][place] for person_id in held)
    planned: Counter[str] = Counter()
    for piece in plan.pieces:
        planned[period_of(piece.day, Grain.WEEK).label] += piece.seconds
    return [
        {"week": week, "free_hours": _shown(seconds), "planned_hours": _shown(planned[week])}
        for week, seconds in free.items()
    ]


def _shown(seconds: int) -> Decimal:
    """Hours in hundredths, as everywhere; shares of a day need not be so many."""
    return rounded(Fraction(seconds, SECONDS), 2)
