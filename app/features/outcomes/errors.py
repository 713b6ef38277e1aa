"""What the state of an outcome forbids."""

from app.core.errors import Conflict


class TooEarly(Conflict):
    """Wait until `review_on`, or move that day by PATCH: what came of a project shows only after a while."""

    code, title = "too-early", "It is too early to tell what came of it"


class OutcomeReviewed(Conflict):
    """Leave it as it was said before the review; a later look at what came of it is another POST …/review."""

    code, title = "outcome-reviewed", "The outcome has been reviewed"
