"""What every table that is edited has: an id, a version for optimistic locks, and when it was made and changed."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.db.types import Instant

SQLModel.metadata.naming_convention = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}
metadata = SQLModel.metadata


class Record(SQLModel):
    """The base of tables whose rows are edited in place, under an optimistic lock."""

    id: UUID = Field(primary_key=True)
    version: int = 1
    created_at: datetime = Field(sa_type=Instant)
    updated_at: datetime = Field(sa_type=Instant, index=True)


class Fact(SQLModel):
    """The base of tables whose rows are never overwritten.

    `id` stays; a correction closes the row (`superseded_at`) and adds its successor, a deletion only closes it.
    """

    row_id: UUID = Field(primary_key=True)
    id: UUID = Field(index=True)
    version: int = 1
    created_at: datetime = Field(sa_type=Instant)
    recorded_at: datetime = Field(sa_type=Instant, index=True)
    recorded_by: UUID | None = None
    superseded_at: datetime | None = Field(default=None, sa_type=Instant)


def table_of(model: type[SQLModel]) -> sa.Table:
    """The table that `model` declares."""
    table = sa.inspect(model).local_table
    assert isinstance(table, sa.Table)
    return table


def current(table_name: str) -> sa.Index:
    """At most one version of a fact is in force; also the index by which it is found."""
    condition: Any = sa.text("superseded_at IS NULL")
    return sa.Index(f"uq_{table_name}_current", "id", unique=True, sqlite_where=condition, postgresql_where=condition)
