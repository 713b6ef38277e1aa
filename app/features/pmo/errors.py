"""What the state of the office's records forbids."""

from app.core.errors import Conflict, NotFound


class DevelopmentCompleted(Conflict):
    """Leave it as it is: the skill has been raised. Begin another by POST /v1/developments."""

    code, title = "development-completed", "The development is completed"


class NoCharter(NotFound):
    """Write one by PUT /v1/charter with `If-Match: *`."""

    code, title = "no-charter", "No charter is in force"
