"""What the commands share: the settings, a database for the length of a command, and errors as one sentence."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import asyncpg
import sqlalchemy as sa
from pydantic import ValidationError

from app.core import clock
from app.core.errors import AppError
from app.db.backup import BackupRefused
from app.db.dispatcher import Database, open_database
from app.db.engine import is_postgres, sqlite_path
from app.db.migrate import MigrationRefused, current, head, known_revisions
from app.settings import DatabaseSettings, Settings, settings

T = TypeVar("T")


class Refused(Exception):
    """A command can't do what it is asked to; the message says what to do instead."""


REFUSALS = (Refused, AppError, MigrationRefused, BackupRefused)
LOST = (OSError, sa.exc.DBAPIError, asyncpg.PostgresError, asyncpg.InterfaceError)


def read_settings() -> Settings:
    """The settings; a wrong one is refused by the name of its variable."""
    try:
        chosen = settings()
    except ValidationError as error:
        wrong = error.errors()[0]
        variable = "_".join(("TANDEM", *(str(part) for part in wrong["loc"]))).upper()
        what = "is not a setting" if wrong["type"] == "extra_forbidden" else wrong["msg"].removeprefix("Value error, ")
        raise Refused(f"The environment variable {variable} can't be used: {what}.") from error
    clock.use_time_zone(chosen.calendar.time_zone)
    return chosen


def in_database(work: Callable[[Database], Awaitable[T]], *, migrated: bool = True) -> T:
    """What `work` answers, on the database of the settings, opened for as long as it takes."""
    chosen = read_settings()

    async def run() -> T:
        database = open_database(**chosen.database.model_dump())
        try:
            if migrated:
                await check_schema(database)
            return await work(database)
        finally:
            await database.close()

    if not is_postgres(chosen.database.url) and migrated:
        check_file(chosen.database)
    return asyncio.run(run())


def sqlite_file(database: DatabaseSettings) -> Path:
    """The file of an SQLite database."""
    return Path(sqlite_path(database.url))


def check_file(database: DatabaseSettings) -> None:
    """Refuse a file that is not there, before SQLite makes an empty one."""
    path = sqlite_file(database)
    if not path.exists():
        raise Refused(f"There is no database at {path.resolve()} yet: run `tandem migrate`.")


async def check_schema(database: Database) -> None:
    """Refuse a database whose schema is not what this version of the code expects."""
    at = await database.read(current)
    if at == head():
        return
    if at is not None and at not in known_revisions():
        raise Refused(f"The database is at revision {at}, which a newer version of Tandem made: upgrade the service.")
    raise Refused(f"The database is at revision {at or 'nothing'}, not at {head()}: run `tandem migrate`.")


def sentence(error: Exception) -> str:
    """What to tell a person about an error that a command may end with."""
    if isinstance(error, AppError):
        if isinstance(cause := error.__cause__, LOST):
            return sentence(cause)
        fields = "".join(f"\n  {one.pointer}: {one.detail}" for one in error.errors)
        return f"{error.title}. {error.detail}{fields}"
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename} can't be used: {error.strerror}."
    if isinstance(error, LOST):
        return describe_loss(error, read_settings().database)
    return str(error)


def describe_loss(error: Exception, database: DatabaseSettings) -> str:
    """Why the database can't be used, and what to look at."""
    if not is_postgres(database.url):
        reason = getattr(error, "orig", None) or error
        path = sqlite_file(database).resolve()
        return f"The database file {path} can't be used ({reason}): check its folder and who may write there."
    url = sa.make_url(database.url)
    server = f"{url.host}:{url.port or 5432}"
    cause = getattr(error, "orig", None) or error
    state = getattr(cause, "sqlstate", None) or ""
    if state.startswith("28"):
        return f"The database server {server} refuses the user {url.username!r}: check both in TANDEM_DATABASE_URL."
    if state == "3D000":
        return (
            f"The database server {server} has no database {url.database!r}: create it, or correct TANDEM_DATABASE_URL."
        )
    if state == "42501":
        return (
            f"The user {url.username!r} of {server} may not do this ({cause}): grant it the rights to its own schema."
        )
    if isinstance(error, OSError) or (state[:2] in ("08", "57", "53") and state != "08P01"):
        return (
            f"The database server {server} can't be reached: is it running, is its address in TANDEM_DATABASE_URL "
            "right, and is the way there open?"
        )
    return f"The database server {server} says: {cause}"
