"""What can be wrong with a write about roles, beyond its fields."""

from app.core.errors import Conflict


class BuiltInRole(Conflict):
    """Leave the key and the exclusiveness of a built-in role as they are, or add a role of your own."""

    code, title = "built-in-role", "The service relies on this role"


class SeveralHolders(Conflict):
    """End all but one of the assignments that overlap, then make the role exclusive."""

    code, title = "several-holders", "Some project has several holders of the role at once"
