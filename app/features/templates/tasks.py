"""What is to be done on projects: copied from the playbook on an occasion, or a project's own."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.caller import Caller, Right
from app.core.errors import Forbidden
from app.core.ids import new_id
from app.db.listing import ListQuery, Page, page
from app.features.playbook import service as playbook
from app.features.templates import events, queries
from app.features.templates.errors import TaskDone
from app.features.templates.queries import people, projects, tasks
from app.features.templates.schemas import ProjectTaskCreate
from app.messaging import records
from app.messaging.audit import audit_all
from app.messaging.outbox import emit
from app.messaging.records import Row
from app.models.playbook import Occasion

REFERENCES = {"project_id": (projects, "id"), "owner_id": (people, "id")}
ADD = sa.insert(tasks)


def list_tasks(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, queries.TASKS, query, {"today": clock.today()})


def get_task(conn: sa.Connection, caller: Caller, id: UUID) -> Row:
    return queries.read_task(conn, id, clock.today())


def create_task(conn: sa.Connection, caller: Caller, data: ProjectTaskCreate) -> Row:
    values = data.model_dump()
    records.check_references(conn, values, REFERENCES)
    row = records.add(conn, caller, tasks, values)
    emit(conn, caller, events.task_created(row.id, row.project_id, row.occasion))
    return get_task(conn, caller, row.id)


def update_task(conn: sa.Connection, caller: Caller, id: UUID, changes: Mapping[str, Any], expected: int | None) -> Row:
    """Whoever may tick checklists may tick it; who does it, and until when, is for those who may write."""
    planned = {name: value for name, value in changes.items() if name != "done"}
    if planned and not caller.may(Right.WRITE):
        raise Forbidden(f"Send `done` alone: only those with the right `{Right.WRITE}` change who does it, and when.")
    records.check_references(conn, planned, REFERENCES)
    before = records.get(conn, tasks, id)
    was_done = before.done_at is not None
    done = changes.get("done", was_done)
    if done is not was_done:
        planned |= {"done_at": clock.now() if done else None, "done_by": caller.person_id if done else None}
    row = records.change(conn, caller, tasks, before, planned, expected)
    if row is not before:
        emit(conn, caller, events.task_updated(id, row.project_id, sorted(changes), done))
    return get_task(conn, caller, id)


def delete_task(conn: sa.Connection, caller: Caller, id: UUID, expected: int | None) -> None:
    before = records.get(conn, tasks, id)
    records.check_version(before, expected)
    if before.done_at is not None:
        raise TaskDone("What has been done is history: leave it, or take its tick away first.")
    records.remove(conn, caller, tasks, before, expected)
    emit(conn, caller, events.task_deleted(id, before.project_id))


def copy_checklist(
    conn: sa.Connection, caller: Caller, project_id: UUID, checklist_id: UUID, occasion: Occasion, due_on: date | None
) -> list[dict[str, Any]]:
    """The lines of a checklist as tasks of a project; the same few statements for any number of them."""
    now = clock.now()
    made = [
        {
            "id": new_id(),
            "version": 1,
            "created_at": now,
            "updated_at": now,
            "project_id": project_id,
            "occasion": occasion,
            "position": item.position,
            "statement": item.statement,
            "due_on": due_on,
        }
        for item in playbook.items_of(conn, checklist_id)
    ]
    if made:
        conn.execute(ADD, made)
        audit_all(conn, caller, "created", tasks.name, [(row["id"], None, row) for row in made])
    return made
