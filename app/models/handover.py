"""Hand-overs: which seats move, whom the client hears it from, and what has to be done before."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from app.db.record import Record
from app.db.types import Instant, one_of, text


class HandoverStatus(StrEnum):
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class NoticeAnswer(StrEnum):
    ACKNOWLEDGED = "acknowledged"
    CONCERN = "concern"


class Handover(Record, table=True):
    """Seats that change hands together. What is derived from dates (notified, overlapping, late) is not stored."""

    __tablename__ = "handover"
    __table_args__ = (
        one_of("handover", "status", HandoverStatus),
        sa.CheckConstraint("overlap_days >= 0 AND notice_days >= 0", name="days"),
    )
    name: str = Field(sa_type=text(200))
    status: str = Field(default=HandoverStatus.DRAFT, sa_type=text(20), index=True)
    reason: str = Field(sa_type=text())
    benefit: str = Field(sa_type=text())
    effective_on: date = Field(index=True)
    overlap_days: int = 5
    notice_days: int = 10
    urgent: bool = False
    urgent_reason: str | None = Field(default=None, sa_type=text())
    contact_guide: str | None = Field(default=None, sa_type=text())
    introduction_on: date | None = None
    checklist_id: UUID | None = Field(default=None, foreign_key="checklist.id")
    split_plan_id: UUID | None = Field(default=None, foreign_key="split_plan.id", index=True)
    wave: int | None = None
    scheduled_at: datetime | None = Field(default=None, sa_type=Instant)
    completed_at: datetime | None = Field(default=None, sa_type=Instant)
    cancelled_at: datetime | None = Field(default=None, sa_type=Instant)
    cancel_reason: str | None = Field(default=None, sa_type=text())


class HandoverMove(Record, table=True):
    """One seat that changes hands; `from_person_id` is null where it was vacant."""

    __tablename__ = "handover_move"
    __table_args__ = (
        sa.UniqueConstraint("handover_id", "project_id", "role"),
        sa.CheckConstraint("from_person_id IS NULL OR from_person_id <> to_person_id", name="people"),
    )
    handover_id: UUID = Field(foreign_key="handover.id")
    project_id: UUID = Field(foreign_key="project.id", index=True)
    role: str = Field(sa_type=text(60), foreign_key="role.key")
    from_person_id: UUID | None = Field(default=None, foreign_key="person.id", index=True)
    to_person_id: UUID = Field(foreign_key="person.id", index=True)
    shadow_id: UUID | None = None  # the assignment by which the successor sits beside the holder in the overlap
    assignment_id: UUID | None = None  # the assignment that completing made


class HandoverNotice(Record, table=True):
    """What one contact of an affected client is told, when, and what they answered."""

    __tablename__ = "handover_notice"
    __table_args__ = (
        sa.UniqueConstraint("handover_id", "contact_id"),
        one_of("handover_notice", "answer", NoticeAnswer, nullable=True),
    )
    handover_id: UUID = Field(foreign_key="handover.id")
    client_id: UUID = Field(foreign_key="client.id", index=True)
    contact_id: UUID = Field(foreign_key="contact.id", index=True)
    subject: str = Field(sa_type=text(500))
    body: str = Field(sa_type=text())
    notified_at: datetime | None = Field(default=None, sa_type=Instant)
    answer: str | None = Field(default=None, sa_type=text(20))
    answer_text: str | None = Field(default=None, sa_type=text())
    answered_at: datetime | None = Field(default=None, sa_type=Instant)
    resolution: str | None = Field(default=None, sa_type=text())
    resolved_at: datetime | None = Field(default=None, sa_type=Instant)
    waived_at: datetime | None = Field(default=None, sa_type=Instant)
    waiver_reason: str | None = Field(default=None, sa_type=text())


class HandoverTask(Record, table=True):
    """A line of the checklist, copied from the playbook."""

    __tablename__ = "handover_task"
    handover_id: UUID = Field(foreign_key="handover.id", index=True)
    position: int = 0
    statement: str = Field(sa_type=text(500))
    done_at: datetime | None = Field(default=None, sa_type=Instant)
    done_by: UUID | None = Field(default=None, foreign_key="person.id")
