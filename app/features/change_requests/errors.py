"""What the state of a change request forbids."""

from app.core.errors import Conflict, Forbidden


class ChangeClosed(Conflict):
    """File another change request: what has been decided, withdrawn or merged stays as it is."""

    code, title = "change-closed", "The change request is no longer open"


class TooFewOptions(Conflict):
    """Add the options that the detail asks for by `POST /v1/change-options`, then present it."""

    code, title = "too-few-options", "There is not enough to choose from"


class AlreadyDecided(Conflict):
    """Read the decision whose id is `decision_id`. What is postponed comes back by `POST …/assess`; to decide
    otherwise what is approved or rejected, file another change request."""

    code, title = "already-decided", "Somebody has decided this already"


class AllowanceExceeded(Conflict):
    """Present it with options and let it be decided, or take no more hours than `left_hours`."""

    code, title = "allowance-exceeded", "The allowance does not cover these hours"


class ProjectNotRunning(Conflict):
    """Move the project to `active`, `back_burner` or `on_hold` by a transition, then approve."""

    code, title = "project-not-running", "Changes are approved while a project runs"


class CannotMerge(Conflict):
    """Choose another change request of the same project that is open."""

    code, title = "cannot-merge", "It can't go into that change request"


class NotApproved(Conflict):
    """Let it be decided first: what came of a change is known once it is approved."""

    code, title = "not-approved", "The change request is not approved"


class NotTheirs(Forbidden):
    """Let whom the detail names decide; `GET /v1/change-requests/{id}/authority` lists the contacts who could."""

    code, title = "change-authority", "Somebody else must decide this"


class NotAwaitingDecision(Conflict):
    """Present the change request first: a client is asked while it is `awaiting_decision`."""

    code, title = "not-awaiting-decision", "The change request does not await a decision"


class ImpactIncomplete(Conflict):
    """Supply what `missing` lists for each option: the client decides on a price and a day."""

    code, title = "impact-incomplete", "A price or a day is not known yet"


class ContactMayNotDecide(Conflict):
    """Ask one of `contacts`; where it is empty, somebody of ours decides by `POST /v1/change-requests/{id}/decide`."""

    code, title = "contact-may-not-decide", "This contact may decide none of the options"


class CannotAnswerNow(Conflict):
    """Call your contact at the agency: something on our side has to be put in order before your answer counts."""

    code, title = "cannot-answer-now", "We can't take your answer at the moment"
