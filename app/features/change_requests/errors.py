"""What the state of a change request forbids."""

from app.core.errors import Conflict, Forbidden


class ChangeClosed(Conflict):
    """File another change request: what has been decided, withdrawn or merged stays as it is."""

    code, title = "change-closed", "The change request is no longer open"


class TooFewOptions(Conflict):
    """Add the options that the detail asks for by `POST /v1/change-options`, then present it."""

    code, title = "too-few-options", "There is not enough to choose from"


class AlreadyDecided(Conflict):
    """Read the decision whose id is `decision_id`; to decide otherwise, file another change request."""

    code, title = "already-decided", "Somebody has decided this already"


class AllowanceExceeded(Conflict):
    """Present it with options and let it be decided, or take no more hours than `left_hours`."""

    code, title = "allowance-exceeded", "The allowance does not cover these hours"


class ProjectNotRunning(Conflict):
    """Move the project to `active`, `back_burner` or `on_hold` by a transition, then approve."""

    code, title = "project-not-running", "Changes are approved while a project runs"


class ChangeAuthority(Forbidden):
    """Let whom the detail names decide; `GET /v1/change-requests/{id}/authority` lists the contacts who could."""

    code, title = "change-authority", "Somebody else must decide this"
