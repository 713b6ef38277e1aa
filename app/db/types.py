"""Column types of our own. Services see decimals and aware instants; tables hold integers and, on SQLite, text."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect

from app.core.hours import from_seconds, to_seconds
from app.core.money import PLACES, from_units, to_units


# Conversions of what a column holds, remembered: the same few values come again and again, and a remembered one costs a
# tenth of a made one. An aggregate may come as another integral type, hence `int`.
@cache
def _decimals(places: int) -> Callable[[Any], Any]:
    return lru_cache(maxsize=16384)(lambda units: None if units is None else from_units(int(units), places))


@lru_cache(maxsize=16384)
def _hours(seconds: Any) -> Decimal | None:
    return None if seconds is None else from_seconds(int(seconds))


class Scaled(sa.TypeDecorator[Decimal]):
    """A decimal with a fixed number of places, four unless told otherwise, stored as an integer."""

    impl = sa.BigInteger
    cache_ok = True

    def __init__(self, places: int = PLACES) -> None:
        super().__init__()
        self.places = places

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        return None if value is None else to_units(Decimal(value), self.places)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        return _decimals(self.places)


class Hours(sa.TypeDecorator[Decimal]):
    """Hours as a decimal, stored as an integer of seconds."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        return None if value is None else to_seconds(Decimal(value))

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        return _hours


class _Instant(sa.TypeDecorator[datetime]):
    """An aware instant in UTC: native on Postgres; on SQLite text, which sorts by time."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        return datetime

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        return sa.String(32) if dialect.name == "sqlite" else sa.DateTime(timezone=True)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs its time zone")
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if dialect.name == "sqlite" else value

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        return _from_text if dialect.name == "sqlite" else None


def _from_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)


Instant: sa.types.TypeEngine[datetime] = _Instant()


def text(length: int | None = None) -> sa.types.TypeEngine[str]:
    """Text that sorts by its bytes on both databases."""
    on_postgres = postgresql.VARCHAR(length, collation="C") if length else postgresql.TEXT(collation="C")
    return sa.String(length).with_variant(on_postgres, "postgresql")


Json: sa.types.TypeEngine[Any] = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True), "postgresql"
)


def one_of(table: str, column: str, values: type[StrEnum], nullable: bool = False) -> sa.CheckConstraint:
    """The CHECK that keeps a string column to the values of an enumeration."""
    allowed = ", ".join(f"'{value}'" for value in values)
    rule = f"{column} IN ({allowed})" + (f" OR {column} IS NULL" if nullable else "")
    return sa.CheckConstraint(rule, name=column)


class Moves(sa.TypeDecorator[list[str]]):
    """A status column, read as the statuses to which it may move: `moves` is that of its state machine."""

    impl = sa.String
    cache_ok = True

    def __init__(self, moves: Mapping[Any, Iterable[Any]]) -> None:
        super().__init__()
        self.moves = tuple((str(status), tuple(str(to) for to in onward)) for status, onward in moves.items())

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        onward = {status: list(to) for status, to in self.moves}
        return lambda status: None if status is None else onward[status]
