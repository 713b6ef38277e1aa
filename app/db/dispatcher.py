"""Runs services, which are synchronous functions over a connection, on either database.

On Postgres a service runs in one greenlet over asyncpg: connecting, running and closing cost one crossing. On SQLite
reads run inline on the event loop (microseconds; long ones in a thread) and writes in one writer thread, since a write
may wait for another process's lock. What a service returns leaves only once its transaction has committed; nothing else
commits.
"""

import asyncio
import contextvars
import functools
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

import asyncpg
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import await_only, greenlet_spawn

from app.core.errors import Unavailable
from app.db.engine import is_postgres, postgres_engine, sqlite_engine, sqlite_path
from app.db.raw import POSTGRES, SQLITE, RawConnection
from app.db.violations import explain

P = ParamSpec("P")
T = TypeVar("T")
Service = Callable[Concatenate[sa.Connection, P], T]

ATTEMPTS = 4
# How long work may queue for SQLite's threads before it is refused.
MOST_WAIT_SECONDS = 10.0
# Serialisation failure, deadlock: the transaction was sound, its moment was not.
RETRIED = frozenset({"40001", "40P01"})
_DRIVER_ERRORS = (OSError, sa.exc.DBAPIError, asyncpg.InterfaceError, asyncpg.PostgresError)


class Database(ABC):
    """Where services run. `rehearse` is a write whose transaction is rolled back."""

    dialect: str

    @abstractmethod
    async def read(self, service: Service[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T: ...

    @abstractmethod
    async def read_hot(self, service: Service[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """A read on the raw driver, for services that run SELECTs through `execute` and nothing else (see `raw.py`)."""

    @abstractmethod
    async def read_long(self, service: Service[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T: ...

    @abstractmethod
    async def write(self, service: Service[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T: ...

    @abstractmethod
    async def write_hot(self, service: Service[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """A write on the raw driver, for services that run one statement at a time through `execute`."""

    @abstractmethod
    async def rehearse(self, service: Service[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T: ...

    @abstractmethod
    async def close(self) -> None: ...


def transact(engine: sa.Engine, keep: bool, service: Callable[[sa.Connection], T]) -> T:
    """One transaction, committed when `keep` and nothing was raised, else rolled back. The only place that commits."""
    with engine.connect() as conn:
        transaction = conn.begin()
        try:
            result = service(conn)
        except BaseException:
            transaction.rollback()
            raise
        if keep:
            transaction.commit()
        else:
            transaction.rollback()
        return result


class Postgres(Database):
    """Several processes on one Postgres; also behind PgBouncer in transaction mode."""

    dialect = "postgresql"

    def __init__(self, url: str, read_url: str | None = None, pool_size: int = 10, pgbouncer: bool = False) -> None:
        self._writes: AsyncEngine = postgres_engine(url, pool_size, pgbouncer)
        # PgBouncer may change the server between two messages outside of a transaction: there, reads are in one too.
        self._reads: AsyncEngine = postgres_engine(read_url or url, pool_size, pgbouncer, autocommit=not pgbouncer)
        self._pgbouncer = pgbouncer
        # Fair (first come, first served), where SQLAlchemy's pool is not.
        self._write_gate = asyncio.Semaphore(pool_size)
        self._read_gate = asyncio.Semaphore(pool_size)

    @property
    def engines(self) -> tuple[sa.Engine, ...]:
        return (self._writes.sync_engine, self._reads.sync_engine)

    async def read(self, service: Service[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        engine = self._reads.sync_engine

        def run() -> T:
            with engine.connect() as conn:
                return service(conn, *args, **kwargs)

        async with self._read_gate:
            return await self._read_or_unavailable(run)

    async def _read_or_unavailable(self, run: Callable[[], T]) -> T:
        try:
            return await greenlet_spawn(run)
        except _DRIVER_ERRORS as error:
            if not _lost(error):
                raise
        # A restarted server leaves dead connections in the pool: drop them all, and try once more.
        await self._reads.dispose()
        try:
            return await greenlet_spawn(run)
        except _DRIVER_ERRORS as error:
            if not _lost(error):
                raise
            raise Unavailable("Try again in a few seconds.", headers={"Retry-After": "5"}) from error

    async def read_hot(self, service: Service[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        if self._pgbouncer:
            return await self.read(service, *args, **kwargs)

        def run() -> T:
            with _driver(self._reads) as driver:
                raw = RawConnection(POSTGRES, lambda sql, values: await_only(driver.fetch(sql, *values)))
                return service(cast(sa.Connection, raw), *args, **kwargs)

        async with self._read_gate:
            return await self._read_or_unavailable(run)

    async def read_long(self, service: Service[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Several statements on one snapshot."""
        engine = self._writes.sync_engine

        def run() -> T:
            with engine.connect().execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            ) as conn:
                return service(conn, *args, **kwargs)

        async with self._write_gate:
            return await self._guarded(run)

    async def write(self, service: Service[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._transact(True, functools.partial(_call, service, args, kwargs))

    async def write_hot(self, service: Service[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        if self._pgbouncer:
            return await self.write(service, *args, **kwargs)

        def run() -> T:
            with _driver(self._writes) as driver:
                raw = RawConnection(POSTGRES, lambda sql, values: await_only(driver.fetch(sql, *values)))
                await_only(driver.execute("BEGIN"))
                try:
                    result = service(cast(sa.Connection, raw), *args, **kwargs)
                except BaseException:
                    if not driver.is_closed():
                        await_only(driver.execute("ROLLBACK"))
                    raise
                await_only(driver.execute("COMMIT"))
                return result

        return await self._to_its_end(run)

    async def rehearse(self, service: Service[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._transact(False, functools.partial(_call, service, args, kwargs))

    async def _transact(self, keep: bool, service: Callable[[sa.Connection], T]) -> T:
        return await self._to_its_end(functools.partial(transact, self._writes.sync_engine, keep, service))

    async def _to_its_end(self, run: Callable[[], T]) -> T:
        async with self._write_gate:
            # Shielded: a client that hangs up does not tear the transaction.
            work = asyncio.ensure_future(self._guarded(run))
            try:
                return await asyncio.shield(work)
            except asyncio.CancelledError:
                await asyncio.wait([work])
                raise

    async def _guarded(self, run: Callable[[], T]) -> T:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await greenlet_spawn(run)
            except sa.exc.IntegrityError as error:
                raise _explained(error) from error
            except _DRIVER_ERRORS as error:
                if _lost(error):
                    raise Unavailable("Try again in a few seconds.", headers={"Retry-After": "5"}) from error
                if attempt == ATTEMPTS or getattr(getattr(error, "orig", None), "sqlstate", None) not in RETRIED:
                    raise
                await asyncio.sleep(0.01 * 2**attempt)
        raise AssertionError("unreachable")

    async def close(self) -> None:
        await self._writes.dispose()
        await self._reads.dispose()


class SQLite(Database):
    """One file beside the process; other processes may read and write it too."""

    dialect = "sqlite"

    def __init__(self, path: str) -> None:
        self._reads = sqlite_engine(path, begin="BEGIN")
        self._writes = sqlite_engine(path, begin="BEGIN IMMEDIATE")
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="sqlite-writer")
        self._readers = ThreadPoolExecutor(4, thread_name_prefix="sqlite-reader")

    @property
    def engines(self) -> tuple[sa.Engine, ...]:
        return (self._writes, self._reads)

    async def read(self, service: Service[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        return transact(self._reads, False, functools.partial(_call, service, args, kwargs))

    async def read_hot(self, service: Service[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        pooled = self._reads.pool.connect()
        try:
            driver: Any = pooled.driver_connection
            raw = RawConnection(SQLITE, lambda sql, values: driver.execute(sql, values).fetchall())
            return service(cast(sa.Connection, raw), *args, **kwargs)
        finally:
            pooled.close()

    async def read_long(self, service: Service[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._in(self._readers, self._reads, False, functools.partial(_call, service, args, kwargs))

    async def write(self, service: Service[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._in(self._writer, self._writes, True, functools.partial(_call, service, args, kwargs))

    async def write_hot(self, service: Service[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        def work(conn: sa.Connection) -> T:
            driver: Any = conn.connection.driver_connection
            raw = RawConnection(SQLITE, lambda sql, values: driver.execute(sql, values).fetchall())
            return service(cast(sa.Connection, raw), *args, **kwargs)

        return await self._in(self._writer, self._writes, True, work)

    async def rehearse(self, service: Service[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._in(self._writer, self._writes, False, functools.partial(_call, service, args, kwargs))

    async def _in(
        self, executor: ThreadPoolExecutor, engine: sa.Engine, keep: bool, service: Callable[[sa.Connection], T]
    ) -> T:
        deadline = time.monotonic() + MOST_WAIT_SECONDS

        def run() -> T:
            if time.monotonic() > deadline:  # others were first, and slow: better refused than late
                raise Unavailable("Many are writing: try again in a few seconds.", headers={"Retry-After": "2"})
            return transact(engine, keep, service)

        work = asyncio.get_running_loop().run_in_executor(executor, contextvars.copy_context().run, run)
        try:
            return await asyncio.shield(work)  # a client that hangs up does not tear the transaction
        except sa.exc.IntegrityError as error:
            raise _explained(error) from error
        except sa.exc.OperationalError as error:
            if "locked" in str(error.orig) or "busy" in str(error.orig):
                raise Unavailable(
                    "Another process is writing for long: try again in a few seconds.", headers={"Retry-After": "2"}
                ) from error
            raise

    async def close(self) -> None:
        self._writer.shutdown(wait=True)
        self._readers.shutdown(wait=True)
        self._writes.dispose()
        self._reads.dispose()


def open_database(url: str, read_url: str | None = None, pool_size: int = 10, pgbouncer: bool = False) -> Database:
    """The database at `url`. Call it inside the event loop that will use it."""
    if is_postgres(url):
        return Postgres(url, read_url, pool_size, pgbouncer)
    return SQLite(sqlite_path(url))


@contextmanager
def _driver(engine: AsyncEngine) -> Iterator[Any]:
    """A pooled connection's own driver; one that has broken does not go back to the pool."""
    pooled = engine.sync_engine.pool.connect()
    try:
        yield pooled.driver_connection
    except (OSError, asyncpg.InterfaceError, asyncpg.PostgresConnectionError):
        pooled.invalidate()
        raise
    finally:
        pooled.close()


def _call(service: Callable[..., T], args: tuple[object, ...], kwargs: dict[str, object], conn: sa.Connection) -> T:
    return service(conn, *args, **kwargs)


def _explained(error: sa.exc.IntegrityError) -> Exception:
    return explain(error) or error


def _lost(error: Exception) -> bool:
    if isinstance(error, OSError | asyncpg.InterfaceError | asyncpg.PostgresConnectionError):
        return True
    if isinstance(error, sa.exc.DBAPIError) and error.connection_invalidated:
        return True
    state = getattr(getattr(error, "orig", error), "sqlstate", None) or ""
    # 08: connection; 57P: shutting down or starting; 53300: too many connections
    return state[:2] == "08" or state[:3] == "57P" or state == "53300"
