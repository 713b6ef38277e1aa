"""What is read before a promise is given: of one person, each a statement for the whole window."""

from typing import Any

import sqlalchemy as sa

from app.db.record import table_of
from app.features.commitments.queries import IS_OPEN, TODAY, commitments, projects
from app.models.assignment import Assignment, AssignmentKind
from app.models.change_request import ChangeRequest, ChangeStatus
from app.models.commitment import CommitmentStatus
from app.models.handover import Handover, HandoverMove, HandoverStatus
from app.models.person import Duty
from app.models.project import Milestone
from app.models.rescue import Rescue, RescueAction, RescueStatus
from app.models.role import Responsibility
from app.models.time_entry import TimeEntry

assignments = table_of(Assignment)
milestones = table_of(Milestone)
handovers = table_of(Handover)
moves = table_of(HandoverMove)
rescues = table_of(Rescue)
actions = table_of(RescueAction)
changes = table_of(ChangeRequest)
entries = table_of(TimeEntry)
responsibilities = table_of(Responsibility)

_PERSON = sa.bindparam("person_id", type_=sa.Uuid)
_START = sa.bindparam("start", type_=sa.Date)
_STOP = sa.bindparam("stop", type_=sa.Date)

# Somebody's projects: those on which they sit on some day of the window.
_THEIRS = sa.select(assignments.c.project_id).where(
    assignments.c.person_id == _PERSON,
    assignments.c.kind != AssignmentKind.SHADOW,
    assignments.c.superseded_at.is_(None),
    assignments.c.valid_from < _STOP,
    sa.or_(assignments.c.valid_to.is_(None), assignments.c.valid_to > _START),
)
_COMES_ON = sa.func.coalesce(milestones.c.forecast_on, milestones.c.planned_on)
MILESTONES: sa.Select[Any] = (
    sa.select(milestones.c.id, milestones.c.project_id, milestones.c.name, _COMES_ON.label("due_on"))
    .where(
        milestones.c.reached_on.is_(None),
        _COMES_ON >= _START,
        _COMES_ON < _STOP,
        milestones.c.project_id.in_(_THEIRS),
    )
    .order_by(_COMES_ON, milestones.c.id)
)
CHANGES: sa.Select[Any] = (
    sa.select(changes.c.id, changes.c.project_id, changes.c.number, changes.c.title, changes.c.decide_by)
    .where(
        changes.c.status.in_([ChangeStatus.SUBMITTED, ChangeStatus.ASSESSING, ChangeStatus.AWAITING_DECISION]),
        changes.c.decide_by >= _START,
        changes.c.decide_by < _STOP,
        changes.c.project_id.in_(_THEIRS),
    )
    .order_by(changes.c.decide_by, changes.c.id)
)
ACTIONS: sa.Select[Any] = (
    sa.select(actions.c.id, actions.c.rescue_id, actions.c.statement, actions.c.due_on)
    .select_from(actions.join(rescues, rescues.c.id == actions.c.rescue_id))
    .where(
        actions.c.owner_id == _PERSON,
        actions.c.done_at.is_(None),
        rescues.c.status.in_([RescueStatus.ASSESSING, RescueStatus.DECIDED]),
        actions.c.due_on >= _START,
        actions.c.due_on < _STOP,
    )
    .order_by(actions.c.due_on, actions.c.id)
)
# Those that lie behind are done, or late and told elsewhere.
HANDOVERS: sa.Select[Any] = (
    sa.select(
        moves.c.handover_id,
        moves.c.project_id,
        moves.c.role,
        moves.c.from_person_id,
        handovers.c.effective_on,
        handovers.c.overlap_days,
    )
    .select_from(moves.join(handovers, handovers.c.id == moves.c.handover_id))
    .where(
        sa.or_(moves.c.from_person_id == _PERSON, moves.c.to_person_id == _PERSON),
        handovers.c.status == HandoverStatus.SCHEDULED,
        handovers.c.effective_on >= _START,
    )
    .order_by(handovers.c.effective_on, moves.c.id)
)
OPEN: sa.Select[Any] = (
    sa.select(commitments.c.id, commitments.c.project_id, commitments.c.statement, commitments.c.due_on)
    .where(commitments.c.promised_by_id == _PERSON, IS_OPEN, commitments.c.due_on < _STOP)
    .order_by(commitments.c.due_on, commitments.c.id)
)
# Everybody's promises that were due, by person and day: an open one that is overdue was not kept.
PAST: sa.Select[Any] = (
    sa.select(
        commitments.c.promised_by_id,
        commitments.c.due_on,
        sa.func.count().label("n"),
        sa.func.sum(sa.case((commitments.c.status == CommitmentStatus.KEPT, 1), else_=0)).label("kept"),
    )
    .where(commitments.c.due_on < TODAY, commitments.c.status != CommitmentStatus.WITHDRAWN)
    .group_by(commitments.c.promised_by_id, commitments.c.due_on)
)
_seconds = sa.type_coerce(entries.c.hours, sa.BigInteger)
FIREFIGHTING = (
    sa.select(
        sa.func.count().label("entries"),
        sa.func.sum(sa.case((entries.c.is_rework | (responsibilities.c.duty == Duty.CRAFT), _seconds), else_=0)).label(
            "seconds"
        ),
    )
    .select_from(entries.outerjoin(responsibilities, responsibilities.c.key == entries.c.responsibility))
    .where(
        entries.c.person_id == _PERSON,
        entries.c.superseded_at.is_(None),
        entries.c.worked_on >= _START,
        entries.c.worked_on < _STOP,
    )
)
DUE_OF_PROJECT = sa.select(projects.c.due_on).where(projects.c.id == sa.bindparam("which"))
