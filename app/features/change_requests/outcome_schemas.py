"""Small changes out of an allowance, and what came of a change, as the API shows them."""

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from app.core.schema import (
    Currency,
    Example,
    Name,
    RoleKey,
    Schema,
    Sum,
    Words,
    decimal_marks,
    hours_marks,
)

HOURS_EXAMPLE: Example = {"hours": [{"role": "illustrator", "hours": "2"}], "why": "Small, and dear to the client."}

SmallHours = Annotated[Decimal, *hours_marks(10_000)]
TotalHours = Annotated[Decimal, *decimal_marks(-1_000_000, 1_000_000, 2)]


class SmallLine(Schema):
    """Hours of a role, out of the allowance."""

    role: RoleKey
    hours: SmallHours


SmallLines = Annotated[list[SmallLine], Field(min_length=1, max_length=100)]


class AllowanceApprove(Schema):
    """What a small change takes of the project's allowance, and why."""

    model_config = ConfigDict(json_schema_extra={"examples": [HOURS_EXAMPLE]})
    hours: SmallLines
    why: Words


class AllowanceCreate(Schema):
    """A small change, filed and approved in one call."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "project_id": "01890000-0000-7000-8000-000000000003",
                    "title": "A second colour for the button",
                    "value_statement": "Customers find the till at once.",
                    **HOURS_EXAMPLE,
                }
            ]
        }
    )
    project_id: UUID
    title: Name
    value_statement: Words
    hours: SmallLines
    why: Words
    requested_by_id: UUID | None = Field(default=None, description="A contact of the project's client.")


class AllowanceRead(Schema):
    """The hours of small changes that were agreed beforehand. Null: none were."""

    project_id: UUID
    allowance_hours: TotalHours | None
    used_hours: TotalHours
    left_hours: TotalHours | None


class ChangeFigures(Schema):
    """What a change took and brought. Money is absent without the right to see it."""

    hours: TotalHours | None
    cost: Sum | None = Field(default=None, description="Labour and purchases; unknown as soon as one of them is.")
    labour: Sum | None = Field(default=None, description="The hours at cost.")
    purchases: Sum | None = Field(
        default=None, description="What is bought for it; actual: expenses that name the change and are not passed on."
    )
    finish_on: date | None
    value_points: int | None


class ChangeDifference(Schema):
    """Actual minus estimated; `days_late` is negative where it was early."""

    hours: TotalHours | None
    cost: Sum | None = None
    days_late: int | None
    value_points: int | None


class ChangeOutcome(Schema):
    """The estimate that was decided on beside what came of it, so far."""

    change_request_id: UUID
    currency: Currency
    estimated: ChangeFigures
    actual: ChangeFigures
    difference: ChangeDifference
    reasons: list[str] = Field(description="Why a figure is null.")
