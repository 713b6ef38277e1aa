"""Which move of a project is legal, what its history looks like after one, and what its fields must keep to."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from app.core.calendar import CALENDAR_FIRST, CALENDAR_LAST
from app.core.errors import FieldError, invalid
from app.core.money import MAX_AMOUNT
from app.core.states import StateMachine
from app.features.projects.errors import BeforeHistory, ChangeDoesNotFit, NotPlanned
from app.models.project import Engagement, ProjectStatus
from app.models.role import ACCOUNT_MANAGER, PRODUCTION_MANAGER

PIPELINE, ACTIVE, BACK_BURNER, ON_HOLD, CLOSED, CANCELLED, LOST = ProjectStatus

_MOVE = "POST …/transitions"
_BEGIN, _END = f"{_MOVE}, POST …/kick-off", f"{_MOVE}, POST …/close"
STATES = StateMachine(
    "project",
    begins=(PIPELINE, ACTIVE, BACK_BURNER, ON_HOLD),
    moves={
        PIPELINE: {ACTIVE: _BEGIN, LOST: _MOVE, CANCELLED: _MOVE},
        ACTIVE: {BACK_BURNER: _MOVE, ON_HOLD: _MOVE, CLOSED: _END, CANCELLED: _MOVE},
        BACK_BURNER: {ACTIVE: _MOVE, CLOSED: _END, CANCELLED: _MOVE},
        ON_HOLD: {ACTIVE: _MOVE, CLOSED: _END, CANCELLED: _MOVE},
        CLOSED: {ACTIVE: _MOVE},
        CANCELLED: {},
        LOST: {},
    },
)


@dataclass(frozen=True, slots=True)
class Span:
    """The days from `start` up to, and without, `end` (null: open) on which a project has a status.

    It is empty where the project moved on within the day; it stays, since it is what makes the next move legal.
    """

    transition_id: UUID
    status: ProjectStatus
    start: date
    end: date | None = None
    reason: str | None = None


History = tuple[Span, ...]


def is_reopening(former: ProjectStatus, to: ProjectStatus) -> bool:
    return former is CLOSED and to is ACTIVE


def order(spans: Sequence[Span]) -> History:
    """The spans of a project in the order in which it went through them."""
    return tuple(sorted(spans, key=lambda span: (span.start, span.end or date.max, span.transition_id.int)))


def after_move(history: History, id: UUID, to: ProjectStatus, on: date, reason: str | None) -> History:
    """The history with a move to `to` on the day `on`: behind those of that day, before those planned for later."""
    place = sum(span.start <= on for span in history)
    if place == 0:
        raise BeforeHistory(
            f"Its first status, `{history[0].status}`, begins on {history[0].start}: choose a later day."
        )
    former, following = history[place - 1], history[place : place + 1]
    check_move(former.status, to, following[0] if following else None)
    if is_reopening(former.status, to) and not (reason and reason.strip()):
        raise invalid("/reason", "is required: say why the project is opened again", "required")
    # The id is later than those before it, since ids order the moves of one day.
    id = max(id, UUID(int=former.transition_id.int + 1))
    made = Span(id, to, on, following[0].start if following else None, reason)
    return (*history[: place - 1], replace(former, end=on), made, *history[place:])


def check_move(former: ProjectStatus, to: ProjectStatus, following: Span | None) -> None:
    """409 naming the legal moves, where `former → to` is none, or what is planned behind it would become illegal."""
    allowed, instead = STATES.allowed(former), ""
    if following is not None:
        allowed = tuple(status for status in allowed if following.status in STATES.allowed(status))
        instead = f"It is `{following.status}` on {following.start}, as planned: cancel that first to move elsewhere."
    if to not in allowed:
        raise STATES.refusal(former, allowed, instead)


def without_move(history: History, transition_id: UUID, today: date) -> History:
    """The history without a move that lies ahead; the status before it lasts until the next one."""
    place = next(index for index, span in enumerate(history) if span.transition_id == transition_id)
    gone = history[place]
    if place == 0 or gone.start <= today:
        raise NotPlanned(f"It is `{gone.status}` since {gone.start}: make another transition instead.")
    former, following = history[place - 1], history[place + 1 : place + 2]
    if following:
        check_move(former.status, following[0].status, None)
    return (*history[: place - 1], replace(former, end=gone.end), *history[place + 1 :])


def closed_on(history: History) -> date | None:
    """The day on which the project is closed, where its history ends with that."""
    return history[-1].start if history[-1].status is CLOSED else None


def field_errors(values: Mapping[str, Any]) -> list[FieldError]:
    """What is wrong with a project's fields taken together."""
    errors = []
    start_on, due_on, engagement = values["start_on"], values["due_on"], values["engagement"]
    if start_on is not None and due_on is not None and due_on < start_on:
        errors.append(FieldError("/due_on", f"must not lie before start_on, {start_on}"))
    if engagement == Engagement.RETAINER and values["period_hours"] is None:
        errors.append(FieldError("/period_hours", "is required for a retainer", "required"))
    belong = {"period_hours": Engagement.RETAINER, "cause": Engagement.PRO_BONO, "declared_impact": Engagement.PRO_BONO}
    errors += [
        FieldError(f"/{name}", f"goes with the engagement `{owner}` only: leave it out or set it to null")
        for name, owner in belong.items()
        if values[name] is not None and engagement != owner
    ]
    return errors


@dataclass(frozen=True, slots=True)
class Holding:
    """Somebody holds a manager's seat, from `start` up to, and without, `end`."""

    person_id: UUID
    role: str
    start: date
    end: date | None


def held_twice(holdings: Sequence[Holding], split_on: date | None) -> tuple[UUID, date] | None:
    """Who holds both manager seats of a project on one day, and the first such day from `split_on` on."""
    found = []
    for index, one in enumerate(holdings):
        for other in holdings[index + 1 :]:
            if one.person_id == other.person_id and one.role != other.role:
                first = max(one.start, other.start, split_on or date.min)
                if first < min(one.end or date.max, other.end or date.max):
                    found.append((one.person_id, first))
    return min(found, key=lambda item: item[1], default=None)


def lead_role(intensity: int, complexity: int, strengths: Mapping[str, int]) -> tuple[str, str]:
    """Which manager leads, and why: communication intensity against technical complexity, both from 1 to 5.

    A tie goes to the one whose holder knows the client better; `strengths` are those relationships by role.
    """
    if intensity > complexity:
        return ACCOUNT_MANAGER, f"Communication intensity ({intensity}) is above technical complexity ({complexity})."
    if complexity > intensity:
        return (
            PRODUCTION_MANAGER,
            f"Technical complexity ({complexity}) is above communication intensity ({intensity}).",
        )
    tie = f"Communication intensity and technical complexity are both {intensity}"
    account, production = strengths.get(ACCOUNT_MANAGER, 0), strengths.get(PRODUCTION_MANAGER, 0)
    if production > account:
        return (
            PRODUCTION_MANAGER,
            f"{tie}; the production manager knows the client better ({production} against {account}).",
        )
    if account > production:
        return ACCOUNT_MANAGER, f"{tie}; the account manager knows the client better ({account} against {production})."
    return ACCOUNT_MANAGER, f"{tie}, and neither manager knows the client better: the account manager leads then."


MOST_HOURS = Decimal(1_000_000)


def after_change(
    project: Mapping[str, Any], price: Decimal, cost: Decimal | None, hours: Mapping[str, Decimal], due_on: date | None
) -> dict[str, Any]:
    """A project's figures with those of a change: unknown plus something stays unknown, and so does an unknown cost.
    What no project may have is refused even where the sum is unknown: its frozen figures would not hold it."""
    added = {"fee": price, "cost_budget": cost, "hours_budget": sum(hours.values(), Decimal(0))}
    most = {"fee": MAX_AMOUNT, "cost_budget": MAX_AMOUNT, "hours_budget": MOST_HOURS}
    values: dict[str, Any] = {
        name: project[name] + more for name, more in added.items() if more is not None and project[name] is not None
    }
    wrong = [name for name, value in values.items() if not 0 <= value <= most[name]]
    wrong += [name for name, more in added.items() if more is not None and abs(more) > most[name]]
    if wrong := sorted(set(wrong)):
        raise ChangeDoesNotFit(
            f"With it, {' and '.join(wrong)} would lie below zero or beyond what a project may have."
        )
    if due_on is not None:
        if project["start_on"] is not None and due_on < project["start_on"]:
            raise ChangeDoesNotFit(
                f"The project begins on {project['start_on']}, and {due_on} is promised: make it begin earlier, or "
                "ask anew."
            )
        values["due_on"] = due_on
    return values


@dataclass(frozen=True, slots=True)
class Effort:
    """The hours that a role is given on a project, and those that remain."""

    hours_budget: Decimal
    hours_remaining: Decimal


NO_EFFORT = Effort(Decimal(0), Decimal(0))


def efforts_after_change(latest: Mapping[str, Effort], hours: Mapping[str, Decimal]) -> dict[str, Effort]:
    """The new estimates of the roles whose hours a change adds or takes; none lies below zero.

    A project that nobody has estimated stays so: the change's hours alone would pass for all that remains. Nor does
    less work for a role without an estimate say what remains.
    """
    if not latest:
        return {}
    return {
        role: Effort(*(max(value + more, Decimal(0)) for value in (known.hours_budget, known.hours_remaining)))
        for role, more in sorted(hours.items())
        if more and (role in latest or more > 0)
        for known in (latest.get(role, NO_EFFORT),)
    }


class MilestoneMove(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    RE_WEIGHTED = "re_weighted"
    RENAMED = "renamed"


@dataclass(frozen=True, slots=True)
class FrozenMilestone:
    """A milestone as a baseline froze it."""

    name: str
    planned_on: date | None
    weight: Decimal


@dataclass(frozen=True, slots=True)
class FrozenFigures:
    """What a baseline froze; milestones by their id."""

    currency: str
    fee: Decimal | None
    cost_budget: Decimal | None
    hours_budget: Decimal | None
    start_on: date | None
    due_on: date | None
    milestones: Mapping[UUID, FrozenMilestone]

    @property
    def days(self) -> set[date]:
        """The days that it speaks of."""
        found = {self.start_on, self.due_on, *(milestone.planned_on for milestone in self.milestones.values())}
        return {day for day in found if day is not None}


def compare(before: FrozenFigures, after: FrozenFigures, working: Sequence[date]) -> dict[str, Any]:
    """What lies between two baselines; `working` are the office's working days, in order, around all their days."""
    known = sorted(before.milestones.keys() | after.milestones.keys())
    milestones = [
        _milestone(id, before.milestones.get(id), after.milestones.get(id), working)
        for id in known
        if before.milestones.get(id) != after.milestones.get(id)
    ]
    same_currency = before.currency == after.currency
    return {
        "fee": _amount(before.fee, after.fee, same_currency),
        "cost_budget": _amount(before.cost_budget, after.cost_budget, same_currency),
        "hours_budget": _amount(before.hours_budget, after.hours_budget),
        "start_on": _day(before.start_on, after.start_on, working),
        "due_on": _day(before.due_on, after.due_on, working),
        "milestones": milestones,
    }


def _amount(before: Decimal | None, after: Decimal | None, comparable: bool = True) -> dict[str, Decimal | None]:
    difference = after - before if comparable and before is not None and after is not None else None
    return {"before": before, "after": after, "difference": difference}


def _day(before: date | None, after: date | None, working: Sequence[date]) -> dict[str, Any]:
    return {"before": before, "after": after, **_days_between(before, after, working)}


def _days_between(before: date | None, after: date | None, working: Sequence[date]) -> dict[str, int | None]:
    if before is None or after is None:
        return {"days": None, "working_days": None}
    inside = min(before, after) >= CALENDAR_FIRST and max(before, after) <= CALENDAR_LAST
    worked = bisect_right(working, after) - bisect_right(working, before)
    return {"days": (after - before).days, "working_days": worked if inside else None}


def _milestone(
    id: UUID, before: FrozenMilestone | None, after: FrozenMilestone | None, working: Sequence[date]
) -> dict[str, Any]:
    if before is None or after is None:
        what = [MilestoneMove.ADDED if before is None else MilestoneMove.REMOVED]
        days = _days_between(None, None, working)
    else:
        differs = {
            MilestoneMove.MOVED: before.planned_on != after.planned_on,
            MilestoneMove.RE_WEIGHTED: before.weight != after.weight,
            MilestoneMove.RENAMED: before.name != after.name,
        }
        what = [move for move, does in differs.items() if does]
        days = _days_between(before.planned_on, after.planned_on, working)
    return {"milestone_id": id, "what": what, "before": before, "after": after, **days}
