"""The raw driver under a service's hands, for hot paths: the same statements and rows, without SQLAlchemy between.

A `RawConnection` runs Core statements as a `sa.Connection` would. Each statement (a module-level value, or one cached
by shape) is compiled once; what an execution costs is the driver's own call and the rows' conversion. The figures are
in `docs/performance.md`. Only the dispatcher's `read_hot` and `write_hot` make one.
"""

import functools
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine.result import IteratorResult, SimpleResultMetaData
from sqlalchemy.sql.compiler import SQLCompiler

Processor = Callable[[Any], Any] | None
Statement = sa.Select[Any] | sa.Insert | sa.Update | sa.Delete
Fetch = Callable[[str, Sequence[Any]], Sequence[Sequence[Any]]]

POSTGRES: sa.Dialect = PGDialect_asyncpg()
SQLITE: sa.Dialect = SQLiteDialect_pysqlite(paramstyle="qmark")
# More statements than the code has shapes of; beyond it all are compiled anew.
PLANS_AT_MOST = 5000


class _Plan:
    """A statement, compiled for one dialect."""

    def __init__(self, statement: Statement, dialect: sa.Dialect, given: tuple[str, ...]) -> None:
        written = list(given) if isinstance(statement, sa.Insert | sa.Update) else None
        compiled = statement.compile(dialect=dialect, column_keys=written)
        assert isinstance(compiled, SQLCompiler)
        self.compiled = compiled
        self.expands = bool(compiled.post_compile_params)
        self.sql = str(compiled)
        self.binds: list[tuple[str, Processor, Any, bool]] = [
            (name, _to_driver(compiled.binds[name], dialect), compiled.binds[name].value, compiled.binds[name].required)
            for name in (() if self.expands else compiled.positiontup or ())
        ]
        # What a table gives to columns that are not named.
        self.defaults: dict[str, Any] = {
            column.key: column.default.arg
            for column in compiled.insert_prefetch
            if isinstance(column.default, sa.ColumnDefault)
        }
        # For statements that expand: SQLAlchemy names the processors of the expanded values only.
        self.to_driver = {name: _to_driver(bind, dialect) for name, bind in compiled.binds.items()}
        columns = statement.exported_columns
        self.metadata = SimpleResultMetaData(list(map(str, columns.keys())))
        self.processors: list[tuple[int, Callable[[Any], Any]]] = []
        for index, column in enumerate(columns):
            if (processor := _from_driver(column, dialect)) is not None:
                self.processors.append((index, processor))

    def arguments(self, parameters: Mapping[str, Any], dialect: sa.Dialect) -> tuple[str, list[Any]]:
        if self.expands:  # "one of": as many placeholders as there are values
            state = self.compiled.construct_expanded_state(dict(parameters))
            names = state.positiontup or ()
            values = [
                processor(state.parameters[name])
                if (processor := state.processors.get(name) or self.to_driver.get(name))
                else state.parameters[name]
                for name in names
            ]
            return state.statement, values
        found = []
        for name, processor, value, required in self.binds:
            if name in parameters:
                given = parameters[name]
            elif name in self.defaults:
                given = self.defaults[name]
            elif required:
                raise KeyError(name)
            else:
                given = value
            found.append(processor(given) if processor is not None else given)
        return self.sql, found

    def rows(self, fetched: Sequence[Sequence[Any]]) -> Iterator[tuple[Any, ...]]:
        if not self.processors or not fetched:
            return map(tuple, fetched)
        columns: list[Sequence[Any]] = list(zip(*fetched, strict=True))
        for index, processor in self.processors:  # a column at a time costs half of a row at a time
            columns[index] = list(map(processor, columns[index]))
        return zip(*columns, strict=True)


def _to_driver(bind: sa.BindParameter[Any], dialect: sa.Dialect) -> Processor:
    return bind.type.dialect_impl(dialect).bind_processor(dialect)


def _from_driver(column: sa.ColumnElement[Any], dialect: sa.Dialect) -> Processor:
    processor = column.type.dialect_impl(dialect).result_processor(dialect, None)
    return _uuid if processor is not None and isinstance(column.type, sa.Uuid) else processor


@functools.lru_cache(maxsize=16384)
def _uuid(text: str | None) -> UUID | None:
    """SQLite holds ids as text, and parsing one costs more than reading it."""
    return None if text is None else UUID(hex=text)


_plans: dict[tuple[str, Statement, tuple[str, ...]], _Plan] = {}


class RawConnection:
    """As much of a `sa.Connection` as a hot path needs: `execute` of one statement at a time, and the dialect.

    What a constraint refuses is raised as SQLAlchemy would raise it.
    """

    def __init__(self, dialect: sa.Dialect, fetch: Fetch) -> None:
        self.dialect = dialect
        self._fetch = fetch

    def execute(self, statement: Statement, parameters: Mapping[str, Any] | None = None) -> sa.Result[Any]:
        """Run `statement`; the result is used as any of SQLAlchemy's."""
        given = () if parameters is None or isinstance(statement, sa.Select) else tuple(parameters)
        key = (self.dialect.name, statement, given)
        plan = _plans.get(key)
        if plan is None:
            if len(_plans) >= PLANS_AT_MOST:
                _plans.clear()
            plan = _plans[key] = _Plan(statement, self.dialect, given)
        sql, arguments = plan.arguments(parameters or {}, self.dialect)
        try:
            fetched = self._fetch(sql, arguments)
        except (asyncpg.PostgresError, sqlite3.Error) as error:
            raise _as_sqlalchemy(error, sql) from error
        return IteratorResult(plan.metadata, plan.rows(fetched))


class _DriverError(Exception):
    """A driver's error as SQLAlchemy's adapter shows it: with its `sqlstate`, and itself as the cause."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.sqlstate = getattr(error, "sqlstate", None)
        self.__cause__ = error


def _as_sqlalchemy(error: Exception, sql: str) -> Exception:
    raised: Exception = error
    if not isinstance(error, asyncpg.PostgresConnectionError):
        refused = isinstance(error, asyncpg.IntegrityConstraintViolationError | sqlite3.IntegrityError)
        kind: type[sa.exc.DBAPIError] = sa.exc.IntegrityError if refused else sa.exc.OperationalError
        raised = kind(sql, None, _DriverError(error), hide_parameters=True)
    return raised
