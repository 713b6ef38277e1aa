"""Reads a team's free hours and what remains of a project, from which the day of finishing is computed."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core.money import to_units
from app.db.record import table_of
from app.features.capacity import finish_rules
from app.features.capacity.finish_rules import HORIZON_DAYS, Absence, Member, Seconds, Share, Team, Work
from app.features.capacity.queries import (
    CARRIES,
    EXCLUSIVE,
    SPANS,
    assignments,
    calendar_days,
    people,
    projects,
    roles,
    seats,
    spans,
    time_off,
)
from app.features.capacity.rules import Days
from app.messaging.records import Row
from app.models.assignment import Certainty
from app.models.delivery import Estimate
from app.models.project import Baseline, ProjectStatus
from app.models.time_entry import TimeEntry

estimates, baselines, time_entries = table_of(Estimate), table_of(Baseline), table_of(TimeEntry)
HUNDRED = 100

_PROJECT = sa.bindparam("project", type_=sa.Uuid)
_TODAY, _LAST = sa.bindparam("today", type_=sa.Date), sa.bindparam("last", type_=sa.Date)
_AHEAD = sa.and_(
    assignments.c.valid_from <= _LAST, sa.or_(assignments.c.valid_to.is_(None), assignments.c.valid_to > _TODAY)
)
_ON_TEAM = sa.and_(assignments.c.project_id == _PROJECT, assignments.c.person_id.is_not(None), CARRIES, _AHEAD)
_TEAM_IDS = sa.select(assignments.c.person_id).where(_ON_TEAM)

CALENDAR = (
    sa.select(calendar_days.c.day, calendar_days.c.is_working)
    .where(calendar_days.c.day.between(_TODAY, _LAST))
    .order_by(calendar_days.c.day)
)
MEMBERS: sa.Select[Any] = (
    sa.select(
        people.c.id,
        sa.type_coerce(people.c.weekly_hours, sa.BigInteger).label("weekly"),
        people.c.hired_on,
        people.c.left_on,
        assignments.c.role,
        assignments.c.valid_from,
        assignments.c.valid_to,
    )
    .select_from(assignments.join(people, people.c.id == assignments.c.person_id))
    .where(_ON_TEAM)
    .order_by(people.c.id, assignments.c.valid_from, assignments.c.id)
)
AWAY: sa.Select[Any] = sa.select(
    time_off.c.person_id,
    time_off.c.from_on,
    time_off.c.until_on,
    sa.type_coerce(time_off.c.hours_per_day, sa.BigInteger).label("seconds"),
).where(time_off.c.person_id.in_(_TEAM_IDS), time_off.c.from_on <= _LAST, time_off.c.until_on >= _TODAY)
# A percentage says more than the weight of a seat: an assignment that has both takes its percentage.
_others = assignments.alias("other")
_SEATED = sa.and_(
    EXCLUSIVE, seats.c.id.is_not(None), spans.c.status == ProjectStatus.ACTIVE, _others.c.kind == "holder"
)
ELSEWHERE: sa.Select[Any] = (
    sa.select(
        _others.c.person_id,
        _others.c.allocation_percent,
        seats.c.load_weight,
        people.c.active_cap,
        _others.c.valid_from,
        _others.c.valid_to,
        spans.c.valid_from.label("status_from"),
        spans.c.valid_to.label("status_to"),
    )
    .select_from(
        _others.join(people, people.c.id == _others.c.person_id)
        .join(spans, sa.and_(spans.c.project_id == _others.c.project_id, spans.c.superseded_at.is_(None)))
        .join(roles, roles.c.key == _others.c.role)
        .outerjoin(seats, sa.and_(seats.c.project_id == _others.c.project_id, seats.c.role == _others.c.role))
    )
    .where(
        _others.c.person_id.in_(_TEAM_IDS),
        _others.c.project_id != _PROJECT,
        _others.c.certainty == Certainty.CONFIRMED,
        _others.c.superseded_at.is_(None),
        spans.c.status.in_([ProjectStatus.ACTIVE, ProjectStatus.BACK_BURNER]),
        sa.or_(_others.c.allocation_percent.is_not(None), _SEATED),
    )
)
_latest = (
    sa.select(estimates.c.role, sa.func.max(estimates.c.as_of).label("as_of"))
    .where(estimates.c.project_id == _PROJECT, estimates.c.as_of <= _TODAY)
    .group_by(estimates.c.role)
    .subquery("latest")
)
ESTIMATES: sa.Select[Any] = (
    sa.select(estimates.c.role, sa.type_coerce(estimates.c.hours_remaining, sa.BigInteger).label("seconds"))
    .select_from(
        estimates.join(_latest, sa.and_(_latest.c.role == estimates.c.role, _latest.c.as_of == estimates.c.as_of))
    )
    .where(estimates.c.project_id == _PROJECT)
    .order_by(estimates.c.role)
)
_agreed = (
    sa.select(sa.type_coerce(baselines.c.hours_budget, sa.BigInteger))
    .where(baselines.c.project_id == _PROJECT)
    .order_by(baselines.c.number.desc())
    .limit(1)
    .scalar_subquery()
)
_logged = (
    sa.select(sa.func.sum(sa.type_coerce(time_entries.c.hours, sa.BigInteger)))
    .where(
        time_entries.c.project_id == _PROJECT,
        time_entries.c.worked_on <= _TODAY,
        time_entries.c.superseded_at.is_(None),
    )
    .scalar_subquery()
)
BUDGET: sa.Select[Any] = sa.select(
    sa.func.coalesce(_agreed, sa.type_coerce(projects.c.hours_budget, sa.BigInteger)).label("budget"),
    _logged.label("logged"),
).where(projects.c.id == _PROJECT)


class RemainingBasis(StrEnum):
    ESTIMATES = "estimates"  # the latest of each role
    BUDGET = "budget"  # the hours budget less what is logged, of no role
    NONE = "none"  # neither is known


@dataclass(frozen=True)
class Remaining:
    """The hours that remain, in seconds by role, and what that stands on."""

    basis: RemainingBasis
    hours: dict[str | None, Seconds]


@dataclass(frozen=True)
class Outlook:
    """A team as it is free from today on, what remains for it to do, and the last day that is looked at."""

    team: Team
    members: Sequence[Member]
    remaining: Remaining
    horizon: date | None


def outlook(conn: sa.Connection, project_id: UUID, today: date) -> Outlook:
    """What finishing is computed from; seven statements for any number of people and roles.

    The horizon is two years from today, or the last day of the office calendar before that (null: it has no day).
    """
    binds = {"project": project_id, "today": today, "last": today + timedelta(HORIZON_DAYS)}
    calendar = conn.execute(CALENDAR, binds).all()
    members = _members(conn, binds)
    working = [row.day for row in calendar if row.is_working]
    horizon = calendar[-1].day if calendar else None
    team = finish_rules.team(today, working, members, _work(conn, project_id, today))
    return Outlook(team, members, _remaining(conn, binds), horizon)


def _work(conn: sa.Connection, project_id: UUID, today: date) -> Work:
    """The days on which the project is worked on, by the statuses that it has and that are planned."""
    rows = conn.execute(SPANS, {"projects": [project_id]})
    return finish_rules.work_of([(row.status, Days(row.valid_from, row.valid_to)) for row in rows], today)


def _members(conn: sa.Connection, binds: dict[str, Any]) -> list[Member]:
    """The confirmed holders of any role, each once."""
    rows: dict[UUID, Row] = {}
    held: dict[UUID, list[tuple[str, Days]]] = defaultdict(list)
    for row in conn.execute(MEMBERS, binds):
        rows[row.id] = row
        held[row.id].append((row.role, Days(row.valid_from, row.valid_to)))
    away: dict[UUID, list[Absence]] = defaultdict(list)
    for row in conn.execute(AWAY, binds):
        away[row.person_id].append(Absence(row.from_on, row.until_on, row.seconds))
    shares: dict[UUID, list[Share]] = defaultdict(list)
    for row in conn.execute(ELSEWHERE, binds):
        days = Days(row.valid_from, row.valid_to).both(Days(row.status_from, row.status_to))
        if days is not None:
            shares[row.person_id].append(Share(days, _part(row)))
    return [
        Member(id, row.weekly, held[id], row.hired_on, row.left_on, away[id], shares[id]) for id, row in rows.items()
    ]


def _part(row: Row) -> Fraction:
    """What an assignment elsewhere takes of the day: its percentage, or its seat's share of the active cap."""
    if row.allocation_percent is not None:
        return Fraction(row.allocation_percent) / HUNDRED
    weight, cap = to_units(row.load_weight), to_units(row.active_cap)
    return Fraction(weight, cap) if cap else Fraction(bool(weight))


def _remaining(conn: sa.Connection, binds: dict[str, Any]) -> Remaining:
    estimated: dict[str | None, Seconds] = {row.role: row.seconds for row in conn.execute(ESTIMATES, binds)}
    row = conn.execute(BUDGET, binds).one_or_none()
    if estimated:
        return Remaining(RemainingBasis.ESTIMATES, estimated)
    if row is None or row.budget is None:
        return Remaining(RemainingBasis.NONE, {})
    return Remaining(RemainingBasis.BUDGET, {None: max(0, row.budget - int(row.logged or 0))})
