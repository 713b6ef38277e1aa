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
    status, code, title = 400, "malformed-request", "The request can't be read"


class NotSignedIn(AppError):
    status, code, title = 401, "not-signed-in", "Sign in with an API key"


class Forbidden(AppError):
    status, code, title = 403, "forbidden", "Your access role may not do this"


class MoneyHidden(AppError):
    status, code, title = 403, "money-hidden", "Your access role may not see money here"


class NotFound(AppError):
    status, code, title = 404, "not-found", "There is no such resource"


class MethodNotAllowed(AppError):
    status, code, title = 405, "method-not-allowed", "The resource has no such method"


class NotAcceptable(AppError):
    status, code, title = 406, "not-acceptable", "The answer has no such format"


class Conflict(AppError):
    status, code, title = 409, "conflict", "The state of the resource forbids this"


class Duplicate(Conflict):
    code, title = "duplicate", "There is one already"


class StillReferenced(Conflict):
    code, title = "still-referenced", "Other records refer to it"


class ReferenceGone(Conflict):
    code, title = "reference-gone", "A record that this refers to has just been deleted"


class StaleVersion(AppError):
    status, code, title = 412, "stale-version", "The resource has changed since you read it"


class TooLarge(AppError):
    status, code, title = 413, "too-large", "The body is larger than is allowed"


class UnsupportedMediaType(AppError):
    status, code, title = 415, "unsupported-media-type", "Send JSON"


class Invalid(AppError):
    status, code, title = 422, "invalid", "Some fields can't be accepted"


class PreconditionRequired(AppError):
    status, code, title = 428, "precondition-required", "Say which version you are changing"


class InternalError(AppError):
    status, code, title = 500, "internal-error", "Something went wrong on our side"


class Unavailable(AppError):
    status, code, title = 503, "unavailable", "The database can't be reached just now"


def invalid(pointer: str, detail: str, code: str = "invalid") -> Invalid:
    """A 422 about one field of the body or one query parameter."""
    return Invalid(detail, errors=[FieldError(pointer, detail, code)])
