"""What a status report speaks of, read from where it happens; each of a project, by one statement."""

from typing import Any

import sqlalchemy as sa

from app.core.calendar import LAST_DAY
from app.db.record import table_of
from app.features.status_reports.queries import STATUS_REPORTS, reports
from app.features.status_reports.rules import PASSED_WORKING_DAYS
from app.models.assignment import Assignment, AssignmentKind
from app.models.calendar_day import CalendarDay
from app.models.change_request import ChangeRequest, ChangeStatus
from app.models.commitment import Commitment, CommitmentRenegotiation
from app.models.decision import Decision, DecisionText
from app.models.handover import Handover, HandoverMove, HandoverNotice, HandoverStatus, NoticeAnswer
from app.models.person import Person
from app.models.project import Milestone, Seat
from app.models.rescue import Rescue, RescueAction, RescueStatus
from app.models.risk import Issue, Risk, RiskStatus
from app.models.time_entry import TimeEntry

milestones = table_of(Milestone)
decisions = table_of(Decision)
decision_texts = table_of(DecisionText)
changes = table_of(ChangeRequest)
commitments = table_of(Commitment)
renegotiations = table_of(CommitmentRenegotiation)
entries = table_of(TimeEntry)
people = table_of(Person)
risks = table_of(Risk)
issues = table_of(Issue)
rescues = table_of(Rescue)
actions = table_of(RescueAction)
seats = table_of(Seat)
assignments = table_of(Assignment)
handovers = table_of(Handover)
moves = table_of(HandoverMove)
notices = table_of(HandoverNotice)
calendar_days = table_of(CalendarDay)

_PROJECT = sa.bindparam("project_id", type_=sa.Uuid)
# The period, both days of it included.
_FIRST = sa.bindparam("first", type_=sa.Date)
_ON = sa.bindparam("on", type_=sa.Date)
# The last day that counts as soon.
_SOON = sa.bindparam("soon", type_=sa.Date)


def _in_period(day: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    return day.between(_FIRST, _ON)


# The report of the day, where there is one, and the one before.
LAST_REPORTS = (
    STATUS_REPORTS.select()
    .where(reports.c.project_id == _PROJECT, reports.c.reported_on <= _ON)
    .order_by(reports.c.reported_on.desc())
    .limit(2)
)
MILESTONES: sa.Select[Any] = (
    sa.select(
        milestones.c.id,
        milestones.c.name,
        milestones.c.planned_on,
        milestones.c.forecast_on,
        milestones.c.reached_on,
        milestones.c.weight,
    )
    .where(milestones.c.project_id == _PROJECT)
    .order_by(milestones.c.planned_on, milestones.c.name, milestones.c.id)
)
WORKING_DAYS = (
    sa.select(calendar_days.c.day)
    .where(calendar_days.c.day <= _ON, calendar_days.c.is_working.is_(True))
    .order_by(calendar_days.c.day.desc())
    .limit(PASSED_WORKING_DAYS + 1)
)
DECISIONS: sa.Select[Any] = (
    sa.select(decisions.c.id, decisions.c.kind, decision_texts.c.what, decisions.c.decided_on)
    .join(decision_texts, decision_texts.c.decision_id == decisions.c.id)
    .where(decisions.c.project_id == _PROJECT, _in_period(decisions.c.decided_on))
    .order_by(decisions.c.decided_at, decisions.c.id)
)
CHANGES: sa.Select[Any] = (
    sa.select(
        changes.c.id,
        changes.c.number,
        changes.c.title,
        changes.c.status,
        changes.c.decide_by,
        changes.c.submitted_at,
        changes.c.decided_at,
    )
    .where(changes.c.project_id == _PROJECT, changes.c.status != ChangeStatus.DRAFT)
    .order_by(changes.c.number)
)
COMMITMENTS: sa.Select[Any] = (
    sa.select(
        commitments.c.id,
        commitments.c.statement,
        commitments.c.promised_by_id,
        commitments.c.promised_to_person_id.is_(None).label("to_client"),
        commitments.c.promised_on,
        commitments.c.due_on,
        commitments.c.status,
        commitments.c.closed_on,
    )
    .where(commitments.c.project_id == _PROJECT)
    .order_by(commitments.c.due_on, commitments.c.id)
)
RENEGOTIATIONS: sa.Select[Any] = (
    sa.select(
        commitments.c.id,
        commitments.c.statement,
        commitments.c.promised_by_id,
        commitments.c.promised_to_person_id.is_(None).label("to_client"),
        renegotiations.c.former_due_on,
        renegotiations.c.due_on,
        renegotiations.c.renegotiated_on,
    )
    .join(commitments, commitments.c.id == renegotiations.c.commitment_id)
    .where(commitments.c.project_id == _PROJECT, _in_period(renegotiations.c.renegotiated_on))
    .order_by(renegotiations.c.recorded_at, renegotiations.c.id)
)
_APPROVED = (ChangeStatus.APPROVED, ChangeStatus.IMPLEMENTED, ChangeStatus.MERGED)
HOURS: sa.Select[Any] = (
    sa.select(
        people.c.home_role.label("role"),
        sa.func.sum(entries.c.hours).label("hours"),
        sa.func.sum(sa.case((entries.c.worked_on >= _FIRST, entries.c.hours))).label("hours_in_period"),
        sa.func.sum(
            sa.case((sa.and_(entries.c.worked_on >= _FIRST, changes.c.status.not_in(_APPROVED)), entries.c.hours))
        ).label("unapproved"),
    )
    .select_from(
        entries.join(people, people.c.id == entries.c.person_id).outerjoin(
            changes, changes.c.id == entries.c.change_request_id
        )
    )
    .where(entries.c.project_id == _PROJECT, entries.c.superseded_at.is_(None), entries.c.worked_on <= _ON)
    .group_by(people.c.home_role)
    .order_by(people.c.home_role.is_(None), people.c.home_role)
)
_occurred_on = (
    sa.select(sa.func.min(issues.c.raised_on)).where(issues.c.risk_id == risks.c.id).correlate(risks).scalar_subquery()
)
RISKS: sa.Select[Any] = (
    sa.select(
        risks.c.id,
        risks.c.number,
        risks.c.event,
        risks.c.response,
        risks.c.due_on,
        risks.c.status,
        risks.c.identified_on,
        (risks.c.likelihood * risks.c.impact).label("exposure"),
        sa.case((risks.c.status == RiskStatus.OCCURRED, _occurred_on), else_=risks.c.closed_on).label("over_on"),
    )
    .where(risks.c.project_id == _PROJECT)
    .order_by(risks.c.number)
)
ACTIONS: sa.Select[Any] = (
    sa.select(actions.c.id, actions.c.statement, actions.c.due_on)
    .join(rescues, rescues.c.id == actions.c.rescue_id)
    .where(
        rescues.c.project_id == _PROJECT,
        rescues.c.status.in_((RescueStatus.ASSESSING, RescueStatus.DECIDED)),
        actions.c.done_at.is_(None),
        actions.c.due_on <= _SOON,
    )
    .order_by(actions.c.due_on, actions.c.id)
)
# Until when each seat was, or is, held; null where nobody ever sat there.
_OPEN_END = sa.literal(LAST_DAY, sa.Date)
SEATS: sa.Select[Any] = (
    sa.select(
        seats.c.role,
        seats.c.created_at,
        sa.func.max(
            sa.case((assignments.c.id.is_not(None), sa.func.coalesce(assignments.c.valid_to, _OPEN_END)))
        ).label("held_until"),
    )
    .select_from(
        seats.outerjoin(
            assignments,
            sa.and_(
                assignments.c.project_id == seats.c.project_id,
                assignments.c.role == seats.c.role,
                assignments.c.kind == AssignmentKind.HOLDER,
                assignments.c.person_id.is_not(None),
                assignments.c.superseded_at.is_(None),
                assignments.c.valid_from <= _ON,
            ),
        )
    )
    .where(seats.c.project_id == _PROJECT)
    .group_by(seats.c.role, seats.c.created_at)
    .order_by(seats.c.role)
)
# Concerns about hand-overs that move a seat of the project.
_MOVES_ITS_SEAT = sa.exists().where(moves.c.handover_id == notices.c.handover_id, moves.c.project_id == _PROJECT)
CONCERNS = (
    sa.select(sa.func.count())
    .select_from(notices.join(handovers, handovers.c.id == notices.c.handover_id))
    .where(
        handovers.c.status == HandoverStatus.SCHEDULED,
        notices.c.client_id == sa.bindparam("client_id", type_=sa.Uuid),
        notices.c.answer == NoticeAnswer.CONCERN,
        notices.c.resolved_at.is_(None),
        _MOVES_ITS_SEAT,
    )
)
