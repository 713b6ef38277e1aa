"""Engines for either database, and the URLs that name them."""

from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=5000", "temp_store=MEMORY")


def is_postgres(url: str) -> bool:
    return url.startswith(("postgresql://", "postgres://"))


def sqlite_path(url: str) -> str:
    """The file of a `sqlite:///…` URL (three slashes: relative, four: absolute)."""
    return url.removeprefix("sqlite:///")


def postgres_engine(url: str, pool_size: int, pgbouncer: bool = False, autocommit: bool = False) -> AsyncEngine:
    """An engine over asyncpg. Reads are in autocommit and their connections go back to the pool without a reset."""
    settings = {"application_name": "tandem", "timezone": "UTC", "jit": "off"}
    arguments: dict[str, Any] = {"server_settings": settings, "timeout": 10}
    if pgbouncer:  # in transaction mode no prepared statement outlives its transaction
        arguments |= {"statement_cache_size": 0, "prepared_statement_name_func": lambda: f"__tandem_{uuid4().hex}__"}
        del settings["jit"]  # it turns away whoever comes with a setting that it does not know
    options: dict[str, Any] = {"isolation_level": "AUTOCOMMIT", "pool_reset_on_return": None} if autocommit else {}
    address = sa.make_url(url).set(drivername="postgresql+asyncpg")
    if pgbouncer:
        address = address.update_query_dict({"prepared_statement_cache_size": "0"})
    return create_async_engine(
        address, pool_size=pool_size, max_overflow=0, connect_args=arguments, hide_parameters=True, **options
    )


def sqlite_engine(path: str, begin: str) -> sa.Engine:
    """An engine whose transactions begin with `begin`: BEGIN IMMEDIATE for writes (two deferred ones can deadlock)."""
    engine = sa.create_engine(
        f"sqlite:///{path}",
        connect_args={"check_same_thread": False, "isolation_level": None},
        poolclass=sa.pool.QueuePool,
        pool_size=5,
        max_overflow=0,
        pool_reset_on_return=None,
        hide_parameters=True,
    )

    @sa.event.listens_for(engine, "connect")
    def configure(raw: Any, _record: object) -> None:
        for pragma in PRAGMAS:
            raw.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def start(conn: sa.Connection) -> None:
        conn.exec_driver_sql(begin)

    return engine
