"""How a project is doing: estimates of what remains, status reports, and the goals that it serves."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from app.db.record import Record
from app.db.types import Hours, Scaled, one_of, text


class Health(StrEnum):
    ON_TRACK = "on_track"
    AT_RISK = "at_risk"
    OFF_TRACK = "off_track"


HEALTH_DIMENSIONS = ("scope", "schedule", "budget", "team", "client")


class Estimate(Record, table=True):
    """The hours that a role is given on a project and those that remain, as somebody saw it on a day."""

    __tablename__ = "estimate"
    __table_args__ = (
        sa.UniqueConstraint("project_id", "role", "as_of"),
        sa.CheckConstraint("hours_budget >= 0", name="hours_budget"),
        sa.CheckConstraint("hours_remaining >= 0", name="hours_remaining"),
    )
    project_id: UUID = Field(foreign_key="project.id")
    role: str = Field(sa_type=text(60), foreign_key="role.key", index=True)
    hours_budget: Decimal = Field(sa_type=Hours)
    hours_remaining: Decimal = Field(sa_type=Hours)
    as_of: date = Field(index=True)


class StatusReport(Record, table=True):
    """How a project stands on a day, in five dimensions, with what is said about it."""

    __tablename__ = "status_report"
    __table_args__ = (
        sa.UniqueConstraint("project_id", "reported_on"),
        *(one_of("status_report", dimension, Health) for dimension in HEALTH_DIMENSIONS),
        sa.CheckConstraint("percent_complete BETWEEN 0 AND 1000000", name="percent_complete"),
    )
    project_id: UUID = Field(foreign_key="project.id")
    reported_on: date = Field(index=True)
    scope: str = Field(default=Health.ON_TRACK, sa_type=text(20))
    schedule: str = Field(default=Health.ON_TRACK, sa_type=text(20))
    budget: str = Field(default=Health.ON_TRACK, sa_type=text(20))
    team: str = Field(default=Health.ON_TRACK, sa_type=text(20))
    client: str = Field(default=Health.ON_TRACK, sa_type=text(20))
    percent_complete: Decimal | None = Field(default=None, sa_type=Scaled)
    narrative: str | None = Field(default=None, sa_type=text())
    next_steps: str | None = Field(default=None, sa_type=text())
    author_id: UUID | None = Field(default=None, foreign_key="person.id", index=True)


class Goal(Record, table=True):
    """A strategic objective of the agency, with what is to be reached until when."""

    __tablename__ = "goal"
    __table_args__ = (sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="period"),)
    code: str = Field(sa_type=text(60), unique=True)
    name: str = Field(sa_type=text(200), index=True)
    description: str | None = Field(default=None, sa_type=text())
    measure: str | None = Field(default=None, sa_type=text(200))
    target: Decimal | None = Field(default=None, sa_type=Scaled)
    starts_on: date | None = None
    ends_on: date | None = Field(default=None, index=True)
    owner_id: UUID | None = Field(default=None, foreign_key="person.id", index=True)


class GoalLink(Record, table=True):
    """A project serves a goal, by a weight among its goals."""

    __tablename__ = "goal_link"
    __table_args__ = (
        sa.UniqueConstraint("project_id", "goal_id"),
        sa.CheckConstraint("weight > 0", name="weight"),
    )
    project_id: UUID = Field(foreign_key="project.id")
    goal_id: UUID = Field(foreign_key="goal.id", index=True)
    weight: Decimal = Field(default=Decimal(1), sa_type=Scaled)
