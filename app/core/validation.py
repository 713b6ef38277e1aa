"""What pydantic found wrong, in words that say what is allowed; never the input itself."""

from typing import Any


def message_of(item: Any) -> str:
    """What one of pydantic's errors means to whoever sent the value."""
    message: str = item["msg"]
    message = message.removeprefix("Value error, ")
    context = item.get("ctx") or {}
    if item["type"] == "extra_forbidden":
        return "is no field of this resource"
    if item["type"] == "missing":
        return "is required"
    if item["type"] == "string_pattern_mismatch":
        return f"must match {context.get('pattern')}"
    return message[:1].lower() + message[1:]


def code_of(kind: str) -> str:
    """The code of a field's error, for one of pydantic's types of error."""
    return {"extra_forbidden": "unknown-field", "missing": "required"}.get(kind, kind.replace("_", "-"))
