"""Commands about the database: its schema and its copies."""

import asyncio
import functools
from pathlib import Path
from typing import Annotated

import typer

from app.cli.shared import Refused, in_database, read_settings, sqlite_file
from app.core import clock
from app.core.caller import SYSTEM
from app.db import backup as copies
from app.db.dispatcher import Database
from app.db.engine import is_postgres
from app.db.migrate import head
from app.db.migrate import migrate as migrate_to
from app.features.calendar.service import store_holidays
from app.settings import CalendarSettings, Settings

HOLIDAY_YEARS = range(-3, 4)  # around this one


def migrate(
    to: Annotated[str, typer.Option(metavar="REVISION", help="Default: what this version of Tandem expects.")] = "head",
    accept_loss: Annotated[bool, typer.Option("--accept-loss", help="Go down, and lose what was added since.")] = False,
) -> None:
    """Bring the database's schema to where this version expects it; run it before every upgrade of the service."""
    bring(read_settings(), to, accept_loss)


def bring(settings: Settings, to: str = "head", accept_loss: bool = False) -> None:
    """Migrate, and say from where to where."""
    if not is_postgres(settings.database.url):
        _check_folder(sqlite_file(settings.database))
    before, after = asyncio.run(migrate_to(settings.database.url, to, settings.database.pgbouncer, accept_loss))
    if before == after:
        typer.echo(f"The schema is at {after or 'nothing'} already.")
    else:
        typer.echo(f"The schema went from {before or 'nothing'} to {after or 'nothing'}.")
    if settings.calendar.country is not None and after == head():
        changed = in_database(functools.partial(_store_holidays, settings.calendar))
        typer.echo(f"Public holidays of {settings.calendar.country}: {changed} days stored.")


async def _store_holidays(calendar: CalendarSettings, database: Database) -> int:
    assert calendar.country is not None
    years = [clock.today().year + number for number in HOLIDAY_YEARS]
    return await database.write(store_holidays, SYSTEM, calendar.country, calendar.subdivision, years)


def backup(file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that is not there yet.")]) -> None:
    """Copy an SQLite database to a file, while it is in use."""
    settings = read_settings()
    if is_postgres(settings.database.url):
        raise Refused(
            f'Postgres brings its own: pg_dump --format=custom --no-owner --file={file} "$TANDEM_DATABASE_URL"'
        )
    copies.back_up(sqlite_file(settings.database), file)
    typer.echo(f"Backed up to {file} ({file.stat().st_size:,} bytes).")


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that `tandem backup` made.")],
    force: Annotated[bool, typer.Option("--force", help="Replace the data that is there.")] = False,
) -> None:
    """Put a backup back in place of an SQLite database."""
    settings = read_settings()
    if is_postgres(settings.database.url):
        raise Refused(
            "Postgres brings its own: pg_restore --clean --if-exists --no-owner --single-transaction "
            f'--dbname="$TANDEM_DATABASE_URL" {file}'
        )
    revision = copies.put_back(file, sqlite_file(settings.database), force)
    typer.echo(f"Restored from {file} (schema {revision}). Now run `tandem migrate`, in case the code is newer.")


def _check_folder(file: Path) -> None:
    if not file.parent.is_dir():
        raise Refused(f"There is no folder {file.parent.resolve()}: make it, or correct TANDEM_DATABASE_URL.")
