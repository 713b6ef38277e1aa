"""Bringing a database's schema to where this version of the code expects it."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from app.db.engine import is_postgres, postgres_engine, sqlite_engine, sqlite_path
from app.db.triggers import create_triggers, expected_triggers, installed_triggers

SCRIPTS = Path(__file__).parents[2] / "migrations"
# One migrator at a time: several processes of a deployment may start together.
LOCK = 7_203_391


class MigrationRefused(Exception):
    """The database can't be brought there; the message says what to do instead."""


def _config(conn: sa.Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = conn
    return config


def known_revisions() -> list[str]:
    """The revisions that this version of the code knows, newest first."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    return [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]


def head() -> str:
    """The revision that the code expects."""
    return known_revisions()[0]


def current(conn: sa.Connection) -> str | None:
    """The revision that the database is at; `None` when it has no schema of ours."""
    return MigrationContext.configure(conn).get_current_revision()


def to_revision(conn: sa.Connection, revision: str = "head", accept_loss: bool = True) -> None:
    """Up or down to `revision`, in the transaction of `conn`. Down, data may go: only when that is accepted."""
    if conn.dialect.name == "postgresql":
        conn.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    known = known_revisions()
    at = current(conn)
    _check_ours(conn, at, known)
    if revision not in ("head", "base", *known):
        raise MigrationRefused(f"There is no revision {revision!r}; the newest is {known[0]}, the oldest {known[-1]}.")
    down = at is not None and (revision == "base" or (revision != "head" and known.index(revision) > known.index(at)))
    if down and not accept_loss:
        raise MigrationRefused(
            f"Going down from {at} to {revision} drops what was added since, with its data: make a backup, then add "
            "--accept-loss."
        )
    (command.downgrade if down else command.upgrade)(_config(conn), revision)
    if revision in ("head", known[0]) and expected_triggers(conn.dialect.name) - installed_triggers(conn):
        create_triggers(conn)  # somebody has dropped some


def _check_ours(conn: sa.Connection, at: str | None, known: list[str]) -> None:
    if at is not None and at not in known:
        raise MigrationRefused(
            f"The database is at revision {at}, which this version of Tandem does not know: a newer one has migrated "
            "it. Upgrade the service, or restore a backup made before."
        )
    if at is None and (others := sorted(set(sa.inspect(conn).get_table_names()) - {"alembic_version"})):
        raise MigrationRefused(
            f"The database has tables that are not Tandem's ({', '.join(others[:3])}{' …' if others[3:] else ''}): "
            "give Tandem a database or a schema of its own, by TANDEM_DATABASE_URL."
        )


async def migrate(
    url: str, revision: str = "head", pgbouncer: bool = False, accept_loss: bool = True
) -> tuple[str | None, str | None]:
    """Bring the database at `url` to `revision`, in one transaction. Returns where it was and where it is."""

    def run(conn: sa.Connection) -> tuple[str | None, str | None]:
        before = current(conn)
        to_revision(conn, revision, accept_loss)
        return before, current(conn)

    if is_postgres(url):
        engine = postgres_engine(url, 1, pgbouncer)
        try:
            async with engine.begin() as connection:
                return await connection.run_sync(run)
        finally:
            await engine.dispose()
    sqlite = sqlite_engine(sqlite_path(url), begin="BEGIN IMMEDIATE")
    try:
        with sqlite.connect() as conn:
            # SQLite's batch alterations remake tables; a foreign key would take the rows of others with them.
            raw = conn.connection.driver_connection
            assert raw is not None
            raw.execute("PRAGMA foreign_keys=OFF")
            with conn.begin():
                result = run(conn)
                if broken := conn.exec_driver_sql("PRAGMA foreign_key_check").all():
                    raise RuntimeError(f"the migration would leave {len(broken)} dangling references")
            raw.execute("PRAGMA foreign_keys=ON")
            return result
    finally:
        sqlite.dispose()
