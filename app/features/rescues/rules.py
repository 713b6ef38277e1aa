"""Which move of a rescue is legal, and whether one came out as it was forecast."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

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
RUNNING = (ASSESSING, DECIDED)


@dataclass(frozen=True, slots=True)
class Prospect:
    """When a project finishes, what it costs until then and what it is worth: forecast, or as it came."""

    finish_on: date | None
    cost: Decimal | None
    value: Decimal | None


def met_forecast(forecast: Prospect, actual: Prospect, tolerance: Decimal) -> bool | None:
    """Whether all that was forecast came true: finished by the day, for the cost (and what is tolerated above it), with
    at least the value. `None` where nothing was forecast, or nothing failed and something of it is not known.
    """
    met: list[bool | None] = []
    if forecast.finish_on is not None:
        met.append(None if actual.finish_on is None else actual.finish_on <= forecast.finish_on)
    if forecast.cost is not None:
        met.append(None if actual.cost is None else actual.cost <= forecast.cost * (1 + tolerance))
    if forecast.value is not None:
        met.append(None if actual.value is None else actual.value >= forecast.value)
    if False in met:
        return False
    return True if met and None not in met else None
