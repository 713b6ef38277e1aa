"""What can be wrong with a write about people, beyond its fields."""

from app.core.errors import Conflict


class SeatedBefore(Conflict):
    """Move the assignments that begin before the day on which the person is hired, then set `hired_on`."""

    code, title = "seated-before", "They hold assignments from before the day on which they are hired"


class StillSeated(Conflict):
    """End or hand over the assignments that run on after the day on which the person leaves, then set `left_on`."""

    code, title = "still-seated", "They hold seats after the day on which they leave"
