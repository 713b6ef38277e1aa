"""What promises ask of the database."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core.errors import NotFound
from app.db.functions import day_number
from app.db.listing import Listing
from app.db.record import table_of
from app.db.types import Moves
from app.features.commitments.rules import STATES
from app.messaging.records import Row
from app.models.client import Contact
from app.models.commitment import (
    Commitment,
    CommitmentRenegotiation,
    CommitmentRenegotiationText,
    CommitmentStatus,
)
from app.models.project import Project

commitments = table_of(Commitment)
renegotiations = table_of(CommitmentRenegotiation)
texts = table_of(CommitmentRenegotiationText)
projects = table_of(Project)
contacts = table_of(Contact)

TODAY = sa.bindparam("today", type_=sa.Date)
IS_OPEN = commitments.c.status == CommitmentStatus.OPEN
OVERDUE = sa.and_(IS_OPEN, commitments.c.due_on < TODAY)
# For the ETag: an open promise looks otherwise once its day has passed.
STATE = sa.case((OVERDUE, "overdue"), else_=commitments.c.status)
DAYS_LATE = sa.case(
    (
        commitments.c.status == CommitmentStatus.LATE,
        day_number(commitments.c.result_achieved_on) - day_number(commitments.c.due_on),
    ),
    else_=None,
)
SHOWN = ("id", "former_due_on", "due_on", "renegotiated_on", "variance_reason", "reason")


def renegotiations_of(conn: sa.Connection, rows: Sequence[Row]) -> Mapping[UUID, Any]:
    """How each promise was moved, oldest first; one statement."""
    found: dict[UUID, list[dict[str, Any]]] = {row.id: [] for row in rows}
    for row in conn.execute(RENEGOTIATIONS_OF, {"ids": list(found)}):
        found[row.commitment_id].append({name: getattr(row, name) for name in SHOWN})
    return found


COMMITMENTS = Listing(
    name="commitments",
    columns={
        **{column.name: column for column in commitments.c if column.name != "renegotiations"},
        "renegotiation_count": commitments.c.renegotiations,
        "allowed_transitions": sa.type_coerce(commitments.c.status, Moves(STATES.moves)),
        "overdue": OVERDUE,
        "state": STATE,
        "days_late": DAYS_LATE,
    },
    source=commitments,
    filters=(
        "project_id",
        "client_id",
        "promised_by_id",
        "promised_to_contact_id",
        "promised_to_person_id",
        "status",
        "due_on",
        "original_due_on",
        "promised_on",
        "overdue",
        "variance_reason",
        "renegotiation_count",
    ),
    sorts=(
        "due_on",
        "original_due_on",
        "promised_on",
        "status",
        "renegotiation_count",
        "days_late",
        "created_at",
        "updated_at",
    ),
    default_sort=(("due_on", False),),
    includes={"renegotiations": renegotiations_of},
)
RENEGOTIATIONS = Listing(
    name="commitment_renegotiations",
    columns={
        **{column.name: column for column in renegotiations.c},
        "reason": texts.c.reason,
        "version": sa.literal(1),  # it has but one
    },
    source=renegotiations.join(texts, texts.c.renegotiation_id == renegotiations.c.id),
    filters=("commitment_id", "variance_reason", "renegotiated_on", "recorded_by"),
    sorts=("renegotiated_on", "due_on", "recorded_at"),
    default_sort=(("recorded_at", False),),
)
RENEGOTIATIONS_OF = (
    RENEGOTIATIONS.select()
    .where(renegotiations.c.commitment_id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(renegotiations.c.recorded_at, renegotiations.c.id)
)
BY_ID = COMMITMENTS.select().where(commitments.c.id == sa.bindparam("which"))
LOCK = sa.select(commitments).where(commitments.c.id == sa.bindparam("which")).with_for_update(key_share=True)
CLIENT_OF_PROJECT = sa.select(projects.c.client_id).where(projects.c.id == sa.bindparam("which"))
CLIENT_OF_CONTACT = sa.select(contacts.c.client_id).where(contacts.c.id == sa.bindparam("which"))
ADD, ADD_TEXT = sa.insert(renegotiations), sa.insert(texts)


def read(conn: sa.Connection, id: UUID, today: date) -> Row:
    """The promise of this id, as it is today."""
    return found(conn.execute(BY_ID, {"which": id, "today": today}).one_or_none(), id)


def lock(conn: sa.Connection, id: UUID) -> Row:
    """The row of a promise, locked until the transaction ends."""
    return found(conn.execute(LOCK, {"which": id}).one_or_none(), id)


def found(row: Row | None, id: UUID) -> Row:
    if row is None:
        raise NotFound(f"There is no commitment {str(id)!r}: look it up in the list.")
    return row
