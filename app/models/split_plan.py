"""Split plans: a proposal of who holds every exclusive seat. By itself it moves nobody."""

from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from app.db.record import Record
from app.db.types import Json, one_of, text


class PlanStatus(StrEnum):
    OPTIMAL = "optimal"
    FEASIBLE = "feasible"  # within `gap` of the optimum when the time was up
    INFEASIBLE = "infeasible"
    EDITED = "edited"  # a move was replaced by hand, and the plan scored again


class SplitPlan(Record, table=True):
    """What was asked of the solver, and what it answered: parts of the objective, loads, and what binds."""

    __tablename__ = "split_plan"
    __table_args__ = (one_of("split_plan", "status", PlanStatus),)
    name: str = Field(sa_type=text(200))
    on: date
    status: str = Field(sa_type=text(20))
    request: dict[str, Any] = Field(sa_type=Json)  # scope, weights, locks, caps: as resolved
    result: dict[str, Any] = Field(sa_type=Json)  # objective, gap, seconds, loads, binding


class SplitPlanMove(Record, table=True):
    """A seat that changes hands in the plan, or was vacant."""

    __tablename__ = "split_plan_move"
    __table_args__ = (sa.UniqueConstraint("plan_id", "project_id", "role"),)
    plan_id: UUID = Field(foreign_key="split_plan.id")
    project_id: UUID = Field(foreign_key="project.id", index=True)
    role: str = Field(sa_type=text(60), foreign_key="role.key")
    from_person_id: UUID | None = Field(default=None, foreign_key="person.id")
    to_person_id: UUID = Field(foreign_key="person.id", index=True)
    reason: str = Field(sa_type=text())
    by_hand: bool = False
