"""Projects, the seats they need, their dated status, milestones and baselines."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.db.record import Record
from app.db.types import Hours, Instant, Scaled, one_of, text


class ProjectStatus(StrEnum):
    PIPELINE = "pipeline"
    ACTIVE = "active"
    BACK_BURNER = "back_burner"
    ON_HOLD = "on_hold"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    LOST = "lost"


class Engagement(StrEnum):
    FIXED_FEE = "fixed_fee"
    TIME_AND_MATERIALS = "time_and_materials"
    RETAINER = "retainer"
    PRO_BONO = "pro_bono"
    INTERNAL = "internal"


class Management(StrEnum):
    SPLIT = "split"
    COMBINED = "combined"


class BaselineCause(StrEnum):
    KICK_OFF = "kick_off"
    ACTIVATION = "activation"
    CHANGE = "change"


class Project(Record, table=True):
    """What the agency does for a client. Its status is dated and lies in `project_status`."""

    __tablename__ = "project"
    __table_args__ = (
        one_of("project", "engagement", Engagement),
        one_of("project", "management", Management),
        sa.CheckConstraint("technical_complexity BETWEEN 1 AND 5", name="technical_complexity"),
        sa.CheckConstraint("communication_intensity BETWEEN 1 AND 5", name="communication_intensity"),
        sa.CheckConstraint("due_on IS NULL OR start_on IS NULL OR due_on >= start_on", name="dates"),
    )
    code: str = Field(sa_type=text(60), unique=True)
    name: str = Field(sa_type=text(200), index=True)
    client_id: UUID = Field(foreign_key="client.id", index=True)
    kind: str | None = Field(default=None, sa_type=text(200))
    engagement: str = Field(default=Engagement.FIXED_FEE, sa_type=text(30))
    period_hours: Decimal | None = Field(default=None, sa_type=Hours)
    rollover: bool = False
    cause: str | None = Field(default=None, sa_type=text(200))
    declared_impact: str | None = Field(default=None, sa_type=text())
    management: str = Field(default=Management.SPLIT, sa_type=text(20))
    split_on: date | None = None
    technical_complexity: int = 3
    communication_intensity: int | None = None
    scope: str | None = Field(default=None, sa_type=text())
    start_on: date | None = None
    due_on: date | None = Field(default=None, index=True)
    closed_on: date | None = None
    currency: str = Field(default="EUR", sa_type=text(3))
    fee: Decimal | None = Field(default=None, sa_type=Scaled)
    cost_budget: Decimal | None = Field(default=None, sa_type=Scaled)
    hours_budget: Decimal | None = Field(default=None, sa_type=Hours)
    change_allowance_hours: Decimal | None = Field(default=None, sa_type=Hours)
    priority: int = 3
    expected_value: Decimal | None = Field(default=None, sa_type=Scaled)
    win_probability: Decimal | None = Field(default=None, sa_type=Scaled)
    remaining_value: Decimal | None = Field(default=None, sa_type=Scaled)
    exit_cost: Decimal | None = Field(default=None, sa_type=Scaled)
    parent_id: UUID | None = Field(default=None, foreign_key="project.id", index=True)
    lead_role: str | None = Field(default=None, sa_type=text(60))  # only where it is overridden; else it is derived
    lead_role_reason: str | None = Field(default=None, sa_type=text())
    seat_counter: int = 0  # the exclusive seat's trigger moves it, so that two writers meet here
    search_text: str = Field(sa_type=text(450))


class ProjectStatusSpan(SQLModel, table=True):
    """The days on which a project has a status: from `valid_from` up to, and without, `valid_to`.

    Never overwritten: a transition closes the rows that it changes (`superseded_at`) and adds their successors.
    """

    __tablename__ = "project_status"
    __table_args__ = (
        one_of("project_status", "status", ProjectStatus),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="days"),
        sa.Index(
            "ix_project_status_current",
            "project_id",
            "valid_from",
            sqlite_where=sa.text("superseded_at IS NULL"),
            postgresql_where=sa.text("superseded_at IS NULL"),
        ),
    )
    id: UUID = Field(primary_key=True)
    transition_id: UUID = Field(index=True)  # stays, when the row is replaced by one with other days
    project_id: UUID = Field(foreign_key="project.id")
    status: str = Field(sa_type=text(20))
    valid_from: date
    valid_to: date | None = None
    reason: str | None = Field(default=None, sa_type=text())
    recorded_at: datetime = Field(sa_type=Instant)
    recorded_by: UUID | None = None
    superseded_at: datetime | None = Field(default=None, sa_type=Instant)


class Seat(Record, table=True):
    """A role that a project needs, with the load that it puts on its holder."""

    __tablename__ = "seat"
    __table_args__ = (
        sa.UniqueConstraint("project_id", "role"),
        sa.CheckConstraint("load_weight >= 0", name="load_weight"),
    )
    project_id: UUID = Field(foreign_key="project.id")
    role: str = Field(sa_type=text(60), foreign_key="role.key", index=True)
    load_weight: Decimal = Field(default=Decimal("0.5"), sa_type=Scaled)


class Milestone(Record, table=True):
    """A point that a project reaches: planned (the baseline's day), forecast, reached."""

    __tablename__ = "milestone"
    __table_args__ = (sa.CheckConstraint("weight >= 0", name="weight"),)
    project_id: UUID = Field(foreign_key="project.id", index=True)
    name: str = Field(sa_type=text(200))
    planned_on: date | None = None
    forecast_on: date | None = None
    reached_on: date | None = None
    weight: Decimal = Field(default=Decimal(1), sa_type=Scaled)
    deliverable: str | None = Field(default=None, sa_type=text())


class Baseline(SQLModel, table=True):
    """What was agreed, frozen: append-only, numbered within its project."""

    __tablename__ = "baseline"
    __table_args__ = (sa.UniqueConstraint("project_id", "number"), one_of("baseline", "cause", BaselineCause))
    id: UUID = Field(primary_key=True)
    project_id: UUID = Field(foreign_key="project.id")
    number: int
    cause: str = Field(sa_type=text(20))
    change_request_id: UUID | None = None  # of a change: the one that made it
    valid_from: date
    currency: str = Field(sa_type=text(3))
    fee: Decimal | None = Field(default=None, sa_type=Scaled)
    cost_budget: Decimal | None = Field(default=None, sa_type=Scaled)
    hours_budget: Decimal | None = Field(default=None, sa_type=Hours)
    start_on: date | None = None
    due_on: date | None = None
    created_at: datetime = Field(sa_type=Instant)
    recorded_by: UUID | None = None


class BaselineMilestone(SQLModel, table=True):
    """A milestone as a baseline froze it."""

    __tablename__ = "baseline_milestone"
    id: UUID = Field(primary_key=True)
    baseline_id: UUID = Field(foreign_key="baseline.id", index=True)
    milestone_id: UUID
    name: str = Field(sa_type=text(200))
    planned_on: date | None = None
    weight: Decimal = Field(sa_type=Scaled)
