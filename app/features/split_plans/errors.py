"""What can forbid a change of a split plan."""

from app.core.errors import Conflict


class MoveBreaksRule(Conflict):
    """Choose another person, or raise the cap or drop the lock that the detail names in a new plan."""

    code, title = "move-breaks-rule", "The move breaks a rule of the plan"


class PlanOutdated(Conflict):
    """Make a new plan by `POST /v1/split-plans`: seats have changed hands since this one."""

    code, title = "plan-outdated", "The seats are no longer as the plan found them"


class NothingToHandOver(Conflict):
    """Relax what `binding` names in a new plan, or choose a plan that moves a seat."""

    code, title = "nothing-to-hand-over", "The plan moves no seat"


class AlreadyHandedOver(Conflict):
    """Cancel the hand-overs that were made of the plan first, or go on with them."""

    code, title = "already-handed-over", "The plan is in hand-overs already"
