from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from app.core.schema import (
    Amount,
    Bool,
    Currency,
    Example,
    FactDay,
    Key,
    Name,
    Read,
    Schema,
    Text,
    Words,
    decimal_marks,
    hours_marks,
    partial,
)

OUTCOME_EXAMPLE: Example = {
    "project_id": "01890000-0000-7000-8000-000000000003",
    "measure": "Orders by phone",
    "unit": "a week",
    "baseline": "140",
    "target": "40",
    "lower_is_better": True,
    "review_on": "2027-12-31",
    "owner_id": "01890000-0000-7000-8000-000000000002",
}
REVIEW_EXAMPLE: Example = {"actual": "12.5", "evidence": "The log of the shop: 25 of 200 clerks signed in last month."}

Figure = Annotated[Decimal, *decimal_marks(-99_999_999_999, 99_999_999_999, 4)]


class OutcomeCreate(Schema):
    """What a project is to bring to those who use its result, and when that is looked at."""

    model_config = ConfigDict(json_schema_extra={"examples": [OUTCOME_EXAMPLE]})
    project_id: UUID
    measure: Name = Field(description="Adoption, revenue, time saved …; once a project.")
    unit: Annotated[Name, Field(max_length=60)] | None = None
    baseline: Figure | None = Field(default=None, description="How it was before.")
    target: Figure
    lower_is_better: Bool = False
    review_on: FactDay = Field(description="From this day on it can be told; often half a year after closing.")
    owner_id: UUID | None = None


OutcomeUpdate = partial(
    "OutcomeUpdate", OutcomeCreate, without=frozenset({"project_id"}), example={"review_on": "2028-03-31"}
)


class OutcomeReview(Schema):
    """What came of it. A second review corrects the first one."""

    model_config = ConfigDict(json_schema_extra={"examples": [REVIEW_EXAMPLE]})
    actual: Figure
    evidence: Words = Field(description="How one knows.")
    reviewed_on: FactDay | None = Field(default=None, description="By default today; not before `review_on`.")


class OutcomeRead(Read):
    """What a project was to bring, and what it did."""

    project_id: UUID
    measure: Name
    unit: Name | None
    baseline: Figure | None
    target: Figure
    lower_is_better: bool
    review_on: date
    owner_id: UUID | None
    actual: Figure | None
    evidence: str | None
    reviewed_on: date | None
    achieved: Bool | None = Field(description="Whether `actual` reached the target; null until it is reviewed.")
    due: Bool = Field(description="It can be told, and nobody has looked yet.")


Hours = Annotated[Decimal, *hours_marks(100_000_000)]
Count = Annotated[int, Field(ge=0)]


class ValueReason(StrEnum):
    """Why the value of hours is not known."""

    NO_HOME_ROLE = "no_home_role"
    MISSING_RATE_CARD = "missing_rate_card"
    MISSING_EXCHANGE_RATE = "missing_exchange_rate"


class OutcomesSeen(Schema):
    """The outcomes that were reviewed in the year, and how many of them were achieved."""

    reviewed: Count
    achieved: Count


class Given(Schema):
    """What was given in the year. Money is absent for those who may not see it."""

    hours: Hours
    cost: Amount | None = Field(default=None, description="Hours at cost rates, and own expenses.")
    cost_reason: str | None = Field(default=None, description="Why it is not known, as KPIs say it.")
    value: Amount | None = Field(default=None, description="Hours at the standard price of the home role.")
    value_reason: ValueReason | None = Field(default=None, description="Why it is not known.")
    outcomes: OutcomesSeen


class ProBonoClient(Schema):
    """Whom the work was given to."""

    id: UUID
    code: Key
    name: Name


class ProBonoProject(Given):
    """A project that is not charged."""

    id: UUID
    code: Key
    name: Name
    client: ProBonoClient
    declared_impact: Text | None


class ProBonoCause(Given):
    """A cause, and the projects that serve it."""

    cause: Name | None = Field(description="Null: none is named.")
    projects: list[ProBonoProject]


class ProBonoRead(Schema):
    """What the agency gave in a year, by cause."""

    year: int
    currency: Currency
    items: list[ProBonoCause]
