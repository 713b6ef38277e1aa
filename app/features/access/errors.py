from app.core.errors import Conflict


class KeyRevoked(Conflict):
    """Create another key: revoking is final."""

    code, title = "key-revoked", "The key has been revoked"


class LastKey(Conflict):
    """Create another key with the role `pmo_lead` and without an expiry first: without one nobody could administer."""

    code, title = "last-key", "It is the last key of a PMO lead that lasts"
