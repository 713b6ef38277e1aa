"""What the state of a rescue, or of its project, forbids."""

from app.core.errors import Conflict


class RescuerHoldsSeat(Conflict):
    """Let somebody open and decide it who neither has nor is to have a seat there: they speak for the company."""

    code, title = "rescuer-holds-seat", "A rescue is led from outside the project"


class RescueRunning(Conflict):
    """Go on with the rescue that the detail names, or close or cancel it first."""

    code, title = "rescue-running", "The project has a rescue that runs"


class ProjectNotLive(Conflict):
    """Open rescues of projects that are active, on the back burner or on hold."""

    code, title = "project-not-live", "The project is not live"


class WrongRescueStatus(Conflict):
    """Change assessment and forecasts before it is decided, and actions before it is closed or cancelled."""

    code, title = "wrong-rescue-status", "The rescue's status forbids this"
