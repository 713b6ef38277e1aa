"""Errors that a caller can act on. A subclass is one problem code (RFC 9457); `docs/problems.md` explains each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class FieldError:
    """One thing wrong with one field: a JSON pointer (or `?name` for a query parameter) and what is allowed."""

    pointer: str
    detail: str
    code: str = "invalid"


class AppError(Exception):
    """The base of every problem. `detail` says what to do instead."""

    status: ClassVar[int]
    code: ClassVar[str]
    title: ClassVar[str]

    def __init__(
        self,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.extra = dict(extra or {})


class MalformedRequest(AppError):
    """Send UTF-8 JSON that a strict parser reads: no trailing commas, no NaN, no bottomless nesting."""

    status, code, title = 400, "malformed-request", "The request can't be read"


class NotSignedIn(AppError):
    """Send a key or token that is in force, as Bearer or as Basic password; a PMO lead can give you another."""

    status, code, title = 401, "not-signed-in", "Sign in with an API key"


class Forbidden(AppError):
    """Ask a PMO lead for a key with the right that the detail names; `GET /v1/me` lists those you have."""

    status, code, title = 403, "forbidden", "Your access role may not do this"


class MoneyHidden(AppError):
    """Leave out the money fields or KPIs that the detail names, or ask for a key with the right `see_money`."""

    status, code, title = 403, "money-hidden", "Your access role may not see money here"


class NotFound(AppError):
    """Look the id or the key up in the resource's list; it may have been deleted."""

    status, code, title = 404, "not-found", "There is no such resource"


class MethodNotAllowed(AppError):
    """Use one of the methods that the `Allow` header names."""

    status, code, title = 405, "method-not-allowed", "The resource has no such method"


class NotAcceptable(AppError):
    """Accept `application/json`, `text/csv` or `application/x-ndjson`, or say `?format=`."""

    status, code, title = 406, "not-acceptable", "The answer has no such format"


class Conflict(AppError):
    """Bring the resource into the state that the detail asks for, then retry."""

    status, code, title = 409, "conflict", "The state of the resource forbids this"


class Duplicate(Conflict):
    """Change the record that there is, or choose another value for the fields that `errors` names."""

    code, title = "duplicate", "There is one already"


class StillReferenced(Conflict):
    """Delete or move the records that refer to it first."""

    code, title = "still-referenced", "Other records refer to it"


class ReferenceGone(Conflict):
    """Read the record that you refer to again, then retry."""

    code, title = "reference-gone", "A record that this refers to has just been deleted"


class StaleVersion(AppError):
    """Read the resource again, apply your change to what it is now, and send its new `etag` as `If-Match`."""

    status, code, title = 412, "stale-version", "The resource has changed since you read it"


class TooLarge(AppError):
    """Split the body into several requests."""

    status, code, title = 413, "too-large", "The body is larger than is allowed"


class UnsupportedMediaType(AppError):
    """Send `Content-Type: application/json`."""

    status, code, title = 415, "unsupported-media-type", "Send JSON"


class Invalid(AppError):
    """Correct the fields that `errors` names; each says what is allowed."""

    status, code, title = 422, "invalid", "Some fields can't be accepted"


class PreconditionRequired(AppError):
    """Send `If-Match` with the `etag` that you have read, or `*` for whatever it is."""

    status, code, title = 428, "precondition-required", "Say which version you are changing"


class InternalError(AppError):
    """Retry; if it stays, tell the operator the `request_id`."""

    status, code, title = 500, "internal-error", "Something went wrong on our side"


class Unavailable(AppError):
    """Retry after the seconds in `Retry-After`."""

    status, code, title = 503, "unavailable", "The database can't be reached just now"


def invalid(pointer: str, detail: str, code: str = "invalid") -> Invalid:
    """A 422 about one field of the body or one query parameter."""
    return Invalid(detail, errors=[FieldError(pointer, detail, code)])
