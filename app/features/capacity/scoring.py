"""Who suits a seat how well: points for each reason, and the sentence that says them. Pure functions.

Of 100 points, 35 are for the role (20 where it is the home role, 15 where its duty is the preferred one; half of each
where the person says nothing), 35 for the relationship with the client (7 a step), 20 for the room that is left below
the cap, 10 for being there in the four weeks from the day asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from app.core.money import format_plain
from app.features.capacity.rules import ZERO, Burden, Days, Weight, overloads, peak
from app.features.capacity.schemas import Portfolio
from app.models.person import Duty
from app.models.role import ACCOUNT_MANAGER, PRODUCTION_MANAGER

HOME_ROLE, PREFERRED_DUTY, RELATIONSHIP_STEP, ROOM, PRESENCE = 20, 15, 7, 20, 10
SOON = 28  # days
MOSTLY_AWAY = 10  # working days off in that time
DUTIES: Mapping[str, Duty] = {ACCOUNT_MANAGER: Duty.CLIENT, PRODUCTION_MANAGER: Duty.PROJECT}


@dataclass(frozen=True)
class Candidate:
    """What counts about somebody for a seat."""

    person_id: UUID
    home_role: str | None
    preferred_duty: str | None
    leaves_on: date | None
    strength: int | None
    days_away: int
    burden: Burden


@dataclass(frozen=True)
class SeatOffered:
    """A seat: the days on which it weighs from `start` on, in which portfolio; `portfolio` is that of its first day."""

    role: str
    start: date
    portfolio: Portfolio
    weights: Mapping[Portfolio, list[Weight]]


@dataclass(frozen=True)
class Judgement:
    """How well somebody suits a seat, and why."""

    score: int
    fits: bool
    before: Decimal
    after: Decimal
    cap: Decimal
    reason: str


def taking(burden: Burden, seat: SeatOffered) -> Burden:
    """What somebody would carry with the seat."""
    weights = {portfolio: [*burden.weights[portfolio], *seat.weights[portfolio]] for portfolio in Portfolio}
    return Burden(burden.name, burden.caps, weights)


def judge(candidate: Candidate, seat: SeatOffered) -> Judgement:
    """Score somebody for a seat, and say why in a sentence."""
    with_seat = taking(candidate.burden, seat)
    cap = candidate.burden.caps[seat.portfolio]
    before = peak(candidate.burden.weights[seat.portfolio], seat.start)
    after = peak(with_seat.weights[seat.portfolio], seat.start)
    within = not overloads(candidate.person_id, with_seat, candidate.burden)
    room = max(ZERO, cap - after) / cap if cap else ZERO
    strength = candidate.strength or 0
    score = (
        _suits(candidate.home_role, seat.role, HOME_ROLE)
        + _suits(candidate.preferred_duty, DUTIES.get(seat.role, Duty.CRAFT), PREFERRED_DUTY)
        + strength * RELATIONSHIP_STEP
        + room * ROOM
        + Decimal(PRESENCE * max(0, MOSTLY_AWAY - candidate.days_away)) / MOSTLY_AWAY
    )
    return Judgement(
        round(score),
        within and candidate.leaves_on is None,
        before,
        after,
        cap,
        _reason(candidate, seat, before, after, cap, within),
    )


def order(judgement: Judgement) -> tuple[bool, int]:
    """The best first: those who fit, then by score."""
    return not judgement.fits, -judgement.score


def offered(role: str, start: date, amount: Decimal, spans: list[tuple[str, Days]]) -> SeatOffered:
    """A seat of a project that goes through these statuses.

    One that is not live on the first day counts as active from there on: that is what it is wanted for.
    """
    first = next((status for status, days in spans if days.both(Days(start)) and days.start <= start), None)
    live = {Portfolio.ACTIVE, Portfolio.BACK_BURNER}
    if first not in live:
        return SeatOffered(
            role,
            start,
            Portfolio.ACTIVE,
            {Portfolio.ACTIVE: [Weight(Days(start), amount)], Portfolio.BACK_BURNER: []},
        )
    weights: dict[Portfolio, list[Weight]] = {portfolio: [] for portfolio in Portfolio}
    for status, days in spans:
        if status in live and (ahead := days.both(Days(start))) is not None:
            weights[Portfolio(status)].append(Weight(ahead, amount))
    return SeatOffered(role, start, Portfolio(first), weights)


def _suits(said: str | None, wanted: str, points: int) -> Decimal:
    if said is None:
        return Decimal(points) / 2
    return Decimal(points) if said == wanted else ZERO


def _reason(
    candidate: Candidate, seat: SeatOffered, before: Decimal, after: Decimal, cap: Decimal, within: bool
) -> str:
    role, portfolio = seat.role.replace("_", " "), seat.portfolio.replace("_", "-")
    if candidate.home_role == seat.role:
        first = f"Is {role} by home role"
    elif candidate.home_role is None:
        first = "Names no home role"
    else:
        first = f"Usually is {candidate.home_role.replace('_', ' ')}"
    knows = f"knows the client at {candidate.strength} of 5" if candidate.strength else "does not know the client yet"
    loads = f"would go from {format_plain(before)} to {format_plain(after)} of {format_plain(cap)} {portfolio}"
    parts = [first, knows, loads + ("" if within else ", which is more than the cap on some day")]
    if candidate.days_away:
        days = "1 working day" if candidate.days_away == 1 else f"{candidate.days_away} working days"
        parts.append(f"is away on {days} of the next four weeks")
    if candidate.leaves_on is not None:
        parts.append(f"leaves on {candidate.leaves_on}")
    return ", ".join(parts[:-1]) + f" and {parts[-1]}."
