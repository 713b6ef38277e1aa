"""The real service as a process: it stops in good order, and a kill leaves the database sound."""

import asyncio
import json
import shlex
import signal
import socket
import sqlite3
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
import sqlalchemy as sa

from app.db.dispatcher import open_database
from app.db.record import table_of
from app.models.audit import AuditEntry
from app.models.client import Client
from app.models.outbox_event import OutboxEvent
from tests.commands import free_port, run_process, served, started


def key_for(url: str) -> str:
    done = run_process("keys", "create", "--role", "pmo_lead", "--name", "test", "--quiet", url=url)
    assert done.code == 0, done.err
    return done.out.strip()


def client_facts(url: str) -> tuple[set[str], int, int, bool]:
    """What the database holds of clients: their codes, audits and events of their making, all numbered or not."""
    clients, audits, events = table_of(Client), table_of(AuditEntry), table_of(OutboxEvent)

    def look(conn: sa.Connection) -> tuple[set[str], int, int, bool]:
        made = sa.select(sa.func.count()).where(audits.c.subject_type == "client", audits.c.action == "created")
        told = list(conn.execute(sa.select(events.c.position).where(events.c.type == "client.created")).scalars())
        codes = set(conn.execute(sa.select(clients.c.code)).scalars())
        return codes, conn.execute(made).scalar_one(), len(told), None not in told

    async def run() -> tuple[set[str], int, int, bool]:
        database = open_database(url)
        try:
            return await database.read(look)
        finally:
            await database.close()

    return asyncio.run(run())


def test_finishes_what_has_begun_when_it_is_told_to_stop(clone_url: str) -> None:
    key = key_for(clone_url)
    body = json.dumps({"code": "LAST", "name": "The last client"}).encode()
    with served(clone_url) as (running, address):
        port = urlsplit(address).port
        with socket.create_connection(("127.0.0.1", port)) as conn:
            head = f"POST /v1/clients HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer {key}\r\n"
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            conn.sendall(head.encode() + body[:10])
            httpx.get(f"{address}/healthz")  # by now the request has reached the service
            running.process.send_signal(signal.SIGTERM)
            with pytest.raises(subprocess.TimeoutExpired):
                running.process.wait(1)
            conn.sendall(body[10:])
            assert conn.recv(100).startswith(b"HTTP/1.1 201")
        assert running.process.wait(20) == 0, running.output
    assert client_facts(clone_url)[0] == {"LAST"}


def test_numbers_events_while_it_serves_an_sqlite_file(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'tandem.db'}"
    assert run_process("migrate", url=url).code == 0
    key = key_for(url)
    with served(url, TANDEM_WORKER_INTERVAL_SECONDS="0.05") as (running, address):
        made = httpx.post(
            f"{address}/v1/clients", json={"code": "A", "name": "A"}, headers={"Authorization": f"Bearer {key}"}
        )
        assert made.status_code == 201
        assert running.stop() == 0
        out = running.output
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["event"] for line in lines if line["logger"] == "worker"] == ["worker started", "worker stopped"]
    assert key.rpartition("_")[2] not in out
    assert not list(tmp_path.glob("*-wal"))  # closed in good order


def test_a_kill_amid_writes_leaves_the_database_sound(clone_url: str) -> None:
    """What was answered is there, with its audit and its event; what was not is there whole or not at all."""
    key = key_for(clone_url)
    with served(clone_url) as (running, address), ThreadPoolExecutor(8) as pool:

        def add(number: int) -> str | None:
            try:
                answer = httpx.post(
                    f"{address}/v1/clients",
                    json={"code": f"C{number}", "name": "A client"},
                    headers={"Authorization": f"Bearer {key}"},
                )
            except httpx.TransportError:
                return None
            return f"C{number}" if answer.status_code == 201 else None

        answered = set()
        for number, code in enumerate(pool.map(add, range(200))):
            answered.add(code)
            if number == 20:
                running.process.kill()
    answered.discard(None)
    codes, audits, events, _ = client_facts(clone_url)
    assert answered
    assert answered <= codes
    assert len(answered) < 200  # the kill came amid them
    assert len(codes) == audits == events
    assert run_process("worker", "--once", url=clone_url).code == 0
    assert client_facts(clone_url)[3]
    if clone_url.startswith("sqlite"):
        with closing(sqlite3.connect(clone_url.removeprefix("sqlite:///"))) as conn:
            assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_the_curl_line_of_the_demo_works_as_pasted(tmp_path: Path) -> None:
    url, port = f"sqlite:///{tmp_path / 'tandem.db'}", str(free_port())
    done = run_process("demo", "--if-empty", url=url, TANDEM_HTTP_PORT=port)
    assert done.code == 0, done.err
    line = done.out.splitlines()[-1].removeprefix("Try:").strip()
    with started("serve", url=url, TANDEM_HTTP_PORT=port):
        answer = subprocess.run(
            [*shlex.split(line), "--retry", "60", "--retry-delay", "1", "--retry-connrefused"],
            capture_output=True,
            timeout=90,
            check=True,
        )
    assert len(json.loads(answer.stdout)["items"]) == 3


def test_several_processes_serve_one_postgres(clone_url: str) -> None:
    if clone_url.startswith("sqlite"):
        assert "one process" in run_process("serve", "--workers", "2", url=clone_url).err
        return
    key = key_for(clone_url)
    port = str(free_port())
    address = f"http://127.0.0.1:{port}/v1/me"
    with started("serve", "--workers", "2", "--port", port, url=clone_url) as running:
        transport = httpx.HTTPTransport(retries=8)
        with httpx.Client(transport=transport, headers={"Authorization": f"Bearer {key}"}, timeout=30) as client:
            assert client.get(address).json()["role"] == "pmo_lead"
        assert running.stop() == 0, running.output
        assert running.output.count("Application shutdown complete") == 2
