"""Which move of a promise is legal."""

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
