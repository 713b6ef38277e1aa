"""Which move of a promise is legal, and how safe a new one would be. Pure functions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.core.states import StateMachine
from app.features.commitments.schemas import LoadBand, ReasonCode, Verdict
from app.models.commitment import CommitmentStatus

OPEN, KEPT, LATE, BROKEN, WITHDRAWN = CommitmentStatus

STATES = StateMachine(
    "commitment",
    begins=(OPEN,),
    moves={
        OPEN: {
            KEPT: "POST …/achieve, by the day",
            LATE: "POST …/achieve, after the day",
            BROKEN: "POST …/break",
            WITHDRAWN: "POST …/withdraw",
        },
        KEPT: {},
        LATE: {},
        BROKEN: {},
        WITHDRAWN: {},
    },
)


def result_of(achieved_on: date, due_on: date) -> CommitmentStatus:
    """What a promise is whose result was there on this day: the day itself is in time."""
    return KEPT if achieved_on <= due_on else LATE


def may_move(today: date, due_on: date) -> bool:
    """Whether a promise can still be moved: strictly before its day."""
    return today < due_on


# How full a week is, by the share of the cap: each band begins here, the last one above the cap.
HALF, MOST = Decimal("0.5"), Decimal("0.8")
# Fewer promises of a person's own at a load say little: then everybody's at that load tell.
ENOUGH = 5
MANY_DUE = 3
KEPT_AT_LEAST = Decimal("0.6")


def share_of(load: Decimal, cap: Decimal) -> Decimal | None:
    """The share of a cap that a load takes; `None` where something weighs on a cap of nothing."""
    if cap > 0:
        return load / cap
    return None if load > 0 else Decimal(0)


def highest(shares: Iterable[Decimal | None]) -> Decimal | None:
    """The highest of some shares, of which that of a cap of nothing is beyond all."""
    found = list(shares)
    known = [share for share in found if share is not None]
    return max(known) if len(known) == len(found) else None


def band_of(share: Decimal | None) -> LoadBand:
    """How full a week is."""
    if share is None or share > 1:
        return LoadBand.OVER
    if share >= MOST:
        return LoadBand.FULL
    return LoadBand.NORMAL if share >= HALF else LoadBand.LIGHT


@dataclass(slots=True)
class Tally:
    """How many promises there were, and how many of them were kept."""

    n: int = 0
    kept: int = 0

    def add(self, n: int, kept: int) -> None:
        self.n += n
        self.kept += kept


def telling(own: Tally, everybody: Tally) -> Tally | None:
    """Whose promises at a load tell what to expect: their own or, where these are few, everybody's, or nobody's."""
    return next((tally for tally in (own, everybody) if tally.n >= ENOUGH), None)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is known of a day on which a promise would be due, and of its week."""

    free_hours: Decimal
    share: Decimal | None
    due: int
    bound: Decimal | None  # of the kept rate at that load; `None`: too few promises to tell
    handovers: int = 0
    away: bool = False
    office_closed: bool = False
    after_project: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """Something that speaks against a day, and how strongly."""

    verdict: Verdict
    code: ReasonCode
    detail: str


def reasons(seen: Outlook) -> list[Reason]:
    """What speaks against a promise for that day, the strongest first."""
    found = []
    if seen.away:
        found.append(Reason(Verdict.RISKY, ReasonCode.AWAY, "They are away that day, or not with us."))
    if seen.free_hours <= 0:
        found.append(Reason(Verdict.RISKY, ReasonCode.NO_FREE_HOURS, "They have no free hours that week."))
    if seen.share is None or seen.share > 1:
        found.append(Reason(Verdict.RISKY, ReasonCode.ABOVE_CAP, "They carry more than their cap that week."))
    if seen.due >= MANY_DUE:
        said = f"{seen.due} promises of theirs are due that week already."
        found.append(Reason(Verdict.TIGHT, ReasonCode.MANY_DUE, said))
    if seen.bound is not None and seen.bound < KEPT_AT_LEAST:
        said = f"At that load one can only count on {seen.bound:.0%} of promises to be kept."
        found.append(Reason(Verdict.TIGHT, ReasonCode.RARELY_KEPT, said))
    if seen.handovers:
        found.append(Reason(Verdict.TIGHT, ReasonCode.HANDOVER, "They are part of a hand-over that week."))
    if seen.office_closed:
        found.append(Reason(Verdict.TIGHT, ReasonCode.OFFICE_CLOSED, "The office does not work that day."))
    if seen.after_project:
        found.append(Reason(Verdict.TIGHT, ReasonCode.AFTER_PROJECT, "The project itself is due before that day."))
    return found


def verdict_of(found: Iterable[Reason]) -> Verdict:
    """Risky where one reason says so, tight where there is any, else safe."""
    verdicts = {reason.verdict for reason in found}
    return next((verdict for verdict in (Verdict.RISKY, Verdict.TIGHT) if verdict in verdicts), Verdict.SAFE)
