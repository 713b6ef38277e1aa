"""What rescues and their triage ask of the database."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core.errors import NotFound
from app.db.listing import Listing, columns_of
from app.db.record import table_of
from app.db.types import Moves
from app.features.rescues import rules
from app.messaging.records import Row
from app.models.assignment import Assignment, Certainty
from app.models.person import Person
from app.models.project import Project, ProjectStatus, ProjectStatusSpan
from app.models.rescue import Rescue, RescueAction
from app.models.risk import Issue, Risk, RiskStatus

rescues = table_of(Rescue)
actions = table_of(RescueAction)
projects = table_of(Project)
spans = table_of(ProjectStatusSpan)
people = table_of(Person)
assignments = table_of(Assignment)
risks = table_of(Risk)
issues = table_of(Issue)

LIVE_STATUSES = (ProjectStatus.ACTIVE, ProjectStatus.BACK_BURNER, ProjectStatus.ON_HOLD)

RESCUES = Listing(
    name="rescues",
    columns={**columns_of(rescues), "allowed_transitions": sa.type_coerce(rescues.c.status, Moves(rules.STATES.moves))},
    source=rescues,
    filters=(
        "project_id",
        "rescuer_id",
        "status",
        "course",
        "opened_on",
        "decided_on",
        "closed_on",
        "met_forecast",
    ),
    sorts=("status", "opened_on", "decided_on", "closed_on", "forecast_finish_on", "created_at", "updated_at"),
    default_sort=(("opened_on", True),),
)
RESCUE_BY_ID = RESCUES.select().where(rescues.c.id == sa.bindparam("which"))
ACTIONS = Listing(
    name="rescue-actions",
    columns={**columns_of(actions), "done": actions.c.done_at.is_not(None)},
    source=actions,
    filters=("rescue_id", "owner_id", "due_on", "done"),
    sorts=("due_on", "done_at", "created_at", "updated_at"),
    default_sort=(("due_on", False),),
)
ACTION_BY_ID = ACTIONS.select().where(actions.c.id == sa.bindparam("which"))

LOCK = sa.select(rescues).where(rescues.c.id == sa.bindparam("which")).with_for_update(key_share=True)
RUNNING = sa.select(rescues.c.id).where(
    rescues.c.project_id == sa.bindparam("project_id"), rescues.c.status.in_(rules.RUNNING)
)
CURRENCY = sa.select(projects.c.currency).where(projects.c.id == sa.bindparam("which"))
# Whoever sits there or is to, in whatever way; a tentative plan binds nobody.
SEATED = (
    sa.select(people.c.id, people.c.display_name)
    .join_from(assignments, people, people.c.id == assignments.c.person_id)
    .where(
        assignments.c.project_id == sa.bindparam("project_id"),
        assignments.c.person_id.in_(sa.bindparam("people", expanding=True)),
        assignments.c.certainty == Certainty.CONFIRMED,
        assignments.c.superseded_at.is_(None),
        sa.or_(assignments.c.valid_to.is_(None), assignments.c.valid_to > sa.bindparam("today", type_=sa.Date)),
    )
    .limit(1)
)

_on = sa.bindparam("on", type_=sa.Date)
LIVE: sa.Select[Any] = (
    sa.select(
        projects.c.id,
        projects.c.code,
        projects.c.name,
        projects.c.client_id,
        projects.c.currency,
        projects.c.remaining_value,
        projects.c.exit_cost,
        spans.c.status,
        rescues.c.id.label("rescue_id"),
    )
    .select_from(
        projects.join(spans, spans.c.project_id == projects.c.id).outerjoin(
            rescues, sa.and_(rescues.c.project_id == projects.c.id, rescues.c.status.in_(rules.RUNNING))
        )
    )
    .where(
        spans.c.superseded_at.is_(None),
        spans.c.valid_from <= _on,
        sa.or_(spans.c.valid_to.is_(None), spans.c.valid_to > _on),
        spans.c.status.in_(LIVE_STATUSES),
    )
)
LIVE_ONE = LIVE.where(projects.c.id == sa.bindparam("project_id"))

# A risk is open up to the day on which it was closed, or became an issue.
_overdue = sa.and_(
    risks.c.due_on < _on,
    sa.or_(risks.c.status == RiskStatus.OPEN, risks.c.closed_on > _on, issues.c.raised_on > _on),
)
RISKS: sa.Select[Any] = (
    sa.select(
        risks.c.project_id,
        sa.func.count(sa.case((_overdue, 1))).label("overdue"),
        sa.func.sum(sa.case((_overdue, risks.c.likelihood * risks.c.impact), else_=0)).label("exposure"),
    )
    .select_from(risks.outerjoin(issues, issues.c.risk_id == risks.c.id))
    .where(risks.c.identified_on <= _on)
    .group_by(risks.c.project_id)
)
RISKS_OF_ONE = RISKS.where(risks.c.project_id == sa.bindparam("project_id"))


def found(row: Row | None, noun: str, id: UUID) -> Row:
    if row is None:
        raise NotFound(f"There is no {noun} {str(id)!r}: look it up in the list.")
    return row
