"""What lies between two baselines of a project, as the API shows it."""

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.core.schema import Amount, Currency, Money, Schema, decimal_marks
from app.features.projects.rules import MilestoneMove
from app.features.projects.schemas import ProjectHours, Weight
from app.models.project import BaselineCause

Days = Annotated[int, Field(ge=-200_000, le=200_000)]
SignedHours = Annotated[Decimal, *decimal_marks(-1_000_000, 1_000_000, 4)]
WORKING = "Null: also where a day lies outside the office calendar."


class ComparedBaseline(Schema):
    """One of the two baselines."""

    id: UUID
    number: Annotated[int, Field(ge=1, le=1_000_000)]
    cause: BaselineCause
    change_request_id: UUID | None
    valid_from: date
    currency: Currency


class MoneyDifference(Schema):
    """An amount in both; no difference where one is unknown, or they are in different currencies."""

    before: Amount | None = None
    after: Amount | None = None
    difference: Money | None = None


class HoursDifference(Schema):
    """Hours in both; no difference where they are unknown in one."""

    before: ProjectHours | None
    after: ProjectHours | None
    difference: SignedHours | None


class DayDifference(Schema):
    """A day in both; negative days: it is earlier now. Null where a day is unknown in one."""

    before: date | None
    after: date | None
    days: Days | None
    working_days: Days | None = Field(description=WORKING)


class ComparedMilestone(Schema):
    """A milestone as one of the baselines froze it."""

    name: str
    planned_on: date | None
    weight: Weight


class MilestoneDifference(Schema):
    """A milestone that is not the same in both: null in the one that does not have it."""

    milestone_id: UUID
    what: list[MilestoneMove]
    before: ComparedMilestone | None
    after: ComparedMilestone | None
    days: Days | None
    working_days: Days | None = Field(description=WORKING)


class BaselineComparison(Schema):
    """What lies between two baselines of a project, and which changes made the difference.

    `fee` and `cost_budget` are left out for those who may not see the money of the project.
    """

    project_id: UUID
    from_baseline: ComparedBaseline
    to_baseline: ComparedBaseline
    fee: MoneyDifference | None = None
    cost_budget: MoneyDifference | None = None
    hours_budget: HoursDifference
    start_on: DayDifference
    due_on: DayDifference
    milestones: list[MilestoneDifference] = Field(description="Those that differ.")
    change_request_ids: list[UUID] = Field(description="Of the baselines after the earlier one, up to the later one.")
