"""What a project's state can forbid."""

from app.core.errors import Conflict


class BeforeHistory(Conflict):
    """Choose a day on or after that of the project's first status."""

    code, title = "before-history", "The project's history begins later"


class NotPlanned(Conflict):
    """Make another transition instead: what has begun is history, and stays."""

    code, title = "not-planned", "Only transitions that lie ahead can be cancelled"


class SamePersonTwice(Conflict):
    """Choose another person or other days, or make the project's management `combined`."""

    code, title = "same-person-twice", "Account manager and production manager are two people here"


class ManagerSeat(Conflict):
    """Keep the seat, and give it the load weight 0 where nobody is needed."""

    code, title = "manager-seat", "Every project keeps both manager seats"


class SeatInUse(Conflict):
    """End the assignments to this role of the project, present and planned, then delete the seat."""

    code, title = "seat-in-use", "Somebody sits here"


class NoBaseline(Conflict):
    """Activate the project first: that freezes baseline 1, and a change makes the next one."""

    code, title = "no-baseline", "Nothing was agreed yet that a change could change"


class ChangeDoesNotFit(Conflict):
    """Change the option's price, hours or purchases, or the project's `start_on` where the detail names it, so that the
    project's figures take it."""

    code, title = "change-does-not-fit", "The project's figures do not take this change"


class MilestoneReached(Conflict):
    """Set its `weight` to 0 where it no longer counts: what was earned by a day stays earned."""

    code, title = "milestone-reached", "A baseline holds this milestone, and it has been reached"
