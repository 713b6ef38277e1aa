"""Which move of a promise is legal."""

from datetime import date

from app.core.states import StateMachine
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
