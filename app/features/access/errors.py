from app.core.errors import Conflict


class KeyRevoked(Conflict):
    """Create another key: revoking is final."""

    code, title = "key-revoked", "The key has been revoked"


class LastKey(Conflict):
    """Give somebody else a key with the role `pmo_lead` first; without one nobody could administer."""

    code, title = "last-key", "It is the last active key of a PMO lead"
