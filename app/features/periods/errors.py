"""What the state of a month's books forbids."""

from app.core.errors import Conflict


class PeriodNotOver(Conflict):
    """Close it once its last day has passed; GET /v1/periods/{label}/readiness says now what will be in the way."""

    code, title = "period-not-over", "The month is not over yet"


class PeriodNotReady(Conflict):
    """Settle what `obstacles` lists, or close it all the same by `accept_obstacles` and a `reason`, which is logged."""

    code, title = "period-not-ready", "Something is in the way of closing the period"
