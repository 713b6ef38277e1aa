"""Which move of a rescue is legal."""

from app.core.states import StateMachine
from app.models.rescue import RescueStatus

ASSESSING, DECIDED, CLOSED, CANCELLED = RescueStatus

STATES = StateMachine(
    "rescue",
    begins=(ASSESSING,),
    moves={
        ASSESSING: {DECIDED: "POST …/decide", CANCELLED: "POST …/cancel"},
        DECIDED: {CLOSED: "POST …/close"},
        CLOSED: {},
        CANCELLED: {},
    },
)
