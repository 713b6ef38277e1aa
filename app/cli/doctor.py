"""`tandem doctor`: is everything in order, and if not, what is to be done?"""

import asyncio
import os
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
import typer

from app.cli.shared import LOST, Refused, describe_loss, read_settings, sqlite_file
from app.core import clock
from app.core.errors import Unavailable
from app.db.dispatcher import open_database
from app.db.engine import is_postgres
from app.db.migrate import current, head, known_revisions
from app.db.record import table_of
from app.db.triggers import expected_triggers, installed_triggers
from app.models.access import ApiKey
from app.settings import DatabaseSettings, Settings

CLOCK_SECONDS = 5
OLDEST_POSTGRES = 13

keys = table_of(ApiKey)
ACTIVE_KEYS = (
    sa.select(sa.func.count())
    .select_from(keys)
    .where(
        keys.c.revoked_at.is_(None),
        sa.or_(keys.c.expires_at.is_(None), keys.c.expires_at > sa.bindparam("now", type_=keys.c.expires_at.type)),
    )
)


class Finding(NamedTuple):
    """What was looked at, what was seen, and what to do about it where that is not in order."""

    what: str
    seen: str
    advice: str | None = None


def doctor() -> None:
    """Check settings, database, schema, clock and keys, and say what to do."""
    findings = list(_examine())
    for finding in findings:
        typer.echo(f"{'FAIL' if finding.advice else 'ok':<5} {finding.what}: {finding.seen}")
        if finding.advice:
            typer.echo(f"      {finding.advice}")
    if any(finding.advice for finding in findings):
        raise typer.Exit(1)


def _examine() -> Iterator[Finding]:
    try:
        settings = read_settings()
    except Refused as refused:
        yield Finding("settings", str(refused), "Correct that variable, then run `tandem doctor` again.")
        return
    yield Finding("settings", "every TANDEM_ variable can be used")
    zone = settings.calendar.time_zone
    yield Finding("time zone", f"today is {clock.today()} in {zone} (TANDEM_CALENDAR_TIME_ZONE)")
    if not is_postgres(settings.database.url):
        findings = list(_file(settings.database))
        yield from findings
        if any(finding.advice for finding in findings):
            return
    yield from asyncio.run(_in_database(settings))


def _file(database: DatabaseSettings) -> Iterator[Finding]:
    path = sqlite_file(database).resolve()
    if not path.exists():
        yield Finding("file", f"there is none at {path}", "Run `tandem migrate`, or correct TANDEM_DATABASE_URL.")
    elif not (os.access(path, os.R_OK | os.W_OK) and os.access(path.parent, os.W_OK)):
        yield Finding(
            "file",
            f"this user can't write {path}",
            "Give it the right to write the file and its folder (for -wal and -shm).",
        )
    else:
        yield Finding("file", f"{path} can be written")


async def _in_database(settings: Settings) -> list[Finding]:
    chosen = settings.database
    database = open_database(**chosen.model_dump())
    try:
        findings = list(await database.read(_database))
        asked = clock.now()
        findings.append(_clock(await database.read(_time), asked, clock.now()))
        schema = await database.read(_schema)
        findings.append(schema)
        if schema.advice is None:
            findings += await database.read(_contents)
    except (Unavailable, *LOST) as error:
        cause = error.__cause__ if isinstance(error, Unavailable) and isinstance(error.__cause__, LOST) else error
        return [Finding("database", describe_loss(cause, chosen), "Mend that, then run `tandem doctor` again.")]
    finally:
        await database.close()
    return findings


def _database(conn: sa.Connection) -> Iterator[Finding]:
    return iter(list(_postgres(conn) if conn.dialect.name == "postgresql" else _sqlite(conn)))


def _sqlite(conn: sa.Connection) -> Iterator[Finding]:
    mode = conn.exec_driver_sql("PRAGMA journal_mode").scalar_one()
    if mode == "wal":
        yield Finding("journal", "WAL, so that readers and the writer do not wait for each other")
    else:
        yield Finding("journal", mode, "WAL can't be switched on: move the file to a local disk, off network shares.")
    damage = conn.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
    yield Finding("pages", damage, None if damage == "ok" else "Stop the service and restore the last good backup.")


def _postgres(conn: sa.Connection) -> Iterator[Finding]:
    version = int(conn.exec_driver_sql("SHOW server_version_num").scalar_one()) // 10_000
    yield Finding(
        "Postgres",
        f"version {version}",
        f"Upgrade it to {OLDEST_POSTGRES} or later." if version < OLDEST_POSTGRES else None,
    )
    encoding = conn.exec_driver_sql("SHOW server_encoding").scalar_one()
    yield Finding(
        "encoding",
        encoding,
        None
        if encoding == "UTF8"
        else "Make a database with ENCODING 'UTF8' TEMPLATE template0 and move the data there.",
    )


def _time(conn: sa.Connection) -> datetime:
    if conn.dialect.name == "postgresql":
        found: datetime = conn.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
        return found
    text = conn.exec_driver_sql("SELECT strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')").scalar_one()
    return datetime.fromisoformat(text)


def _clock(theirs: datetime, asked: datetime, answered: datetime) -> Finding:
    off = max((asked - theirs).total_seconds(), (theirs - answered).total_seconds(), 0.0)
    if off <= CLOCK_SECONDS:
        return Finding("clock", "the database's agrees with ours")
    return Finding("clock", f"the database's is {off:.0f} s off ours", "Let both machines keep time by NTP.")


def _schema(conn: sa.Connection) -> Finding:
    at, expected = current(conn), head()
    if at == expected:
        return Finding("schema", f"at {at}, as this version expects")
    if at is not None and at not in known_revisions():
        return Finding("schema", f"at {at}, which a newer version made", "Upgrade the service.")
    return Finding("schema", f"at {at or 'nothing'}, not at {expected}", "Run `tandem migrate`.")


def _contents(conn: sa.Connection) -> list[Finding]:
    missing = sorted(expected_triggers(conn.dialect.name) - installed_triggers(conn))
    active = conn.execute(ACTIVE_KEYS, {"now": clock.now()}).scalar_one()
    make_one = "Make one: `tandem keys create --role pmo_lead --name NAME`."
    return [
        Finding(
            "triggers",
            f"missing: {', '.join(missing)}" if missing else "all are there",
            "Run `tandem migrate`, which makes them anew." if missing else None,
        ),
        Finding("API keys", f"{active} active", None if active else make_one),
    ]
