"""Hand-overs: drafting, changing and finding them. Their steps and notices have modules of their own."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.caller import Caller
from app.core.errors import FieldError, Invalid
from app.db.listing import ListQuery, Page, page
from app.db.record import table_of
from app.features.handovers import events, notices, queries, rules
from app.features.handovers.errors import WrongHandoverStatus
from app.features.handovers.queries import handovers, moves
from app.features.handovers.rules import Move
from app.features.handovers.schemas import HandoverCreate, MoveCreate
from app.messaging import records
from app.messaging.outbox import emit
from app.messaging.records import Row
from app.models.handover import HandoverStatus
from app.models.playbook import Checklist
from app.models.split_plan import SplitPlan

REFERENCES = {"checklist_id": (table_of(Checklist), "id"), "split_plan_id": (table_of(SplitPlan), "id")}
# What the clients have been told stays as it is.
CHANGED_WHEN_SCHEDULED = frozenset({"name", "urgent", "urgent_reason"})

answer_notice = notices.answer_notice
notice_for_client = notices.notice_for_client


def list_handovers(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, queries.HANDOVERS, query, {"today": clock.today()})


def get_handover(conn: sa.Connection, caller: Caller, id: UUID) -> Row:
    return queries.read(conn, id, clock.today())


def list_moves(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, queries.MOVES, query)


def create_handover(conn: sa.Connection, caller: Caller, data: HandoverCreate) -> Row:
    values = data.model_dump(exclude={"moves"})
    records.check_references(conn, values, REFERENCES)
    planned = _checked(conn, values, data.moves, data.effective_on)
    row = records.add(conn, caller, handovers, {**values, "status": HandoverStatus.DRAFT})
    _add_moves(conn, caller, row.id, planned)
    emit(conn, caller, events.handover_created(row.id, len(planned)))
    return get_handover(conn, caller, row.id)


def draft(
    conn: sa.Connection,
    caller: Caller,
    *,
    name: str,
    reason: str,
    benefit: str,
    effective_on: date,
    moves: Sequence[tuple[UUID, str, UUID | None, UUID]],
    split_plan_id: UUID | None = None,
    wave: int | None = None,
) -> Row:
    """A drafted hand-over of `moves` (project, role, from whom, to whom), for those who plan several of them."""
    data = HandoverCreate(
        name=name,
        reason=reason,
        benefit=benefit,
        effective_on=effective_on,
        split_plan_id=split_plan_id,
        wave=wave,
        moves=[
            MoveCreate(project_id=project_id, role=role, from_person_id=former, to_person_id=successor)
            for project_id, role, former, successor in moves
        ],
    )
    return create_handover(conn, caller, data)


def update_handover(
    conn: sa.Connection, caller: Caller, id: UUID, changes: Mapping[str, Any], expected: int | None
) -> Row:
    before = queries.lock(conn, id)
    records.check_version(before, expected)
    frozen = sorted(changes.keys() - CHANGED_WHEN_SCHEDULED)
    if before.status not in (HandoverStatus.DRAFT, HandoverStatus.SCHEDULED):
        raise WrongHandoverStatus(f"It is {before.status} and stays as it is: draft another by POST /v1/handovers.")
    if before.status == HandoverStatus.SCHEDULED and frozen:
        raise WrongHandoverStatus(
            f"The clients may have read it: leave out {', '.join(frozen)}, or cancel it and draft another."
        )
    values = {name: value for name, value in changes.items() if name != "moves"}
    records.check_references(conn, values, REFERENCES)
    after = {**before._asdict(), **values}
    asked = changes.get("moves") or conn.execute(queries.MOVES_OF, {"which": id}).all()
    if before.status == HandoverStatus.DRAFT:
        planned = _checked(conn, after, asked, after["effective_on"])
    else:
        _refuse(_field_errors(after))
    # A new list of moves is a new version too, so that whoever has read the former hears of it.
    version = {"updated_at": clock.now()} if "moves" in changes else {}
    row = records.change(conn, caller, handovers, before, {**values, **version}, expected)
    if "moves" in changes:
        _remove_moves(conn, caller, id)
        _add_moves(conn, caller, id, planned)
    if row is not before:
        emit(conn, caller, events.handover_updated(id, sorted(changes)))
    return get_handover(conn, caller, id)


def delete_handover(conn: sa.Connection, caller: Caller, id: UUID, expected: int | None) -> None:
    before = queries.lock(conn, id)
    records.check_version(before, expected)
    if before.status != HandoverStatus.DRAFT:
        raise WrongHandoverStatus(f"It is {before.status}: only drafts are deleted; POST …/cancel calls one off.")
    _remove_moves(conn, caller, id)
    records.remove(conn, caller, handovers, before, expected)
    emit(conn, caller, events.handover_deleted(id))


def get_handover_progress(conn: sa.Connection, caller: Caller, split_plan_id: UUID | None) -> dict[str, Any]:
    """How far the seats are that a split plan moves, or all plans that became hand-overs."""
    if split_plan_id is not None:
        records.get(conn, table_of(SplitPlan), split_plan_id)
        rows = conn.execute(queries.PROGRESS_OF_PLAN, {"plan": split_plan_id})
    else:
        rows = conn.execute(queries.PROGRESS_OF_ALL)
    today = clock.today()
    stages: dict[Any, list[str]] = {}
    for row in rows:
        stages.setdefault(row[:3], []).append(rules.stage(row.status, row.effective_on, today))
    return rules.progress(stages)


def _checked(conn: sa.Connection, values: Mapping[str, Any], asked: Sequence[Any], on: date) -> list[Move]:
    """The moves with their present holders; 422 where they, or the fields beside them, make no sense."""
    planned = [Move(move.project_id, move.role, move.from_person_id, move.to_person_id) for move in asked]
    known = queries.known(conn, planned, clock.today())
    planned = rules.from_holders(planned, known)
    _refuse([*_field_errors(values), *rules.move_errors(planned, known, on)])
    return planned


def _field_errors(values: Mapping[str, Any]) -> list[FieldError]:
    if values["urgent"] and not values["urgent_reason"]:
        return [FieldError("/urgent_reason", "is required: say why the clients hear of it afterwards", "required")]
    return []


def _refuse(errors: Sequence[FieldError]) -> None:
    if errors:
        fields = ", ".join(error.pointer for error in errors[:5])
        raise Invalid(f"Correct {fields}; `errors` says what is allowed.", errors=errors)


def _add_moves(conn: sa.Connection, caller: Caller, handover_id: UUID, planned: Sequence[Move]) -> None:
    for move in planned:
        values = {
            "handover_id": handover_id,
            "project_id": move.project_id,
            "role": move.role,
            "from_person_id": move.from_person_id,
            "to_person_id": move.to_person_id,
        }
        records.add(conn, caller, moves, values)


def _remove_moves(conn: sa.Connection, caller: Caller, handover_id: UUID) -> None:
    for row in conn.execute(queries.MOVES_OF, {"which": handover_id}).all():
        records.remove(conn, caller, moves, row, None)
