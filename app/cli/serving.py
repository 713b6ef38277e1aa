"""Commands that run the service, or show what it would serve."""

import os
import signal
import socket
import sys
from types import FrameType
from typing import Annotated

import typer
import uvicorn

from app import logs, telemetry
from app import worker as work
from app.cli.shared import Refused, in_database, read_settings
from app.core.secrets import new_secret
from app.db.dispatcher import Database
from app.db.engine import is_postgres
from app.http.contract import render
from app.main import create_app

GRACE_SECONDS = 20


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; default: TANDEM_HTTP_HOST.")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Default: TANDEM_HTTP_PORT.")] = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes; more than one on Postgres only.")] = 1,
) -> None:
    """Serve the API. On SQLite the worker runs inside; on Postgres start `tandem worker` beside it."""
    settings = read_settings()
    host, port = host or settings.http.host, port or settings.http.port
    if workers > 1 and not is_postgres(settings.database.url):
        raise Refused("SQLite is served by one process: leave --workers out, or use Postgres (TANDEM_DATABASE_URL).")
    if settings.telemetry and not telemetry.INSTALLED:
        raise Refused(telemetry.MISSING)
    in_database(_nothing)
    _check_address(host, port)
    if workers > 1 and settings.links.secret is None:
        # All processes must know each other's links.
        os.environ["TANDEM_LINKS_SECRET"] = new_secret()
        typer.echo("Links to clients die with this service: set TANDEM_LINKS_SECRET to keep them.", err=True)
    # uvicorn raises the signal again once it has shut down; a stop that was asked for is a success.
    signal.signal(signal.SIGTERM, _leave)
    uvicorn.run(
        "app.main:served",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        loop="uvloop" if sys.platform != "win32" else "asyncio",
        http="httptools",
        lifespan="on",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=settings.http.forwarded_allow_ips,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


def worker(
    once: Annotated[bool, typer.Option("--once", help="Do what waits, then end.")] = False,
) -> None:
    """Number and deliver events, and tidy up; until SIGTERM. Any number may run at once."""
    settings = read_settings()
    logs.configure(settings.log.level, settings.log.format)
    interval, days = settings.worker.interval_seconds, work.reminder_days(settings)

    async def until_stopped(database: Database) -> None:
        if once:
            await work.Worker(database, interval, days).drain()
        else:
            await work.work(database, interval, days)

    in_database(until_stopped)


def openapi() -> None:
    """Print the OpenAPI document, sorted."""
    logs.configure("error", out=sys.stderr.buffer)  # nothing but the document goes to standard output
    typer.echo(render(create_app(read_settings()).openapi()), nl=False)


async def _nothing(database: Database) -> None:
    """Only the checks that come before any work."""


def _check_address(host: str, port: int) -> None:
    try:
        socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except OSError as error:
        raise Refused(
            f"Can't listen on {host} port {port} ({error.strerror}): choose others by --host and --port."
        ) from error


def _leave(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)
