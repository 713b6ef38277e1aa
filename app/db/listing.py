"""Lists: filters, sorting and keyset pages, as statements that are built once for each shape of a question."""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.db.types import Hours, Scaled

MAX_LIMIT = 200
DEFAULT_LIMIT = 50
# Rows of one read of an export; memory does not grow beyond them.
EXPORT_CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Condition:
    """A filter: `field` is one of `values` (`in`), at least the first (`from`), or at most the first (`until`)."""

    field: str
    operator: str
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What a caller asks of a list, checked and typed."""

    conditions: tuple[Condition, ...] = ()
    sort: tuple[tuple[str, bool], ...] = ()  # (field, descending)
    limit: int = DEFAULT_LIMIT
    after: tuple[Any, ...] | None = None  # the sort values of the last row seen, then its id
    search: str | None = None
    include: frozenset[str] = frozenset()
    include_total: bool = False

    def only(self, field: str, *values: Any) -> "ListQuery":
        """The same question, with one more condition."""
        return replace(self, conditions=(*self.conditions, Condition(field, "in", values)))


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of a list; `next` are the keyset values for the next page, `None` at the end."""

    rows: Sequence[sa.Row[Any]]
    next: tuple[Any, ...] | None = None
    total: int | None = None
    included: Mapping[str, Mapping[UUID, Any]] = field(default_factory=dict)


Include = Callable[[sa.Connection, Sequence[sa.Row[Any]]], Mapping[UUID, Any]]


@dataclass(frozen=True, eq=False)
class Listing:
    """What can be listed: the columns of a row by their names in the API, and which of them filter and sort.

    `day` names a bind parameter that the service fills (today), where a dated state is joined.
    """

    name: str
    columns: Mapping[str, sa.ColumnElement[Any]]
    source: sa.FromClause
    filters: tuple[str, ...]
    sorts: tuple[str, ...]
    default_sort: tuple[tuple[str, bool], ...]
    where: tuple[sa.ColumnElement[bool], ...] = ()
    search: sa.ColumnElement[str] | None = None
    includes: Mapping[str, Include] = field(default_factory=dict)

    def select(self) -> sa.Select[Any]:
        """All rows, unsorted."""
        columns = [column.label(name) for name, column in self.columns.items()]
        return sa.select(*columns).select_from(self.source).where(*self.where)

    def kind(self, name: str) -> type:
        """The Python type of a column's values."""
        return python_type(self.columns[name])


def columns_of(table: sa.Table, *hidden: str) -> dict[str, sa.ColumnElement[Any]]:
    """The columns of `table` by their names in the API, without those that are `hidden`.

    Of a fact they are those of its version in force, whose `recorded_at` is the API's `updated_at`.
    """
    inner = {"search_text", "row_id", "recorded_at", "recorded_by", "superseded_at", *hidden}
    columns: dict[str, sa.ColumnElement[Any]] = {c.name: c for c in table.c if c.name not in inner}
    return columns | {"updated_at": table.c.recorded_at} if "recorded_at" in table.c else columns


def python_type(column: sa.ColumnElement[Any]) -> type:
    if isinstance(column.type, Scaled | Hours):
        return Decimal
    kind: type = column.type.python_type
    return kind


def page(conn: sa.Connection, listing: Listing, query: ListQuery, binds: Mapping[str, Any] | None = None) -> Page:
    """One page: a row more than asked for tells whether there is a next one."""
    sort = query.sort or listing.default_sort
    shape = tuple((c.field, c.operator, len(c.values) > 1) for c in query.conditions)
    nulls = None if query.after is None else tuple(value is None for value in query.after)
    statement = _statement(listing, shape, sort, nulls, query.search is not None)
    values = _values(query, binds)
    rows = conn.execute(statement, values | {"limit": query.limit + 1}).all()
    total = None
    if query.include_total:
        count = _count(listing, shape, query.search is not None)
        total = conn.execute(count, {k: v for k, v in values.items() if not k.startswith("after_")}).scalar_one()
    following = None
    if len(rows) > query.limit:
        rows = rows[: query.limit]
        last = rows[-1]._mapping
        following = (*(last[name] for name, _ in sort), last["id"])
    included = {name: listing.includes[name](conn, rows) for name in sorted(query.include)}
    return Page(rows, following, total, included)


def _values(query: ListQuery, binds: Mapping[str, Any] | None) -> dict[str, Any]:
    values: dict[str, Any] = dict(binds or {})
    for index, condition in enumerate(query.conditions):
        values[f"filter_{index}"] = condition.values if len(condition.values) > 1 else condition.values[0]
    for index, value in enumerate(query.after or ()):
        if value is not None:
            values[f"after_{index}"] = value
    if query.search is not None:
        escaped = query.search.casefold().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        values["search"] = f"%{escaped}%"
    return values


Shape = tuple[tuple[str, str, bool], ...]


@functools.lru_cache(maxsize=2048)
def _statement(
    listing: Listing,
    shape: Shape,
    sort: tuple[tuple[str, bool], ...],
    nulls: tuple[bool, ...] | None,
    searched: bool,
) -> sa.Select[Any]:
    statement = _filtered(listing, listing.select(), shape, searched)
    ordering = [(listing.columns[name], descending) for name, descending in sort]
    ordering.append((listing.columns["id"], False))
    if nulls is not None:
        statement = statement.where(_after(ordering, nulls))
    for column, descending in ordering:
        by = column.desc() if descending else column.asc()
        statement = statement.order_by(by.nulls_last() if _nullable(column) else by)
    return statement.limit(sa.bindparam("limit", type_=sa.Integer))


@functools.lru_cache(maxsize=512)
def _count(listing: Listing, shape: Shape, searched: bool) -> sa.Select[Any]:
    return _filtered(
        listing, sa.select(sa.func.count()).select_from(listing.source).where(*listing.where), shape, searched
    )


def _filtered(listing: Listing, statement: sa.Select[Any], shape: Shape, searched: bool) -> sa.Select[Any]:
    for index, (name, operator, several) in enumerate(shape):
        column = listing.columns[name]
        value = sa.bindparam(f"filter_{index}", type_=column.type, expanding=several)
        if operator == "in":
            statement = statement.where(column.in_(value) if several else column == value)
        else:
            statement = statement.where(column >= value if operator == "from" else column <= value)
    if searched:
        assert listing.search is not None
        statement = statement.where(listing.search.like(sa.bindparam("search", type_=sa.String), escape="\\"))
    return statement


def _after(ordering: Sequence[tuple[sa.ColumnElement[Any], bool]], nulls: tuple[bool, ...]) -> sa.ColumnElement[bool]:
    """Rows behind the cursor, in an order that puts nulls last."""
    alternatives: list[sa.ColumnElement[bool]] = []
    ties: list[sa.ColumnElement[bool]] = []
    for index, ((column, descending), null) in enumerate(zip(ordering, nulls, strict=True)):
        value = sa.bindparam(f"after_{index}", type_=column.type)
        if null:
            ties.append(column.is_(None))
            continue
        behind = column < value if descending else column > value
        if _nullable(column):
            behind = sa.or_(behind, column.is_(None))
        alternatives.append(sa.and_(*ties, behind))
        ties.append(column == value)
    return sa.or_(*alternatives)


def _nullable(column: sa.ColumnElement[Any]) -> bool:
    return bool(getattr(column, "nullable", True))
