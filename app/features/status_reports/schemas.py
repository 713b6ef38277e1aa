from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from app.core.schema import Example, FactDay, Read, Schema, Text, decimal_marks, partial
from app.models.delivery import Health

REPORT_EXAMPLE: Example = {
    "project_id": "01890000-0000-7000-8000-000000000003",
    "scope": "on_track",
    "schedule": "at_risk",
    "budget": "on_track",
    "team": "on_track",
    "client": "on_track",
    "percent_complete": "35.5",
    "narrative": "The design is accepted. The launch has slipped by two weeks.",
    "next_steps": "Agree with the client what goes live first.",
}

Percent = Annotated[Decimal, *decimal_marks(0, 100, 2)]


class StatusReportCreate(Schema):
    """How a project stands on a day, in five dimensions."""

    model_config = ConfigDict(json_schema_extra={"examples": [REPORT_EXAMPLE]})
    project_id: UUID
    reported_on: FactDay | None = Field(default=None, description="By default today; no later.")
    scope: Health = Health.ON_TRACK
    schedule: Health = Health.ON_TRACK
    budget: Health = Health.ON_TRACK
    team: Health = Health.ON_TRACK
    client: Health = Health.ON_TRACK
    percent_complete: Percent | None = None
    narrative: Text | None = None
    next_steps: Text | None = None
    author_id: UUID | None = Field(default=None, description="By default the caller.")


StatusReportUpdate = partial(
    "StatusReportUpdate",
    StatusReportCreate,
    without=frozenset({"project_id"}),
    example={"schedule": "off_track", "narrative": "The launch has slipped by a month."},
)


class StatusReportRead(Read):
    """How a project stands on a day. `health` is the worst of the five dimensions."""

    project_id: UUID
    reported_on: date
    health: Health
    scope: Health
    schedule: Health
    budget: Health
    team: Health
    client: Health
    percent_complete: Percent | None
    narrative: str | None
    next_steps: str | None
    author_id: UUID | None


class Dimensions(Schema):
    """The health of a project, dimension by dimension."""

    scope: Health
    schedule: Health
    budget: Health
    team: Health
    client: Health


class ProjectHealth(Schema):
    """The health of a project on a day: the worst dimension of the latest report until then."""

    project_id: UUID
    on: date
    health: Health | None = Field(description="Null, with a reason, where nobody has reported yet.")
    reason: Literal["no_report"] | None
    dimensions: Dimensions | None
    report_id: UUID | None
    reported_on: date | None
    age_days: int | None
    stale: bool | None = Field(description="Whether the report is older than the setting `health_stale_days` allows.")
