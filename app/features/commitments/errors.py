"""What the state of a promise forbids."""

from app.core.errors import Conflict


class CommitmentClosed(Conflict):
    """Leave it as it is: what became of a promise stays. Promise anew by POST /v1/commitments."""

    code, title = "commitment-closed", "The promise is not open any more"


class CommitmentDue(Conflict):
    """Achieve it late, or break it and promise anew: a promise is moved before its day, not on it or after it."""

    code, title = "commitment-due", "The promise can't be moved any more"
