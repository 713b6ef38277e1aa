"""The closing of a project: what is still open, the closing checklist, and the end itself."""

from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.caller import Caller, Right
from app.core.errors import Forbidden, invalid
from app.features.decisions import service as decisions
from app.features.playbook import service as playbook
from app.features.projects import service as projects
from app.features.projects.schemas import TransitionCreate
from app.features.templates import events, queries, rules, tasks
from app.features.templates.errors import NotReadyToClose, NotRunning
from app.features.templates.kick_off import brief
from app.features.templates.schemas import ProjectBrief, ProjectClose
from app.messaging import records
from app.messaging.outbox import emit
from app.models.decision import DecisionKind
from app.models.playbook import Occasion
from app.models.project import ProjectStatus


def get_closing_check(conn: sa.Connection, caller: Caller, ref: UUID | str) -> dict[str, Any]:
    return _check(conn, projects.get_project(conn, caller, ref).id, clock.today())


def prepare_closing(conn: sa.Connection, caller: Caller, ref: UUID | str, expected: int | None) -> dict[str, Any]:
    """Copy the playbook's closing checklist, once; answers what is open then."""
    project = projects.lock(conn, ref)
    records.check_version(project, expected)
    status = projects.get_project(conn, caller, project.id).status
    if status not in rules.RUNNING:
        raise NotRunning(f"It is `{status}`: there is nothing to prepare.")
    checklist_id = playbook.default_for(conn, Occasion.CLOSING)
    of_closing = {"project_id": project.id, "occasion": Occasion.CLOSING}
    if checklist_id is not None and not conn.execute(queries.HAS_TASKS, of_closing).scalar_one():
        due_on = None if project.due_on is None else max(project.due_on, clock.today())
        made = tasks.copy_checklist(conn, caller, project.id, checklist_id, Occasion.CLOSING, due_on)
        if made:
            emit(conn, caller, events.closing_prepared(project.id, len(made)))
    return _check(conn, project.id, clock.today())


def close_project(
    conn: sa.Connection, caller: Caller, ref: UUID | str, data: ProjectClose, expected: int | None
) -> dict[str, Any]:
    if data.accept_open:
        if not caller.may(Right.OVERRIDE):
            raise Forbidden(f"Leave out `accept_open`: only those with the right `{Right.OVERRIDE}` may send it.")
        if data.reason is None:
            raise invalid("/reason", "is required with `accept_open`: it goes to the decision log", "required")
    # First of all, so that an illegal move is called one whatever is open; a refusal below undoes it.
    move = TransitionCreate(to=ProjectStatus.CLOSED, on=data.on, reason=data.reason)
    project = projects.transition_project(conn, caller, ref, move, expected)
    check = _check(conn, project.id, data.on or clock.today())
    if check["open"]:
        counts = rules.left_open(check["open"])
        if not data.accept_open:
            raise NotReadyToClose(
                f"Settle what `open` lists first: {rules.in_words(counts)}.",
                extra={"open": check["open"], "warnings": check["warnings"]},
            )
        decisions.log(
            conn,
            caller,
            kind=DecisionKind.OVERRIDE,
            subject_type="project",
            subject_id=project.id,
            client_id=project.client_id,
            what=f"The project is closed with this still open: {rules.in_words(counts)}.",
            why=data.reason or "",
            impact={"open": counts},
        )
    return {
        "project": brief(ProjectBrief, project._asdict()),
        "left_open": check["open"],
        "warnings": check["warnings"],
    }


def _check(conn: sa.Connection, project_id: UUID, end: date) -> dict[str, Any]:
    """What is open, and what is worth a look where the project is closed on the day `end`."""
    of_project = {"project_id": project_id}
    found = rules.open_items(conn.execute(queries.OPEN, of_project))
    beside = conn.execute(queries.BESIDE, {**of_project, "end": end}).one()
    if not beside.prepared:
        checklist_id = playbook.default_for(conn, Occasion.CLOSING)
        if checklist_id is not None and playbook.items_of(conn, checklist_id):
            found.append(rules.unprepared(project_id))
    return {
        "project_id": project_id,
        "ready": not found,
        "open": found,
        "warnings": rules.closing_warnings(beside.unapproved, beside.behind, end, beside.has_outcome),
    }
