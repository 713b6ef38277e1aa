"""What is read of risks and issues, each with its exposure and whether it is overdue today; and locks."""

from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core.errors import NotFound
from app.db.listing import Listing, columns_of
from app.db.record import table_of
from app.db.types import Moves
from app.features.risks import rules
from app.messaging.records import Row
from app.models.person import Person
from app.models.project import Project
from app.models.risk import Issue, Risk, RiskStatus

risks = table_of(Risk)
issues = table_of(Issue)
projects = table_of(Project)

REFERENCES = {"project_id": (projects, "id"), "owner_id": (table_of(Person), "id")}

_today = sa.bindparam("today", type_=sa.Date)


def _overdue(table: sa.Table, *waiting: StrEnum) -> sa.ColumnElement[bool]:
    return sa.and_(table.c.status.in_(waiting), table.c.due_on.is_not(None), table.c.due_on < _today)


def _columns(table: sa.Table, moves: Any, *waiting: StrEnum) -> dict[str, sa.ColumnElement[Any]]:
    overdue = _overdue(table, *waiting)
    return {
        **columns_of(table),
        "exposure": table.c.likelihood * table.c.impact,
        "overdue": overdue,
        "timeliness": sa.case((overdue, "overdue"), else_="in_time"),  # for the ETag: it changes with the day
        "allowed_transitions": sa.type_coerce(table.c.status, Moves(moves)),
    }


_FILTERS = (
    "project_id",
    "number",
    "status",
    "owner_id",
    "strategy",
    "likelihood",
    "impact",
    "exposure",
    "due_on",
    "overdue",
)
_SORTS = ("number", "exposure", "likelihood", "impact", "status", "due_on", "created_at", "updated_at")

RISKS = Listing(
    name="risks",
    columns=_columns(risks, rules.RISKS.moves, RiskStatus.OPEN),
    source=risks,
    filters=(*_FILTERS, "identified_on", "closed_on"),
    sorts=(*_SORTS, "identified_on", "closed_on"),
    default_sort=(("exposure", True), ("created_at", False)),
)
ISSUES = Listing(
    name="issues",
    columns=_columns(issues, rules.ISSUES.moves, *rules.WAITING),
    source=issues,
    filters=(*_FILTERS, "risk_id", "raised_on", "resolved_on"),
    sorts=(*_SORTS, "raised_on", "resolved_on"),
    default_sort=(("exposure", True), ("created_at", False)),
)
RISK_BY_ID = RISKS.select().where(risks.c.id == sa.bindparam("which"))
ISSUE_BY_ID = ISSUES.select().where(issues.c.id == sa.bindparam("which"))
LOCK_RISK = sa.select(risks).where(risks.c.id == sa.bindparam("which")).with_for_update(key_share=True)
LOCK_ISSUE = sa.select(issues).where(issues.c.id == sa.bindparam("which")).with_for_update(key_share=True)
LAST_RISK = sa.select(sa.func.max(risks.c.number)).where(risks.c.project_id == sa.bindparam("project_id"))
LAST_ISSUE = sa.select(sa.func.max(issues.c.number)).where(issues.c.project_id == sa.bindparam("project_id"))
OPEN = (
    sa.select(risks)
    .where(risks.c.status == RiskStatus.OPEN, risks.c.project_id.in_(sa.bindparam("projects", expanding=True)))
    .order_by((risks.c.likelihood * risks.c.impact).desc(), risks.c.number)
)


def found(row: Row | None, noun: str, id: UUID) -> Row:
    if row is None:
        raise NotFound(f"There is no {noun} {str(id)!r}: look it up in the list.")
    return row
