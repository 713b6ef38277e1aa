"""What is in the way of closing a month: the same statements, whatever there is."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.calendar import Period as Month
from app.db.functions import DAY_ZERO
from app.features.periods import queries, rules
from app.features.periods.rules import Away, Staff
from app.features.periods.schemas import Counts, NotCounted, Obstacle, ObstacleKind, Readiness
from app.messaging.records import Row

NOT_COUNTED = [NotCounted(kind=ObstacleKind.UNMATCHED_WORKLOG, reason="no integration is connected")]
COLLECTIONS = {"time_entry": "time-entries", "expense": "expenses", "invoice": "invoices"}


def readiness(conn: sa.Connection, month: Month) -> Readiness:
    """Whether a month can be closed, and what is in the way."""
    binds = {"start": month.start, "stop": month.end}
    missing, left_out = _missing_timesheets(conn, month, clock.today())
    unapproved = conn.execute(queries.UNAPPROVED, binds).all()
    unpriced = conn.execute(queries.WITHOUT_RATE, binds).all()
    foreign = conn.execute(queries.WITHOUT_EXCHANGE_RATE, binds).all()
    counts = Counts(
        missing_timesheet=len(missing),
        unapproved_hours=_total(unapproved),
        missing_rate=_total(unpriced),
        missing_exchange_rate=_total(foreign),
        unmatched_worklog=None,
    )
    return Readiness(
        period=month.label,
        ready=not any(counts.model_dump().values()),
        counts=counts,
        not_counted=NOT_COUNTED,
        people_left_out=left_out,
        obstacles=[
            *missing[: queries.LISTED],
            *map(_unapproved, unapproved),
            *map(_unpriced, unpriced),
            *map(_foreign, foreign),
        ],
    )


def _total(rows: Sequence[Row]) -> int:
    return rows[0].total if rows else 0


def _missing_timesheets(conn: sa.Connection, month: Month, today: date) -> tuple[list[Obstacle], int]:
    """For each person the weeks without hours; and how many people are not asked for any."""
    passed = {"start": month.start, "stop": min(month.end, today)}
    weeks = rules.weeks_of(month, today)
    if not weeks:
        return [], 0
    logged: dict[UUID, set[date]] = defaultdict(set)
    span = {"start": month.end - rules.LOGGED_WITHIN, "stop": max(month.end, weeks[-1].end)}
    for row in conn.execute(queries.WEEKS_LOGGED, span):
        logged[row.person_id].update(_monday(week) for week in range(row.first_week, row.last_week + 1))
    away: dict[UUID, list[Away]] = defaultdict(list)
    for row in conn.execute(queries.TIME_OFF, passed):
        away[row.person_id].append(Away(row.from_on, row.until_on, row.hours_per_day))
    working = set(conn.execute(queries.WORKING_DAYS, passed).scalars())
    found, left_out = [], 0
    for person in conn.execute(queries.STAFF, passed):
        if person.home_role is None or person.id not in logged:
            left_out += 1
            continue
        staff = Staff(person.weekly_hours, person.hired_on, person.left_on, away[person.id])
        if missing := rules.missing_weeks(staff, weeks, working, logged[person.id]):
            found.append(_missing(person, missing))
    return found, left_out


def _monday(week: int) -> date:
    return DAY_ZERO + timedelta(weeks=week)


def _missing(person: Row, weeks: Sequence[Month]) -> Obstacle:
    first, last = weeks[0].start, weeks[-1].end - timedelta(1)
    return Obstacle(
        kind=ObstacleKind.MISSING_TIMESHEET,
        subject_type="person",
        subject_id=person.id,
        detail=f"{person.display_name} has logged no hours in {', '.join(week.label for week in weeks)}.",
        link=f"/v1/time-entries?person_id={person.id}&worked_on_from={first}&worked_on_until={last}",
    )


def _unapproved(entry: Row) -> Obstacle:
    return Obstacle(
        kind=ObstacleKind.UNAPPROVED_HOURS,
        subject_type="time_entry",
        subject_id=entry.id,
        detail=f"{entry.hours.normalize():f} hours of {entry.worked_on} are `{entry.approval}`.",
        link=f"/v1/time-entries/{entry.id}",
    )


def _unpriced(of_person: Row) -> Obstacle:
    return Obstacle(
        kind=ObstacleKind.MISSING_RATE,
        subject_type="person",
        subject_id=of_person.person_id,
        detail=f"{of_person.entries} time entries from {of_person.first_on} on have no cost rate.",
        link=f"/v1/rates?person_id={of_person.person_id}",
    )


def _foreign(fact: Row) -> Obstacle:
    return Obstacle(
        kind=ObstacleKind.MISSING_EXCHANGE_RATE,
        subject_type=fact.kind,
        subject_id=fact.id,
        detail=f"It is in {fact.currency}, and its project in {fact.own}: no exchange rate is valid on {fact.day}.",
        link=f"/v1/{COLLECTIONS[fact.kind]}/{fact.id}",
    )
