"""Who carries what and who is free, week by week: a few statements for the whole window, then one pass in memory."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.calendar import Grain, periods_between
from app.core.caller import Caller
from app.core.errors import invalid
from app.core.money import round_half_up
from app.features.capacity import queries, rules
from app.features.capacity.rules import ZERO, Burden, Days, Weight
from app.features.capacity.schemas import Portfolio
from app.messaging import records
from app.messaging.records import Row
from app.models.assignment import Certainty
from app.models.project import ProjectStatus

DEFAULT_WEEKS = 12
MOST_WEEKS = 53
WORKING_DAYS_A_WEEK = 5
HUNDRED = Decimal(100)
# A project in these states books the people who are assigned to it; one in the pipeline may.
BOOKING = frozenset({ProjectStatus.ACTIVE, ProjectStatus.BACK_BURNER})
COMING = BOOKING | {ProjectStatus.PIPELINE}


def window(start: date | None, until: date | None) -> Days:
    """The window that is asked for: by default from this week's Monday, twelve weeks long after this one."""
    today = clock.today()
    first = start or today - timedelta(today.weekday())
    stop = until or first + timedelta(7 * (DEFAULT_WEEKS + 1))
    if not first < stop <= first + timedelta(7 * MOST_WEEKS):
        raise invalid("?until", f"must lie after `from`, by {MOST_WEEKS} weeks at most: it is the day after the last")
    return Days(first, stop)


def get_capacity(
    conn: sa.Connection,
    caller: Caller,
    start: date | None,
    until: date | None,
    team: str | None,
    person_id: UUID | None,
) -> dict[str, Any]:
    """The answer about a window. Vacant seats and unnamed demand belong to nobody: they are told whoever is asked for.

    A person's day is worth a fifth of the weekly hours, on the office's working days, less time off; bookings take
    their percentage of what is left of it. Those of projects in the pipeline are tentative, whatever they say.
    """
    days = window(start, until)
    binds = {"start": days.start, "stop": days.stop}
    staff = [
        row
        for row in conn.execute(queries.STAFF, binds)
        if (team is None or row.team == team) and (person_id is None or row.id == person_id)
    ]
    burdens = queries.burdens(conn, (row.id for row in staff))
    bookings = conn.execute(queries.BOOKINGS, binds).all()
    away: dict[UUID, list[Row]] = defaultdict(list)
    for row in conn.execute(queries.TIME_OFF, binds):
        away[row.person_id].append(row)
    working = set(conn.execute(queries.WORKING_DAYS, binds).scalars())
    booked, tentative = _booked(bookings)
    return {
        "valid_from": days.start,
        "valid_to": days.stop,
        "people": [
            {
                "person_id": row.id,
                "email": row.email,
                "display_name": row.display_name,
                "team": row.team,
                "weeks": _weeks(
                    days,
                    burdens[row.id],
                    _available(row, away[row.id], working, days),
                    rules.by_day(booked[row.id], days),
                    rules.by_day(tentative[row.id], days),
                ),
            }
            for row in staff
        ],
        "overloads": _overloads(burdens, days),
        "vacant_seats": _vacancies(
            conn.execute(queries.LIVE_SEATS, binds).all(), conn.execute(queries.TAKEN_SEATS, binds).all(), days
        ),
        "unnamed_demand": _unnamed(bookings),
    }


def get_person_load(conn: sa.Connection, caller: Caller, ref: UUID | str, day: date | None) -> dict[str, Any]:
    """The seats that somebody holds on a day, today unless told otherwise, and what they weigh."""
    person = records.get(conn, queries.people, ref.lower() if isinstance(ref, str) else ref, "email")
    on = day or clock.today()
    held = conn.execute(queries.SEATS_HELD, {"person_id": person.id, "day": on}).all()
    loads = dict.fromkeys(Portfolio, ZERO)
    seats = []
    for row in held:
        portfolio = rules.PORTFOLIOS.get(ProjectStatus(row.status))
        seats.append({**row._mapping, "portfolio": portfolio})
        if portfolio is not None:
            loads[portfolio] += row.load_weight
    return {
        "person_id": person.id,
        "on": on,
        **{
            str(portfolio): {"load": load, "cap": cap, "free": cap - load}
            for portfolio, load in loads.items()
            for cap in (getattr(person, rules.CAP_FIELDS[portfolio]),)
        },
        "seats": seats,
    }


@dataclass(frozen=True)
class PersonWeeks:
    """Somebody's weeks, as the answer about a window tells them, with `time_off_hours` beside; their time off, and the
    days of the office calendar.
    """

    weeks: list[dict[str, Any]]
    away: Sequence[Row]
    days: Sequence[Row]


def person_weeks(conn: sa.Connection, person: Row, burden: Burden, days: Days) -> PersonWeeks:
    """What a person carries and has free in the weeks of a window; the same three statements for any number of them."""
    binds = {"start": days.start, "stop": days.stop, "person_id": person.id}
    booked, tentative = _booked(conn.execute(queries.BOOKINGS_OF, binds))
    away = conn.execute(queries.TIME_OFF_OF, binds).all()
    calendar = conn.execute(queries.DAYS, binds).all()
    working = {row.day for row in calendar if row.is_working}
    available, without = _available(person, away, working, days), _available(person, (), working, days)
    weeks = _weeks(
        days, burden, available, rules.by_day(booked[person.id], days), rules.by_day(tentative[person.id], days)
    )
    for week in weeks:
        first = (week["starts_on"] - days.start).days
        last = first + 7 - week["starts_on"].weekday()
        week["time_off_hours"] = _shown(sum(without[first:last], ZERO) - sum(available[first:last], ZERO))
    return PersonWeeks(weeks, away, calendar)


def _booked(rows: Iterable[Row]) -> tuple[dict[UUID, list[Weight]], dict[UUID, list[Weight]]]:
    """The shares of people's days that are booked for certain, and perhaps."""
    certain: dict[UUID, list[Weight]] = defaultdict(list)
    perhaps: dict[UUID, list[Weight]] = defaultdict(list)
    for row in rows:
        if row.person_id is None or row.status not in COMING:
            continue
        days = Days(row.valid_from, row.valid_to).both(Days(row.status_from, row.status_to))
        if days is not None:
            sure = row.certainty == Certainty.CONFIRMED and row.status in BOOKING
            (certain if sure else perhaps)[row.person_id].append(Weight(days, row.allocation_percent / HUNDRED))
    return certain, perhaps


def _available(person: Row, away: Sequence[Row], working: set[date], window: Days) -> list[Decimal]:
    """The hours of each day of the window on which somebody can work."""
    daily = person.weekly_hours / WORKING_DAYS_A_WEEK
    hired, left = person.hired_on or date.min, person.left_on or date.max
    length = (window.stop - window.start).days
    days = [window.start + timedelta(number) for number in range(length)]
    hours = [daily if day in working and hired <= day <= left else ZERO for day in days]
    for off in away:
        first = max((off.from_on - window.start).days, 0)
        last = min((off.until_on - window.start).days, length - 1)
        for number in range(first, last + 1):
            hours[number] = max(ZERO, hours[number] - (daily if off.hours_per_day is None else off.hours_per_day))
    return hours


def _weeks(
    window: Days, burden: Burden, available: list[Decimal], booked: list[Decimal], tentative: list[Decimal]
) -> list[dict[str, Any]]:
    loads = {portfolio: rules.by_day(burden.weights[portfolio], window) for portfolio in Portfolio}
    found = []
    for week in periods_between(window.start, window.stop, Grain.WEEK):
        first = max((week.start - window.start).days, 0)
        last = (min(week.end, window.stop) - window.start).days
        on = range(first, last)
        active = max(loads[Portfolio.ACTIVE][first:last])
        back_burner = max(loads[Portfolio.BACK_BURNER][first:last])
        hours = sum(available[first:last], ZERO)
        taken = sum((available[n] * booked[n] for n in on), ZERO)
        overbooked = any(booked[n] > 1 and available[n] > 0 for n in on)
        over = active > burden.caps[Portfolio.ACTIVE] or back_burner > burden.caps[Portfolio.BACK_BURNER]
        found.append(
            {
                "week": week.label,
                "starts_on": window.start + timedelta(first),
                "active_load": active,
                "active_cap": burden.caps[Portfolio.ACTIVE],
                "back_burner_load": back_burner,
                "back_burner_cap": burden.caps[Portfolio.BACK_BURNER],
                "available_hours": _shown(hours),
                "booked_hours": _shown(taken),
                "tentative_hours": _shown(sum((available[n] * tentative[n] for n in on), ZERO)),
                "free_hours": _shown(sum((available[n] * max(ZERO, 1 - booked[n]) for n in on), ZERO)),
                "over": over or overbooked,
                "bench": hours > 0 and not (active or back_burner or taken),
            }
        )
    return found


def _shown(hours: Decimal) -> Decimal:
    return round_half_up(hours, 2)


def _overloads(burdens: rules.Burdens, window: Days) -> list[dict[str, Any]]:
    """All overloads that reach into the window, with all their days."""
    return [
        {
            "person_id": overload.person_id,
            "portfolio": overload.portfolio,
            "load": overload.load,
            "cap": overload.cap,
            "valid_from": overload.days.start,
            "valid_to": overload.days.end,
        }
        for overload in rules.new_overloads({}, burdens)
        if overload.days.both(window) is not None
    ]


def _vacancies(live: Sequence[Row], taken: Sequence[Row], window: Days) -> list[dict[str, Any]]:
    """Which exclusive seats of live projects nobody holds, on which days of the window."""
    wanted: dict[tuple[UUID, str], list[Days]] = defaultdict(list)
    told: dict[tuple[UUID, str], Row] = {}
    held: dict[tuple[UUID, str], list[Days]] = defaultdict(list)
    for row in live:
        seat = (row.project_id, row.role)
        told[seat] = row
        if (days := Days(row.valid_from, row.valid_to).both(window)) is not None:
            wanted[seat].append(days)
    for row in taken:
        if (days := Days(row.valid_from, row.valid_to).both(window)) is not None:
            held[row.project_id, row.role].append(days)
    return [
        {
            "project_id": row.project_id,
            "project_code": row.code,
            "role": row.role,
            "load_weight": row.load_weight,
            "valid_from": days.start,
            "valid_to": days.stop,
        }
        for seat, row in told.items()
        for days in rules.gaps(wanted[seat], held[seat])
    ]


def _unnamed(bookings: Sequence[Row]) -> list[dict[str, Any]]:
    """Demand of projects that live or may come; each once, whatever statuses its project goes through."""
    found = {
        row.id: {
            "assignment_id": row.id,
            "project_id": row.project_id,
            "project_code": row.code,
            "role": row.role,
            "certainty": row.certainty,
            "allocation_percent": row.allocation_percent,
            "valid_from": row.valid_from,
            "valid_to": row.valid_to,
        }
        for row in bookings
        if row.person_id is None
        and row.status in COMING
        and Days(row.valid_from, row.valid_to).both(Days(row.status_from, row.status_to)) is not None
    }
    return list(found.values())
