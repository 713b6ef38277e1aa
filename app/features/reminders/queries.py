"""What is due: one statement for each kind. All have the same columns; `day` is what the due day is counted from."""

import functools
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from app.db.record import table_of
from app.features.reminders.schemas import ReminderKind
from app.models.assignment import Assignment, AssignmentKind
from app.models.calendar_day import CalendarDay
from app.models.change_request import ChangeAsk, ChangeRequest, ChangeStatus
from app.models.client import Client
from app.models.commitment import Commitment, CommitmentStatus
from app.models.delivery import StatusReport
from app.models.handover import Handover, HandoverNotice, HandoverStatus
from app.models.outcome import Outcome, Touchpoint
from app.models.period import Period
from app.models.pmo import Development
from app.models.project import Milestone, Project, ProjectStatus, ProjectStatusSpan
from app.models.quality import FeedbackRequest
from app.models.rescue import Rescue, RescueAction, RescueStatus
from app.models.risk import Risk, RiskStatus
from app.models.role import ACCOUNT_MANAGER, PRODUCTION_MANAGER
from app.models.template import ProjectTask, ReminderSent

projects, clients, spans = table_of(Project), table_of(Client), table_of(ProjectStatusSpan)
reports, milestones, tasks = table_of(StatusReport), table_of(Milestone), table_of(ProjectTask)
outcomes, touchpoints, developments = table_of(Outcome), table_of(Touchpoint), table_of(Development)
asks, changes, feedback_requests = table_of(ChangeAsk), table_of(ChangeRequest), table_of(FeedbackRequest)
handovers, notices, commitments = table_of(Handover), table_of(HandoverNotice), table_of(Commitment)
risks, rescues, actions = table_of(Risk), table_of(Rescue), table_of(RescueAction)
periods, calendar_days, sent = table_of(Period), table_of(CalendarDay), table_of(ReminderSent)

LIVE_STATUSES = (ProjectStatus.ACTIVE, ProjectStatus.BACK_BURNER, ProjectStatus.ON_HOLD)
CALLED_OFF = (ProjectStatus.CANCELLED, ProjectStatus.LOST)
UNDECIDED = (ChangeStatus.SUBMITTED, ChangeStatus.ASSESSING, ChangeStatus.AWAITING_DECISION)

ON = sa.bindparam("on", type_=sa.Date)
LAST = sa.bindparam("last", type_=sa.Date)  # the last day that may be found
ASKED_BEFORE = sa.bindparam("asked_before", type_=asks.c.asked_at.type)
MORNING = sa.bindparam("morning", type_=asks.c.asked_at.type)

Columns = sa.Select[Any]
NOBODY: sa.ColumnElement[Any] = sa.null()


def _due(
    subject: str,
    id: sa.ColumnElement[Any],
    day: sa.ColumnElement[Any],
    name: sa.ColumnElement[Any],
    person: sa.ColumnElement[Any] = NOBODY,
    project: sa.ColumnElement[Any] = NOBODY,
    client: sa.ColumnElement[Any] = NOBODY,
) -> Columns:
    return sa.select(
        sa.literal(subject, sa.String).label("subject_type"),
        id.label("subject_id"),
        sa.cast(project, sa.Uuid).label("project_id") if project is NOBODY else project.label("project_id"),
        sa.cast(client, sa.Uuid).label("client_id") if client is NOBODY else client.label("client_id"),
        sa.cast(person, sa.Uuid).label("person_id") if person is NOBODY else person.label("person_id"),
        day.label("day"),
        name.label("name"),
    )


def _in_force(table: sa.FromClause) -> sa.ColumnElement[bool]:
    return sa.and_(
        table.c.superseded_at.is_(None),
        table.c.valid_from <= ON,
        sa.or_(table.c.valid_to.is_(None), table.c.valid_to > ON),
    )


def _live(project_id: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    return sa.and_(spans.c.project_id == project_id, spans.c.status.in_(LIVE_STATUSES), _in_force(spans))


def _manager(role: str, project_id: sa.ColumnElement[Any]) -> tuple[sa.FromClause, sa.ColumnElement[bool]]:
    """Whoever holds a manager's seat on the day, to be joined: one at most."""
    holder = table_of(Assignment).alias(role)
    holds = sa.and_(
        holder.c.project_id == project_id,
        holder.c.role == role,
        holder.c.kind == AssignmentKind.HOLDER,
        _in_force(holder),
    )
    return holder, holds


def _may_go_on(project_id: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Nothing is left to be done for a project that was called off or never won."""
    return ~sa.exists().where(spans.c.project_id == project_id, spans.c.status.in_(CALLED_OFF), _in_force(spans))


_producer, _produces = _manager(PRODUCTION_MANAGER, projects.c.id)
_account, _accounts = _manager(ACCOUNT_MANAGER, projects.c.id)
_of_project = {"project": projects.c.id, "client": projects.c.client_id}

OUTCOME_REVIEW = (
    _due(
        "outcome",
        outcomes.c.id,
        outcomes.c.review_on,
        outcomes.c.measure,
        sa.func.coalesce(outcomes.c.owner_id, clients.c.account_manager_id),
        **_of_project,
    )
    .select_from(
        outcomes.join(projects, projects.c.id == outcomes.c.project_id).join(
            clients, clients.c.id == projects.c.client_id
        )
    )
    .where(outcomes.c.reviewed_on.is_(None), outcomes.c.review_on <= LAST)
)

_reported = (
    sa.select(reports.c.project_id, sa.func.max(reports.c.reported_on).label("on"))
    .where(reports.c.reported_on <= ON)
    .group_by(reports.c.project_id)
    .subquery("reported")
)
# Who has never reported is given as long from the day on which the project has had its status.
_last_seen = sa.func.coalesce(_reported.c.on, spans.c.valid_from)
STALE_HEALTH = (
    _due("project", projects.c.id, _last_seen, projects.c.name, _producer.c.person_id, **_of_project)
    .select_from(
        projects.join(spans, _live(projects.c.id))
        .outerjoin(_reported, _reported.c.project_id == projects.c.id)
        .outerjoin(_producer, _produces)
    )
    .where(_last_seen <= LAST)
)

_asked = sa.union_all(
    sa.select(
        sa.literal("change_ask", sa.String).label("subject_type"),
        asks.c.id.label("subject_id"),
        changes.c.project_id,
        projects.c.client_id,
        asks.c.asked_at,
        changes.c.title.label("name"),
    )
    .select_from(
        asks.join(changes, changes.c.id == asks.c.change_request_id).join(
            projects, projects.c.id == changes.c.project_id
        )
    )
    .where(
        asks.c.asked_at < ASKED_BEFORE,
        asks.c.expires_at > MORNING,
        asks.c.answered_at.is_(None),
        changes.c.status == ChangeStatus.AWAITING_DECISION,
    ),
    sa.select(
        sa.literal("feedback_request", sa.String),
        feedback_requests.c.id,
        feedback_requests.c.project_id,
        feedback_requests.c.client_id,
        feedback_requests.c.asked_at,
        sa.literal("what they think of us", sa.String),
    ).where(
        feedback_requests.c.asked_at < ASKED_BEFORE,
        feedback_requests.c.expires_at > MORNING,
        feedback_requests.c.answered.is_(sa.false()),
    ),
    sa.select(
        sa.literal("handover_notice", sa.String),
        notices.c.id,
        sa.cast(sa.null(), sa.Uuid),
        notices.c.client_id,
        notices.c.notified_at,
        notices.c.subject,
    )
    .select_from(notices.join(handovers, handovers.c.id == notices.c.handover_id))
    .where(
        notices.c.notified_at < ASKED_BEFORE,
        notices.c.answer.is_(None),
        notices.c.waived_at.is_(None),
        handovers.c.status == HandoverStatus.SCHEDULED,
    ),
).subquery("asked")
UNANSWERED_LINK = sa.select(
    _asked.c.subject_type,
    _asked.c.subject_id,
    _asked.c.project_id,
    _asked.c.client_id,
    clients.c.account_manager_id.label("person_id"),
    _asked.c.asked_at.label("day"),
    _asked.c.name,
).select_from(_asked.join(clients, clients.c.id == _asked.c.client_id))

PROMISE_DUE = _due(
    "commitment",
    commitments.c.id,
    commitments.c.due_on,
    commitments.c.statement,
    commitments.c.promised_by_id,
    commitments.c.project_id,
    commitments.c.client_id,
).where(commitments.c.status == CommitmentStatus.OPEN, commitments.c.due_on <= LAST)

RISK_RESPONSE_DUE = (
    _due("risk", risks.c.id, risks.c.due_on, risks.c.event, risks.c.owner_id, **_of_project)
    .select_from(risks.join(projects, projects.c.id == risks.c.project_id))
    .where(risks.c.status == RiskStatus.OPEN, risks.c.due_on <= LAST, _may_go_on(risks.c.project_id))
)

RESCUE_ACTION_DUE = (
    _due("rescue_action", actions.c.id, actions.c.due_on, actions.c.statement, actions.c.owner_id, **_of_project)
    .select_from(
        actions.join(rescues, rescues.c.id == actions.c.rescue_id).join(projects, projects.c.id == rescues.c.project_id)
    )
    .where(
        actions.c.done_at.is_(None),
        actions.c.due_on <= LAST,
        rescues.c.status.in_((RescueStatus.ASSESSING, RescueStatus.DECIDED)),
        _may_go_on(rescues.c.project_id),
    )
)

CHANGE_DECISION_DUE = (
    _due("change_request", changes.c.id, changes.c.decide_by, changes.c.title, _account.c.person_id, **_of_project)
    .select_from(changes.join(projects, projects.c.id == changes.c.project_id).outerjoin(_account, _accounts))
    .where(changes.c.status.in_(UNDECIDED), changes.c.decide_by <= LAST, _may_go_on(changes.c.project_id))
)

DEVELOPMENT_ENDS = _due(
    "development", developments.c.id, developments.c.ends_on, developments.c.skill, developments.c.person_id
).where(developments.c.completed_on.is_(None), developments.c.ends_on <= LAST)

_later = touchpoints.alias("later")
TOUCHPOINT_DUE = (
    _due(
        "touchpoint",
        touchpoints.c.id,
        touchpoints.c.next_on,
        clients.c.name,
        touchpoints.c.person_id,
        touchpoints.c.project_id,
        touchpoints.c.client_id,
    )
    .select_from(touchpoints.join(clients, clients.c.id == touchpoints.c.client_id))
    .where(
        touchpoints.c.superseded_at.is_(None),
        touchpoints.c.next_on <= LAST,
        ~sa.exists().where(
            _later.c.client_id == touchpoints.c.client_id,
            _later.c.superseded_at.is_(None),
            _later.c.happened_on > touchpoints.c.happened_on,
        ),
    )
)

_expected = sa.func.coalesce(milestones.c.forecast_on, milestones.c.planned_on)
MILESTONE_DUE = (
    _due("milestone", milestones.c.id, _expected, milestones.c.name, _producer.c.person_id, **_of_project)
    .select_from(
        milestones.join(projects, projects.c.id == milestones.c.project_id)
        .join(spans, _live(projects.c.id))
        .outerjoin(_producer, _produces)
    )
    .where(milestones.c.reached_on.is_(None), _expected <= LAST)
)

PROJECT_TASK_DUE = (
    _due("project_task", tasks.c.id, tasks.c.due_on, tasks.c.statement, tasks.c.owner_id, **_of_project)
    .select_from(tasks.join(projects, projects.c.id == tasks.c.project_id))
    .where(tasks.c.done_at.is_(None), tasks.c.due_on <= LAST, _may_go_on(tasks.c.project_id))
)

DUE: Mapping[ReminderKind, Columns] = {
    ReminderKind.OUTCOME_REVIEW: OUTCOME_REVIEW,
    ReminderKind.STALE_HEALTH: STALE_HEALTH,
    ReminderKind.UNANSWERED_LINK: UNANSWERED_LINK,
    ReminderKind.PROMISE_DUE: PROMISE_DUE,
    ReminderKind.RISK_RESPONSE_DUE: RISK_RESPONSE_DUE,
    ReminderKind.RESCUE_ACTION_DUE: RESCUE_ACTION_DUE,
    ReminderKind.CHANGE_DECISION_DUE: CHANGE_DECISION_DUE,
    ReminderKind.DEVELOPMENT_ENDS: DEVELOPMENT_ENDS,
    ReminderKind.TOUCHPOINT_DUE: TOUCHPOINT_DUE,
    ReminderKind.MILESTONE_DUE: MILESTONE_DUE,
    ReminderKind.PROJECT_TASK_DUE: PROJECT_TASK_DUE,
}


@functools.cache
def due(kind: ReminderKind, of_person: bool) -> sa.Select[Any]:
    """What is due of a kind, the oldest first, each row with how many there are in all."""
    found = DUE[kind].subquery("due")
    statement = sa.select(*found.c, sa.func.count().over().label("total")).order_by(found.c.day, found.c.subject_id)
    if of_person:
        statement = statement.where(found.c.person_id == sa.bindparam("person_id", type_=sa.Uuid))
    return statement.limit(sa.bindparam("limit", type_=sa.Integer))


@functools.cache
def due_after(kind: ReminderKind, begun: bool) -> sa.Select[Any]:
    """So many of what is due of a kind, from the oldest on; once begun, those that follow a row's day and subject."""
    found = DUE[kind].subquery("due")
    statement = sa.select(*found.c).order_by(found.c.day, found.c.subject_id)
    if begun:
        day = sa.bindparam("after_day", type_=found.c.day.type)
        subject = sa.bindparam("after_id", type_=found.c.subject_id.type)
        follows = sa.or_(found.c.day > day, sa.and_(found.c.day == day, found.c.subject_id > subject))
        statement = statement.where(follows)
    return statement.limit(sa.bindparam("limit", type_=sa.Integer))


PERIODS = (
    sa.select(periods.c.id, periods.c.label, periods.c.starts_on, periods.c.status, periods.c.revision)
    .where(periods.c.starts_on <= ON)
    .order_by(periods.c.starts_on)
)
WORKING_DAYS = (
    sa.select(calendar_days.c.day)
    .where(
        calendar_days.c.day >= sa.bindparam("first", type_=sa.Date),
        calendar_days.c.day <= ON,
        calendar_days.c.is_working.is_not(sa.false()),
    )
    .order_by(calendar_days.c.day)
)


@functools.cache
def remember(dialect: str) -> Any:
    """Add what has not been told yet, and answer that alone: of two who tell at once, one does."""
    insert = postgresql.insert(sent) if dialect == "postgresql" else sqlite.insert(sent)
    return insert.on_conflict_do_nothing().returning(sent.c.id)
