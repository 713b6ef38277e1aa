"""Databases for tests: one whose every test is rolled back, and clones of the template for concurrency and kills."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Self

import asyncpg
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.util import await_only, greenlet_spawn

from app.db.dispatcher import Database
from app.db.engine import postgres_engine, sqlite_engine
from app.db.raw import POSTGRES, SQLITE, RawConnection
from app.db.violations import explain


class RolledBack(Database):
    """One connection in one transaction, which ends with a rollback; each service runs in a savepoint of it."""

    def __init__(self, conn: sa.Connection) -> None:
        self.conn = conn
        self.dialect = conn.dialect.name
        self._lock = asyncio.Lock()
        self._noted: list[list[str]] = []

    async def _spawn(self, run: Callable[[], Any]) -> Any:
        return await greenlet_spawn(run) if self.dialect == "postgresql" else run()

    async def _in_savepoint(self, keep: bool, service: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        def run() -> Any:
            savepoint = self.conn.begin_nested()
            try:
                result = service(self.conn, *args, **kwargs)
            except sa.exc.IntegrityError as error:
                savepoint.rollback()
                raise (explain(error) or error) from error
            except BaseException:
                savepoint.rollback()
                raise
            savepoint.commit() if keep else savepoint.rollback()
            return result

        async with self._lock:
            return await self._spawn(run)

    async def read(self, service: Any, /, *args: Any, **kwargs: Any) -> Any:
        return await self._in_savepoint(True, service, *args, **kwargs)

    async def read_hot(self, service: Any, /, *args: Any, **kwargs: Any) -> Any:
        driver: Any = self.conn.connection.driver_connection
        postgres = self.dialect == "postgresql"

        def fetch(sql: str, values: Any) -> Any:
            for note in self._noted:
                note.append(sql)
            return await_only(driver.fetch(sql, *values)) if postgres else driver.execute(sql, values).fetchall()

        raw = RawConnection(POSTGRES if postgres else SQLITE, fetch)

        def run() -> Any:
            savepoint = self.conn.begin_nested()
            try:
                result = service(raw, *args, **kwargs)
            except BaseException as error:
                savepoint.rollback()
                if isinstance(error, sa.exc.IntegrityError):
                    raise (explain(error) or error) from error
                raise
            savepoint.commit()
            return result

        async with self._lock:
            return await self._spawn(run)

    async def write_hot(self, service: Any, /, *args: Any, **kwargs: Any) -> Any:
        return await self.read_hot(service, *args, **kwargs)

    async def read_long(self, service: Any, /, *args: Any, **kwargs: Any) -> Any:
        return await self._in_savepoint(True, service, *args, **kwargs)

    async def write(self, service: Any, /, *args: Any, **kwargs: Any) -> Any:
        return await self._in_savepoint(True, service, *args, **kwargs)

    async def rehearse(self, service: Any, /, *args: Any, **kwargs: Any) -> Any:
        return await self._in_savepoint(False, service, *args, **kwargs)

    async def close(self) -> None:
        """The fixture closes the connection."""

    @asynccontextmanager
    async def undone(self) -> AsyncIterator[None]:
        """What happens inside the block is rolled back at its end."""
        savepoint = await self._spawn(self.conn.begin_nested)
        try:
            yield
        finally:
            await self._spawn(savepoint.rollback)

    @contextmanager
    def counting(self) -> Iterator[list[str]]:
        """The statements that run inside the block (savepoints not counted)."""
        found: list[str] = []

        def note(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
            if not statement.lstrip().upper().startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
                found.append(statement)

        sa.event.listen(self.conn, "before_cursor_execute", note)
        self._noted.append(found)
        try:
            yield found
        finally:
            self._noted.remove(found)
            sa.event.remove(self.conn, "before_cursor_execute", note)


class SQLiteTests:
    """The SQLite side: a migrated template file."""

    def __init__(self, template: str) -> None:
        self._engine = sqlite_engine(template, begin="BEGIN")

    async def begin(self) -> RolledBack:
        self._conn = self._engine.connect()
        self._transaction = self._conn.begin()
        return RolledBack(self._conn)

    async def rollback(self) -> None:
        self._transaction.rollback()
        self._conn.close()

    async def close(self) -> None:
        self._engine.dispose()


class PostgresTests:
    """The Postgres side: a migrated template database."""

    def __init__(self, url: str) -> None:
        self._engine = postgres_engine(url, 1)

    async def begin(self) -> RolledBack:
        self._conn: AsyncConnection = await self._engine.connect()
        self._transaction = await self._conn.begin()
        assert self._conn.sync_connection is not None
        return RolledBack(self._conn.sync_connection)

    async def rollback(self) -> None:
        await self._transaction.rollback()
        await self._conn.close()

    async def close(self) -> None:
        await self._engine.dispose()


class Admin:
    """Creates and drops databases on the test server."""

    def __init__(self, url: str) -> None:
        self.url = url

    async def __aenter__(self) -> Self:
        self._conn = await asyncpg.connect(self.url)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._conn.close()

    async def create(self, name: str, template: str = "template0") -> str:
        await self._conn.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await self._conn.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        return self.at(name)

    async def drop(self, name: str) -> None:
        await self._conn.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    async def cut_off(self, name: str) -> None:
        """Throw everybody out of a database, and let nobody in."""
        await self._conn.execute(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS false')
        await self._conn.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)

    async def let_in(self, name: str) -> None:
        await self._conn.execute(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS true')

    def at(self, name: str) -> str:
        return sa.make_url(self.url).set(database=name).render_as_string(hide_password=False)
