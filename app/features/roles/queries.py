"""The SQL about roles, and what can be listed of them."""

import functools

import sqlalchemy as sa

from app.db.listing import Listing
from app.db.record import metadata, table_of
from app.models.assignment import Assignment, AssignmentKind, Certainty
from app.models.role import Responsibility, Role

roles = table_of(Role)
responsibilities = table_of(Responsibility)

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
