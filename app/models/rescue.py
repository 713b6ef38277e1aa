"""Rescues of troubled projects: what was found, what is done, what was decided and what came of it."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from app.db.record import Record
from app.db.types import Instant, Json, Scaled, one_of, text


class RescueStatus(StrEnum):
    ASSESSING = "assessing"
    DECIDED = "decided"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Course(StrEnum):
    """What becomes of a troubled project."""

    CONTINUE = "continue"
    RECOVER = "recover"
    RE_SCOPE = "re_scope"
    PAUSE = "pause"
    STOP = "stop"


class Rescue(Record, table=True):
    """A look at a troubled project by somebody who represents the company. `triage` is what nominated it, frozen."""

    __tablename__ = "rescue"
    __table_args__ = (
        one_of("rescue", "status", RescueStatus),
        one_of("rescue", "course", Course, nullable=True),
        sa.Index(
            "uq_rescue_running",
            "project_id",
            unique=True,
            sqlite_where=sa.text("status IN ('assessing', 'decided')"),
            postgresql_where=sa.text("status IN ('assessing', 'decided')"),
        ),
    )
    project_id: UUID = Field(foreign_key="project.id", index=True)
    rescuer_id: UUID = Field(foreign_key="person.id", index=True)
    status: str = Field(default=RescueStatus.ASSESSING, sa_type=text(20), index=True)
    opened_on: date
    trigger: str = Field(sa_type=text())
    assessment: str | None = Field(default=None, sa_type=text())
    triage: dict[str, Any] | None = Field(default=None, sa_type=Json)
    course: str | None = Field(default=None, sa_type=text(20))
    course_reason: str | None = Field(default=None, sa_type=text())
    decided_on: date | None = None
    decision_id: UUID | None = Field(default=None, foreign_key="decision.id")
    forecast_finish_on: date | None = None
    forecast_cost_to_complete: Decimal | None = Field(default=None, sa_type=Scaled)
    forecast_value: Decimal | None = Field(default=None, sa_type=Scaled)
    closed_on: date | None = None
    actual_finish_on: date | None = None
    actual_cost_to_complete: Decimal | None = Field(default=None, sa_type=Scaled)
    actual_value: Decimal | None = Field(default=None, sa_type=Scaled)
    met_forecast: bool | None = None
    outcome: str | None = Field(default=None, sa_type=text())


class RescueAction(Record, table=True):
    """Something that is done to rescue a project, by somebody, until a day."""

    __tablename__ = "rescue_action"
    rescue_id: UUID = Field(foreign_key="rescue.id", index=True)
    statement: str = Field(sa_type=text(500))
    owner_id: UUID = Field(foreign_key="person.id", index=True)
    due_on: date
    done_at: datetime | None = Field(default=None, sa_type=Instant)
