"""The office itself: its charter, how people grow, and what projects need them to be able to do."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.db.record import Record
from app.db.types import Hours, Instant, Json, one_of, text


class DevelopmentKind(StrEnum):
    TRAINING = "training"
    MENTORING = "mentoring"


class Charter(SQLModel, table=True):
    """What the PMO is for. A change is a new number; no row is ever changed or deleted (trigger)."""

    __tablename__ = "charter"
    id: UUID = Field(primary_key=True)
    number: int = Field(unique=True)
    valid_from: date
    purpose: str = Field(sa_type=text())
    value_proposition: str = Field(sa_type=text())
    services: list[str] = Field(sa_type=Json)
    guiding_values: list[str] = Field(sa_type=Json)
    success_measures: list[dict[str, Any]] = Field(sa_type=Json)
    members: list[str] = Field(sa_type=Json)  # the people whose time the PMO costs, by id
    created_at: datetime = Field(sa_type=Instant)
    recorded_by: UUID | None = None


class Development(Record, table=True):
    """A training or a mentoring by which a person is to reach a level in a skill."""

    __tablename__ = "development"
    __table_args__ = (
        one_of("development", "kind", DevelopmentKind),
        sa.CheckConstraint("target_level BETWEEN 1 AND 5", name="target_level"),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="days"),
        sa.CheckConstraint("mentor_id IS NULL OR mentor_id <> person_id", name="mentor"),
    )
    person_id: UUID = Field(foreign_key="person.id", index=True)
    skill: str = Field(sa_type=text(200), index=True)
    kind: str = Field(sa_type=text(20))
    mentor_id: UUID | None = Field(default=None, foreign_key="person.id", index=True)
    target_level: int
    starts_on: date
    ends_on: date | None = None
    completed_on: date | None = None
    note: str | None = Field(default=None, sa_type=text())


class SkillNeed(Record, table=True):
    """A project needs hours a week of a skill at a level, between two days (the last one included)."""

    __tablename__ = "skill_need"
    __table_args__ = (
        sa.CheckConstraint("level BETWEEN 1 AND 5", name="level"),
        sa.CheckConstraint("weekly_hours > 0", name="weekly_hours"),
        sa.CheckConstraint("until_on >= from_on", name="days"),
    )
    project_id: UUID = Field(foreign_key="project.id", index=True)
    skill: str = Field(sa_type=text(200), index=True)
    level: int = 3
    weekly_hours: Decimal = Field(sa_type=Hours)
    from_on: date
    until_on: date
