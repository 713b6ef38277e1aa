"""How good the work is: reviews of deliverables, defects, and what clients and colleagues say."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from app.db.record import Fact, Record, current
from app.db.types import Instant, one_of, text


class ReviewOutcome(StrEnum):
    ACCEPTED = "accepted"
    REWORK = "rework"


class Severity(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class FeedbackSubject(StrEnum):
    PROJECT = "project"
    CLIENT = "client"
    TEAM = "team"
    PMO_SERVICE = "pmo_service"


class DeliverableReview(Fact, table=True):
    """Somebody looked at a deliverable and accepted it, or sent it back. `round` counts the looks at the same one."""

    __tablename__ = "deliverable_review"
    __table_args__ = (
        current("deliverable_review"),
        one_of("deliverable_review", "outcome", ReviewOutcome),
        sa.CheckConstraint("round >= 1", name="round"),
        sa.CheckConstraint("defects_found >= 0", name="defects_found"),
    )
    project_id: UUID = Field(foreign_key="project.id", index=True)
    milestone_id: UUID | None = Field(default=None, foreign_key="milestone.id", index=True)
    deliverable: str = Field(sa_type=text(200))
    round: int = 1
    reviewed_on: date = Field(index=True)
    reviewer_id: UUID | None = Field(default=None, foreign_key="person.id", index=True)
    outcome: str = Field(sa_type=text(20))
    defects_found: int = 0
    note: str | None = Field(default=None, sa_type=text())


class Defect(Fact, table=True):
    """Something that does not work. `escaped`: it was found after delivery, by the client."""

    __tablename__ = "defect"
    __table_args__ = (
        current("defect"),
        one_of("defect", "severity", Severity),
        sa.CheckConstraint("resolved_on IS NULL OR resolved_on >= found_on", name="days"),
        sa.Index("ix_defect_external", "source", "external_id"),
    )
    project_id: UUID = Field(foreign_key="project.id", index=True)
    title: str = Field(sa_type=text(200))
    found_on: date = Field(index=True)
    escaped: bool = False
    severity: str = Field(default=Severity.MEDIUM, sa_type=text(20))
    resolved_on: date | None = None
    found_by_contact_id: UUID | None = Field(default=None, foreign_key="contact.id")
    description: str | None = Field(default=None, sa_type=text())
    source: str = Field(default="tandem", sa_type=text(60))
    external_id: str | None = Field(default=None, sa_type=text(200))


class Feedback(Fact, table=True):
    """What somebody thinks of a project, of us as their agency, of a team, or of the PMO's service. Of the anonymous
    nothing tells who it was: neither contact nor person, and no instant finer than the day."""

    __tablename__ = "feedback"
    __table_args__ = (
        current("feedback"),
        one_of("feedback", "subject", FeedbackSubject),
        sa.CheckConstraint("csat BETWEEN 1 AND 5", name="csat"),
        sa.CheckConstraint("nps BETWEEN 0 AND 10", name="nps"),
        sa.CheckConstraint("csat IS NOT NULL OR nps IS NOT NULL OR comment IS NOT NULL", name="something"),
        sa.CheckConstraint("NOT anonymous OR (contact_id IS NULL AND person_id IS NULL)", name="anonymous"),
    )
    subject: str = Field(sa_type=text(20))
    project_id: UUID | None = Field(default=None, foreign_key="project.id", index=True)
    client_id: UUID | None = Field(default=None, foreign_key="client.id", index=True)
    team: str | None = Field(default=None, sa_type=text(200))
    contact_id: UUID | None = Field(default=None, foreign_key="contact.id", index=True)
    person_id: UUID | None = Field(default=None, foreign_key="person.id", index=True)
    anonymous: bool = False
    given_on: date = Field(index=True)
    csat: int | None = None
    nps: int | None = None
    comment: str | None = Field(default=None, sa_type=text())


class FeedbackRequest(Record, table=True):
    """A contact is asked what they think, by a link that takes one answer. Of an anonymous one it is kept only that it
    was answered, not when."""

    __tablename__ = "feedback_request"
    __table_args__ = (one_of("feedback_request", "subject", FeedbackSubject),)
    subject: str = Field(sa_type=text(20))
    project_id: UUID | None = Field(default=None, foreign_key="project.id", index=True)
    client_id: UUID = Field(foreign_key="client.id", index=True)
    contact_id: UUID = Field(foreign_key="contact.id", index=True)
    anonymous: bool = False
    question: str | None = Field(default=None, sa_type=text(500))
    asked_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    answered: bool = False
    answered_at: datetime | None = Field(default=None, sa_type=Instant)
    feedback_id: UUID | None = None
