from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from app.core.schema import (
    SENSITIVE,
    Amount,
    Currency,
    Day,
    Example,
    FactDay,
    Instant,
    Money,
    Name,
    Read,
    RoleKey,
    Scale5,
    Schema,
    Text,
    Words,
    decimal_marks,
    partial,
)
from app.models.change_request import ChangeKind, ChangeStatus, Charge, OptionKind
from app.models.client import ContactRole

CHANGE_EXAMPLE: Example = {
    "project_id": "01890000-0000-7000-8000-000000000003",
    "title": "Gift cards in the shop",
    "description": "Customers buy a gift card and redeem it at the till.",
    "value_statement": "Christmas sales start two weeks earlier, and new customers come by those who know us.",
    "kind": "new_scope",
    "charge": "billable",
    "requested_by_id": "01890000-0000-7000-8000-000000000010",
    "urgency": 4,
    "impact_of_not_doing": "The season passes without gift cards.",
    "decide_by": "2027-03-31",
}
OPTION_EXAMPLE: Example = {
    "change_request_id": "01890000-0000-7000-8000-000000000060",
    "kind": "later_phase",
    "title": "Gift cards as a phase of its own",
    "scope": "Buying now, redeeming at the till after the launch.",
    "value": "The shop opens on its day, and gift cards follow in time for Christmas.",
    "value_points": 8,
    "price": "4800.00",
    "starts_on": "2027-06-01",
    "hours": [{"role": "illustrator", "hours": "12.5"}],
    "purchases": [{"statement": "Gift card service, a year", "amount": "600.00"}],
    "risk_changes": [
        {
            "cause": "The till's maker changes its interface in spring",
            "event": "Redeeming has to be built anew",
            "effect": "Gift cards come two weeks later",
            "likelihood": 2,
            "impact": 3,
        }
    ],
}
AUTHORITY_EXAMPLE: Example = {
    "charge": "goodwill",
    "above_amount": "5000.00",
    "currency": "EUR",
    "access_role": "pmo_lead",
}

OptionHours = Annotated[Decimal, *decimal_marks(-10_000, 10_000, 2)]
Points = Annotated[int, Field(strict=True, ge=0, le=1000)]


class HoursLine(Schema):
    """Hours that a role works more (or, negative, less)."""

    role: RoleKey
    hours: OptionHours


class PurchaseLine(Schema):
    """Something that is bought for it."""

    statement: Name
    amount: Amount


class RiskChange(Schema):
    """A risk that is rated anew (`risk_id`), or a new one."""

    risk_id: UUID | None = Field(default=None, description="An open risk of the project; null: a new one.")
    cause: Words | None = Field(default=None, description="Of a new risk.")
    event: Words | None = Field(default=None, description="Of a new risk.")
    effect: Words | None = Field(default=None, description="Of a new risk.")
    likelihood: Scale5
    impact: Scale5


HoursLines = Annotated[list[HoursLine], Field(max_length=100)]
Purchases = Annotated[list[PurchaseLine], Field(max_length=100), SENSITIVE]
RiskChanges = Annotated[list[RiskChange], Field(max_length=100)]


class ChangeRequestCreate(Schema):
    """A new change request. It is a draft until it is submitted."""

    model_config = ConfigDict(json_schema_extra={"examples": [CHANGE_EXAMPLE]})
    project_id: UUID
    title: Name
    description: Text | None = None
    value_statement: Words = Field(description="What it brings the requester.")
    kind: ChangeKind = ChangeKind.NEW_SCOPE
    charge: Charge = Charge.BILLABLE
    requested_by_id: UUID | None = Field(default=None, description="A contact of the project's client.")
    urgency: Scale5 = 3
    impact_of_not_doing: Text | None = None
    decide_by: Day | None = None


ChangeRequestUpdate = partial(
    "ChangeRequestUpdate",
    ChangeRequestCreate,
    without=frozenset({"project_id"}),
    example={"urgency": 5, "decide_by": "2027-03-15"},
)


class ChangeOptionBrief(Schema):
    """An option without its money."""

    id: UUID
    number: int
    kind: OptionKind
    title: str
    value: str | None
    value_points: int | None
    starts_on: date | None
    hours: list[HoursLine]


class ChangeRequestRead(Read):
    """What a requester asks of a running project, and what became of it."""

    project_id: UUID
    number: int
    title: Name
    description: Text | None
    value_statement: Words
    kind: ChangeKind
    charge: Charge
    requested_by_id: UUID | None
    urgency: Scale5
    impact_of_not_doing: Text | None
    decide_by: date | None
    status: ChangeStatus
    allowed_transitions: list[ChangeStatus]
    within_allowance: bool
    submitted_at: Instant | None
    decided_at: Instant | None
    decided_by_contact_id: UUID | None
    decided_by_person_id: UUID | None
    decision_reason: Text | None
    decision_id: UUID | None
    option_id: UUID | None
    baseline_id: UUID | None
    postponed_until: date | None
    merged_into_id: UUID | None
    implemented_on: date | None
    actual_value_points: Points | None
    options: list[ChangeOptionBrief] | None = None


class ChangeOptionCreate(Schema):
    """A new way to answer a change request."""

    model_config = ConfigDict(json_schema_extra={"examples": [OPTION_EXAMPLE]})
    change_request_id: UUID
    kind: OptionKind = OptionKind.AS_ASKED
    title: Name
    scope: Text | None = None
    value: Text | None = Field(default=None, description="What it brings the requester, in their words.")
    value_points: Points | None = None
    price: Money | None = Field(
        default=None, description="In the project's currency, of a billable change; negative: a credit."
    )
    starts_on: Day | None = Field(default=None, description="When its work begins at the earliest.")
    hours: HoursLines = Field(default_factory=list)
    purchases: Purchases = Field(default_factory=list)
    risk_changes: RiskChanges = Field(default_factory=list)


ChangeOptionUpdate = partial(
    "ChangeOptionUpdate",
    ChangeOptionCreate,
    without=frozenset({"change_request_id"}),
    example={"price": "4500.00", "hours": [{"role": "illustrator", "hours": "10"}]},
)


class ChangeOptionRead(Read):
    """A way to answer a change request: what it takes and what it brings. `project_id` is that of its request."""

    change_request_id: UUID
    project_id: UUID
    number: int
    kind: OptionKind
    title: Name
    scope: Text | None
    value: Text | None
    value_points: Points | None
    price: Money | None = None
    starts_on: date | None
    hours: list[HoursLine]
    purchases: Annotated[list[PurchaseLine], SENSITIVE] | None = None
    risk_changes: list[RiskChange]


class DecidingRole(StrEnum):
    PMO_LEAD = "pmo_lead"
    MANAGER = "manager"


class ChangeAuthorityCreate(Schema):
    """A rule that says who must decide."""

    model_config = ConfigDict(json_schema_extra={"examples": [AUTHORITY_EXAMPLE]})
    kind: ChangeKind | None = Field(default=None, description="Null: any.")
    charge: Charge | None = Field(default=None, description="Null: any.")
    above_amount: Annotated[
        Decimal, *decimal_marks(0, 99_999_999_999, 4), Field(description="Changes that are worth more; 0: all.")
    ] = Decimal(0)
    currency: Currency = "EUR"
    contact_role: ContactRole | None = Field(default=None, description="A contact of the client with this role decides")
    access_role: DecidingRole | None = Field(default=None, description="or one of ours with this access role.")


ChangeAuthorityUpdate = partial("ChangeAuthorityUpdate", ChangeAuthorityCreate, example={"above_amount": "7500.00"})


class ChangeAuthorityRead(Read):
    """Who must decide changes of a kind and charge above an amount: a contact's role, or an access role of ours."""

    kind: ChangeKind | None
    charge: Charge | None
    above_amount: Annotated[Decimal, *decimal_marks(0, 99_999_999_999, 4)]
    currency: Currency
    contact_role: ContactRole | None
    access_role: DecidingRole | None


class DecidingContact(Schema):
    """A contact who could decide."""

    id: UUID
    name: str
    role: ContactRole


class AuthorityRead(Schema):
    """Who must decide. Without a rule everybody may who can write."""

    change_request_id: UUID
    option_id: UUID | None = Field(description="Null: who may reject or postpone it.")
    rule_id: Annotated[UUID | None, SENSITIVE] = Field(
        default=None, description="Absent for those who do not see the project's money."
    )
    contact_role: ContactRole | None
    access_role: DecidingRole | None
    contacts: list[DecidingContact]


class ChangeWithdraw(Schema):
    """Why a change request is taken back."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "The campaign is off."}]})
    reason: Words


class ChangeMerge(Schema):
    """The change request into which this one goes."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"into_id": "01890000-0000-7000-8000-000000000061"}]})
    into_id: UUID = Field(description="An open one of the same project.")


class Outcome(StrEnum):
    APPROVED = "approved"
    REJECTED = "rejected"
    POSTPONED = "postponed"


class ChangeDecide(Schema):
    """What is decided, by whom and why."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "outcome": "postponed",
                    "why": "The new brand comes first.",
                    "contact_id": "01890000-0000-7000-8000-000000000010",
                    "postponed_until": "2027-09-01",
                }
            ]
        }
    )
    outcome: Outcome
    option_id: UUID | None = Field(default=None, description="The option chosen; approving needs one.")
    why: Words
    contact_id: UUID | None = Field(default=None, description="The contact who decided, where one of theirs must.")
    postponed_until: FactDay | None = Field(default=None, description="Postponing needs one, in the future.")


class ChangeImplement(Schema):
    """When it was done, and what it brought."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"actual_value_points": 7}]})
    implemented_on: FactDay | None = Field(default=None, description="By default today.")
    actual_value_points: Points | None = None
