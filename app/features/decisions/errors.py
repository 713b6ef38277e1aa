"""What the decision log forbids."""

from app.core.errors import Conflict


class AlreadySuperseded(Conflict):
    """Supersede the latest decision of the chain instead: the one that the detail names, or whichever followed it."""

    code, title = "already-superseded", "Another decision has superseded this one already"
