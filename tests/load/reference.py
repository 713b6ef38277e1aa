"""The limit to compare with: a bare ASGI handler with the raw driver, which runs the very statements that Tandem ran.

`bench.py` records the statements of one request to Tandem; here they are replayed with fresh ids, instants and
versions. No validation, no sign-in, no logs: what is left is the cost of HTTP, the driver and JSON.
"""

import base64
import os
import pickle
import sqlite3
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from app.core.ids import new_id

VERSION = 777_001  # stands in the recording for the version that the writer has read
TEXT = "benchmark text"  # stands in the recording for what the writer writes
Recorded = tuple[str, list[Any]]


def load_recording(path: Path) -> dict[str, Any]:
    """What `bench.py` wrote: the database's URL, the known ids, and the statements of each request."""
    recording: dict[str, Any] = pickle.loads(path.read_bytes())  # noqa: S301  our own file of a moment ago
    return recording


class Reference:
    """An ASGI application for one database."""

    def __init__(self, recording: dict[str, Any]) -> None:
        self.url: str = recording["url"]
        self.known: frozenset[Any] = recording["known"]
        self.statements: dict[str, list[Recorded]] = recording["statements"]
        self.version = recording["version"]
        self.numbers = count()
        self.postgres = self.url.startswith("postgresql")
        self.pool: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        sent = orjson.loads(body) if body else None
        method, path = scope["method"], scope["path"]
        name = f"{method} {'page' if method == 'GET' and path.count('/') == 2 else 'one'}"
        answer = orjson.dumps(await self._run(name, method != "GET", sent), default=_plain)
        status = 201 if method == "POST" else 200
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    async def _lifespan(self, receive: Any, send: Any) -> None:
        await receive()
        if self.postgres:
            self.pool = await asyncpg.create_pool(self.url, min_size=10, max_size=10)
        else:
            self.pool = sqlite3.connect(self.url.removeprefix("sqlite:///"), isolation_level=None)
            for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=5000"):
                self.pool.execute(f"PRAGMA {pragma}")
        await send({"type": "lifespan.startup.complete"})
        await receive()
        if self.postgres:
            await self.pool.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _run(self, name: str, writes: bool, sent: Any) -> Any:
        statements = self.statements[name]
        if writes:
            made: dict[Any, Any] = {}
            statements = [(sql, self._fresh(values, made)) for sql, values in statements]
        results = await self._on_postgres(statements, writes) if self.postgres else self._on_sqlite(statements, writes)
        if not writes:
            rows = results[-1]
            return rows[0] if name.endswith("one") else {"items": rows[:50], "next_cursor": None}
        self.version += name.startswith("PATCH")
        return next(rows[0] for rows in results if rows)

    async def _on_postgres(self, statements: list[Recorded], writes: bool) -> list[Any]:
        async with self.pool.acquire() as conn:
            if not writes:
                return [[dict(row) for row in await conn.fetch(sql, *values)] for sql, values in statements]
            async with conn.transaction():
                return [[dict(row) for row in await conn.fetch(sql, *values)] for sql, values in statements]

    def _on_sqlite(self, statements: list[Recorded], writes: bool) -> list[Any]:
        results = []
        if writes:
            self.pool.execute("BEGIN IMMEDIATE")
        for sql, values in statements:
            cursor = self.pool.execute(sql, values)
            names = [column[0] for column in cursor.description or ()]
            results.append([dict(zip(names, row, strict=True)) for row in cursor.fetchall()])
        if writes:
            self.pool.execute("COMMIT")
        return results

    def _fresh(self, values: list[Any], made: dict[Any, Any]) -> list[Any]:
        found = []
        for value in values:
            if isinstance(value, UUID) and value not in self.known:
                found.append(made.setdefault(value, new_id()))
            elif isinstance(value, str) and len(value) == 32 and _is_hex(value) and value not in self.known:
                found.append(made.setdefault(value, new_id().hex))
            elif isinstance(value, datetime):
                found.append(made.setdefault(datetime, datetime.now(UTC)))
            elif value == VERSION and isinstance(value, int):
                found.append(self.version)
            elif isinstance(value, str) and value == TEXT:
                found.append(made.setdefault(TEXT, f"{TEXT} {next(self.numbers)}"))
            else:
                found.append(value)
        return found


def _is_hex(value: str) -> bool:
    return all(c in "0123456789abcdef" for c in value)


def _plain(value: Any) -> Any:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)


def app_factory() -> Reference:
    """For uvicorn."""
    return Reference(load_recording(Path(os.environ["TANDEM_BENCH_RECORDING"])))
