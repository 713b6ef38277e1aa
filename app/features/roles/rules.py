"""What may be done to a role. Pure functions."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.core.errors import StillReferenced
from app.features.roles.errors import BuiltInRole, SeveralHolders

FIXED = ("key", "exclusive")


def check_may_change(before: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
    """409 for what the service relies on in a built-in role."""
    fixed = [name for name in FIXED if name in changes and changes[name] != before[name]]
    if before["built_in"] and fixed:
        raise BuiltInRole(
            f"Leave {' and '.join(f'`{name}`' for name in fixed)} of {before['key']!r} as it is; "
            "its name and purpose may change. Add a role of your own for anything else."
        )


def check_may_delete(before: Mapping[str, Any]) -> None:
    """409 for a built-in role."""
    if before["built_in"]:
        raise BuiltInRole(f"Keep {before['key']!r}: every project is born with its seat. Its name may change.")


def check_may_be_exclusive(key: str, projects: int) -> None:
    """409 when on so many projects several people hold the role at once."""
    if projects:
        where = "1 project" if projects == 1 else f"{projects} projects"
        raise SeveralHolders(
            f"On {where} several holders of {key!r} overlap: end all but one of those assignments first."
        )


def check_unnamed(key: str, options: Iterable[Any]) -> None:
    """409 while options of open changes ask for hours of the role: nobody could approve them without it."""
    for option in options:
        raise StillReferenced(
            f"Option {option.option} of change request {option.number} of {option.code!r} asks for hours of {key!r}: "
            "give them to another role, or decide or withdraw the change first.",
            extra={"change_request_id": str(option.change_request_id)},
        )


def check_may_rename(key: str, in_use: bool) -> None:
    """409 when other records name the role or responsibility by its key."""
    if in_use:
        raise StillReferenced(f"Other records refer to {key!r} by its key: add a new one, move them there, then retry.")
