"""What the state of a hand-over forbids."""

from app.core.errors import Conflict


class HandoverIncomplete(Conflict):
    """Do what `missing` lists, then complete it; a PMO lead can waive a notice by its `waive`."""

    code, title = "handover-incomplete", "The hand-over can't be completed yet"


class WrongHandoverStatus(Conflict):
    """Take the step that the detail names: a hand-over is drafted, scheduled, then completed or cancelled."""

    code, title = "wrong-handover-status", "The hand-over's status forbids this"


class NobodyToTell(Conflict):
    """Add a contact who is not for billing alone to each client that the detail names, then schedule."""

    code, title = "nobody-to-tell", "A client of this hand-over has no contact who could be told"


class NoOpenConcern(Conflict):
    """Resolve notices only whose answer is `concern` and that have no `resolved_at`."""

    code, title = "no-open-concern", "The notice has no open concern"


class AlreadyWaived(Conflict):
    """Leave it as it is: the notice is waived, for the reason that it shows."""

    code, title = "already-waived", "The notice has been waived already"
