"""What the state of a risk or an issue forbids."""

from app.core.errors import Conflict


class NoLongerOpen(Conflict):
    """Leave it as it was found, or open it again by POST …/reopen where its `allowed_transitions` say so."""

    code, title = "no-longer-open", "What is over is not edited"
