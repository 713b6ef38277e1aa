"""What hand-overs ask of the database."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core.errors import NotFound
from app.db.listing import Listing, columns_of
from app.db.record import table_of
from app.features.handovers.rules import Known, Move
from app.features.handovers.schemas import HandoverState
from app.messaging.records import Row
from app.models.assignment import Assignment, AssignmentKind
from app.models.client import Client, Contact, ContactRole
from app.models.handover import Handover, HandoverMove, HandoverNotice, HandoverStatus, HandoverTask
from app.models.person import Person
from app.models.project import Management, Project, Seat
from app.models.role import Role
from app.models.split_plan import SplitPlanMove

handovers = table_of(Handover)
moves = table_of(HandoverMove)
notices = table_of(HandoverNotice)
tasks = table_of(HandoverTask)
plan_moves = table_of(SplitPlanMove)
assignments = table_of(Assignment)
projects = table_of(Project)
people = table_of(Person)
clients = table_of(Client)
contacts = table_of(Contact)
seats = table_of(Seat)
roles = table_of(Role)

_today = sa.bindparam("today", type_=sa.Date)
_holds_today = (
    assignments.c.superseded_at.is_(None),
    assignments.c.valid_from <= _today,
    sa.or_(assignments.c.valid_to.is_(None), assignments.c.valid_to > _today),
)
_overlapping = sa.exists().where(
    moves.c.handover_id == handovers.c.id, assignments.c.id == moves.c.shadow_id, *_holds_today
)
_untold = sa.exists().where(
    notices.c.handover_id == handovers.c.id, notices.c.notified_at.is_(None), notices.c.waived_at.is_(None)
)
_is_scheduled = handovers.c.status == HandoverStatus.SCHEDULED
STATE = sa.case(
    (
        handovers.c.status.in_((HandoverStatus.DRAFT, HandoverStatus.SCHEDULED)) & (handovers.c.effective_on < _today),
        HandoverState.LATE,
    ),
    (_is_scheduled & _overlapping, HandoverState.OVERLAPPING),
    (_is_scheduled & ~_untold, HandoverState.NOTIFIED),
    else_=handovers.c.status,
)

HANDOVERS = Listing(
    name="handovers",
    columns={**columns_of(handovers), "state": STATE},
    source=handovers,
    filters=("status", "state", "effective_on", "split_plan_id", "wave", "urgent", "introduction_on"),
    sorts=("name", "status", "effective_on", "wave", "created_at", "updated_at"),
    default_sort=(("effective_on", False),),
)
BY_ID = HANDOVERS.select().where(handovers.c.id == sa.bindparam("which"))
MOVES = Listing(
    name="handover-moves",
    columns=columns_of(moves),
    source=moves,
    filters=("handover_id", "project_id", "role", "from_person_id", "to_person_id"),
    sorts=("role", "created_at", "updated_at"),
    default_sort=(("created_at", False),),
)
NOTICES = Listing(
    name="handover-notices",
    columns=columns_of(notices),
    source=notices,
    filters=("handover_id", "client_id", "contact_id", "answer", "notified_at"),
    sorts=("notified_at", "answered_at", "created_at", "updated_at"),
    default_sort=(("created_at", False),),
)
TASKS = Listing(
    name="handover-tasks",
    columns={**columns_of(tasks), "done": tasks.c.done_at.is_not(None)},
    source=tasks,
    filters=("handover_id", "done", "done_by"),
    sorts=("position", "created_at", "updated_at"),
    default_sort=(("position", False),),
)
TASK_BY_ID = TASKS.select().where(tasks.c.id == sa.bindparam("which"))

LOCK = sa.select(handovers).where(handovers.c.id == sa.bindparam("which")).with_for_update(key_share=True)
NOTICE = sa.select(notices).where(notices.c.id == sa.bindparam("which"))
LOCK_NOTICE = NOTICE.with_for_update(key_share=True)
_ids: sa.BindParameter[Any] = sa.bindparam("ids", expanding=True)
LOCK_PROJECTS = (
    sa.select(projects.c.id).where(projects.c.id.in_(_ids)).order_by(projects.c.id).with_for_update(key_share=True)
)
MOVES_OF = sa.select(moves).where(moves.c.handover_id == sa.bindparam("which")).order_by(moves.c.id)
NOTICES_OF = sa.select(notices).where(notices.c.handover_id == sa.bindparam("which")).order_by(notices.c.id)
TASKS_OF = sa.select(tasks).where(tasks.c.handover_id == sa.bindparam("which")).order_by(tasks.c.position, tasks.c.id)
_projects: sa.BindParameter[Any] = sa.bindparam("projects", expanding=True)
PROJECTS = sa.select(projects.c.id, projects.c.management).where(projects.c.id.in_(_projects))
SEATS = (
    sa.select(seats.c.project_id, seats.c.role, roles.c.exclusive)
    .join_from(seats, roles, roles.c.key == seats.c.role)
    .where(seats.c.project_id.in_(_projects))
)
HOLDERS: sa.Select[Any] = sa.select(
    assignments.c.project_id, assignments.c.role, assignments.c.person_id, assignments.c.id, assignments.c.valid_from
).where(
    assignments.c.project_id.in_(_projects),
    assignments.c.kind == AssignmentKind.HOLDER,
    assignments.c.person_id.is_not(None),
    *_holds_today,
)
EMPLOYMENT = sa.select(people.c.id, people.c.hired_on, people.c.left_on).where(people.c.id.in_(_ids))
SHADOWS = sa.select(assignments.c.id, assignments.c.valid_from, assignments.c.valid_to).where(
    assignments.c.id.in_(_ids), assignments.c.superseded_at.is_(None)
)
# Each contact of each client with each move of the client's projects.
_former, _successor = people.alias(), people.alias()
TO_TELL: sa.Select[Any] = (
    sa.select(
        clients.c.id.label("client_id"),
        clients.c.code.label("client_code"),
        contacts.c.id.label("contact_id"),
        contacts.c.name.label("contact"),
        projects.c.name.label("project"),
        projects.c.engagement,
        moves.c.role.label("role_key"),
        roles.c.name.label("role"),
        _former.c.display_name.label("former"),
        _successor.c.display_name.label("successor"),
        _successor.c.email,
    )
    .select_from(
        moves.join(projects, projects.c.id == moves.c.project_id)
        .join(clients, clients.c.id == projects.c.client_id)
        .join(roles, roles.c.key == moves.c.role)
        .join(_successor, _successor.c.id == moves.c.to_person_id)
        .outerjoin(_former, _former.c.id == moves.c.from_person_id)
        .outerjoin(contacts, (contacts.c.client_id == clients.c.id) & (contacts.c.role != ContactRole.BILLING))
    )
    .where(moves.c.handover_id == sa.bindparam("which"))
    .order_by(contacts.c.id, projects.c.code, moves.c.role)
)
_moved = moves.join(handovers, handovers.c.id == moves.c.handover_id)
PROGRESS = sa.select(
    plan_moves.c.plan_id, plan_moves.c.project_id, plan_moves.c.role, handovers.c.status, handovers.c.effective_on
).select_from(
    plan_moves.outerjoin(
        _moved,
        sa.and_(
            handovers.c.split_plan_id == plan_moves.c.plan_id,
            handovers.c.status != HandoverStatus.CANCELLED,
            moves.c.project_id == plan_moves.c.project_id,
            moves.c.role == plan_moves.c.role,
        ),
    )
)
PROGRESS_OF_PLAN = PROGRESS.where(plan_moves.c.plan_id == sa.bindparam("plan"))
# A plan that nobody turned into hand-overs is but a thought.
PROGRESS_OF_ALL = PROGRESS.where(
    plan_moves.c.plan_id.in_(sa.select(handovers.c.split_plan_id).where(handovers.c.split_plan_id.is_not(None)))
)


def read(conn: sa.Connection, id: UUID, today: date) -> Row:
    """The hand-over of this id, with the state of the day."""
    return found(conn.execute(BY_ID, {"which": id, "today": today}).one_or_none(), "hand-over", id)


def lock(conn: sa.Connection, id: UUID) -> Row:
    """A hand-over's row, locked until the transaction ends: before people, as people are before projects."""
    return found(conn.execute(LOCK, {"which": id}).one_or_none(), "hand-over", id)


def lock_notice(conn: sa.Connection, id: UUID) -> Row:
    """A notice's row, locked until the transaction ends."""
    return found(conn.execute(LOCK_NOTICE, {"which": id}).one_or_none(), "hand-over notice", id)


def found(row: Row | None, noun: str, id: UUID) -> Row:
    if row is None:
        raise NotFound(f"There is no {noun} {str(id)!r}: look it up in the list.")
    return row


def holders_of(conn: sa.Connection, project_ids: Sequence[UUID], today: date) -> dict[tuple[UUID, str], Row]:
    """The assignments of those who hold the projects' seats on a day."""
    rows = conn.execute(HOLDERS, {"projects": list(project_ids), "today": today})
    return {(row.project_id, row.role): row for row in rows}


def known(conn: sa.Connection, asked: Sequence[Move | Any], today: date) -> Known:
    """What the moves must fit to; the same four statements for any number of them."""
    of = sorted({move.project_id for move in asked})
    who = sorted({move.to_person_id for move in asked})
    exclusive = {(row.project_id, row.role): row.exclusive for row in conn.execute(SEATS, {"projects": of})}
    held = holders_of(conn, of, today)
    return Known(
        seats=exclusive,
        holders={seat: row.person_id for seat, row in held.items() if exclusive.get(seat)},
        projects={row.id: row.management == Management.SPLIT for row in conn.execute(PROJECTS, {"projects": of})},
        people={row.id: (row.hired_on, row.left_on) for row in conn.execute(EMPLOYMENT, {"ids": who})},
    )
