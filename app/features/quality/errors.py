"""What the state of a deliverable or a defect forbids."""

from app.core.errors import Conflict


class AlreadyAccepted(Conflict):
    """Withdraw the review that accepted it, or review the new work under a name of its own."""

    code, title = "already-accepted", "The deliverable has been accepted"


class ReviewedAgain(Conflict):
    """Withdraw the later reviews of the deliverable first: each round stands on the one before."""

    code, title = "reviewed-again", "The deliverable has been reviewed again since"


class AlreadyResolved(Conflict):
    """Correct `resolved_on` by PATCH where the day is wrong, or clear it where the defect is back."""

    code, title = "already-resolved", "The defect has been resolved"
