"""ETags: `If-Match` guards writes, `If-None-Match` saves reads."""

from typing import Any

import sqlalchemy as sa
from starlette.requests import Request

from app.core.errors import PreconditionRequired, StaleVersion


def etag(row: sa.Row[Any], *states: str | None) -> str:
    """The strong ETag of a row: its version, with the states that make it look otherwise at the same version."""
    return f'"{".".join([str(row.version), *filter(None, states)])}"'


def expected_version(request: Request, required: bool) -> int | None:
    """The version that `If-Match` names; `None` for `*`, or where it is neither sent nor required."""
    header = request.headers.get("if-match")
    if header is None:
        if required:
            raise PreconditionRequired("Send `If-Match` with the `etag` that you have read, or `*` for whatever it is.")
        return None
    tag = header.strip()
    if tag == "*":
        return None
    version = tag.strip('"').partition(".")[0]
    if not version.isascii() or not version.isdecimal() or len(version) > 9:
        raise StaleVersion("`If-Match` is no ETag that was given here: read the resource again.")
    return int(version)


def is_known(request: Request, tag: str) -> bool:
    """Whether the caller already has the representation with this ETag."""
    header = request.headers.get("if-none-match")
    if header is None:
        return False
    return header.strip() == "*" or tag in (part.strip().removeprefix("W/") for part in header.split(","))
