"""What pydantic found wrong, in words that say what is allowed; never the input itself."""

import re
from datetime import UTC, date, datetime
from typing import Any

# A bound as pydantic quotes it: by its `repr`.
BOUND = re.compile(r"datetime\.(date|datetime)\(([0-9, ]+)(?:, tzinfo=datetime\.timezone\.utc)?\)")


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
    message = BOUND.sub(_iso, message)
    return message[:1].lower() + message[1:]


def _iso(bound: re.Match[str]) -> str:
    year, month, day, *time = map(int, bound[2].split(","))
    if bound[1] == "date":
        return date(year, month, day).isoformat()
    hour, minute, second, *_ = (*time, 0, 0, 0)
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC).isoformat().replace("+00:00", "Z")


def code_of(kind: str) -> str:
    """The code of a field's error, for one of pydantic's types of error."""
    return {"extra_forbidden": "unknown-field", "missing": "required"}.get(kind, kind.replace("_", "-"))
