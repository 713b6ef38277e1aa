"""Bringing a database's schema to where this version of the code expects it."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from app.db.engine import is_postgres, postgres_engine, sqlite_engine, sqlite_path

SCRIPTS = Path(__file__).parents[2] / "migrations"
# One migrator at a time: several processes of a deployment may start together.
LOCK = 7_203_391


def _config(conn: sa.Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = conn
    return config


def head() -> str:
    """The revision that the code expects."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    revision = ScriptDirectory.from_config(config).get_current_head()
    assert revision is not None
    return revision


def current(conn: sa.Connection) -> str | None:
    """The revision that the database is at; `None` when it has no schema of ours."""
    return MigrationContext.configure(conn).get_current_revision()


def to_revision(conn: sa.Connection, revision: str = "head") -> None:
    """Up or down to `revision`, in the transaction of `conn`."""
    if conn.dialect.name == "postgresql":
        conn.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    config = _config(conn)
    script = ScriptDirectory.from_config(config)
    target = revision if revision in ("head", "base") else script.get_revision(revision).revision
    at = current(conn)
    known = [r.revision for r in script.walk_revisions()]  # newest first
    down = target == "base" or (target != "head" and at in known and known.index(target) > known.index(at))
    (command.downgrade if down else command.upgrade)(config, target)


async def migrate(url: str, revision: str = "head") -> tuple[str | None, str | None]:
    """Bring the database at `url` to `revision`, in one transaction. Returns where it was and where it is."""

    def run(conn: sa.Connection) -> tuple[str | None, str | None]:
        before = current(conn)
        to_revision(conn, revision)
        return before, current(conn)

    if is_postgres(url):
        engine = postgres_engine(url, 1)
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
