"""The playbook: checklists by occasion, one of them the default. A change of its items is a change of the checklist."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core.caller import Caller
from app.db.listing import Listing, ListQuery, Page, columns_of, page
from app.db.record import table_of
from app.features.playbook import events
from app.features.playbook.errors import DefaultChecklist
from app.features.playbook.schemas import ChecklistCreate, ChecklistItemCreate
from app.messaging import records
from app.messaging.outbox import emit
from app.messaging.records import Row
from app.models.playbook import Checklist, ChecklistItem, Occasion

checklists = table_of(Checklist)
items = table_of(ChecklistItem)

REFERENCES = {"checklist_id": (checklists, "id")}

CHECKLISTS = Listing(
    name="checklists",
    columns=columns_of(checklists),
    source=checklists,
    filters=("occasion", "name", "is_default"),
    sorts=("occasion", "name", "created_at", "updated_at"),
    default_sort=(("occasion", False), ("name", False)),
)
ITEMS = Listing(
    name="checklist-items",
    columns=columns_of(items),
    source=items,
    filters=("checklist_id",),
    sorts=("position", "created_at", "updated_at"),
    default_sort=(("position", False),),
)
# All of the occasion, so that two who make a default meet.
OF_OCCASION = (
    sa.select(checklists)
    .where(checklists.c.occasion == sa.bindparam("occasion"))
    .order_by(checklists.c.id)
    .with_for_update()
)
DEFAULT = sa.select(checklists.c.id).where(
    checklists.c.occasion == sa.bindparam("occasion"), checklists.c.is_default.is_(True)
)
ITEMS_OF = sa.select(items).where(items.c.checklist_id == sa.bindparam("which")).order_by(items.c.position, items.c.id)


def list_checklists(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, CHECKLISTS, query)


def get_checklist(conn: sa.Connection, caller: Caller, id: UUID) -> Row:
    return records.get(conn, checklists, id)


def create_checklist(conn: sa.Connection, caller: Caller, data: ChecklistCreate) -> Row:
    values = data.model_dump()
    if data.is_default:
        _stand_down(conn, caller, data.occasion)
    row = records.add(conn, caller, checklists, values)
    emit(conn, caller, events.checklist_created(row.id, row.occasion))
    return row


def update_checklist(
    conn: sa.Connection, caller: Caller, id: UUID, changes: Mapping[str, Any], expected: int | None
) -> Row:
    before = get_checklist(conn, caller, id)
    records.check_version(before, expected)
    if before.is_default and changes.get("is_default") is False:
        raise DefaultChecklist("Make another checklist of this occasion the default instead.")
    if changes.get("is_default") and not before.is_default:
        _stand_down(conn, caller, before.occasion)
    row = records.change(conn, caller, checklists, before, changes, expected)
    if row is not before:
        emit(conn, caller, events.checklist_updated(row.id, row.occasion, sorted(changes)))
    return row


def delete_checklist(conn: sa.Connection, caller: Caller, id: UUID, expected: int | None) -> None:
    before = get_checklist(conn, caller, id)
    records.check_version(before, expected)
    if before.is_default:
        raise DefaultChecklist("Make another checklist of this occasion the default first.")
    for item in items_of(conn, id):
        records.remove(conn, caller, items, item, None)
    records.remove(conn, caller, checklists, before, expected)
    emit(conn, caller, events.checklist_deleted(before.id, before.occasion))


def list_items(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, ITEMS, query)


def get_item(conn: sa.Connection, caller: Caller, id: UUID) -> Row:
    return records.get(conn, items, id)


def create_item(conn: sa.Connection, caller: Caller, data: ChecklistItemCreate) -> Row:
    values = data.model_dump()
    records.check_references(conn, values, REFERENCES)
    row = records.add(conn, caller, items, values)
    _tell(conn, caller, row)
    return row


def update_item(conn: sa.Connection, caller: Caller, id: UUID, changes: Mapping[str, Any], expected: int | None) -> Row:
    before = get_item(conn, caller, id)
    row = records.change(conn, caller, items, before, changes, expected)
    if row is not before:
        _tell(conn, caller, row)
    return row


def delete_item(conn: sa.Connection, caller: Caller, id: UUID, expected: int | None) -> None:
    before = get_item(conn, caller, id)
    records.remove(conn, caller, items, before, expected)
    _tell(conn, caller, before)


def default_for(conn: sa.Connection, occasion: Occasion) -> UUID | None:
    """The checklist that is copied when `occasion` comes, where there is one."""
    return conn.execute(DEFAULT, {"occasion": occasion}).scalars().first()


def items_of(conn: sa.Connection, checklist_id: UUID) -> Sequence[Row]:
    """The lines of a checklist in their order."""
    return conn.execute(ITEMS_OF, {"which": checklist_id}).all()


def _stand_down(conn: sa.Connection, caller: Caller, occasion: str) -> None:
    for row in conn.execute(OF_OCCASION, {"occasion": occasion}).all():
        if row.is_default:
            records.change(conn, caller, checklists, row, {"is_default": False}, None)
            emit(conn, caller, events.checklist_updated(row.id, occasion, ["is_default"]))


def _tell(conn: sa.Connection, caller: Caller, item: Row) -> None:
    checklist = records.get(conn, checklists, item.checklist_id)
    emit(conn, caller, events.checklist_updated(checklist.id, checklist.occasion, ["items"]))
