"""Rows in the making: everything the demo loads, before a statement is sent. The same seed and day give the same."""

import functools
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic_core import PydanticUndefined
from sqlmodel import SQLModel

from app.db.record import Fact, Record, table_of

Values = dict[str, Any]
HISTORY_DAYS = 730


@dataclass
class World:
    """What has been made up so far, by table, and the chance and the day that it depends on."""

    rng: Random
    today: date
    rows: dict[str, list[Values]] = field(default_factory=dict)

    @property
    def begins(self) -> date:
        """The first day of the two years that the demo tells of."""
        return self.today - timedelta(HISTORY_DAYS)

    def ago(self, days: int) -> date:
        return self.today - timedelta(days)

    def add(self, model: type[SQLModel], day: date, **values: Any) -> Values:
        """A row, as made on the morning of `day`; of yesterday at the latest, since nothing is from the future."""
        at = datetime.combine(min(day, self.ago(1)), datetime.min.time(), UTC) + timedelta(hours=8)
        row = {**_defaults(model), **values}
        if "id" in model.model_fields:
            row.setdefault("id", self.new_id(at))
        if issubclass(model, Record):
            row |= {"version": 1, "created_at": at, "updated_at": at}
        elif issubclass(model, Fact):
            row |= {"row_id": row["id"], "version": 1, "created_at": at, "recorded_at": at}
        else:
            row |= {name: at for name in ("created_at", "recorded_at", "decided_at") if name in model.model_fields}
        self.rows.setdefault(table_of(model).name, []).append(row)
        return row

    def of(self, model: type[SQLModel]) -> list[Values]:
        return self.rows.get(table_of(model).name, [])

    def new_id(self, at: datetime) -> UUID:
        """A UUIDv7 of that instant whose random part comes from the seed."""
        milliseconds = int(at.timestamp() * 1000) & 0xFFFF_FFFF_FFFF
        random = self.rng.getrandbits(74)
        return UUID(int=milliseconds << 80 | 7 << 76 | (random >> 62) << 64 | 2 << 62 | random & (1 << 62) - 1)

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def day_between(self, first: date, last: date) -> date:
        return first + timedelta(self.rng.randint(0, max(0, (last - first).days)))


def insert_all(conn: sa.Connection, world: World, tables: Iterable[sa.Table]) -> dict[str, int]:
    """Insert every row, one statement a table, in the given order. Returns how many, by table."""
    counts = {}
    for table in tables:
        if rows := world.rows.get(table.name):
            conn.execute(sa.insert(table), rows)
            counts[table.name] = len(rows)
    return counts


def quarter_hours(hours: float) -> Decimal:
    return Decimal(round(hours * 4)) / 4


def rounded(amount: Decimal | float, to: int) -> Decimal:
    """`amount`, rounded to a multiple of `to`, as people quote prices."""
    return Decimal(round(float(amount) / to) * to)


def at_noon(day: date) -> datetime:
    """The middle of a day, in UTC."""
    return datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=12)


def month_start(day: date, months: int = 0) -> date:
    """The first of the month so many months from that of `day`."""
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def monday(day: date) -> date:
    """`day`, or the Monday after it when it falls on a weekend."""
    return day + timedelta((7 - day.weekday()) % 7 if day.weekday() > 4 else 0)


@functools.cache
def _defaults(model: type[SQLModel]) -> Values:
    fields = model.model_fields.items()
    return {name: one.default for name, one in fields if one.default is not PydanticUndefined}
