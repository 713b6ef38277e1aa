"""What a duty rule must be. Which one tags an entry is a rule of hours. Pure functions."""

from collections.abc import Mapping
from typing import Any

from app.core.errors import FieldError, Invalid

ATTRIBUTES = ("source", "issue_type", "component", "activity")


def check_asks_something(values: Mapping[str, Any]) -> None:
    """422 for a rule that every entry would match."""
    if all(values[name] is None for name in ATTRIBUTES):
        named = ", ".join(f"`{name}`" for name in ATTRIBUTES)
        raise Invalid(
            f"Give at least one of {named}: a rule without any would tag all hours.",
            errors=[FieldError(f"/{name}", "give at least one of these", "required") for name in ATTRIBUTES],
        )
