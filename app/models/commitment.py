"""Promises: what somebody said would be there, until when, and whether it was."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.db.record import Record
from app.db.types import Instant, one_of, text


class CommitmentStatus(StrEnum):
    OPEN = "open"
    KEPT = "kept"
    LATE = "late"
    BROKEN = "broken"
    WITHDRAWN = "withdrawn"


class VarianceReason(StrEnum):
    """Why a promise moved or failed (Last Planner's reasons for non-completion)."""

    PREREQUISITE_MISSING = "prerequisite_missing"
    CAPACITY = "capacity"
    ABSENCE = "absence"
    UNDERESTIMATED = "underestimated"
    PRIORITY_CHANGED = "priority_changed"
    CLIENT_LATE = "client_late"
    SUPPLIER = "supplier"
    REWORK = "rework"
    UNCLEAR = "unclear"
    OTHER = "other"


class Commitment(Record, table=True):
    """A result promised by a day. Only the result counts; `original_due_on` never changes (trigger)."""

    __tablename__ = "commitment"
    __table_args__ = (
        one_of("commitment", "status", CommitmentStatus),
        one_of("commitment", "variance_reason", VarianceReason, nullable=True),
        sa.CheckConstraint("project_id IS NOT NULL OR client_id IS NOT NULL", name="subject"),
        sa.CheckConstraint("promised_to_contact_id IS NULL OR promised_to_person_id IS NULL", name="promised_to"),
    )
    project_id: UUID | None = Field(default=None, foreign_key="project.id", index=True)
    client_id: UUID | None = Field(default=None, foreign_key="client.id", index=True)
    promised_by_id: UUID = Field(foreign_key="person.id", index=True)
    promised_to_contact_id: UUID | None = Field(default=None, foreign_key="contact.id", index=True)
    promised_to_person_id: UUID | None = Field(default=None, foreign_key="person.id", index=True)
    statement: str = Field(sa_type=text())
    promised_on: date
    original_due_on: date
    due_on: date = Field(index=True)
    status: str = Field(default=CommitmentStatus.OPEN, sa_type=text(20), index=True)
    action_done_at: datetime | None = Field(default=None, sa_type=Instant)
    result_achieved_at: datetime | None = Field(default=None, sa_type=Instant)
    result_achieved_on: date | None = None  # the office's day of that instant, which is what counts
    closed_on: date | None = None
    variance_reason: str | None = Field(default=None, sa_type=text(30))
    variance_note: str | None = Field(default=None, sa_type=text())
    renegotiations: int = 0


class CommitmentRenegotiation(SQLModel, table=True):
    """A promise was moved to another day, before its own. Append-only."""

    __tablename__ = "commitment_renegotiation"
    __table_args__ = (one_of("commitment_renegotiation", "variance_reason", VarianceReason),)
    id: UUID = Field(primary_key=True)
    commitment_id: UUID = Field(foreign_key="commitment.id", index=True)
    former_due_on: date
    due_on: date
    renegotiated_on: date
    variance_reason: str = Field(sa_type=text(30))
    recorded_at: datetime = Field(sa_type=Instant)
    recorded_by: UUID | None = None


class CommitmentRenegotiationText(SQLModel, table=True):
    """Why a promise was moved. The words can be blanked (to forget a person), not otherwise changed (trigger)."""

    __tablename__ = "commitment_renegotiation_text"
    renegotiation_id: UUID = Field(primary_key=True, foreign_key="commitment_renegotiation.id")
    reason: str = Field(sa_type=text())
