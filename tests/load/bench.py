"""`make bench`: what a request costs, as a ratio to a bare handler that runs the same statements on the same database.

Each figure is the server process's CPU time per request (all its threads), both servers under uvicorn with uvloop and
httptools, in interleaved rounds of one run; the ratio is the reference's cost over Tandem's, 1.0 being the limit. Then
256 connections at once, for the latencies that callers see. Needs the test dependencies; takes about two minutes.
"""

import argparse
import asyncio
import contextlib
import json
import os
import pickle
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa

from app import logs
from app.core.caller import AccessRole
from app.db import dispatcher
from app.db.dispatcher import Database, open_database
from app.db.migrate import migrate
from app.db.raw import RawConnection
from app.db.record import table_of
from app.main import create_app
from app.models.project import Project
from app.settings import DatabaseSettings, Settings
from tests.factories import make_key
from tests.load.reference import TEXT, VERSION
from tests.load.seed import seed
from tests.postgres import URL_VARIABLE, PostgresServer

ROUNDS = 9
REQUESTS = 600
CONNECTIONS = 4
CROWD = 256
# The first figures of the design's table, and the aims: to be reached on Postgres.
FIRST = {"GET one": 0.26, "GET page": 0.50, "POST one": 0.35, "PATCH one": 0.28}
AIM = {"GET one": 0.45, "GET page": 0.70, "POST one": 0.50, "PATCH one": 0.40}


class Workload:
    """One kind of request."""

    def __init__(self, name: str, path: str, body: dict[str, Any] | None = None) -> None:
        self.name, self.path, self.body = name, path, body
        self.method = name.split(" ", maxsplit=1)[0]

    def content(self, number: int) -> bytes:
        if self.body is None:
            return b""
        return json.dumps({k: f"{v} {number}" if v == TEXT else v for k, v in self.body.items()}).encode()

    def request(self, key: str, number: int) -> bytes:
        content = self.content(number)
        lines = [f"{self.method} {self.path} HTTP/1.1", "Host: localhost", f"Authorization: Bearer {key}"]
        if content:
            lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
        if self.method == "PATCH":
            lines.append("If-Match: *")
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


def workloads(project: UUID, person: UUID) -> list[Workload]:
    """What is measured: two reads and two writes."""
    hours = {"worked_on": "2026-03-02", "hours": "7.5", "note": TEXT}
    return [
        Workload("GET one", f"/v1/projects/{project}"),
        Workload("GET page", "/v1/projects?limit=50"),
        Workload("POST one", "/v1/time-entries", {"project_id": str(project), "person_id": str(person), **hours}),
        Workload("PATCH one", f"/v1/projects/{project}", {"scope": TEXT}),
    ]


class Recorder:
    """Notes the statements of a request as the driver gets them."""

    def __init__(self, database: Database) -> None:
        self.found: list[tuple[str, list[Any]]] = []
        assert isinstance(database, dispatcher.Postgres | dispatcher.SQLite)
        for engine in set(database.engines):
            sa.event.listen(engine, "before_cursor_execute", self._note)

    def _note(self, conn: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if not statement.upper().startswith(("BEGIN", "COMMIT", "ROLLBACK")):
            many = parameters and isinstance(parameters[0], list | tuple)
            self.found += [(statement, list(row)) for row in (parameters if many else [parameters])]

    @contextlib.contextmanager
    def raw(self) -> Iterator[None]:
        """Note what hot reads run, too."""
        recorder = self

        class Recording(RawConnection):
            def __init__(self, dialect: sa.Dialect, fetch: Any) -> None:
                def noted(sql: str, values: Any) -> Any:
                    recorder.found.append((sql, list(values)))
                    return fetch(sql, values)

                super().__init__(dialect, noted)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(dispatcher, "RawConnection", Recording)
            yield


async def prepare(url: str, folder: Path) -> tuple[str, Path, list[Workload]]:
    """Migrate and fill the database, make a key, record the statements. Returns the key and the recording's path."""
    await migrate(url)
    settings = Settings(database=DatabaseSettings(url=url))
    database = open_database(**settings.database.model_dump())
    try:
        project, person = await database.write(seed)
        measured = workloads(project, person)
        key = await database.write(lambda conn: make_key(conn, AccessRole.PMO_LEAD))
        recorder = Recorder(database)
        statements = {}
        transport = httpx.ASGITransport(create_app(settings, database))
        headers = {"Authorization": f"Bearer {key}", "If-Match": "*", "Content-Type": "application/json"}
        async with httpx.AsyncClient(transport=transport, base_url="http://bench", headers=headers) as client:
            for workload in measured:
                await client.get(f"/v1/projects/{project}")  # signed in from here on
                await database.write(_set_version, project)
                recorder.found.clear()
                with recorder.raw():
                    content = json.dumps(workload.body).encode() if workload.body else b""
                    answer = await client.request(workload.method, workload.path, content=content)
                answer.raise_for_status()
                statements[workload.name] = list(recorder.found)
        known = {UUID(key.split("_")[1]), project, person}
        await database.write(_set_version, project)
    finally:
        await database.close()
    for name, found in statements.items():
        print(f"  {name}: {len(found)} statements")
    recording = {
        "url": url,
        "known": frozenset(known | {id.hex for id in known}),
        "statements": statements,
        "version": VERSION,
    }
    path = folder / "recording"
    path.write_bytes(pickle.dumps(recording))
    return key, path, measured


def _set_version(conn: sa.Connection, project: UUID) -> None:
    table = table_of(Project)
    conn.execute(sa.update(table).where(table.c.id == project).values(version=VERSION))


class Server:
    """A server process, and the CPU time it has used."""

    def __init__(self, target: str, env: dict[str, str]) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        command = [sys.executable, "-m", "uvicorn", target, "--factory", "--port", str(self.port)]
        command += ["--no-access-log", "--log-level", "warning", "--loop", "uvloop", "--http", "httptools"]
        self.process = subprocess.Popen(command, env={**os.environ, **env}, stdout=subprocess.DEVNULL)

    async def ready(self) -> None:
        for _ in range(200):
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                writer.close()
                return
            await asyncio.sleep(0.05)
        raise TimeoutError("the server did not start")

    def cpu_seconds(self) -> float:
        tasks = Path(f"/proc/{self.process.pid}/task")
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks.iterdir()) / 1e9

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=30)


class Connection:
    """One keep-alive connection, as little of HTTP as the load needs."""

    async def open(self, port: int) -> "Connection":
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", port)
        return self

    async def send(self, request: bytes) -> int:
        self.writer.write(request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = next(int(line[15:]) for line in head.split(b"\r\n") if line[:15].lower() == b"content-length:")
        await self.reader.readexactly(length)
        return int(head[9:12])

    def close(self) -> None:
        self.writer.close()


async def load(server: Server, workload: Workload, key: str, connections: int, requests: int) -> list[float]:
    """Send `requests` over `connections`; returns the seconds that each took. Any answer but a success ends the run."""
    opened = await asyncio.gather(*(Connection().open(server.port) for _ in range(connections)))
    numbers = iter(range(requests))
    offset = time.monotonic_ns()
    seconds: list[float] = []

    async def work(connection: Connection) -> None:
        for number in numbers:
            began = time.perf_counter()
            status = await connection.send(workload.request(key, offset + number))
            if status not in (200, 201):
                raise RuntimeError(f"{workload.name} answered {status}")
            seconds.append(time.perf_counter() - began)

    await asyncio.gather(*(work(connection) for connection in opened))
    for connection in opened:
        connection.close()
    return seconds


async def measure(url: str, quick: bool) -> dict[str, Any]:
    """Ratios and latencies on the database at `url`."""
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        key, recording, measured = await prepare(url, Path(folder))
        ours = Server("app.main:served", {"TANDEM_DATABASE_URL": url})
        bare = Server("tests.load.reference:app_factory", {"TANDEM_BENCH_RECORDING": str(recording)})
        try:
            await asyncio.gather(ours.ready(), bare.ready())
            for workload in measured:
                results[workload.name] = await _compare(ours, bare, workload, key, 3 if quick else ROUNDS)
            for workload in measured:
                seconds = sorted(await load(ours, workload, key, CROWD, CROWD * (2 if quick else 12)))
                p50, p99 = (seconds[int(len(seconds) * share)] * 1000 for share in (0.5, 0.99))
                slowest = seconds[-1] * 1000
                print(f"  {workload.name}, {CROWD} at once: p50 {p50:.0f} ms, p99 {p99:.0f} ms, max {slowest:.0f} ms")
                results[workload.name] |= {"p50_ms": p50, "p99_ms": p99}
        finally:
            ours.stop()
            bare.stop()
    return results


async def _compare(ours: Server, bare: Server, workload: Workload, key: str, rounds: int) -> dict[str, float]:
    costs: dict[Server, list[float]] = {ours: [], bare: []}
    for server in (ours, bare):
        await load(server, workload, key, CONNECTIONS, 200)  # warm
    for _ in range(rounds):
        for server, found in costs.items():
            before = server.cpu_seconds()
            await load(server, workload, key, CONNECTIONS, REQUESTS)
            found.append((server.cpu_seconds() - before) / REQUESTS * 1e6)
    ratios = [b / o for o, b in zip(costs[ours], costs[bare], strict=True)]
    ratio = statistics.median(ratios)
    tandem, limit = (statistics.median(costs[server]) for server in (ours, bare))
    print(
        f"  {workload.name}: Tandem {tandem:.0f} µs, limit {limit:.0f} µs, ratio {ratio:.2f} "
        f"({min(ratios):.2f} to {max(ratios):.2f}); first {FIRST[workload.name]:.2f}, aim {AIM[workload.name]:.2f}"
    )
    return {"tandem_us": tandem, "limit_us": limit, "ratio": ratio}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few rounds: whether it runs, not how fast")
    parser.add_argument("--database", choices=("sqlite", "postgres", "both"), default="both")
    chosen = parser.parse_args()
    logs.configure("error")  # what this process asks while it prepares is not to be read
    if chosen.database != "sqlite":
        server = None if URL_VARIABLE in os.environ else PostgresServer()
        try:
            print("Postgres, CPU of the server process per request:")
            asyncio.run(measure(server.url if server else os.environ[URL_VARIABLE], chosen.quick))
        finally:
            if server:
                server.close()
    if chosen.database != "postgres":
        with tempfile.TemporaryDirectory() as folder:
            print("SQLite, CPU of the server process per request:")
            asyncio.run(measure(f"sqlite:///{folder}/bench.db", chosen.quick))


if __name__ == "__main__":
    main()
