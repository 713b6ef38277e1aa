"""What may go wrong on a project (risks), and what has (issues)."""

from datetime import date
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from app.db.record import Record
from app.db.types import one_of, text


class RiskStatus(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    OCCURRED = "occurred"


class IssueStatus(StrEnum):
    OPEN = "open"
    IN_PROGRESS = "in_progress"
    RESOLVED = "resolved"
    WITHDRAWN = "withdrawn"


class Strategy(StrEnum):
    """PRINCE2's responses to a threat."""

    AVOID = "avoid"
    REDUCE = "reduce"
    TRANSFER = "transfer"
    SHARE = "share"
    ACCEPT = "accept"
    PREPARE = "prepare"


class Risk(Record, table=True):
    """Because of a cause, an event may happen, with an effect. Exposure is likelihood × impact."""

    __tablename__ = "risk"
    __table_args__ = (
        sa.UniqueConstraint("project_id", "number"),
        one_of("risk", "status", RiskStatus),
        one_of("risk", "strategy", Strategy),
        sa.CheckConstraint("likelihood BETWEEN 1 AND 5", name="likelihood"),
        sa.CheckConstraint("impact BETWEEN 1 AND 5", name="impact"),
    )
    project_id: UUID = Field(foreign_key="project.id")
    number: int
    cause: str = Field(sa_type=text())
    event: str = Field(sa_type=text())
    effect: str = Field(sa_type=text())
    likelihood: int
    impact: int
    strategy: str = Field(default=Strategy.REDUCE, sa_type=text(20))
    owner_id: UUID | None = Field(default=None, foreign_key="person.id", index=True)
    response: str | None = Field(default=None, sa_type=text())
    due_on: date | None = Field(default=None, index=True)
    status: str = Field(default=RiskStatus.OPEN, sa_type=text(20), index=True)
    identified_on: date
    closed_on: date | None = None


class Issue(Record, table=True):
    """Something that has gone wrong, often a risk that occurred."""

    __tablename__ = "issue"
    __table_args__ = (
        sa.UniqueConstraint("project_id", "number"),
        one_of("issue", "status", IssueStatus),
        one_of("issue", "strategy", Strategy),
        sa.CheckConstraint("likelihood BETWEEN 1 AND 5", name="likelihood"),
        sa.CheckConstraint("impact BETWEEN 1 AND 5", name="impact"),
    )
    project_id: UUID = Field(foreign_key="project.id")
    number: int
    risk_id: UUID | None = Field(default=None, foreign_key="risk.id", index=True)
    cause: str = Field(sa_type=text())
    event: str = Field(sa_type=text())
    effect: str = Field(sa_type=text())
    likelihood: int  # that it gets worse, or comes again
    impact: int
    strategy: str = Field(default=Strategy.REDUCE, sa_type=text(20))
    owner_id: UUID | None = Field(default=None, foreign_key="person.id", index=True)
    response: str | None = Field(default=None, sa_type=text())
    due_on: date | None = Field(default=None, index=True)
    status: str = Field(default=IssueStatus.OPEN, sa_type=text(20), index=True)
    raised_on: date
    resolved_on: date | None = None
    resolution: str | None = Field(default=None, sa_type=text())
