"""What the state of a project forbids when it begins and when it ends."""

from app.core.errors import Conflict


class AlreadyKickedOff(Conflict):
    """Leave it as it is: the project has a baseline; what comes on top is a change request."""

    code, title = "already-kicked-off", "The project has been kicked off already"


class NothingToKickOff(Conflict):
    """Kick off projects of the pipeline, or active ones that have no baseline; move others by a transition."""

    code, title = "nothing-to-kick-off", "The project's status forbids a kick-off"


class SeatsUnfilled(Conflict):
    """Name a person in `seats` for each role that `unfilled` lists, one of its `candidates` where there are any."""

    code, title = "seats-unfilled", "The template asks for roles that nobody has been named for"


class NotReadyToClose(Conflict):
    """Settle what `open` lists; with the right `override`, send `accept_open` and a `reason`."""

    code, title = "not-ready-to-close", "Something on the project is still open"


class NotRunning(Conflict):
    """Prepare the closing of projects that are active, on the back burner or on hold."""

    code, title = "not-running", "The project is not running"


class TaskDone(Conflict):
    """Leave it as it is, or take the tick away first."""

    code, title = "task-done", "The task is done"
