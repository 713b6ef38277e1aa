"""Months of the books: open, closed, opened again, closed anew."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlmodel import Field, SQLModel

from app.db.record import Record
from app.db.types import Instant, one_of, text


class PeriodStatus(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class PeriodStep(StrEnum):
    CLOSED = "closed"
    REOPENED = "reopened"


class Period(Record, table=True):
    """A calendar month. One that has no row is open, and never was closed. `revision` counts the closings."""

    __tablename__ = "period"
    __table_args__ = (one_of("period", "status", PeriodStatus),)
    label: str = Field(sa_type=text(10), unique=True)
    starts_on: date = Field(unique=True)
    ends_on: date  # the first day without it
    status: str = Field(default=PeriodStatus.OPEN, sa_type=text(20), index=True)
    revision: int = 0


class PeriodHistory(SQLModel, table=True):
    """A period was closed or opened again. Append-only; a reopening has its reason in the decision log."""

    __tablename__ = "period_history"
    __table_args__ = (one_of("period_history", "step", PeriodStep),)
    id: UUID = Field(primary_key=True)
    period_id: UUID = Field(foreign_key="period.id", index=True)
    step: str = Field(sa_type=text(20))
    revision: int
    at: datetime = Field(sa_type=Instant)
    by_person_id: UUID | None = Field(default=None, foreign_key="person.id")
    by_key_id: UUID | None = None
    decision_id: UUID | None = Field(default=None, foreign_key="decision.id")
