"""What projects need people to be able to do. Each function is one step of a transaction that is open already."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core.caller import Caller
from app.db.listing import ListQuery, Page, page
from app.features.pmo import events, rules
from app.features.pmo.queries import SKILL_NEEDS, needs, projects
from app.features.pmo.schemas import SkillNeedCreate
from app.messaging import records
from app.messaging.outbox import emit
from app.messaging.records import Row

REFERENCES = {"project_id": (projects, "id")}


def list_skill_needs(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, SKILL_NEEDS, query)


def get_skill_need(conn: sa.Connection, caller: Caller, id: UUID) -> Row:
    return records.get(conn, needs, id)


def create_skill_need(conn: sa.Connection, caller: Caller, data: SkillNeedCreate) -> Row:
    values = data.model_dump()
    rules.check_need_days(data.from_on, data.until_on)
    records.check_references(conn, values, REFERENCES)
    row = records.add(conn, caller, needs, values)
    emit(conn, caller, events.skill_need_created(row.id, row.project_id))
    return row


def update_skill_need(
    conn: sa.Connection, caller: Caller, id: UUID, changes: Mapping[str, Any], expected: int | None
) -> Row:
    before = get_skill_need(conn, caller, id)
    after = {**before._mapping, **changes}
    rules.check_need_days(after["from_on"], after["until_on"])
    row = records.change(conn, caller, needs, before, changes, expected)
    if row is not before:
        emit(conn, caller, events.skill_need_updated(row.id, row.project_id, sorted(changes)))
    return row


def delete_skill_need(conn: sa.Connection, caller: Caller, id: UUID, expected: int | None) -> None:
    before = get_skill_need(conn, caller, id)
    records.remove(conn, caller, needs, before, expected)
    emit(conn, caller, events.skill_need_deleted(before.id, before.project_id))
