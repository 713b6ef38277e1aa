"""Which move of a change request is legal."""

from app.core.states import StateMachine
from app.models.change_request import ChangeStatus

DRAFT, SUBMITTED, ASSESSING, AWAITING, APPROVED, REJECTED, POSTPONED, WITHDRAWN, IMPLEMENTED, MERGED = ChangeStatus

_DECIDE, _WITHDRAW, _MERGE = "POST …/decide", "POST …/withdraw", "POST …/merge"
_SMALL = "POST …/approve-within-allowance"
STATES = StateMachine(
    "change request",
    begins=(DRAFT,),
    moves={
        DRAFT: {SUBMITTED: "POST …/submit", APPROVED: _SMALL, WITHDRAWN: _WITHDRAW},
        SUBMITTED: {ASSESSING: "POST …/assess", APPROVED: _SMALL, WITHDRAWN: _WITHDRAW, MERGED: _MERGE},
        ASSESSING: {AWAITING: "POST …/present", APPROVED: _SMALL, WITHDRAWN: _WITHDRAW, MERGED: _MERGE},
        AWAITING: {
            APPROVED: _DECIDE,
            REJECTED: _DECIDE,
            POSTPONED: _DECIDE,
            ASSESSING: "POST …/assess",
            WITHDRAWN: _WITHDRAW,
            MERGED: _MERGE,
        },
        POSTPONED: {ASSESSING: "POST …/assess", WITHDRAWN: _WITHDRAW, MERGED: _MERGE},
        APPROVED: {IMPLEMENTED: "POST …/implement"},
        REJECTED: {},
        WITHDRAWN: {},
        IMPLEMENTED: {},
        MERGED: {},
    },
)
