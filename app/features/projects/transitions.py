"""The dated status of projects: moves are recorded, also ahead, and nothing that was recorded is overwritten."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.caller import Caller
from app.core.errors import NotFound
from app.core.ids import new_id
from app.features.capacity import service as capacity
from app.features.decisions import service as decisions
from app.features.projects import baselines, events, queries, rules
from app.features.projects.queries import projects, spans
from app.features.projects.rules import ACTIVE, History, Span
from app.features.projects.schemas import TransitionCreate
from app.messaging import records
from app.messaging.audit import audit
from app.messaging.outbox import emit
from app.messaging.records import Row
from app.models.decision import DecisionKind
from app.models.project import BaselineCause, ProjectStatus

_OF_PROJECT = (spans.c.project_id == sa.bindparam("which"), spans.c.superseded_at.is_(None))

HISTORY = sa.select(spans.c.transition_id, spans.c.status, spans.c.valid_from, spans.c.valid_to, spans.c.reason).where(
    *_OF_PROJECT
)
TRANSITIONS = (
    sa.select(
        spans.c.transition_id.label("id"),
        spans.c.status,
        spans.c.valid_from,
        spans.c.valid_to,
        (spans.c.valid_from > sa.bindparam("today", type_=sa.Date)).label("planned"),
        spans.c.reason,
        spans.c.recorded_at,
        sa.literal(1).label("version"),
    )
    .where(*_OF_PROJECT)
    .order_by(spans.c.valid_from, spans.c.valid_to.nulls_last(), spans.c.transition_id)
)
CLOSE = (
    sa.update(spans)
    .where(*_OF_PROJECT, spans.c.transition_id.in_(sa.bindparam("changed", expanding=True)))
    .values(superseded_at=sa.bindparam("now", type_=spans.c.superseded_at.type))
)
ADD = sa.insert(spans)
TOUCH = (
    sa.update(projects)
    .where(projects.c.id == sa.bindparam("which"))
    .values(
        version=projects.c.version + 1,
        updated_at=sa.bindparam("now", type_=projects.c.updated_at.type),
        closed_on=sa.bindparam("closed"),
    )
    .returning(*projects.c)
)


def list_transitions(conn: sa.Connection, caller: Caller, ref: UUID | str) -> Sequence[Row]:
    project = queries.read(conn, ref)
    return conn.execute(TRANSITIONS, {"which": project.id, "today": clock.today()}).all()


def begin(conn: sa.Connection, caller: Caller, project: Row, status: ProjectStatus, on: date) -> None:
    """The first status of a project that has just been made."""
    _write(conn, caller, project.id, (), (Span(new_id(), status, on),))
    if status is ACTIVE:
        baselines.freeze_at_activation(conn, caller, project, on)


def transition_project(
    conn: sa.Connection,
    caller: Caller,
    ref: UUID | str,
    data: TransitionCreate,
    expected: int | None,
    *,
    cause: BaselineCause = BaselineCause.ACTIVATION,
) -> Row:
    capacity.check_override(caller, data.override_reason)
    project = queries.lock_with_holders(conn, ref)
    records.check_version(project, expected)
    burdens = capacity.watch_holders(conn, project.id)
    on = data.on or clock.today()
    before = _history(conn, project.id)
    after = rules.after_move(before, new_id(), data.to, on, data.reason)
    known = {span.transition_id for span in before}
    place = next(index for index, span in enumerate(after) if span.transition_id not in known)
    former, made = after[place - 1], after[place]
    _write(conn, caller, project.id, before, after)
    _touch(conn, caller, project, after, "transitioned", former.status, data.to, on)
    _check_capacity(conn, caller, project, burdens, data.override_reason)
    if data.to is ACTIVE:
        baselines.freeze_at_activation(conn, caller, project, on, cause)
    if rules.is_reopening(former.status, data.to):
        decisions.log(
            conn,
            caller,
            kind=DecisionKind.REOPENING,
            subject_type="project",
            subject_id=project.id,
            client_id=project.client_id,
            what=f"The closed project is active again from {on} on.",
            why=data.reason or "",
        )
    emit(conn, caller, events.project_transitioned(project.id, made.transition_id, former.status, data.to, on))
    return queries.read(conn, project.id)


def kick_off(conn: sa.Connection, caller: Caller, project_id: UUID, on: date, override_reason: str | None) -> Row:
    """The first baseline of a project, frozen as that of its kick-off; where it is not active yet, it becomes so."""
    if queries.read(conn, project_id).status == ACTIVE:
        return baselines.freeze(conn, caller, queries.lock(conn, project_id), BaselineCause.KICK_OFF, on)
    move = TransitionCreate(to=ACTIVE, on=on, override_reason=override_reason)
    transition_project(conn, caller, project_id, move, None, cause=BaselineCause.KICK_OFF)
    return baselines.latest(conn, project_id)


def cancel_transition(
    conn: sa.Connection, caller: Caller, ref: UUID | str, transition_id: UUID, expected: int | None
) -> None:
    project = queries.lock_with_holders(conn, ref)
    records.check_version(project, expected)
    burdens = capacity.watch_holders(conn, project.id)
    before = _history(conn, project.id)
    gone = next((span for span in before if span.transition_id == transition_id), None)
    if gone is None:
        raise NotFound(f"The project has no transition {str(transition_id)!r}: look it up in the list.")
    after = rules.without_move(before, transition_id, clock.today())
    _write(conn, caller, project.id, before, after)
    _touch(conn, caller, project, after, "transition_cancelled", gone.status, None, gone.start)
    _check_capacity(conn, caller, project, burdens, None)
    emit(conn, caller, events.transition_cancelled(project.id, transition_id, gone.status, gone.start))


def _check_capacity(
    conn: sa.Connection, caller: Caller, project: Row, before: capacity.Burdens, override_reason: str | None
) -> None:
    capacity.check_capacity(
        conn,
        caller,
        before,
        subject_type="project",
        subject_id=project.id,
        override_reason=override_reason,
        client_id=project.client_id,
    )


def _history(conn: sa.Connection, project_id: UUID) -> History:
    rows = conn.execute(HISTORY, {"which": project_id})
    return rules.order(
        [Span(row.transition_id, ProjectStatus(row.status), row.valid_from, row.valid_to, row.reason) for row in rows]
    )


def _write(conn: sa.Connection, caller: Caller, project_id: UUID, before: History, after: History) -> None:
    """Close the rows that differ, and add those that take their place."""
    now = clock.now()
    changed = [span.transition_id for span in before if span not in after]
    if changed:
        conn.execute(CLOSE, {"which": project_id, "changed": changed, "now": now})
    conn.execute(ADD, [_row(caller, project_id, span, now) for span in after if span not in before])


def _row(caller: Caller, project_id: UUID, span: Span, now: Any) -> dict[str, Any]:
    return {
        "id": new_id(),
        "transition_id": span.transition_id,
        "project_id": project_id,
        "status": span.status,
        "valid_from": span.start,
        "valid_to": span.end,
        "reason": span.reason,
        "recorded_at": now,
        "recorded_by": caller.key_id,
    }


def _touch(
    conn: sa.Connection,
    caller: Caller,
    project: Row,
    history: History,
    action: str,
    former: ProjectStatus,
    to: ProjectStatus | None,
    on: date,
) -> None:
    """A new version of the project, so that whoever has read it hears of the move; and the move's audit."""
    row = conn.execute(TOUCH, {"which": project.id, "now": clock.now(), "closed": rules.closed_on(history)}).one()
    before = {**project._asdict(), "status": former, "status_on": None}
    after = {**row._asdict(), "status": to, "status_on": on}
    audit(conn, caller, action, "project", project.id, before, after)
