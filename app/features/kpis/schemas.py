from datetime import date
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import BeforeValidator, ConfigDict, Field

from app.core.calendar import Grain
from app.core.schema import Currency, Day, Instant, RoleKey, Schema
from app.measures.definition import Additivity, Direction, KpiType
from app.measures.derivations import Basis
from app.measures.measure import Unit
from app.models.project import Engagement


class GroupBy(StrEnum):
    CLIENT = "client"
    PROJECT = "project"
    PERSON = "person"
    ENGAGEMENT = "engagement"
    ROLE = "role"


class Include(StrEnum):
    TOTALS = "totals"
    COVERAGE = "coverage"


class NumberForm(StrEnum):
    STRING = "string"
    FLOAT = "float"


class FileFormat(StrEnum):
    JSON = "json"
    CSV = "csv"
    NDJSON = "ndjson"


def _split(value: Any) -> Any:
    return value.split(",") if isinstance(value, str) else value


def _true_or_false(value: Any) -> Any:
    if value not in ("true", "false", True, False):
        raise ValueError("must be true or false")
    return value


Flag = Annotated[bool, BeforeValidator(_true_or_false)]
_several = Field(min_length=1, max_length=100)
Groups = Annotated[tuple[GroupBy, ...], _several, BeforeValidator(_split)]
Includes = Annotated[tuple[Include, ...], _several, BeforeValidator(_split)]
Ids = Annotated[tuple[UUID, ...], _several, BeforeValidator(_split)]
Engagements = Annotated[tuple[Engagement, ...], _several, BeforeValidator(_split)]
RoleKeys = Annotated[tuple[RoleKey, ...], _several, BeforeValidator(_split)]


class FormatQuery(Schema):
    """How a table is to be sent."""

    format: FileFormat | None = Field(None, description="Instead of `Accept`.")
    bom: Flag = Field(False, description="Begin CSV with a byte-order mark, for Excel.")


class ValuesQuery(FormatQuery):
    """What is asked of a KPI. A comma is “one of”."""

    start: Day | None = Field(None, alias="from", description="The first day. Default: that of the first fact.")
    until: Day | None = Field(None, description="The day after the last. Default: that after the last fact.")
    grain: Grain | None = Field(None, description="Cut the window into periods; without it, one row for all of it.")
    group_by: Groups | None = Field(None, description="Of the KPI's `dimensions`.")
    client_id: Ids | None = Field(None, description="Only what belongs to these clients.")
    project_id: Ids | None = Field(None, description="Only what belongs to these projects.")
    person_id: Ids | None = Field(None, description="Only what belongs to these people.")
    engagement: Engagements | None = Field(None, description="Only projects of these kinds of engagement.")
    role: RoleKeys | None = Field(None, description="Only people with these home roles.")
    currency: Currency | None = Field(
        None, description="Convert money at the latest rate on or before each day; without it, a row for each currency."
    )
    include: Includes | None = Field(None, description="`totals` beside the rows, `coverage` in each.")
    number: NumberForm = Field(NumberForm.STRING, description="`float` for figures as JSON numbers.")

    @property
    def filters(self) -> dict[str, tuple[Any, ...]]:
        """The keys to keep, by dimension."""
        given = {
            GroupBy.CLIENT: self.client_id,
            GroupBy.PROJECT: self.project_id,
            GroupBy.PERSON: self.person_id,
            GroupBy.ENGAGEMENT: self.engagement,
            GroupBy.ROLE: self.role,
        }
        return {dimension.value: keys for dimension, keys in given.items() if keys is not None}


class KpiRead(Schema):
    """A KPI of the catalogue: what it means, how it is computed, and how it may be asked for."""

    name: str
    label: str
    description: str
    type: KpiType
    numerator: list[str] = Field(examples=[["Σ time_entry.seconds / 3600 where billable"]])
    denominator: list[str]
    inputs: dict[str, str] = Field(description="What a derived KPI is made of, by the names in its formula.")
    time_dimension: str
    dimensions: list[GroupBy]
    unit: Unit
    scale: int = Field(description="Decimal places of the value.")
    direction: Direction
    additivity: Additivity
    money: bool = Field(description="Needs the right to see money.")
    reasons: list[str] = Field(description="Why a value can be null, or rows excluded.")
    drill_members: dict[str, list[str]]
    owner: str
    version: int
    source: str = Field(description="Where the formula is from.")
    etag: str


class KpiPage(Schema):
    """The catalogue; `next_cursor` is always null."""

    items: list[KpiRead]
    next_cursor: str | None


Figure = Annotated[str | float | None, Field(union_mode="left_to_right", examples=["58.6329"])]


class Coverage(Schema):
    """Of how many rows of facts a figure is made, and how many were left out, by reason."""

    rows_used: int
    rows_excluded: int
    reasons: dict[str, int] = Field(examples=[{"missing_rate": 2}])


class KpiRow(Schema):
    """A figure. Keys and labels of what was asked for by `group_by` are present; `currency` where it is money."""

    model_config = ConfigDict(serialize_by_alias=True)
    period: str | None = Field(examples=["2014-Q4"])
    start: date | None = Field(alias="from")
    until: date | None
    client_id: UUID | None = None
    client_code: str | None = None
    client_name: str | None = None
    project_id: UUID | None = None
    project_code: str | None = None
    project_name: str | None = None
    person_id: UUID | None = None
    person_email: str | None = None
    person_name: str | None = None
    engagement: Engagement | None = None
    role: str | None = None
    currency: Currency | None = None
    numerator: Figure
    denominator: Figure
    value: Figure
    n: int | None = Field(None, description="Of a KPI with an interval: of how many the share is.")
    lower_bound: Figure = Field(None, description="What the share is at least, at 95 % confidence (Wilson's interval).")
    reason: str | None = Field(description="Why the value is null.", examples=["no_hours"])
    is_partial: bool = Field(description="The period is not wholly in the window, or has not ended yet.")
    basis: Basis | None = Field(None, description="How the figure came about: logged or declared hours, for instance.")
    coverage: Coverage | None = None


class KpiMeta(Schema):
    """What the figures are, and by which conventions."""

    model_config = ConfigDict(serialize_by_alias=True)
    kpi: str
    label: str
    unit: Unit
    scale: int
    version: int
    currency: Currency | None
    time_zone: str
    week_start: str
    fiscal_start_month: int
    start: date | None = Field(alias="from")
    until: date | None
    grain: Grain | None
    complete_through: date | None = Field(description="The last day of the window that has ended.")
    generated_at: Instant


class KpiValues(Schema):
    """`totals`, on request: one, or for money in its own currencies one for each."""

    meta: KpiMeta
    rows: list[KpiRow]
    totals: list[KpiRow] = Field(default_factory=list)
