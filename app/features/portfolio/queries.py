"""What the portfolio asks of the database: its projects, and of those of a page all the rest, each in one statement."""

from typing import Any

import sqlalchemy as sa

from app.db.listing import Listing
from app.db.record import table_of
from app.features.status_reports import service as status_reports
from app.models.assignment import Assignment, AssignmentKind
from app.models.change_request import ChangeRequest, ChangeStatus
from app.models.client import Client
from app.models.commitment import Commitment, CommitmentStatus
from app.models.outbox_event import OutboxEvent
from app.models.person import Person
from app.models.project import Milestone, Project, ProjectStatus, ProjectStatusSpan, Seat
from app.models.rescue import Rescue, RescueStatus
from app.models.risk import Issue, Risk, RiskStatus
from app.models.role import ACCOUNT_MANAGER, PRODUCTION_MANAGER

projects, clients, people = table_of(Project), table_of(Client), table_of(Person)
spans, seats, assignments = table_of(ProjectStatusSpan), table_of(Seat), table_of(Assignment)
milestones, changes, commitments = table_of(Milestone), table_of(ChangeRequest), table_of(Commitment)
risks, issues, rescues, outbox = table_of(Risk), table_of(Issue), table_of(Rescue), table_of(OutboxEvent)

# That something is due is no change of a project.
REMINDED = "reminder.sent"
LIVE_STATUSES = (ProjectStatus.ACTIVE, ProjectStatus.BACK_BURNER, ProjectStatus.ON_HOLD)

ON = sa.bindparam("on", type_=sa.Date)
IDS = sa.bindparam("ids", type_=sa.Uuid, expanding=True)


def _in_force(table: sa.FromClause) -> sa.ColumnElement[bool]:
    return sa.and_(
        table.c.superseded_at.is_(None),
        table.c.valid_from <= ON,
        sa.or_(table.c.valid_to.is_(None), table.c.valid_to > ON),
    )


def _holds(holder: sa.FromClause, project_id: sa.ColumnElement[Any], role: Any) -> sa.ColumnElement[bool]:
    return sa.and_(
        holder.c.project_id == project_id,
        holder.c.role == role,
        holder.c.kind == AssignmentKind.HOLDER,
        holder.c.person_id.is_not(None),
        _in_force(holder),
    )


# An exclusive seat has one holder at most on any day, so that these multiply no rows.
_account, _production = assignments.alias("account_manager"), assignments.alias("production_manager")

PORTFOLIO = Listing(
    name="portfolio",
    columns={
        "id": projects.c.id,
        "version": projects.c.version,
        "created_at": projects.c.created_at,
        "updated_at": projects.c.updated_at,
        "code": projects.c.code,
        "name": projects.c.name,
        "client_id": projects.c.client_id,
        "client_code": clients.c.code,
        "client_name": clients.c.name,
        "status": spans.c.status,
        "engagement": projects.c.engagement,
        "priority": projects.c.priority,
        "start_on": projects.c.start_on,
        "due_on": projects.c.due_on,
        "account_manager_id": _account.c.person_id,
        "production_manager_id": _production.c.person_id,
        "health": status_reports.health_of(projects.c.id, ON),
        "currency": projects.c.currency,
    },
    source=projects.join(spans, sa.and_(spans.c.project_id == projects.c.id, _in_force(spans)))
    .join(clients, clients.c.id == projects.c.client_id)
    .outerjoin(_account, _holds(_account, projects.c.id, ACCOUNT_MANAGER))
    .outerjoin(_production, _holds(_production, projects.c.id, PRODUCTION_MANAGER)),
    filters=(
        "code",
        "status",
        "client_id",
        "account_manager_id",
        "production_manager_id",
        "health",
        "engagement",
        "priority",
        "due_on",
    ),
    sorts=("code", "name", "client_code", "status", "priority", "due_on", "updated_at"),
    default_sort=(("code", False),),
)

SEATS = (
    sa.select(seats.c.project_id, seats.c.role, assignments.c.person_id, people.c.display_name.label("name"))
    .select_from(
        seats.outerjoin(assignments, _holds(assignments, seats.c.project_id, seats.c.role)).outerjoin(
            people, people.c.id == assignments.c.person_id
        )
    )
    .where(seats.c.project_id.in_(IDS))
    .order_by(seats.c.role, people.c.display_name, people.c.id)
)

_due = sa.func.coalesce(milestones.c.forecast_on, milestones.c.planned_on)
_ahead = (
    sa.select(
        milestones.c.project_id,
        milestones.c.name,
        _due.label("due_on"),
        sa.func.row_number()
        .over(partition_by=milestones.c.project_id, order_by=(_due, milestones.c.name, milestones.c.id))
        .label("place"),
    )
    .where(
        milestones.c.project_id.in_(IDS),
        _due.is_not(None),
        sa.or_(milestones.c.reached_on.is_(None), milestones.c.reached_on > ON),
    )
    .subquery("ahead")
)
NEXT_MILESTONES: sa.Select[Any] = sa.select(_ahead.c.project_id, _ahead.c.name, _ahead.c.due_on).where(
    _ahead.c.place == 1
)

DECISIONS_WAITING = (
    sa.select(changes.c.project_id, sa.func.count().label("waiting"), sa.func.min(changes.c.decide_by).label("by"))
    .where(changes.c.project_id.in_(IDS), changes.c.status == ChangeStatus.AWAITING_DECISION)
    .group_by(changes.c.project_id)
)

# A promise was open up to the day on which it was kept, given up or taken back.
OVERDUE_PROMISES = (
    sa.select(commitments.c.project_id, sa.func.count().label("overdue"))
    .where(
        commitments.c.project_id.in_(IDS),
        commitments.c.promised_on <= ON,
        commitments.c.due_on < ON,
        sa.or_(
            commitments.c.status == CommitmentStatus.OPEN,
            sa.func.coalesce(commitments.c.result_achieved_on, commitments.c.closed_on) > ON,
        ),
    )
    .group_by(commitments.c.project_id)
)

# A risk is open up to the day on which it was closed, or became an issue.
_open = sa.or_(risks.c.status == RiskStatus.OPEN, risks.c.closed_on > ON, issues.c.raised_on > ON)
EXPOSURES = (
    sa.select(
        risks.c.project_id,
        sa.func.sum(sa.case((_open, risks.c.likelihood * risks.c.impact), else_=0)).label("exposure"),
    )
    .select_from(risks.outerjoin(issues, issues.c.risk_id == risks.c.id))
    .where(risks.c.project_id.in_(IDS), risks.c.identified_on <= ON)
    .group_by(risks.c.project_id)
)

RUNNING_RESCUES = sa.select(rescues.c.project_id, rescues.c.id).where(
    rescues.c.project_id.in_(IDS), rescues.c.status.in_((RescueStatus.ASSESSING, RescueStatus.DECIDED))
)

CHANGED = (
    sa.select(
        outbox.c.project_id,
        outbox.c.type,
        sa.func.count().label("times"),
        sa.func.max(outbox.c.occurred_at, type_=outbox.c.occurred_at.type).label("last_at"),
    )
    .where(
        outbox.c.project_id.in_(IDS),
        outbox.c.type != REMINDED,
        outbox.c.occurred_at >= sa.bindparam("since", type_=outbox.c.occurred_at.type),
    )
    .group_by(outbox.c.project_id, outbox.c.type)
    .order_by(outbox.c.project_id, outbox.c.type)
)
