"""When a team will have done its work: day by day, from the hours that are free. Pure functions; hours are seconds.

The day is found greedily, and so that it keeps two laws: more work never ends earlier, and more free hours never
end it later. Both hold because the order of roles and people on a day follows from who holds what alone, never
from how much is free or left: each step then leaves no more work and no less time than it would have with less to do.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import TypeVar
from uuid import UUID

from app.features.capacity.rules import Days
from app.models.project import ProjectStatus

HORIZON_DAYS = 730
WORKING_DAYS_A_WEEK = 5
ONE_DAY = timedelta(1)

T = TypeVar("T")
Seconds = int
Demand = Mapping[str | None, Seconds]  # by role; null: nobody in particular
Job = tuple[bool, str | None]  # whether it is added, and the role


class NoFinish(StrEnum):
    """Why no day of finishing is known."""

    NO_CAPACITY = "no_capacity"  # nobody of the team has a free hour
    TEAM_ENDS = "team_ends"  # all assignments end before the work does
    BEYOND_HORIZON = "beyond_horizon"  # not within two years, or the days that the calendar knows
    ON_HOLD = "on_hold"  # the project is or will be on hold, and no return is planned
    PROJECT_ENDS = "project_ends"  # it is closed, cancelled or lost before the work is done


@dataclass(frozen=True, slots=True)
class Share:
    """Another project takes this part of the day, on these days."""

    days: Days
    part: Fraction


@dataclass(frozen=True, slots=True)
class Absence:
    """Time off from `first` to `last`, that included: so much a day, or (null) the whole day."""

    first: date
    last: date
    seconds: Seconds | None


@dataclass(frozen=True, slots=True)
class Work:
    """The days on which the project is worked on, and why there are no more behind them (null: they go on for good)."""

    days: Sequence[Days]
    reason: NoFinish | None = None

    def on(self, day: date) -> bool:
        return any(span.start <= day < span.stop for span in self.days)


ALWAYS = Work((Days(date.min),))
WORKED_ON = (ProjectStatus.ACTIVE, ProjectStatus.BACK_BURNER)


@dataclass(frozen=True)
class Member:
    """Somebody of the team: the roles that they hold on the project, and what keeps them from working on it."""

    person_id: UUID
    weekly: Seconds
    roles: Sequence[tuple[str, Days]]
    hired_on: date | None = None
    left_on: date | None = None
    absences: Sequence[Absence] = ()
    shares: Sequence[Share] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """So much of a role's work that somebody does on a day; of the work that is added, or of what remains anyway."""

    day: date
    role: str | None
    person_id: UUID
    added: bool
    seconds: Seconds


@dataclass(frozen=True)
class Plan:
    """When the work is done (or why that is not known), who does what when, and what is left at the horizon."""

    finish_on: date | None
    reason: NoFinish | None
    pieces: Sequence[Piece] = ()
    left: Mapping[Job, Seconds] = field(default_factory=dict)


@dataclass(frozen=True)
class Team:
    """The working days up to the horizon, each with the roles that are held, and the free seconds of each person."""

    today: date
    days: Sequence[date]
    free: Mapping[UUID, Sequence[Seconds]]
    held: Sequence[Mapping[UUID, frozenset[str]]]
    last_on: date | None  # the last day of the last assignment; null: some go on for good, or there are none
    work: Work = ALWAYS


def free_seconds(member: Member, days: Sequence[date]) -> list[Seconds]:
    """What somebody has free on each of these working days, rounded down to the second.

    A fifth of the weekly hours less time off, within employment; other projects take their shares of what time off
    leaves of the day, as everywhere in capacity. Never below nothing.
    """
    marks = {day for share in member.shares for day in (share.days.start, share.days.stop)}
    marks |= {day for absence in member.absences for day in (absence.first, absence.last + ONE_DAY)}
    marks |= {day for day in (member.hired_on, member.left_on and member.left_on + ONE_DAY) if day is not None}
    return _between(days, marks, lambda day: _free_on(member, day))


def work_of(history: Sequence[tuple[str, Days]], today: date) -> Work:
    """When a project is worked on from today on: while it is active or on the back burner.

    One in the pipeline is worked on from its planned activation on, else as if it began today. `history` is its
    statuses, in order.
    """
    ahead = [(status, days) for status, days in history if days.stop > today and days.start < days.stop]
    if not ahead:
        return ALWAYS
    counts: tuple[str, ...] = WORKED_ON
    if not any(status in counts for status, _ in ahead):
        counts = (ProjectStatus.PIPELINE,)
    places = [place for place, (status, _) in enumerate(ahead) if status in counts]
    behind = ahead[places[-1] + 1 :] if places else ahead
    reason = None
    if behind:
        reason = NoFinish.ON_HOLD if behind[0][0] == ProjectStatus.ON_HOLD else NoFinish.PROJECT_ENDS
    return Work([ahead[place][1] for place in places], reason)


def team(today: date, days: Sequence[date], members: Sequence[Member], work: Work = ALWAYS) -> Team:
    """A team on the working days from today on.

    Somebody counts on the days on which they hold a role and the project is worked on.
    """
    spans = [span for member in members for _, span in member.roles]
    marks = {day for span in (*spans, *work.days) for day in (span.start, span.stop)}
    held = _between(days, marks, lambda day: _held_on(members, day) if work.on(day) else {})
    open_ended = any(span.end is None for span in spans)
    last_on = None if open_ended or not spans else max(span.stop for span in spans) - ONE_DAY
    free = {member.person_id: free_seconds(member, days) for member in members}
    return Team(today, days, free, held, last_on, work)


def demand(remaining: Demand, added: Demand) -> tuple[dict[str | None, Seconds], dict[str | None, Seconds]]:
    """What is to be done of the remaining and of the added work.

    Negative hours shorten what remains of their role, then what is added to other roles; nothing falls below nothing.
    """
    remains = dict(remaining)
    spare = 0
    for role, seconds in added.items():
        if seconds < 0:
            cut = min(remains.get(role, 0), -seconds)
            remains[role] = remains.get(role, 0) - cut
            spare += -seconds - cut
    more: dict[str | None, Seconds] = {}
    for role, seconds in sorted(added.items(), key=lambda item: (item[0] is None, item[0] or "")):
        if seconds > 0:
            cut = min(seconds, spare)
            spare -= cut
            more[role] = seconds - cut
    return {r: s for r, s in remains.items() if s > 0}, {r: s for r, s in more.items() if s > 0}


def plan(team: Team, remaining: Demand, added: Demand, starts_on: date | None = None) -> Plan:
    """The first day on which the team's free hours cover the remaining work and the added.

    Each day those who hold a role do its work; then whoever has hours left does that of roles which nobody holds that
    day. What remains anyway comes first; what is added comes from `starts_on` on. Roles with few holders come before
    those with many, and people with few roles are asked before those with many, so that who can do everything is kept
    for what nobody else can. Nothing to do is done today.
    """
    remains, more = demand(remaining, added)
    left: dict[Job, Seconds] = {(False, role): s for role, s in remains.items()}
    left |= {(True, role): s for role, s in more.items()}
    pieces: list[Piece] = []
    if not left:
        return Plan(team.today, None)
    order: list[tuple[Job, list[UUID]]] = []
    for place, (day, held) in enumerate(zip(team.days, team.held, strict=True)):
        if place == 0 or held is not team.held[place - 1]:
            order = _order(left, held)
        free = {person_id: team.free[person_id][place] for person_id in held}
        for job, people in order:
            if job not in left or (job[0] and starts_on is not None and day < starts_on):
                continue
            for person_id in people:
                if seconds := min(left[job], free[person_id]):
                    left[job] -= seconds
                    free[person_id] -= seconds
                    pieces.append(Piece(day, job[1], person_id, job[0], seconds))
            if not left[job]:
                del left[job]
        if not left:
            return Plan(day, None, pieces)
    return Plan(None, _why(team), pieces, left)


def hours_by_day(pieces: Iterable[Piece]) -> dict[tuple[Job, date], Seconds]:
    """The work of each role on each day, whoever does it."""
    found: dict[tuple[Job, date], Seconds] = defaultdict(int)
    for piece in pieces:
        found[(piece.added, piece.role), piece.day] += piece.seconds
    return dict(found)


def _order(jobs: Iterable[Job], held: Mapping[UUID, frozenset[str]]) -> list[tuple[Job, list[UUID]]]:
    """The jobs of a day in the order in which they are served, each with those who may do it."""
    people = sorted(held, key=lambda person_id: (len(held[person_id]), person_id))
    found = []
    for job in jobs:
        added, role = job
        holders = [person_id for person_id in people if role in held[person_id]]
        found.append(((added, not holders, len(holders), role or ""), job, holders or people))
    return [(job, able) for _, job, able in sorted(found, key=lambda item: item[0])]


def _why(team: Team) -> NoFinish:
    worked = [day for day in team.days if team.work.on(day)]
    if team.days and not worked:
        return team.work.reason or NoFinish.BEYOND_HORIZON
    if not any(team.free[person_id][place] for place, held in enumerate(team.held) for person_id in held):
        return NoFinish.NO_CAPACITY
    if team.last_on is not None and team.last_on < worked[-1]:
        return NoFinish.TEAM_ENDS
    # Whatever is planned beyond the days that are looked at is not what ends the work.
    if team.work.reason is not None and max(span.stop for span in team.work.days) <= team.days[-1]:
        return team.work.reason
    return NoFinish.BEYOND_HORIZON


def _free_on(member: Member, day: date) -> Seconds:
    if not (member.hired_on or date.min) <= day <= (member.left_on or date.max):
        return 0
    there = Fraction(member.weekly, WORKING_DAYS_A_WEEK)
    for absence in member.absences:
        if absence.first <= day <= absence.last:
            there -= there if absence.seconds is None else absence.seconds
    taken = sum((share.part for share in member.shares if share.days.start <= day < share.days.stop), Fraction(0))
    return int(max(Fraction(0), there) * max(Fraction(0), 1 - taken))


def _held_on(members: Iterable[Member], day: date) -> dict[UUID, frozenset[str]]:
    held = {
        member.person_id: frozenset(role for role, span in member.roles if span.start <= day < span.stop)
        for member in members
    }
    return {person_id: roles for person_id, roles in held.items() if roles}


def _between(days: Sequence[date], marks: Iterable[date], value: Callable[[date], T]) -> list[T]:
    """A value on each of the days, which are in order, computed anew only where it may change: on the marks."""
    ahead = sorted(marks, reverse=True)
    found: list[T] = []
    for day in days:
        passed = False
        while ahead and ahead[-1] <= day:
            ahead.pop()
            passed = True
        found.append(value(day) if passed or not found else found[-1])
    return found
