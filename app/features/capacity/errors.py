"""What a manager's load can forbid."""

from app.core.errors import Conflict


class OverCapacity(Conflict):
    """Choose another person or other days, or move a seat away; with the right `override`, send `override_reason`."""

    code, title = "over-capacity", "Somebody would carry more than their cap"
