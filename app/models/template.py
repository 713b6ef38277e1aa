"""Templates of projects, and the checklists that projects work through."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from app.db.record import Record
from app.db.types import Instant, Json, one_of, text
from app.models.playbook import Occasion


class ProjectTemplate(Record, table=True):
    """What projects of a kind begin with. Lists are as the API shows them; days count from the start."""

    __tablename__ = "project_template"
    code: str = Field(sa_type=text(60), unique=True)
    name: str = Field(sa_type=text(200))
    kind: str | None = Field(default=None, sa_type=text(200), index=True)
    description: str | None = Field(default=None, sa_type=text())
    duration_days: int | None = None
    seats: list[dict[str, Any]] = Field(sa_type=Json)
    milestones: list[dict[str, Any]] = Field(sa_type=Json)
    estimates: list[dict[str, Any]] = Field(sa_type=Json)
    skills: list[dict[str, Any]] = Field(sa_type=Json)
    checklist_id: UUID | None = Field(default=None, foreign_key="checklist.id")


class ProjectTask(Record, table=True):
    """A line of a checklist, copied from the playbook for a project on an occasion."""

    __tablename__ = "project_task"
    __table_args__ = (one_of("project_task", "occasion", Occasion),)
    project_id: UUID = Field(foreign_key="project.id", index=True)
    occasion: str = Field(sa_type=text(20))
    position: int = 0
    statement: str = Field(sa_type=text(500))
    due_on: date | None = Field(default=None, index=True)
    owner_id: UUID | None = Field(default=None, foreign_key="person.id", index=True)
    done_at: datetime | None = Field(default=None, sa_type=Instant)
    done_by: UUID | None = Field(default=None, foreign_key="person.id")


class ReminderSent(Record, table=True):
    """A reminder that has been told as an event, so that it is told once."""

    __tablename__ = "reminder_sent"
    __table_args__ = (sa.UniqueConstraint("kind", "subject_id", "due_on"),)
    kind: str = Field(sa_type=text(60))
    subject_type: str = Field(sa_type=text(60))
    subject_id: UUID
    due_on: date
