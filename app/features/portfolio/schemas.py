"""What the portfolio shows of a project: how it stands on a day, and what has happened since another."""

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.core.schema import SENSITIVE, Instant, Read, Schema, decimal_marks
from app.models.delivery import Health
from app.models.project import Engagement, ProjectStatus

MOST = 10**12

Percent = Annotated[Decimal, *decimal_marks(0, 100, 4)]
Index = Annotated[Decimal, *decimal_marks(-MOST, MOST, 4)]
MoneyIndex = Annotated[Decimal, *decimal_marks(-MOST, MOST, 4), SENSITIVE]


class PortfolioSeat(Schema):
    """A role that the project needs, and who holds it on that day."""

    role: str
    person_id: UUID | None
    name: str | None
    vacant: bool


class PortfolioChange(Schema):
    """Events of one type about the project."""

    type: str = Field(examples=["project.transitioned"])
    count: int
    last_at: Instant


class PortfolioRead(Read):
    """A project on a day. `version` and `etag` are the project's own."""

    code: str
    name: str
    client_id: UUID
    client_code: str
    client_name: str
    status: ProjectStatus = Field(description="On that day.")
    engagement: Engagement
    priority: int
    start_on: date | None
    due_on: date | None
    account_manager_id: UUID | None
    production_manager_id: UUID | None
    seats: list[PortfolioSeat]
    health: Health | None = Field(description="The worst dimension of the latest report; null without any.")
    health_reported_on: date | None
    health_age_days: int | None
    health_stale: bool | None = Field(description="The report is older than `TANDEM_PROJECTS_HEALTH_STALE_DAYS`.")
    percent_complete: Percent | None = Field(description="As the latest report says.")
    spi_t: Index | None = Field(description="Earned schedule over elapsed time: the KPI of that name.")
    cpi: MoneyIndex | None = Field(default=None, description="Earned value over cost: the KPI of that name.")
    forecast_margin: MoneyIndex | None = Field(default=None, description="In per cent: the KPI of that name.")
    next_milestone: str | None = Field(description="The one that is due first of those not reached.")
    next_milestone_on: date | None = Field(description="As forecast, else as planned.")
    next_milestone_days: int | None = Field(description="Until then; negative where it is overdue.")
    decisions_waiting: int = Field(description="Change requests that await a decision now.")
    decide_by: date | None = Field(description="The earliest day by which one of them is to be decided.")
    overdue_promises: int
    exposure: int | None = Field(
        description="Likelihood × impact of the open risks, added up; null where nobody has noted any risk."
    )
    rescue_id: UUID | None = Field(description="The rescue that runs now.")
    changed: list[PortfolioChange] = Field(
        default_factory=list, description="What happened since `changed_since`; absent where that is not asked."
    )
