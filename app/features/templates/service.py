"""Templates of projects. Their use, a project's tasks and its closing have modules of their own."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core.caller import Caller
from app.core.errors import Invalid
from app.db.listing import ListQuery, Page, page
from app.db.record import table_of
from app.features.templates import events, queries, rules
from app.features.templates.queries import templates
from app.features.templates.schemas import ProjectTemplateCreate
from app.messaging import records
from app.messaging.outbox import emit
from app.messaging.records import Row
from app.models.playbook import Checklist, Occasion

checklists = table_of(Checklist)
REFERENCES = {"checklist_id": (checklists, "id")}


def list_templates(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, queries.TEMPLATES, query)


def get_template(conn: sa.Connection, caller: Caller, ref: UUID | str) -> Row:
    return records.get(conn, templates, ref, "code")


def create_template(conn: sa.Connection, caller: Caller, data: ProjectTemplateCreate) -> Row:
    values = _stored({name: getattr(data, name) for name in type(data).model_fields})
    _check(conn, values)
    row = records.add(conn, caller, templates, values)
    emit(conn, caller, events.template_created(row.id))
    return row


def update_template(
    conn: sa.Connection, caller: Caller, ref: UUID | str, changes: Mapping[str, Any], expected: int | None
) -> Row:
    before = get_template(conn, caller, ref)
    values = _stored(changes)
    _check(conn, values)
    row = records.change(conn, caller, templates, before, values, expected)
    if row is not before:
        emit(conn, caller, events.template_updated(row.id, sorted(changes)))
    return row


def delete_template(conn: sa.Connection, caller: Caller, ref: UUID | str, expected: int | None) -> None:
    before = get_template(conn, caller, ref)
    records.remove(conn, caller, templates, before, expected)
    emit(conn, caller, events.template_deleted(before.id))


def _stored(values: Mapping[str, Any]) -> dict[str, Any]:
    """Lists as the API shows them: decimals as text."""
    lists = {name: [item.model_dump(mode="json") for item in values[name]] for name in rules.KEYS if name in values}
    return {**values, **lists}


def _check(conn: sa.Connection, values: Mapping[str, Any]) -> None:
    records.check_references(conn, values, REFERENCES)
    occasion = Occasion.KICK_OFF
    if values.get("checklist_id") is not None:
        occasion = records.get(conn, checklists, values["checklist_id"]).occasion
    errors = rules.template_errors(values, queries.exclusive(conn, rules.roles_of(values)), occasion)
    if errors:
        fields = ", ".join(error.pointer for error in errors[:5])
        raise Invalid(f"Correct {fields}; `errors` says what is allowed.", errors=errors)
