"""When a project will be done, as the API shows it."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.core.schema import RoleKey, Schema, hours_marks
from app.features.capacity.service import NoFinish, RemainingBasis

TeamHours = Annotated[Decimal, *hours_marks(10_000_000)]


class NoForecast(StrEnum):
    """Why no day of finishing is known."""

    REMAINING_UNKNOWN = "remaining_unknown"  # neither an estimate nor a budget of hours
    NO_CAPACITY = NoFinish.NO_CAPACITY
    TEAM_ENDS = NoFinish.TEAM_ENDS
    BEYOND_HORIZON = NoFinish.BEYOND_HORIZON
    ON_HOLD = NoFinish.ON_HOLD
    PROJECT_ENDS = NoFinish.PROJECT_ENDS


class RemainingHours(Schema):
    """The hours that remain for a role; a null role: for nobody in particular."""

    role: RoleKey | None
    hours: TeamHours


class TeamWeek(Schema):
    """An ISO week of the team: what it has free for this project, and what of that the remaining work takes."""

    week: str = Field(examples=["2026-W14"])
    free_hours: TeamHours
    planned_hours: TeamHours


class ForecastRead(Schema):
    """When the team's free hours will have covered what remains, with what that is computed from."""

    project_id: UUID
    on: date
    due_on: date | None
    finish_on: date | None
    finish_reason: NoForecast | None = Field(description="Why `finish_on` is null.")
    days_late: Annotated[int, Field(ge=-200_000, le=200_000)] | None = Field(
        description="Days from `due_on` to `finish_on`; negative: before it."
    )
    basis: RemainingBasis = Field(
        description="What the remaining hours stand on: the latest `estimates` of the roles, else the hours `budget` "
        "of the current baseline less the hours logged, else `none`."
    )
    remaining: list[RemainingHours]
    weeks: list[TeamWeek] = Field(description="Up to the one of `finish_on`, else as far as the calendar is looked at.")
