"""The steps of a hand-over: scheduled, completed, cancelled. Each is one transaction, all or nothing."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.caller import Caller
from app.features.assignments import service as assignments_service
from app.features.assignments.schemas import AssignmentCreate
from app.features.capacity import service as capacity
from app.features.capacity.service import Burdens
from app.features.handovers import events, queries, rules
from app.features.handovers.errors import HandoverIncomplete, NobodyToTell, WrongHandoverStatus
from app.features.handovers.queries import handovers, moves, notices, tasks
from app.features.playbook import service as playbook
from app.features.projects import service as projects_service
from app.messaging import records
from app.messaging.outbox import emit
from app.messaging.records import Row
from app.models.assignment import AssignmentKind
from app.models.handover import HandoverStatus
from app.models.playbook import Occasion
from app.models.project import Engagement, Management


def schedule(conn: sa.Connection, caller: Caller, id: UUID, expected: int | None) -> Row:
    """Render the notices, copy the checklist, and let the successors sit beside the holders for the overlap."""
    handover = _lock(conn, id, expected, HandoverStatus.DRAFT)
    planned = conn.execute(queries.MOVES_OF, {"which": id}).all()
    told = _render_notices(conn, caller, handover)
    to_do = _copy_checklist(conn, caller, handover)
    start = rules.overlap_start(handover.effective_on, handover.overlap_days, clock.today())
    for move in planned:
        if start is not None and move.from_person_id is not None:
            shadow = _assign(conn, caller, move, AssignmentKind.SHADOW, start, handover.effective_on)
            records.change(conn, caller, moves, move, {"shadow_id": shadow.id}, None)
    values = {"status": HandoverStatus.SCHEDULED, "scheduled_at": clock.now()}
    records.change(conn, caller, handovers, handover, values, None, "scheduled")
    emit(conn, caller, events.handover_scheduled(id, told, to_do))
    return queries.read(conn, id, clock.today())


def complete(conn: sa.Connection, caller: Caller, id: UUID, override_reason: str | None, expected: int | None) -> Row:
    """Switch all seats on this day: a seat is never empty, and never doubly held."""
    capacity.check_override(caller, override_reason)
    handover = _lock(conn, id, expected, HandoverStatus.SCHEDULED)
    planned = conn.execute(queries.MOVES_OF, {"which": id}).all()
    project_ids = sorted({move.project_id for move in planned})
    burdens = _lock_all(conn, planned, project_ids)
    today = clock.today()
    _check_nothing_is_missing(conn, handover, planned, today)
    held = queries.holders_of(conn, project_ids, today)
    for move in planned:
        if (former := held.get((move.project_id, move.role))) is not None:
            _end(conn, caller, former.id, former.valid_from, today)
    _end_shadows(conn, caller, planned, today)
    for move in planned:
        made = _assign(conn, caller, move, AssignmentKind.HOLDER, today, None)
        records.change(conn, caller, moves, move, {"assignment_id": made.id}, None)
    # Once, behind all moves: people who swap seats carry in the end no more than before.
    capacity.check_capacity(
        conn, caller, burdens, subject_type="handover", subject_id=id, override_reason=override_reason
    )
    _split(conn, caller, project_ids, today)
    values = {"status": HandoverStatus.COMPLETED, "completed_at": clock.now()}
    records.change(conn, caller, handovers, handover, values, None, "completed")
    emit(conn, caller, events.handover_completed(id, len(planned), project_ids))
    for project_id in project_ids:
        roles = sorted(move.role for move in planned if move.project_id == project_id)
        emit(conn, caller, events.project_seats_moved(project_id, id, roles))
    return queries.read(conn, id, today)


def cancel(conn: sa.Connection, caller: Caller, id: UUID, reason: str, expected: int | None) -> Row:
    """Call it off: whoever holds the seats keeps them, and nobody sits beside any more."""
    handover = _lock(conn, id, expected, HandoverStatus.DRAFT, HandoverStatus.SCHEDULED)
    planned = conn.execute(queries.MOVES_OF, {"which": id}).all()
    _end_shadows(conn, caller, planned, clock.today())
    values = {"status": HandoverStatus.CANCELLED, "cancelled_at": clock.now(), "cancel_reason": reason}
    records.change(conn, caller, handovers, handover, values, None, "cancelled")
    emit(conn, caller, events.handover_cancelled(id))
    return queries.read(conn, id, clock.today())


def _lock(conn: sa.Connection, id: UUID, expected: int | None, *wanted: HandoverStatus) -> Row:
    handover = queries.lock(conn, id)
    records.check_version(handover, expected)
    if handover.status not in wanted:
        names = " or ".join(f"`{status}`" for status in wanted)
        raise WrongHandoverStatus(f"It is `{handover.status}`; this takes one that is {names}.")
    return handover


def _render_notices(conn: sa.Connection, caller: Caller, handover: Row) -> int:
    rows = conn.execute(queries.TO_TELL, {"which": handover.id}).all()
    # The agency's own projects need nobody to be told.
    silent = {row.client_code for row in rows if row.contact_id is None and row.engagement != Engagement.INTERNAL}
    if silent:
        raise NobodyToTell(f"Add a contact to {', '.join(sorted(silent))} by POST /v1/contacts first.")
    by_contact: dict[UUID, list[Row]] = {}
    for row in rows:
        if row.contact_id is not None:
            by_contact.setdefault(row.contact_id, []).append(row)
    for contact_id, of_contact in by_contact.items():
        told = [
            rules.Told(row.project, row.role_key, row.role, row.former, row.successor, row.email) for row in of_contact
        ]
        subject, body = rules.notice_text(handover._asdict(), of_contact[0].contact, told)
        values = {
            "handover_id": handover.id,
            "client_id": of_contact[0].client_id,
            "contact_id": contact_id,
            "subject": subject,
            "body": body,
        }
        records.add(conn, caller, notices, values)
    return len(by_contact)


def _copy_checklist(conn: sa.Connection, caller: Caller, handover: Row) -> int:
    checklist_id = handover.checklist_id or playbook.default_for(conn, Occasion.HANDOVER)
    lines: Sequence[Row] = playbook.items_of(conn, checklist_id) if checklist_id is not None else ()
    for line in lines:
        values = {"handover_id": handover.id, "position": line.position, "statement": line.statement}
        records.add(conn, caller, tasks, values)
    return len(lines)


def _lock_all(conn: sa.Connection, planned: Sequence[Row], project_ids: Sequence[UUID]) -> Burdens:
    """People by id, then projects by id, as everywhere; answers what the people carry before the moves."""
    who = {person for move in planned for person in (move.from_person_id, move.to_person_id) if person is not None}
    capacity.lock(conn, who)
    conn.execute(queries.LOCK_PROJECTS, {"ids": project_ids}).all()
    return capacity.watch(conn, who)


def _check_nothing_is_missing(conn: sa.Connection, handover: Row, planned: Sequence[Row], today: date) -> None:
    of = {"which": handover.id}
    found = rules.missing(
        handover,
        planned,
        conn.execute(queries.NOTICES_OF, of).all(),
        conn.execute(queries.TASKS_OF, of).all(),
        queries.known(conn, planned, today),
        today,
    )
    if found:
        raise HandoverIncomplete(
            f"{found[0].detail} `missing` lists all {len(found)}.", extra={"missing": [item.plain() for item in found]}
        )


def _assign(
    conn: sa.Connection,
    caller: Caller,
    move: Row,
    kind: AssignmentKind,
    start: date,
    end: date | None,
) -> Row:
    """Seat the successor. A shadow weighs nothing; what holders carry is checked once behind all moves."""
    data = AssignmentCreate(
        project_id=move.project_id,
        role=move.role,
        person_id=move.to_person_id,
        kind=kind,
        valid_from=start,
        valid_to=end,
        reason=f"Hand-over {move.handover_id}",
    )
    return assignments_service.create_assignment(conn, caller, data, checked_elsewhere=True)


def _end(conn: sa.Connection, caller: Caller, assignment_id: UUID, start: date, on: date) -> None:
    """End an assignment on a day; one that would have begun on that day, or later, never was. It adds to no load."""
    if start < on:
        assignments_service.update_assignment(
            conn, caller, assignment_id, {"valid_to": on}, None, checked_elsewhere=True
        )
    else:
        assignments_service.delete_assignment(conn, caller, assignment_id, None)


def _end_shadows(conn: sa.Connection, caller: Caller, planned: Sequence[Row], on: date) -> None:
    shadow_ids = records.ids(planned, "shadow_id")
    for shadow in conn.execute(queries.SHADOWS, {"ids": shadow_ids}).all() if shadow_ids else ():
        if shadow.valid_to is None or shadow.valid_to > on:
            _end(conn, caller, shadow.id, shadow.valid_from, on)


def _split(conn: sa.Connection, caller: Caller, project_ids: Sequence[UUID], today: date) -> None:
    """Projects that one person managed, and two manage from now on, are split from this day on."""
    held = {seat: row.person_id for seat, row in queries.holders_of(conn, project_ids, today).items()}
    changes: Mapping[str, Any] = {"management": Management.SPLIT, "split_on": today}
    for project in conn.execute(queries.PROJECTS, {"projects": project_ids}).all():
        if project.management == Management.COMBINED and rules.becomes_split(held, project.id):
            projects_service.update_project(conn, caller, project.id, changes, None)
