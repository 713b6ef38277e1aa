"""Which moves make sense, what a client is told, and what is missing before a hand-over can be completed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.core import clock
from app.core.errors import FieldError
from app.features.handovers.schemas import HandoverState
from app.models.handover import HandoverStatus, NoticeAnswer
from app.models.role import ACCOUNT_MANAGER, MANAGER_ROLES, PRODUCTION_MANAGER

SeatKey = tuple[UUID, str]
GUIDES = {
    ACCOUNT_MANAGER: "anything about your goals, ideas, budget and plans",
    PRODUCTION_MANAGER: "anything about the work itself, its schedule and its quality",
}


@dataclass(frozen=True, slots=True)
class Move:
    """One seat that changes hands."""

    project_id: UUID
    role: str
    from_person_id: UUID | None
    to_person_id: UUID

    @property
    def seat(self) -> SeatKey:
        return self.project_id, self.role


@dataclass(frozen=True, slots=True)
class Known:
    """What the moves must fit to: the seats of the projects (is the role exclusive?), who holds them today, which
    projects two people manage, and from when to when people are employed.
    """

    seats: Mapping[SeatKey, bool]
    holders: Mapping[SeatKey, UUID]
    projects: Mapping[UUID, bool]
    people: Mapping[UUID, tuple[date | None, date | None]]


def from_holders(moves: Sequence[Move], known: Known) -> list[Move]:
    """The moves, from the present holders where it is not said from whom."""
    return [
        move if move.from_person_id else replace(move, from_person_id=known.holders.get(move.seat)) for move in moves
    ]


def move_errors(moves: Sequence[Move], known: Known, on: date) -> list[FieldError]:
    """What is wrong with moves that are to happen on a day."""
    errors: list[FieldError] = []
    seen: set[SeatKey] = set()
    for index, move in enumerate(moves):
        at = f"/moves/{index}"
        if move.project_id not in known.projects:
            errors.append(FieldError(f"{at}/project_id", "there is no such project", "unknown-reference"))
        elif not known.seats.get(move.seat, False):
            errors.append(FieldError(f"{at}/role", "must be an exclusive role for which the project has a seat"))
        elif move.seat in seen:
            errors.append(FieldError(f"{at}/role", "must not move the same seat twice"))
        seen.add(move.seat)
        holder = known.holders.get(move.seat)
        if move.from_person_id != holder:
            whose = f"person {holder} holds it" if holder else "nobody holds it"
            errors.append(FieldError(f"{at}/from_person_id", f"must be the present holder of the seat: {whose}"))
        if move.to_person_id not in known.people:
            errors.append(FieldError(f"{at}/to_person_id", "there is no such person", "unknown-reference"))
        elif move.to_person_id == move.from_person_id:
            errors.append(FieldError(f"{at}/to_person_id", "must be somebody else than the present holder"))
        elif not is_employed(*known.people[move.to_person_id], on):
            errors.append(FieldError(f"{at}/to_person_id", f"must be employed on {on}"))
    after = {**known.holders, **{move.seat: move.to_person_id for move in moves}}
    for index, move in enumerate(moves):
        managers = [after.get((move.project_id, role)) for role in MANAGER_ROLES]
        if known.projects.get(move.project_id) and move.role in MANAGER_ROLES and managers[0] == managers[1]:
            errors.append(
                FieldError(f"/moves/{index}/to_person_id", "must not hold both manager seats of a split project")
            )
    return errors


def is_employed(hired_on: date | None, left_on: date | None, on: date) -> bool:
    return (hired_on is None or hired_on <= on) and (left_on is None or left_on >= on)


def overlap_start(effective_on: date, overlap_days: int, today: date) -> date | None:
    """The first day on which a successor sits beside the holder, `None` where there is none left."""
    first = max(effective_on - timedelta(overlap_days), today)
    return first if first < effective_on else None


@dataclass(frozen=True, slots=True)
class Told:
    """One move in the words of a client's notice."""

    project: str
    role_key: str
    role: str
    former: str | None
    successor: str
    email: str


def notice_text(handover: Mapping[str, Any], contact: str, told: Sequence[Told]) -> tuple[str, str]:
    """Subject and text of what a contact is told: why, how it benefits them, what happens next, whom to ask for what,
    and when they meet.
    """
    projects = ", ".join(dict.fromkeys(move.project for move in told))
    parts = [
        f"Dear {contact},",
        f"from {_long(handover['effective_on'])} on something changes in who works with you:\n"
        + "\n".join(_change(move) for move in told),
        f"Why: {handover['reason']}",
        f"What it means for you: {handover['benefit']}",
        f"What happens next: {_next(handover, told)}",
        f"Whom to ask for what: {handover['contact_guide'] or _guide(told)}",
        f"When we meet: {_meeting(handover['introduction_on'])}",
    ]
    return f"Your team for {projects}"[:500], "\n\n".join(parts)


def _change(move: Told) -> str:
    after = f", after {move.former}" if move.former else ""
    return f"- {move.project}: {move.successor} is your {move.role.lower()}{after}."


def _next(handover: Mapping[str, Any], told: Sequence[Told]) -> str:
    until = "Until then nothing changes"
    start = overlap_start(handover["effective_on"], handover["overlap_days"], date.min)
    if start is not None and any(move.former for move in told):
        until += f"; from {_long(start)} on both are there for you"
    return f"{until}. Tell us now if anything worries you: we take care of it before anything changes."


def _guide(told: Sequence[Told]) -> str:
    by_person: dict[str, list[str]] = {}
    for move in told:
        what = GUIDES.get(move.role_key, f"what concerns the {move.role.lower()}")
        by_person.setdefault(f"{move.successor} ({move.email})", []).append(what)
    return "; ".join(f"{who} for {' and '.join(dict.fromkeys(what))}" for who, what in by_person.items()) + "."


def _meeting(on: date | None) -> str:
    return f"on {_long(on)}." if on else "we will propose you a day."


def _long(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that must be done before a hand-over can be completed, and the record that it is about."""

    what: str
    id: UUID
    detail: str

    def plain(self) -> dict[str, Any]:
        return asdict(self)


def missing(
    handover: Any, moves: Iterable[Any], notices: Iterable[Any], tasks: Iterable[Any], known: Known, today: date
) -> list[Missing]:
    """All that stands in the way of completing a hand-over today."""
    found = []
    if handover.effective_on > today:
        found.append(Missing("effective_on", handover.id, f"Wait for its day, {handover.effective_on}."))
    for move in moves:
        holder = known.holders.get((move.project_id, move.role))
        if holder is not None and holder != move.from_person_id:
            found.append(Missing("seat", move.id, "Somebody else has taken the seat: cancel this and draft another."))
        if not is_employed(*known.people[move.to_person_id], today):
            found.append(Missing("seat", move.id, "The successor is not employed today: cancel, and draft another."))
    for notice in notices:
        found += _missing_notice(handover, notice, today)
    found += [
        Missing("task", task.id, f"Do this, then tick it: {task.statement}") for task in tasks if task.done_at is None
    ]
    return found


def _missing_notice(handover: Any, notice: Any, today: date) -> Iterable[Missing]:
    if has_open_concern(notice):
        yield Missing("concern", notice.id, "Meet the contact's concern, then resolve the notice.")
    if notice.waived_at is not None or handover.urgent:
        return
    if notice.notified_at is None:
        yield Missing("notice", notice.id, f"Notify the contact, {handover.notice_days} days before, or waive it.")
        return
    ready_on = clock.day_of(notice.notified_at) + timedelta(handover.notice_days)
    if ready_on > today:
        yield Missing("notice", notice.id, f"Wait until {ready_on}: the contact was told too late for today.")


def has_open_concern(notice: Any) -> bool:
    return bool(notice.answer == NoticeAnswer.CONCERN and notice.resolved_at is None)


def becomes_split(after: Mapping[SeatKey, UUID], project_id: UUID) -> bool:
    """Whether a project of combined management is from now on managed by two people."""
    managers = [after.get((project_id, role)) for role in MANAGER_ROLES]
    return None not in managers and managers[0] != managers[1]


# From what counts most to what counts least, where a seat is in several hand-overs.
STAGES = ("done", "late", "under_way", "open")


def stage(status: str | None, effective_on: date | None, today: date) -> str:
    """Where a seat that a plan moves stands, by the hand-over that moves it."""
    if status == HandoverStatus.COMPLETED:
        return "done"
    if effective_on is not None and effective_on < today:
        return HandoverState.LATE
    return "under_way" if status == HandoverStatus.SCHEDULED else "open"


def progress(stages: Mapping[Any, Sequence[str]]) -> dict[str, Any]:
    """How many seats stand where."""
    counts = dict.fromkeys(STAGES, 0)
    for of_seat in stages.values():
        counts[min(of_seat, key=STAGES.index)] += 1
    seats = len(stages)
    share = round(Decimal(100 * counts["done"]) / seats, 1) if seats else None
    return {"seats": seats, **counts, "done_percent": share}
