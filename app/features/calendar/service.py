"""The office calendar. Each function is one step of a transaction that the caller has opened."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import holidays
import sqlalchemy as sa

from app.core import clock
from app.core.calendar import CALENDAR_FIRST, CALENDAR_LAST
from app.core.caller import Caller
from app.core.errors import NotFound, StaleVersion, invalid
from app.db.listing import Listing, ListQuery, Page, page
from app.db.record import table_of
from app.features.calendar import events, rules
from app.messaging import records
from app.messaging.audit import audit, audit_all
from app.messaging.outbox import emit
from app.messaging.records import Row
from app.models.calendar_day import CalendarDay, DaySource

days = table_of(CalendarDay)

# A day is its own key; paging needs to know it by the name `id` too.
CALENDAR_DAYS = Listing(
    name="calendar_days",
    columns={"id": days.c.day, **{column.name: column for column in days.c}},
    source=days,
    filters=("day", "is_working", "source"),
    sorts=("day",),
    default_sort=(("day", False),),
)
_which = days.c.day == sa.bindparam("which", type_=sa.Date)
BY_DAY = sa.select(days).where(_which)
SET_BY_OFFICE = (
    sa.update(days)
    .where(_which, days.c.version == sa.bindparam("expected"))
    .values(version=days.c.version + 1, source=DaySource.OFFICE)
    .returning(*days.c)
)
BETWEEN = (
    sa.select(days)
    .where(days.c.day.between(sa.bindparam("first", type_=sa.Date), sa.bindparam("last", type_=sa.Date)))
    .order_by(days.c.day)
    .with_for_update()
)
STORE = (
    sa.update(days)
    .where(_which)
    .values(
        version=days.c.version + 1,
        **{name: sa.bindparam(f"new_{name}", type_=days.c[name].type) for name in ("is_working", "name", "source")},
    )
)


def list_days(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, CALENDAR_DAYS, query)


def get_day(conn: sa.Connection, caller: Caller, day: date) -> Row:
    row = conn.execute(BY_DAY, {"which": day}).one_or_none()
    if row is None:
        raise NotFound(f"The calendar has no {day}: it reaches from {CALENDAR_FIRST} to {CALENDAR_LAST}.")
    return row


def update_day(conn: sa.Connection, caller: Caller, day: date, changes: Mapping[str, Any], expected: int | None) -> Row:
    """Say for the office what a day is; no library overrides it later."""
    before = get_day(conn, caller, day)
    records.check_version(before, expected)
    said = {**changes, "source": DaySource.OFFICE}
    if all(before._mapping[name] == value for name, value in said.items()):
        return before
    row = conn.execute(SET_BY_OFFICE, {"which": day, "expected": before.version, **changes}).one_or_none()
    if row is None:
        raise StaleVersion("Somebody else has just changed it. Read it again, then retry.")
    audit(conn, caller, "updated", days.name, rules.day_id(day), before._asdict(), row._asdict())
    emit(conn, caller, events.calendar_day_updated(rules.day_id(day), day, row.is_working))
    return row


def store_holidays(
    conn: sa.Connection, caller: Caller, country: str, subdivision: str | None, years: Iterable[int]
) -> int:
    """Store the public holidays of a country (ISO 3166) in these years; answers how many days changed.

    What the office has set stays. So does the past, once holidays of its year are stored: an upgrade of the library
    must not restate it. Days to come follow the library. 422 for a country or subdivision that it does not know.
    """
    wanted = {year for year in years if CALENDAR_FIRST.year <= year <= CALENDAR_LAST.year}
    if not wanted:
        return 0
    public = _public_holidays(country, subdivision, wanted)
    span = {"first": date(min(wanted), 1, 1), "last": date(max(wanted), 12, 31)}
    rows = [row for row in conn.execute(BETWEEN, span) if row.day.year in wanted]
    settled = {row.day.year for row in rows if row.source == DaySource.HOLIDAYS}
    today = clock.today()
    changed: list[tuple[Row, dict[str, Any]]] = []
    for row in rows:
        if rules.is_settled(row.day, row.source, today, settled):
            continue
        new = rules.resolved(row.day, public)
        if any(row._mapping[name] != value for name, value in new.items()):
            changed.append((row, new))
    if changed:
        conn.execute(STORE, [{"which": row.day, **{f"new_{k}": v for k, v in new.items()}} for row, new in changed])
        written = [
            (rules.day_id(row.day), row._asdict(), {**row._mapping, **new, "version": row.version + 1})
            for row, new in changed
        ]
        audit_all(conn, caller, "updated", days.name, written)
        emit(conn, caller, events.holidays_stored(rules.CALENDAR_ID, span["first"], span["last"], len(changed)))
    return len(changed)


def _public_holidays(country: str, subdivision: str | None, years: set[int]) -> holidays.HolidayBase:
    try:
        return holidays.country_holidays(country, subdiv=subdivision, years=years)
    except NotImplementedError as error:
        known = f"the `holidays` package says: {error}"
        field = "/subdivision" if country in holidays.list_supported_countries() else "/country"
        raise invalid(field, f"must be one whose public holidays are known; {known}") from None
