"""The audit, to read; every write adds to it by app.messaging.audit."""

from uuid import UUID

import sqlalchemy as sa

from app.core.caller import Caller
from app.core.errors import NotFound
from app.db.listing import Listing, ListQuery, Page, page
from app.db.record import table_of
from app.messaging.records import Row
from app.models.audit import AuditChange, AuditEntry

entries = table_of(AuditEntry)
changes = table_of(AuditChange)

AUDIT = Listing(
    name="audit",
    columns={
        **{column.name: column for column in entries.c},
        "before": changes.c.before,
        "after": changes.c.after,
        # Entries never change: their ETag is that of a first version.
        "version": sa.literal(1, sa.Integer),
    },
    source=entries.outerjoin(changes, changes.c.entry_id == entries.c.id),
    filters=("at", "action", "subject_type", "subject_id", "key_id", "person_id", "request_id"),
    sorts=("at",),
    default_sort=(("at", True),),
)
ONE = AUDIT.select().where(entries.c.id == sa.bindparam("id"))


def list_audit(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, AUDIT, query)


def get_audit_entry(conn: sa.Connection, caller: Caller, id: UUID) -> Row:
    row = conn.execute(ONE, {"id": id}).one_or_none()
    if row is None:
        raise NotFound(f"There is no audit entry {str(id)!r}: look it up in the list.")
    return row
