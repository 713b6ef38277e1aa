"""Hours worked."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from app.db.record import Fact, current
from app.db.types import Hours, Scaled, one_of, text


class Approval(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"


class TimeEntry(Fact, table=True):
    """Hours of a person on a project, of one day or (to `worked_until`) of several.

    The cost rate of the first day is kept on the row: cost is hours × rate, divided only when shown.
    """

    __tablename__ = "time_entry"
    __table_args__ = (
        current("time_entry"),
        one_of("time_entry", "approval", Approval),
        sa.CheckConstraint("worked_until IS NULL OR worked_until >= worked_on", name="days"),
        sa.CheckConstraint("hours >= 0", name="hours"),
        sa.Index(
            "uq_time_entry_external",
            "source",
            "external_id",
            unique=True,
            sqlite_where=sa.text("superseded_at IS NULL AND external_id IS NOT NULL"),
            postgresql_where=sa.text("superseded_at IS NULL AND external_id IS NOT NULL"),
        ),
    )
    project_id: UUID = Field(foreign_key="project.id", index=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    worked_on: date = Field(index=True)
    worked_until: date | None = None
    hours: Decimal = Field(sa_type=Hours)
    billable: bool = True
    responsibility: str | None = Field(default=None, sa_type=text(60), foreign_key="responsibility.key")
    issue_type: str | None = Field(default=None, sa_type=text(200))
    component: str | None = Field(default=None, sa_type=text(200))
    activity: str | None = Field(default=None, sa_type=text(200))
    is_rework: bool = False
    change_request_id: UUID | None = Field(default=None, foreign_key="change_request.id", index=True)
    approval: str = Field(default=Approval.SUBMITTED, sa_type=text(20))
    note: str | None = Field(default=None, sa_type=text())
    source: str = Field(default="tandem", sa_type=text(60))
    external_id: str | None = Field(default=None, sa_type=text(200))
    cost_rate: Decimal | None = Field(default=None, sa_type=Scaled)
    cost_currency: str | None = Field(default=None, sa_type=text(3))
