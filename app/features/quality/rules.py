"""Which round of review comes next, and which days make sense. Pure functions."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Protocol
from uuid import UUID

from app.core.errors import invalid
from app.features.quality.errors import AlreadyAccepted, ReviewedAgain
from app.models.quality import ReviewOutcome


class Round(Protocol):
    """A review of a deliverable, as far as its order goes."""

    @property
    def id(self) -> UUID: ...
    @property
    def deliverable(self) -> str: ...
    @property
    def round(self) -> int: ...
    @property
    def outcome(self) -> str: ...
    @property
    def reviewed_on(self) -> date: ...


def rounds_of(reviews: Iterable[Round], deliverable: str) -> list[Round]:
    """The reviews of one deliverable, whose name is the same in any case, in their order."""
    wanted = deliverable.casefold()
    return sorted((r for r in reviews if r.deliverable.casefold() == wanted), key=lambda review: review.round)


def next_round(before: Sequence[Round], reviewed_on: date) -> int:
    """The number of the next round; 409 where the deliverable is accepted, 422 where its day lies before the last."""
    if not before:
        return 1
    last = before[-1]
    if last.outcome == ReviewOutcome.ACCEPTED:
        raise AlreadyAccepted(
            f"It was accepted on {last.reviewed_on}, in round {last.round}: withdraw that review, or name a new "
            "deliverable."
        )
    if reviewed_on < last.reviewed_on:
        raise invalid("/reviewed_on", f"must not lie before round {last.round}, on {last.reviewed_on}")
    return last.round + 1


def check_correction(rounds: Sequence[Round], id: UUID, outcome: str, reviewed_on: date) -> None:
    """409 where an earlier round would have accepted the deliverable, 422 where rounds would change their order."""
    place = next(index for index, review in enumerate(rounds) if review.id == id)
    later = rounds[place + 1 :]
    if later and outcome == ReviewOutcome.ACCEPTED:
        raise ReviewedAgain(f"Round {later[0].round} followed: withdraw it first, or leave the outcome `rework`.")
    if place and reviewed_on < rounds[place - 1].reviewed_on:
        raise invalid("/reviewed_on", f"must not lie before the round before, on {rounds[place - 1].reviewed_on}")
    if later and reviewed_on > later[0].reviewed_on:
        raise invalid("/reviewed_on", f"must not lie after the next round, on {later[0].reviewed_on}")


def check_last(rounds: Sequence[Round], id: UUID) -> None:
    """409 where the review is not the latest of its deliverable."""
    if rounds[-1].id != id:
        raise ReviewedAgain(f"Round {rounds[-1].round}, on {rounds[-1].reviewed_on}, followed: withdraw that first.")


def check_past(name: str, day: date, today: date) -> None:
    """422 where something is said to have happened on a day that lies ahead."""
    if day > today:
        raise invalid(f"/{name}", f"must not lie in the future: today is {today}")


def check_resolved(found_on: date, resolved_on: date | None, today: date, pointer: str = "resolved_on") -> None:
    """422 where a defect would have been resolved before it was found, or ahead."""
    if resolved_on is None:
        return
    check_past(pointer, resolved_on, today)
    if resolved_on < found_on:
        raise invalid(f"/{pointer}", f"must not lie before the day on which it was found, {found_on}")
