"""Copies of an SQLite database, made and put back while it is in use."""

import sqlite3
from contextlib import closing
from pathlib import Path

from app.db.migrate import known_revisions


class BackupRefused(Exception):
    """The copy can't be made or put back; the message says what to do instead."""


def back_up(source: Path, target: Path) -> None:
    """Copy the database to one file that needs nothing beside it. Writers go on; the copy is of one moment."""
    if not source.exists():
        raise BackupRefused(f"There is no database at {source}: does TANDEM_DATABASE_URL name the right file?")
    if target.exists():
        raise BackupRefused(f"{target} exists already: name another file, or move that one away.")
    if not target.parent.is_dir():
        raise BackupRefused(f"There is no folder {target.parent}: make it first.")
    unfinished = target.with_name(f"{target.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    try:
        unfinished.touch(mode=0o600)  # it holds everything that the database holds
        with closing(_open(source)) as live, closing(sqlite3.connect(unfinished)) as copy:
            live.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
            _check(copy, source)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def put_back(backup: Path, target: Path, force: bool = False) -> str:
    """Replace what is in `target` by the backup, in one transaction of SQLite: whoever has the file open sees the old
    state or the new one, and a kill leaves the old. Returns the schema's revision."""
    if not backup.is_file():
        raise BackupRefused(f"There is no file {backup}.")
    if target.exists() and backup.samefile(target):
        raise BackupRefused(f"{backup} is the database itself.")
    if not target.parent.is_dir():
        raise BackupRefused(f"There is no folder {target.parent}: does TANDEM_DATABASE_URL name the right file?")
    with closing(_open(backup)) as copy:
        revision = _revision(copy)
        if revision is None:
            raise BackupRefused(f"{backup} is no backup of Tandem.")
        if revision not in known_revisions():
            raise BackupRefused(
                f"{backup} was made by a newer version of Tandem (schema {revision}): upgrade the service first."
            )
        _check(copy, backup)
        with closing(sqlite3.connect(target, timeout=10)) as live:
            if _has_data(target, live) and not force:
                raise BackupRefused(f"{target} holds data: back it up, then add --force to replace it.")
            copy.backup(live)
            live.execute("PRAGMA journal_mode=WAL")
    return revision


def _open(path: Path) -> sqlite3.Connection:
    """Read only, as far as SQLite lets one read a database in WAL mode."""
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=10)


def _check(conn: sqlite3.Connection, name: Path) -> None:
    try:
        found = conn.execute("PRAGMA integrity_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        found = str(error)
    if found != "ok":
        raise BackupRefused(f"{name} is damaged ({found}): take an earlier backup.")


def _revision(conn: sqlite3.Connection) -> str | None:
    try:
        row = conn.execute("SELECT version_num FROM alembic_version").fetchone()
        conn.execute("SELECT 1 FROM audit_entry LIMIT 1")
    except sqlite3.DatabaseError:
        return None
    return None if row is None else str(row[0])


def _has_data(name: Path, conn: sqlite3.Connection) -> bool:
    """Whether anything has been written: every write leaves an audit row. What is no database of ours counts too."""
    try:
        tables = conn.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise BackupRefused(f"{name} is no SQLite database: move it away.") from error
    if tables == 0:
        return False
    return _revision(conn) is None or conn.execute("SELECT 1 FROM audit_entry LIMIT 1").fetchone() is not None
