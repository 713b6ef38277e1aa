"""What the state of feedback forbids."""

from app.core.errors import Conflict


class AnonymousStays(Conflict):
    """Leave it as it was given; delete it where it must not be kept."""

    code, title = "anonymous-stays", "An anonymous answer can't be changed"


class AlreadyGiven(Conflict):
    """Leave the request as it is: it has its answer, and an answer is never taken back by the one who asked."""

    code, title = "already-given", "The contact has answered this already"


class AskedAnonymously(Conflict):
    """Send a new link of the request that waits, or ask others first: one person may not fill a group alone."""

    code, title = "asked-anonymously", "This contact has been asked anonymously about the same thing"
