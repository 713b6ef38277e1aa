from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from app.core.schema import SENSITIVE, Currency, Figure, Instant, Schema, Sum, decimal_marks

WholeHours = Annotated[Decimal, *decimal_marks(-1_000_000, 1_000_000, 4)]
Percent = Annotated[Figure, SENSITIVE]


class ImpactLine(Schema):
    """The hours of a role, and what they cost at the rates of the days on which they are worked."""

    role: str | None
    hours: WholeHours
    from_on: date
    until_on: date
    cost: Sum | None = None
    reason: str | None = Field(default=None, description="Why the cost is not known.")


class OptionImpact(Schema):
    """What an option takes and leaves. What is not known is null, and `reasons` says why, by field."""

    option_id: UUID
    number: int
    chosen: bool
    hours: WholeHours = Field(description="The sum of the hours that are added and saved.")
    lines: list[ImpactLine]
    purchases: Sum | None = None
    cost: Sum | None = Field(default=None, description="The lines, each rounded to the cent, and the purchases.")
    price: Sum | None = None
    margin: Sum | None = Field(default=None, description="The price less the cost.")
    margin_percent: Percent | None = Field(default=None, description="The margin in percent of the price.")
    finish_on: date | None = Field(description="When the team's free hours cover what remains and what is added.")
    finish_reason: str | None
    due_on: date | None = Field(description="The day that would be promised: not before the work is done.")
    exposure_before: int
    exposure: int = Field(description="The sum of likelihood × impact of the open risks, with the option's changes.")
    eac_before: Sum | None = None
    eac: Sum | None = Field(default=None, description="Estimate at completion: spent, remaining and added cost.")
    fee: Sum | None = None
    forecast_margin: Percent | None = Field(default=None, description="The fee less `eac`, in percent of the fee.")
    reasons: dict[str, str]


class ImpactRead(Schema):
    """What the options of a change take: as things stand while it is open, as it was decided on afterwards."""

    change_request_id: UUID
    project_id: UUID
    currency: Currency
    computed_at: Instant
    frozen: bool
    options: list[OptionImpact]
    inputs: Annotated[dict[str, Any] | None, SENSITIVE] = Field(
        default=None, description="All that went in: the day, remaining hours, free hours by week, rates, risks."
    )
