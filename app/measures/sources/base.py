"""What a source of facts is: a FROM clause, its business date, and what it can be grouped and filtered by.

Columns hold whole numbers (seconds, ten-thousandths of a currency, days) or truth values, so that sums are exact on
both databases. Every statement binds the window, `FROM_DAY` up to and without `UNTIL_DAY`, and `TODAY`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from app.core.calendar import Grain
from app.db.record import table_of
from app.models.calendar_day import CalendarDay
from app.models.client import Client
from app.models.person import Person
from app.models.project import Project

clients = table_of(Client)
projects = table_of(Project)
people = table_of(Person)
calendar = table_of(CalendarDay)

FROM_DAY = sa.bindparam("from_day", type_=sa.Date)
UNTIL_DAY = sa.bindparam("until_day", type_=sa.Date)
TODAY = sa.bindparam("today", type_=sa.Date)

# Said so that SQLite finds days by their range, not by an index of its own making over this.
IS_WORKING = calendar.c.is_working.is_not(sa.false())
ONE: sa.ColumnElement[int] = sa.literal_column("1", sa.BigInteger)
SECONDS_AN_HOUR = 3600
# Money is summed in two parts, by whole multiples of this and by what remains, so that no sum leaves 64 bits on SQLite.
PART = 10**6


@dataclass(frozen=True)
class Dimension:
    """Something to group by: the field that holds its key, and labels that stand beside it."""

    name: str
    key: str
    kind: type
    labels: Mapping[str, sa.Column[Any]]

    @property
    def table(self) -> sa.FromClause | None:
        """Where the labels lie, by id."""
        return next((column.table for column in self.labels.values()), None)


@dataclass(frozen=True, eq=False)
class Join:
    """What a source joins where a column of it is used, and only then."""

    table: sa.FromClause
    on: sa.ColumnElement[bool]
    outer: bool = False


@dataclass(frozen=True, eq=False)
class Source:
    """`extent` gives the first and the last day of all there is; a source without one lasts as long as the others of
    the same KPI.
    """

    name: str
    rows: sa.FromClause
    time_dimension: str
    day: sa.ColumnElement[date]
    columns: Mapping[str, sa.ColumnElement[Any]]
    dimensions: Mapping[str, sa.ColumnElement[Any]]
    where: tuple[sa.ColumnElement[bool], ...] = ()
    joins: tuple[Join, ...] = ()
    extent: sa.Select[Any] | None = None


@dataclass(frozen=True)
class StatusDay:
    """The day that stands for a period: its last, or today. `since` is the period's first day, within the window."""

    period: int | None
    since: date
    day: date


@dataclass(frozen=True)
class Asked:
    """What is asked of a snapshot: its rows on some days, in order, with these columns at least."""

    days: tuple[StatusDay, ...]
    columns: frozenset[str]
    filters: tuple[tuple[str, tuple[Any, ...]], ...]
    grain: Grain | None
    fiscal_start_month: int
    week_line_rule: str

    @property
    def until(self) -> date:
        """The day after the last."""
        return self.days[-1].day + timedelta(1)


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A source of states, not of events: `rows` computes how things stand on a day, from facts that it reads by a
    constant number of statements. Columns and the keys and labels of dimensions are attributes of its rows, exact and
    in natural units; `period` and the day are that of the question. Rows of several days are never added up.
    """

    name: str
    time_dimension: str
    columns: frozenset[str]
    dimensions: frozenset[str]
    rows: Callable[[sa.Connection, Asked], Iterable[Any]]
    extent: sa.Select[Any]


DIMENSIONS = {
    dimension.name: dimension
    for dimension in (
        Dimension("client", "client_id", str, {"client_code": clients.c.code, "client_name": clients.c.name}),
        Dimension("project", "project_id", str, {"project_code": projects.c.code, "project_name": projects.c.name}),
        Dimension("person", "person_id", str, {"person_email": people.c.email, "person_name": people.c.display_name}),
        Dimension("engagement", "engagement", str, {}),
        Dimension("role", "role", str, {}),
    )
}


def whole(column: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
    """A column of ours as the whole number that it stores."""
    return sa.type_coerce(column, sa.BigInteger)


def extent(day: sa.ColumnElement[Any], last: sa.ColumnElement[Any], *where: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """The days of all there is."""
    return sa.select(sa.func.min(day).label("first"), sa.func.max(last).label("last")).where(*where)


def of_project(project_id: sa.ColumnElement[Any]) -> dict[str, Any]:
    """How facts about a project are grouped and filtered."""
    return {
        "dimensions": {"client": projects.c.client_id, "project": project_id, "engagement": projects.c.engagement},
        "joins": (Join(projects, projects.c.id == project_id),),
    }
