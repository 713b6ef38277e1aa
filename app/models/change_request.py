"""Change control: what is asked for, the options that answer it, who may decide, and what was decided."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.db.record import Record
from app.db.types import Hours, Instant, Json, Scaled, one_of, text


class ChangeStatus(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    ASSESSING = "assessing"
    AWAITING_DECISION = "awaiting_decision"
    APPROVED = "approved"
    REJECTED = "rejected"
    POSTPONED = "postponed"
    WITHDRAWN = "withdrawn"
    IMPLEMENTED = "implemented"
    MERGED = "merged"


class ChangeKind(StrEnum):
    NEW_SCOPE = "new_scope"
    REDUCTION = "reduction"
    DEFECT = "defect"
    COMPLIANCE = "compliance"


class Charge(StrEnum):
    BILLABLE = "billable"
    GOODWILL = "goodwill"
    INCLUDED = "included"
    OUR_ERROR = "our_error"


class OptionKind(StrEnum):
    AS_ASKED = "as_asked"
    LATER_PHASE = "later_phase"
    SMALLER = "smaller"
    SWAPPED = "swapped"
    DECLINED = "declined"


class ChangeRequest(Record, table=True):
    """What a requester asks of a running project, and what became of it."""

    __tablename__ = "change_request"
    __table_args__ = (
        sa.UniqueConstraint("project_id", "number"),
        one_of("change_request", "status", ChangeStatus),
        one_of("change_request", "kind", ChangeKind),
        one_of("change_request", "charge", Charge),
        sa.CheckConstraint("urgency BETWEEN 1 AND 5", name="urgency"),
    )
    project_id: UUID = Field(foreign_key="project.id")
    number: int
    title: str = Field(sa_type=text(200))
    description: str | None = Field(default=None, sa_type=text())
    value_statement: str = Field(sa_type=text())
    kind: str = Field(default=ChangeKind.NEW_SCOPE, sa_type=text(20))
    charge: str = Field(default=Charge.BILLABLE, sa_type=text(20))
    requested_by_id: UUID | None = Field(default=None, foreign_key="contact.id", index=True)
    urgency: int = 3
    impact_of_not_doing: str | None = Field(default=None, sa_type=text())
    decide_by: date | None = Field(default=None, index=True)
    status: str = Field(default=ChangeStatus.DRAFT, sa_type=text(20), index=True)
    within_allowance: bool = False
    submitted_at: datetime | None = Field(default=None, sa_type=Instant)
    decided_at: datetime | None = Field(default=None, sa_type=Instant)
    decided_by_contact_id: UUID | None = Field(default=None, foreign_key="contact.id")
    decided_by_person_id: UUID | None = Field(default=None, foreign_key="person.id")
    decision_reason: str | None = Field(default=None, sa_type=text())
    decision_id: UUID | None = Field(default=None, foreign_key="decision.id")
    option_id: UUID | None = None  # the one chosen
    baseline_id: UUID | None = Field(default=None, foreign_key="baseline.id")
    postponed_until: date | None = None
    merged_into_id: UUID | None = Field(default=None, foreign_key="change_request.id")
    implemented_on: date | None = None
    actual_value_points: int | None = None


class ChangeOption(Record, table=True):
    """A way to answer a change request: what it takes and what it brings. `hours`, `purchases` and `risk_changes` are
    lists as the API shows them, decimals as text."""

    __tablename__ = "change_option"
    __table_args__ = (
        sa.UniqueConstraint("change_request_id", "number"),
        one_of("change_option", "kind", OptionKind),
    )
    change_request_id: UUID = Field(foreign_key="change_request.id")
    number: int
    kind: str = Field(default=OptionKind.AS_ASKED, sa_type=text(20))
    title: str = Field(sa_type=text(200))
    scope: str | None = Field(default=None, sa_type=text())
    value: str | None = Field(default=None, sa_type=text())  # what it brings the requester, in their words
    value_points: int | None = None
    price: Decimal | None = Field(default=None, sa_type=Scaled)
    starts_on: date | None = None
    hours: list[dict[str, Any]] = Field(sa_type=Json)
    purchases: list[dict[str, Any]] = Field(sa_type=Json)
    risk_changes: list[dict[str, Any]] = Field(sa_type=Json)


class ChangeImpact(SQLModel, table=True):
    """What an option was computed to take when it was decided, with all that went in. Append-only."""

    __tablename__ = "change_impact"
    id: UUID = Field(primary_key=True)
    change_request_id: UUID = Field(foreign_key="change_request.id", index=True)
    option_id: UUID
    chosen: bool
    hours: Decimal = Field(sa_type=Hours)
    cost: Decimal | None = Field(default=None, sa_type=Scaled)
    price: Decimal = Field(sa_type=Scaled)
    currency: str = Field(sa_type=text(3))
    finish_on: date | None = None
    due_on: date | None = None
    figures: dict[str, Any] = Field(sa_type=Json)
    inputs: dict[str, Any] = Field(sa_type=Json)
    computed_at: datetime = Field(sa_type=Instant)


class ChangeAsk(Record, table=True):
    """A contact is asked to decide: what they are shown, which a signed link opens, and their one answer."""

    __tablename__ = "change_ask"
    change_request_id: UUID = Field(foreign_key="change_request.id", index=True)
    contact_id: UUID = Field(foreign_key="contact.id", index=True)
    content_version: str = Field(sa_type=text(60))
    shown: dict[str, Any] = Field(sa_type=Json)
    asked_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    answer: str | None = Field(default=None, sa_type=text(20))
    answer_option: int | None = None
    answer_text: str | None = Field(default=None, sa_type=text())
    answered_at: datetime | None = Field(default=None, sa_type=Instant)


class ChangeAuthority(Record, table=True):
    """Who must decide changes of a kind and charge above an amount: a contact's role, or an access role of ours."""

    __tablename__ = "change_authority"
    __table_args__ = (
        one_of("change_authority", "kind", ChangeKind, nullable=True),
        one_of("change_authority", "charge", Charge, nullable=True),
        sa.CheckConstraint("(contact_role IS NULL) <> (access_role IS NULL)", name="decider"),
        sa.CheckConstraint("above_amount >= 0", name="above_amount"),
    )
    kind: str | None = Field(default=None, sa_type=text(20))
    charge: str | None = Field(default=None, sa_type=text(20))
    above_amount: Decimal = Field(default=Decimal(0), sa_type=Scaled)
    currency: str = Field(default="EUR", sa_type=text(3))
    contact_role: str | None = Field(default=None, sa_type=text(20))
    access_role: str | None = Field(default=None, sa_type=text(20))
