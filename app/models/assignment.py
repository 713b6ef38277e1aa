"""Who sits where, when."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from app.db.record import Fact, current
from app.db.types import Scaled, one_of, text


class AssignmentKind(StrEnum):
    HOLDER = "holder"
    SHADOW = "shadow"
    COVER = "cover"


class Certainty(StrEnum):
    TENTATIVE = "tentative"
    CONFIRMED = "confirmed"


class Assignment(Fact, table=True):
    """A person in a role of a project, from `valid_from` up to, and without, `valid_to` (null: open).

    That an exclusive role has one holder on any day is kept by a trigger (see `db/triggers.py`).
    """

    __tablename__ = "assignment"
    __table_args__ = (
        current("assignment"),
        one_of("assignment", "kind", AssignmentKind),
        one_of("assignment", "certainty", Certainty),
        sa.CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="days"),
        sa.CheckConstraint("allocation_percent IS NULL OR allocation_percent BETWEEN 0 AND 1000000", name="allocation"),
        sa.Index("ix_assignment_project_role", "project_id", "role"),
    )
    project_id: UUID = Field(foreign_key="project.id")
    role: str = Field(sa_type=text(60), foreign_key="role.key")
    person_id: UUID | None = Field(default=None, foreign_key="person.id", index=True)
    kind: str = Field(default=AssignmentKind.HOLDER, sa_type=text(20))
    certainty: str = Field(default=Certainty.CONFIRMED, sa_type=text(20))
    valid_from: date
    valid_to: date | None = None
    allocation_percent: Decimal | None = Field(default=None, sa_type=Scaled)
    reason: str | None = Field(default=None, sa_type=text())
