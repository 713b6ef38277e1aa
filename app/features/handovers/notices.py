"""What the clients are told and what they answer; and the tasks that are done before a hand-over is completed."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.caller import Caller
from app.core.links import AlreadyAnswered, LinkGone, LinkKind, Signer, version_of
from app.db.listing import ListQuery, Page, page
from app.features.decisions import service as decisions
from app.features.handovers import events, queries, rules
from app.features.handovers.errors import AlreadyWaived, NoOpenConcern, WrongHandoverStatus
from app.features.handovers.queries import handovers, notices, tasks
from app.messaging import records
from app.messaging.outbox import emit
from app.messaging.records import Row
from app.models.decision import DecisionKind
from app.models.handover import HandoverStatus, NoticeAnswer

# Those whose notices are of use: the urgent ones tell their clients when they are completed already.
TOLD = (HandoverStatus.SCHEDULED, HandoverStatus.COMPLETED)


def list_notices(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, queries.NOTICES, query)


def get_notice(conn: sa.Connection, caller: Caller, id: UUID) -> Row:
    return records.get(conn, notices, id)


def notify(conn: sa.Connection, caller: Caller, id: UUID, expected: int | None, signer: Signer) -> dict[str, Any]:
    """The contact counts as told from the first time on; each call answers a link that holds anew."""
    notice = _open(conn, id, expected)
    if notice.notified_at is None:
        notice = records.change(conn, caller, notices, notice, {"notified_at": clock.now()}, None, "notified")
        emit(conn, caller, events.notice_notified(id, notice.handover_id, notice.client_id))
    link, expires_at = signer.sign(LinkKind.HANDOVER_NOTICE, id, version_of(notice.subject, notice.body))
    return {"notice_id": id, "notified_at": notice.notified_at, "link": link, "link_expires_at": expires_at}


def waive(conn: sa.Connection, caller: Caller, id: UUID, reason: str, expected: int | None) -> Row:
    notice = _open(conn, id, expected)
    if notice.waived_at is not None:
        raise AlreadyWaived("Leave it as it is: `waiver_reason` says why.")
    values = {"waived_at": clock.now(), "waiver_reason": reason}
    row = records.change(conn, caller, notices, notice, values, None, "waived")
    decisions.log(
        conn,
        caller,
        kind=DecisionKind.WAIVER,
        subject_type="handover_notice",
        subject_id=id,
        client_id=notice.client_id,
        what="The hand-over may be completed without having told this contact in time.",
        why=reason,
    )
    emit(conn, caller, events.notice_waived(id, notice.handover_id, notice.client_id))
    return row


def resolve(conn: sa.Connection, caller: Caller, id: UUID, resolution: str, expected: int | None) -> Row:
    notice = queries.lock_notice(conn, id)
    records.check_version(notice, expected)
    if not rules.has_open_concern(notice):
        raise NoOpenConcern("Resolve notices only whose answer is `concern`, once.")
    values = {"resolution": resolution, "resolved_at": clock.now()}
    row = records.change(conn, caller, notices, notice, values, None, "resolved")
    emit(conn, caller, events.notice_resolved(id, notice.handover_id, notice.client_id))
    return row


def notice_for_client(conn: sa.Connection, id: UUID, version: str) -> Row:
    """The notice as its link was made for; 410 where it is of no use any more. Reading it uses nothing up."""
    return _for_client(conn, conn.execute(queries.NOTICE, {"which": id}).one_or_none(), version)


def answer_notice(
    conn: sa.Connection, caller: Caller, id: UUID, version: str, answer: NoticeAnswer, text: str | None
) -> Row:
    """The contact's one answer."""
    notice = _for_client(conn, conn.execute(queries.LOCK_NOTICE, {"which": id}).one_or_none(), version)
    if notice.answer is not None:
        raise AlreadyAnswered("Your answer has reached us. Call your contact at the agency to tell us more.")
    values = {"answer": answer, "answer_text": text, "answered_at": clock.now()}
    row = records.change(conn, caller, notices, notice, values, None, "answered")
    emit(conn, caller, events.notice_answered(id, row.handover_id, row.client_id, answer))
    return row


def list_tasks(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, queries.TASKS, query)


def get_task(conn: sa.Connection, caller: Caller, id: UUID) -> Row:
    return queries.found(conn.execute(queries.TASK_BY_ID, {"which": id}).one_or_none(), "hand-over task", id)


def update_task(conn: sa.Connection, caller: Caller, id: UUID, changes: Mapping[str, Any], expected: int | None) -> Row:
    before = records.get(conn, tasks, id)
    records.check_version(before, expected)
    handover = queries.lock(conn, before.handover_id)
    if handover.status != HandoverStatus.SCHEDULED:
        raise WrongHandoverStatus(f"The hand-over is {handover.status}: its tasks stay as they are.")
    done: bool = changes["done"]
    if done is not (before.done_at is not None):
        values = {"done_at": clock.now() if done else None, "done_by": caller.person_id if done else None}
        records.change(conn, caller, tasks, before, values, None)
        emit(conn, caller, events.task_updated(id, before.handover_id, done))
    return get_task(conn, caller, id)


def _open(conn: sa.Connection, id: UUID, expected: int | None) -> Row:
    """A notice, locked, of a hand-over whose notices still count."""
    notice = queries.lock_notice(conn, id)
    records.check_version(notice, expected)
    handover = records.get(conn, handovers, notice.handover_id)
    if handover.status not in TOLD:
        raise WrongHandoverStatus(f"The hand-over is {handover.status}: nobody needs to hear of it.")
    return notice


def _for_client(conn: sa.Connection, notice: Row | None, version: str) -> Row:
    if notice is not None and version == version_of(notice.subject, notice.body):
        handover = records.get(conn, handovers, notice.handover_id)
        if handover.status in TOLD:
            return notice
    raise LinkGone("What it told you has been called off: everything stays as it is until we write to you again.")
