"""What came of projects for those who use them, and how clients are kept in touch with."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from app.db.record import Fact, Record, current
from app.db.types import Scaled, one_of, text


class TouchpointKind(StrEnum):
    SCHEDULED = "scheduled"
    PROACTIVE = "proactive"
    REACTIVE = "reactive"


class Outcome(Record, table=True):
    """What a project was to bring (adoption, revenue, time saved …), and what it did, reviewed after closing."""

    __tablename__ = "outcome"
    __table_args__ = (
        sa.UniqueConstraint("project_id", "measure"),
        sa.CheckConstraint("(actual IS NULL) = (reviewed_on IS NULL)", name="reviewed"),
    )
    project_id: UUID = Field(foreign_key="project.id")
    measure: str = Field(sa_type=text(200))
    unit: str | None = Field(default=None, sa_type=text(60))
    baseline: Decimal | None = Field(default=None, sa_type=Scaled)
    target: Decimal = Field(sa_type=Scaled)
    lower_is_better: bool = False
    review_on: date = Field(index=True)
    actual: Decimal | None = Field(default=None, sa_type=Scaled)
    reviewed_on: date | None = Field(default=None, index=True)
    evidence: str | None = Field(default=None, sa_type=text())
    owner_id: UUID | None = Field(default=None, foreign_key="person.id", index=True)


class Touchpoint(Fact, table=True):
    """Somebody of ours spoke with a client: as scheduled, by our own impulse, or in answer."""

    __tablename__ = "touchpoint"
    __table_args__ = (
        current("touchpoint"),
        one_of("touchpoint", "kind", TouchpointKind),
        sa.CheckConstraint("next_on IS NULL OR next_on >= happened_on", name="days"),
    )
    client_id: UUID = Field(foreign_key="client.id", index=True)
    project_id: UUID | None = Field(default=None, foreign_key="project.id", index=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    contact_id: UUID | None = Field(default=None, foreign_key="contact.id")
    kind: str = Field(sa_type=text(20))
    happened_on: date = Field(index=True)
    next_on: date | None = Field(default=None, index=True)
    note: str | None = Field(default=None, sa_type=text())
