"""Cursors: where a page of a list ended, opaque, and bound to the list's sort and filters."""

import base64
import hashlib
import json
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic import TypeAdapter

from app.core.errors import FieldError, Invalid
from app.core.hours import to_seconds
from app.core.money import to_units
from app.core.schema import Instant
from app.db.listing import Listing, ListQuery
from app.db.types import Hours, Scaled

# What the databases' integers can hold.
MAX_INTEGER = 2**31 - 1
MAX_BIGINT = 2**63 - 1
INSTANT: TypeAdapter[datetime] = TypeAdapter(Instant)


class BadCursor(Invalid):
    """Follow `next_cursor` with the same sort and filters, or start again without a cursor."""

    code, title = "bad-cursor", "This cursor is not for this list"


def _fingerprint(listing: Listing, query: ListQuery) -> str:
    asked = repr((listing.name, sorted(map(repr, query.conditions)), query.sort, query.search))
    return hashlib.sha256(asked.encode()).hexdigest()[:16]


def encode_cursor(listing: Listing, query: ListQuery, values: tuple[Any, ...]) -> str:
    """An opaque cursor, bound to the list's sort and filters."""
    plain = [
        None if v is None else v if isinstance(v, bool | int | str) and not isinstance(v, StrEnum) else str(v)
        for v in values
    ]
    return base64.urlsafe_b64encode(json.dumps([_fingerprint(listing, query), *plain]).encode()).decode().rstrip("=")


def decode_cursor(listing: Listing, query: ListQuery, cursor: str) -> tuple[Any, ...]:
    """The keyset values in `cursor`; 422 when it is not one of this list with this sort and these filters."""
    problem = BadCursor(
        "Follow `next_cursor` with the same sort and filters, or start again without a cursor.",
        errors=[FieldError("?cursor", "is not for this question", "bad-cursor")],
    )
    try:
        fingerprint, *plain = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        names = [name for name, _ in query.sort or listing.default_sort] + ["id"]
        values = tuple(
            None if v is None else _restored(v, listing.columns[name].type, listing.kind(name))
            for name, v in zip(names, plain, strict=True)
        )
    except (ValueError, TypeError, ArithmeticError, RecursionError):
        raise problem from None
    if fingerprint != _fingerprint(listing, query) or values[-1] is None:
        raise problem
    return values


def _restored(value: Any, column: sa.types.TypeEngine[Any], kind: type) -> Any:
    """The value that a column of this type can be compared with: a cursor may have been edited."""
    if kind in (bool, int):
        if type(value) is not kind or abs(value) > (MAX_BIGINT if isinstance(column, sa.BigInteger) else MAX_INTEGER):
            raise ValueError
        return value
    if not isinstance(value, str):
        raise TypeError
    if kind is datetime:
        return INSTANT.validate_python(datetime.fromisoformat(value))
    if kind is date:
        return date.fromisoformat(value)
    if kind is UUID:
        return UUID(value)
    if kind is Decimal:
        return _restored_decimal(value, column)
    if "\x00" in value or any("\ud800" <= c <= "\udfff" for c in value):
        raise ValueError  # no text of ours holds these, and no database takes them
    return value


def _restored_decimal(value: str, column: sa.types.TypeEngine[Any]) -> Decimal:
    number = Decimal(value)
    if not number.is_finite() or abs(number) > MAX_BIGINT:
        raise ValueError
    if isinstance(column, Scaled | Hours):
        to = to_seconds(number) if isinstance(column, Hours) else to_units(number, column.places)
        if abs(to) > MAX_BIGINT:
            raise ValueError
    return number
