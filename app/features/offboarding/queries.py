"""What somebody holds beyond a day."""

from typing import Any

import sqlalchemy as sa

from app.db.record import table_of
from app.models.access import ApiKey
from app.models.assignment import Assignment, AssignmentKind
from app.models.client import Client
from app.models.commitment import Commitment, CommitmentStatus
from app.models.handover import Handover, HandoverMove, HandoverStatus
from app.models.person import Person
from app.models.project import Project, ProjectStatusSpan
from app.models.relationship import Relationship
from app.models.rescue import Rescue, RescueAction, RescueStatus
from app.models.risk import Issue, IssueStatus, Risk, RiskStatus
from app.models.role import Role

people = table_of(Person)
assignments = table_of(Assignment)
projects = table_of(Project)
clients = table_of(Client)
roles = table_of(Role)
spans = table_of(ProjectStatusSpan)
relationships = table_of(Relationship)
keys = table_of(ApiKey)
handovers = table_of(Handover)
moves = table_of(HandoverMove)
commitments = table_of(Commitment)
risks = table_of(Risk)
issues = table_of(Issue)
rescues = table_of(Rescue)
actions = table_of(RescueAction)

_PERSON = sa.bindparam("person_id", type_=sa.Uuid)
_DAY = sa.bindparam("day", type_=sa.Date)

# What stands in the way of leaving is what people's `left_on` asks for: all that they hold from that day on.
SEATS_AFTER: sa.Select[Any] = (
    sa.select(
        assignments.c.id.label("assignment_id"),
        assignments.c.project_id,
        projects.c.code.label("project_code"),
        projects.c.client_id,
        clients.c.name.label("client_name"),
        assignments.c.role,
        roles.c.exclusive,
        spans.c.status,
        assignments.c.valid_from,
        assignments.c.valid_to,
    )
    .select_from(
        assignments.join(projects, projects.c.id == assignments.c.project_id)
        .join(clients, clients.c.id == projects.c.client_id)
        .join(roles, roles.c.key == assignments.c.role)
        .outerjoin(
            spans,
            sa.and_(
                spans.c.project_id == projects.c.id,
                spans.c.superseded_at.is_(None),
                spans.c.valid_from <= _DAY,
                sa.or_(spans.c.valid_to.is_(None), spans.c.valid_to > _DAY),
            ),
        )
    )
    .where(
        assignments.c.person_id == _PERSON,
        assignments.c.kind == AssignmentKind.HOLDER,
        assignments.c.superseded_at.is_(None),
        sa.or_(assignments.c.valid_to.is_(None), assignments.c.valid_to > _DAY),
    )
    .order_by(clients.c.code, projects.c.code, assignments.c.role, assignments.c.valid_from)
)
OPEN_MOVES: sa.Select[Any] = (
    sa.select(moves.c.project_id, moves.c.role, moves.c.handover_id, moves.c.to_person_id)
    .select_from(moves.join(handovers, handovers.c.id == moves.c.handover_id))
    .where(
        moves.c.from_person_id == _PERSON,
        handovers.c.status.in_([HandoverStatus.DRAFT, HandoverStatus.SCHEDULED]),
    )
)
_theirs = relationships.alias("theirs")
_KNOWN = sa.select(_theirs.c.client_id).where(_theirs.c.person_id == _PERSON)
# All who know the clients whom this person knows or owns, the best first.
RELATIONSHIPS: sa.Select[Any] = (
    sa.select(
        clients.c.id.label("client_id"),
        clients.c.code.label("client_code"),
        clients.c.account_manager_id,
        relationships.c.person_id,
        relationships.c.strength,
        people.c.left_on,
    )
    .select_from(
        clients.outerjoin(relationships, relationships.c.client_id == clients.c.id).outerjoin(
            people, people.c.id == relationships.c.person_id
        )
    )
    .where(sa.or_(clients.c.account_manager_id == _PERSON, clients.c.id.in_(_KNOWN)))
    .order_by(clients.c.code, relationships.c.strength.desc(), relationships.c.person_id)
)
KEYS: sa.Select[Any] = (
    sa.select(keys.c.id, keys.c.role, keys.c.name)
    .where(
        keys.c.person_id == _PERSON,
        keys.c.revoked_at.is_(None),
        sa.or_(keys.c.expires_at.is_(None), keys.c.expires_at > sa.bindparam("now", type_=keys.c.expires_at.type)),
    )
    .order_by(keys.c.id)
)
# What is open and theirs, whenever it is due: somebody else has to see to it.
COMMITMENTS: sa.Select[Any] = (
    sa.select(
        commitments.c.id,
        commitments.c.project_id,
        commitments.c.client_id,
        commitments.c.statement,
        commitments.c.due_on,
    )
    .where(commitments.c.promised_by_id == _PERSON, commitments.c.status == CommitmentStatus.OPEN)
    .order_by(commitments.c.due_on, commitments.c.id)
)
RISKS: sa.Select[Any] = (
    sa.select(risks.c.id, risks.c.project_id, risks.c.number, risks.c.event, risks.c.due_on)
    .where(risks.c.owner_id == _PERSON, risks.c.status == RiskStatus.OPEN)
    .order_by(risks.c.due_on.nulls_last(), risks.c.id)
)
ISSUES: sa.Select[Any] = (
    sa.select(issues.c.id, issues.c.project_id, issues.c.number, issues.c.event, issues.c.due_on)
    .where(issues.c.owner_id == _PERSON, issues.c.status.in_([IssueStatus.OPEN, IssueStatus.IN_PROGRESS]))
    .order_by(issues.c.due_on.nulls_last(), issues.c.id)
)
ACTIONS: sa.Select[Any] = (
    sa.select(actions.c.id, actions.c.rescue_id, rescues.c.project_id, actions.c.statement, actions.c.due_on)
    .select_from(actions.join(rescues, rescues.c.id == actions.c.rescue_id))
    .where(
        actions.c.owner_id == _PERSON,
        actions.c.done_at.is_(None),
        rescues.c.status.in_([RescueStatus.ASSESSING, RescueStatus.DECIDED]),
    )
    .order_by(actions.c.due_on, actions.c.id)
)
OPEN_AND_THEIRS = (("commitments", COMMITMENTS), ("risks", RISKS), ("issues", ISSUES), ("rescue_actions", ACTIONS))
