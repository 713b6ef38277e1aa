"""What templates, kick-offs and closings ask of the database."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core.errors import NotFound
from app.db.listing import Listing, columns_of
from app.db.record import table_of
from app.features.templates.schemas import OpenKind
from app.messaging.records import Row
from app.models.calendar_day import CalendarDay
from app.models.change_request import ChangeRequest, ChangeStatus
from app.models.commitment import Commitment, CommitmentStatus
from app.models.delivery import Estimate
from app.models.outcome import Outcome
from app.models.person import Person
from app.models.playbook import Occasion
from app.models.project import Milestone, Project, Seat
from app.models.rescue import Rescue, RescueStatus
from app.models.risk import Issue, IssueStatus
from app.models.role import Role
from app.models.template import ProjectTask, ProjectTemplate
from app.models.time_entry import Approval, TimeEntry

templates = table_of(ProjectTemplate)
tasks = table_of(ProjectTask)
projects = table_of(Project)
people = table_of(Person)
roles = table_of(Role)
seats = table_of(Seat)
milestones = table_of(Milestone)
estimates = table_of(Estimate)
days = table_of(CalendarDay)
changes = table_of(ChangeRequest)
issues = table_of(Issue)
commitments = table_of(Commitment)
rescues = table_of(Rescue)
time_entries = table_of(TimeEntry)
outcomes = table_of(Outcome)

_undone = tasks.c.done_at.is_(None)

TEMPLATES = Listing(
    name="project-templates",
    columns=columns_of(templates),
    source=templates,
    filters=("code", "kind", "checklist_id"),
    sorts=("code", "name", "kind", "created_at", "updated_at"),
    default_sort=(("code", False),),
)
TASKS = Listing(
    name="project-tasks",
    columns={
        **columns_of(tasks),
        "done": tasks.c.done_at.is_not(None),
        "overdue": sa.func.coalesce(_undone & (tasks.c.due_on < sa.bindparam("today", type_=sa.Date)), sa.false()),
    },
    source=tasks,
    filters=("project_id", "occasion", "due_on", "owner_id", "done", "overdue"),
    sorts=("position", "due_on", "done_at", "created_at", "updated_at"),
    default_sort=(("position", False),),
)
TASK_BY_ID = TASKS.select().where(tasks.c.id == sa.bindparam("which"))

ROLES = sa.select(roles.c.key, roles.c.exclusive).where(roles.c.key.in_(sa.bindparam("keys", expanding=True)))
PEOPLE = sa.select(people.c.id).where(people.c.id.in_(sa.bindparam("ids", expanding=True)))
_of_project = sa.bindparam("project_id", type_=sa.Uuid())
SEATS_OF: sa.Select[Any] = sa.select(seats.c.id, seats.c.role, seats.c.load_weight).where(
    seats.c.project_id == _of_project
)
MILESTONES_OF = sa.select(milestones.c.name).where(milestones.c.project_id == _of_project)
ESTIMATED_ROLES = sa.select(estimates.c.role).where(estimates.c.project_id == _of_project)
HAS_TASKS = sa.select(
    sa.exists().where(tasks.c.project_id == _of_project, tasks.c.occasion == sa.bindparam("occasion"))
)
# Behind the last milestone there is a working day within two months, or none is known.
WORKING_DAYS = (
    sa.select(days.c.day)
    .where(
        days.c.is_working.is_(True),
        days.c.day.between(sa.bindparam("first", type_=sa.Date), sa.bindparam("last", type_=sa.Date)),
    )
    .order_by(days.c.day)
)


def _open(
    what: OpenKind,
    table: sa.Table,
    label: sa.ColumnElement[Any],
    due_on: sa.ColumnElement[Any] | None,
    *where: sa.ColumnElement[bool],
) -> sa.Select[Any]:
    return sa.select(
        sa.literal(str(what)).label("what"),
        table.c.id,
        sa.cast(label, sa.Text).label("label"),
        (table.c.status if "status" in table.c else sa.cast(sa.null(), sa.Text)).label("status"),
        (sa.cast(sa.null(), sa.Date) if due_on is None else due_on).label("due_on"),
    ).where(table.c.project_id == _of_project, *where)


OPEN = sa.union_all(
    _open(
        OpenKind.MILESTONE,
        milestones,
        milestones.c.name,
        milestones.c.planned_on,
        milestones.c.reached_on.is_(None),
    ),
    _open(
        OpenKind.CHANGE_REQUEST,
        changes,
        changes.c.title,
        changes.c.decide_by,
        # Whatever was asked for wants an answer; a draft has not been asked for.
        changes.c.status.in_(
            (ChangeStatus.SUBMITTED, ChangeStatus.ASSESSING, ChangeStatus.AWAITING_DECISION, ChangeStatus.APPROVED)
        ),
    ),
    _open(
        OpenKind.ISSUE,
        issues,
        issues.c.event,
        issues.c.due_on,
        issues.c.status.in_((IssueStatus.OPEN, IssueStatus.IN_PROGRESS)),
    ),
    _open(
        OpenKind.COMMITMENT,
        commitments,
        commitments.c.statement,
        commitments.c.due_on,
        commitments.c.status == CommitmentStatus.OPEN,
    ),
    _open(
        OpenKind.CLOSING_TASK,
        tasks,
        tasks.c.statement,
        tasks.c.due_on,
        tasks.c.occasion == Occasion.CLOSING,
        _undone,
    ),
    _open(
        OpenKind.RESCUE,
        rescues,
        rescues.c.trigger,
        None,
        rescues.c.status.in_((RescueStatus.ASSESSING, RescueStatus.DECIDED)),
    ),
)
BESIDE = sa.select(
    sa.select(sa.func.count())
    .where(
        time_entries.c.project_id == _of_project,
        time_entries.c.superseded_at.is_(None),
        time_entries.c.approval != Approval.APPROVED,
    )
    .scalar_subquery()
    .label("unapproved"),
    sa.select(sa.func.count())
    .where(
        time_entries.c.project_id == _of_project,
        time_entries.c.superseded_at.is_(None),
        sa.func.coalesce(time_entries.c.worked_until, time_entries.c.worked_on) > sa.bindparam("end", type_=sa.Date),
    )
    .scalar_subquery()
    .label("behind"),
    sa.exists().where(outcomes.c.project_id == _of_project).label("has_outcome"),
    sa.exists().where(tasks.c.project_id == _of_project, tasks.c.occasion == Occasion.CLOSING).label("prepared"),
)


def read_task(conn: sa.Connection, id: UUID, today: date) -> Row:
    """The task of this id, as it is today."""
    row = conn.execute(TASK_BY_ID, {"which": id, "today": today}).one_or_none()
    if row is None:
        raise NotFound(f"There is no project task {str(id)!r}: look it up in the list.")
    return row


def exclusive(conn: sa.Connection, keys: Iterable[str]) -> dict[str, bool]:
    """Of these roles, those that there are: is each exclusive?"""
    return {row.key: row.exclusive for row in conn.execute(ROLES, {"keys": sorted(set(keys))})}
