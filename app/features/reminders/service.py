"""What is due and has not been done by now; told once as an event."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import sqlalchemy as sa

from app.core import clock
from app.core.caller import Caller
from app.core.ids import new_id
from app.features.reminders import events, queries, rules
from app.features.reminders.rules import ReminderDays
from app.features.reminders.schemas import ReminderKind
from app.messaging.outbox import emit_all
from app.messaging.records import Row
from app.models.period import PeriodStatus

__all__ = ["FIRST", "Mark", "ReminderDays", "list_reminders", "send_reminders"]

# So many are told in one transaction.
TOLD_AT_ONCE = 1000

Reminder = dict[str, Any]


def list_reminders(
    conn: sa.Connection,
    caller: Caller,
    on: date | None,
    kind: ReminderKind | None,
    person_id: UUID | None,
    limit: int,
    days: ReminderDays,
) -> dict[str, Any]:
    """What is due on a day and has not been done by now, the oldest first, with how many there are of each kind."""
    on = on or clock.today()
    counts: dict[ReminderKind, int] = {}
    items: list[Reminder] = []
    for each in (kind,) if kind is not None else ReminderKind:
        counts[each], found = _due(conn, each, on, person_id, limit, days)
        items += found
    items.sort(key=lambda item: (item["due_on"], item["kind"], item["subject_id"]))
    return {"on": on, "total": sum(counts.values()), "counts": counts, "items": items[:limit]}


@dataclass(frozen=True, slots=True)
class Mark:
    """How far telling has come: to which kind, and in it behind which day and subject."""

    kind: ReminderKind
    after: tuple[Any, UUID] | None = None


FIRST = Mark(next(iter(ReminderKind)))


def send_reminders(
    conn: sa.Connection, caller: Caller, on: date, days: ReminderDays, mark: Mark
) -> tuple[int, Mark | None]:
    """Tell some of what is due on a day and has not been told, as events: how many, and from where to go on.

    A transaction tells few enough not to keep others waiting. Several may do so at once, and each is told by one.
    """
    due, behind = _some(conn, mark, on, days)
    # In one order, so that two who tell at once wait for each other and do not lock each other out.
    due.sort(key=lambda item: (item["subject_id"], item["due_on"]))
    now = clock.now()
    stamps = {"version": 1, "created_at": now, "updated_at": now}
    rows = {
        new_id(): {name: item[name] for name in ("kind", "subject_type", "subject_id", "due_on", "project_id")}
        for item in due
    }
    told = 0
    if rows:
        remembered = [
            {"id": id, **{name: value for name, value in row.items() if name != "project_id"}, **stamps}
            for id, row in rows.items()
        ]
        new = conn.execute(queries.remember(conn.dialect.name), remembered).scalars().all()
        emit_all(conn, caller, [events.reminder_sent(**rows[id]) for id in sorted(new)])
        told = len(new)
    if behind is not None:
        return told, Mark(mark.kind, behind)
    kinds = list(ReminderKind)
    following = kinds[kinds.index(mark.kind) + 1 :]
    return told, Mark(following[0]) if following else None


def _some(
    conn: sa.Connection, mark: Mark, on: date, days: ReminderDays
) -> tuple[list[Reminder], tuple[Any, UUID] | None]:
    """What is due of the mark's kind, as much as is told at once, and behind which of them there may be more."""
    kind = mark.kind
    if kind is ReminderKind.PERIOD_TO_CLOSE:
        return _periods(conn, on, days), None
    asked = {**_window(kind, on, days), "limit": TOLD_AT_ONCE}
    if mark.after is not None:
        asked |= dict(zip(("after_day", "after_id"), mark.after, strict=True))
    rows = conn.execute(queries.due_after(kind, mark.after is not None), asked).all()
    last = rows[-1] if len(rows) == TOLD_AT_ONCE else None
    behind = None if last is None else (last.day, last.subject_id)
    return [_reminder(kind, row, on, days) for row in rows], behind


def _due(
    conn: sa.Connection, kind: ReminderKind, on: date, person_id: UUID | None, limit: int, days: ReminderDays
) -> tuple[int, list[Reminder]]:
    """How many there are of a kind, and the oldest of them."""
    if kind is ReminderKind.PERIOD_TO_CLOSE:
        found = _periods(conn, on, days) if person_id is None else []  # they are nobody's in particular
        return len(found), found[:limit]
    asked = {**_window(kind, on, days), "limit": limit, "person_id": person_id}
    rows = conn.execute(queries.due(kind, person_id is not None), asked).all()
    return (rows[0].total if rows else 0), [_reminder(kind, row, on, days) for row in rows]


def _window(kind: ReminderKind, on: date, days: ReminderDays) -> dict[str, Any]:
    last = days.last_day(kind, on)
    return {
        "on": on,
        "last": last,
        "asked_before": clock.start_of(last + timedelta(1)),
        "morning": clock.start_of(on),
    }


def _reminder(kind: ReminderKind, row: Row, on: date, days: ReminderDays) -> Reminder:
    day = clock.day_of(row.day) if isinstance(row.day, datetime) else row.day
    due_on = day + timedelta(days.until(kind))
    return {
        "kind": kind,
        "subject_type": row.subject_type,
        "subject_id": row.subject_id,
        "project_id": row.project_id,
        "client_id": row.client_id,
        "person_id": row.person_id,
        "due_on": due_on,
        "days_overdue": (on - due_on).days,
        "what": rules.what(kind, row.name),
        "link": f"/v1/{rules.PLURALS[row.subject_type]}/{row.subject_id}",
    }


def _periods(conn: sa.Connection, on: date, days: ReminderDays) -> list[Reminder]:
    """The months that should have been closed, from the first on that ever was."""
    known = {row.starts_on: row for row in conn.execute(queries.PERIODS, {"on": on})}
    first = next((row.starts_on for row in known.values() if row.revision > 0), None)
    if first is None:
        return []
    working = conn.execute(queries.WORKING_DAYS, {"first": first, "on": on}).scalars().all()
    found = []
    for start in rules.months_until(first, on):
        period = known.get(start)
        due_on = rules.due_after(working, rules.month_after(start), days.period)
        if due_on is None or (period is not None and period.status == PeriodStatus.CLOSED):
            continue
        label = f"{start:%Y-%m}"
        link = f"/v1/periods/{label}"
        item: Reminder = {
            "kind": ReminderKind.PERIOD_TO_CLOSE,
            "subject_type": "period",
            # A month that has never been closed has no row, and so no id but this.
            "subject_id": period.id if period is not None else uuid5(NAMESPACE_URL, link),
            "project_id": None,
            "client_id": None,
            "person_id": None,
            "due_on": due_on,
            "days_overdue": (on - due_on).days,
            "what": rules.what(ReminderKind.PERIOD_TO_CLOSE, label),
            "link": link,
        }
        found.append(item)
    return found
