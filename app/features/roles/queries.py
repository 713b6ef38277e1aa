"""The SQL about roles, and what can be listed of them."""

import functools
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.db.listing import Listing
from app.db.record import metadata, table_of
from app.models.assignment import Assignment, AssignmentKind, Certainty
from app.models.change_request import ChangeOption, ChangeRequest, ChangeStatus
from app.models.project import Project
from app.models.role import Responsibility, Role

roles = table_of(Role)
responsibilities = table_of(Responsibility)
options = table_of(ChangeOption)
requests = table_of(ChangeRequest)
projects = table_of(Project)

ROLES = Listing(
    name="roles",
    columns={column.name: column for column in roles.c},
    source=roles,
    filters=("key", "exclusive", "built_in"),
    sorts=("key", "name", "created_at", "updated_at"),
    default_sort=(("key", False),),
)
RESPONSIBILITIES = Listing(
    name="responsibilities",
    columns={column.name: column for column in responsibilities.c},
    source=responsibilities,
    filters=("key", "role", "duty", "rasci"),
    sorts=("key", "name", "role", "duty", "created_at", "updated_at"),
    default_sort=(("role", False), ("key", False)),
)

# Postgres only: whoever writes an assignment either has committed, and is seen, or waits and finds the role exclusive.
HOLD_ASSIGNMENTS = sa.text("LOCK TABLE assignment IN SHARE ROW EXCLUSIVE MODE")

_one = table_of(Assignment).alias("one")
_other = table_of(Assignment).alias("other")
_role = sa.bindparam("role", type_=_one.c.role.type)
SHARED_BY_HOLDERS = sa.select(sa.func.count(_one.c.project_id.distinct())).where(
    _one.c.role == _role,
    _other.c.role == _role,
    _one.c.project_id == _other.c.project_id,
    _one.c.row_id < _other.c.row_id,
    *(rule for row in (_one, _other) for rule in (row.c.kind == AssignmentKind.HOLDER, row.c.superseded_at.is_(None))),
    sa.or_(_one.c.valid_to.is_(None), _one.c.valid_to > _other.c.valid_from),
    sa.or_(_other.c.valid_to.is_(None), _other.c.valid_to > _one.c.valid_from),
)


# Whom the role burdens once it is exclusive.
CONFIRMED_HOLDERS = (
    sa.select(_one.c.person_id)
    .distinct()
    .where(
        _one.c.role == _role,
        _one.c.person_id.is_not(None),
        _one.c.kind == AssignmentKind.HOLDER,
        _one.c.certainty == Certainty.CONFIRMED,
        _one.c.superseded_at.is_(None),
    )
)


# An option names roles in its lists, where no foreign key sees them. Whoever adds one shares a lock of the role's row.
LOCK = sa.select(roles.c.id).where(roles.c.id == sa.bindparam("which")).with_for_update()
OPEN = (
    ChangeStatus.DRAFT,
    ChangeStatus.SUBMITTED,
    ChangeStatus.ASSESSING,
    ChangeStatus.AWAITING_DECISION,
    ChangeStatus.POSTPONED,
)
OPEN_OPTIONS: sa.Select[Any] = (
    sa.select(
        projects.c.code,
        requests.c.id.label("change_request_id"),
        requests.c.number,
        options.c.number.label("option"),
        options.c.hours,
    )
    .select_from(
        options.join(requests, requests.c.id == options.c.change_request_id).join(
            projects, projects.c.id == requests.c.project_id
        )
    )
    .where(
        requests.c.status.in_(OPEN),
        sa.cast(options.c.hours, sa.Text).contains(sa.bindparam("key", type_=sa.Text), autoescape=False),
    )
    .order_by(projects.c.code, requests.c.number, options.c.number)
)


def lock(conn: sa.Connection, id: UUID) -> None:
    """Keep others from naming the role until the transaction ends."""
    conn.execute(LOCK, {"which": id}).all()


def options_of(conn: sa.Connection, key: str) -> Iterable[sa.Row[Any]]:
    """The options of open changes that ask for hours of this role."""
    found = conn.execute(OPEN_OPTIONS, {"key": key})
    return [row for row in found if any(line["role"] == key for line in row.hours)]


@functools.cache
def in_use(key: sa.Column[str]) -> sa.Select[bool]:
    """Whether any row of any table refers to the bound value of this column."""
    value = sa.bindparam("value", type_=key.type)
    referring = [
        foreign.parent
        for table in metadata.sorted_tables
        for foreign in sorted(table.foreign_keys, key=lambda foreign: foreign.parent.name)
        if foreign.column is key
    ]
    return sa.select(sa.or_(*(sa.exists().where(column == value) for column in referring)))
