"""Months of the books: reading, closing and reopening them. `db/books.py` says what keeps a closed one."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.calendar import Period as Month
from app.core.caller import Caller
from app.core.errors import invalid
from app.core.ids import new_id
from app.db.books import lock_month
from app.db.listing import ListQuery, Page, page
from app.features.decisions import service as decisions
from app.features.periods import events, queries, rules
from app.features.periods.errors import PeriodNotOver, PeriodNotReady
from app.features.periods.queries import periods
from app.features.periods.readiness import readiness
from app.features.periods.rules import STATES
from app.features.periods.schemas import PeriodClose, Readiness
from app.messaging import records
from app.messaging.outbox import emit
from app.messaging.records import Row
from app.models.decision import DecisionKind
from app.models.period import PeriodStatus, PeriodStep


def list_periods(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, queries.PERIODS, query)


def get_period(conn: sa.Connection, caller: Caller, label: str) -> Row:
    return queries.read(conn, rules.month_of(label))


def list_history(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, queries.HISTORY, query)


def get_readiness(conn: sa.Connection, caller: Caller, label: str) -> Readiness:
    return readiness(conn, rules.month_of(label))


def close_period(conn: sa.Connection, caller: Caller, label: str, data: PeriodClose, expected: int | None) -> Row:
    """Close a month that is over, and has no obstacles or whose obstacles are accepted for a reason."""
    if data.accept_obstacles != (data.reason is not None):
        raise invalid("/reason", "goes with `accept_obstacles`, and only with that", "required")
    month, today = rules.month_of(label), clock.today()
    period = _lock(conn, month, expected)
    STATES.check(PeriodStatus(period.status), PeriodStatus.CLOSED)
    if not rules.is_over(month, today):
        raise PeriodNotOver(
            f"{label} ends on {month.end - timedelta(1)}, and today is {today}: close it from {month.end} on."
        )
    found = readiness(conn, month)
    if not found.ready and data.reason is None:
        raise _not_ready(found)
    if period.id is None:
        values = {"label": label, "starts_on": month.start, "ends_on": month.end}
        period = records.add(conn, caller, periods, {**values, "status": PeriodStatus.OPEN, "revision": 0})
    decision_id = None
    if not found.ready and data.reason is not None:
        what = f"The period {label} was closed although it was not ready"
        impact = {kind: count for kind, count in found.counts.model_dump().items() if count}
        decision_id = _decide(conn, caller, DecisionKind.OVERRIDE, period.id, what, data.reason, impact)
    values = {"status": PeriodStatus.CLOSED, "revision": period.revision + 1}
    period = records.change(conn, caller, periods, period, values, None, "closed")
    _remember(conn, caller, period, PeriodStep.CLOSED, decision_id)
    emit(conn, caller, events.period_closed(period.id, label, period.revision))
    return queries.read(conn, month)


def reopen_period(conn: sa.Connection, caller: Caller, label: str, reason: str, expected: int | None) -> Row:
    """Open a closed month again, for a reason that goes to the decision log."""
    month = rules.month_of(label)
    period = _lock(conn, month, expected)
    STATES.check(PeriodStatus(period.status), PeriodStatus.OPEN)
    what = f"The period {label} was opened again"
    decision_id = _decide(conn, caller, DecisionKind.REOPENING, period.id, what, reason, None)
    period = records.change(conn, caller, periods, period, {"status": PeriodStatus.OPEN}, None, "reopened")
    _remember(conn, caller, period, PeriodStep.REOPENED, decision_id)
    emit(conn, caller, events.period_reopened(period.id, label, period.revision))
    return queries.read(conn, month)


def _lock(conn: sa.Connection, month: Month, expected: int | None) -> Row:
    """The month as it stands, which nobody else closes, reopens or writes facts of until the transaction ends."""
    lock_month(conn, month.start)
    period = queries.read(conn, month)
    records.check_version(period, expected)
    return period


def _decide(
    conn: sa.Connection,
    caller: Caller,
    kind: DecisionKind,
    id: UUID,
    what: str,
    why: str,
    impact: dict[str, Any] | None,
) -> UUID:
    logged = decisions.log(
        conn, caller, kind=kind, subject_type="period", subject_id=id, what=what, why=why, impact=impact
    )
    decision_id: UUID = logged.id
    return decision_id


def _remember(conn: sa.Connection, caller: Caller, period: Row, step: PeriodStep, decision_id: UUID | None) -> None:
    taken = {
        "id": new_id(),
        "period_id": period.id,
        "step": step,
        "revision": period.revision,
        "at": clock.now(),
        "by_person_id": caller.person_id,
        "by_key_id": caller.key_id,
        "decision_id": decision_id,
    }
    conn.execute(queries.ADD_HISTORY, taken)


def _not_ready(found: Readiness) -> PeriodNotReady:
    told = found.model_dump(mode="json", include={"counts", "obstacles"})
    kinds = ", ".join(f"{count} `{kind}`" for kind, count in told["counts"].items() if count)
    return PeriodNotReady(
        f"In the way of {found.period}: {kinds}. Settle what `obstacles` lists, or accept it for a reason.",
        extra=told,
    )
