"""One tree for both databases: up, down and up again, with the triggers that each should have."""

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from app.core.caller import SYSTEM
from app.db.dispatcher import Database, Postgres, SQLite
from app.db.migrate import SCRIPTS, current, head, migrate
from app.db.record import metadata, table_of
from app.db.triggers import expected_triggers, installed_triggers
from app.messaging import records
from app.models.client import Client


def opened(url: str) -> Database:
    return SQLite(url.removeprefix("sqlite:///")) if url.startswith("sqlite") else Postgres(url)


def fill(conn: sa.Connection) -> None:
    records.add(conn, SYSTEM, table_of(Client), {"code": "A", "name": "A", "search_text": "a"})


async def test_goes_up_down_and_up_again_with_data_in_it(clone_url: str) -> None:
    revisions = [r.revision for r in ScriptDirectory(str(SCRIPTS)).walk_revisions()]  # newest first
    database = opened(clone_url)
    try:
        await database.write(fill)
        for revision in [*revisions[1:], "base"]:
            await migrate(clone_url, revision)
        assert await database.read(current) is None
        for revision in reversed(revisions):
            await migrate(clone_url, revision)
            await database.write(fill)
            await database.write(lambda conn: conn.execute(sa.delete(table_of(Client))))
        assert await database.read(current) == head()
    finally:
        await database.close()


async def test_migrating_twice_changes_nothing(clone_url: str) -> None:
    assert await migrate(clone_url) == (head(), head())


async def test_each_database_has_its_triggers(own_database: Database) -> None:
    assert await own_database.read(installed_triggers) == expected_triggers(own_database.dialect)


async def test_the_schema_is_what_the_models_declare(own_database: Database) -> None:
    def differences(conn: sa.Connection) -> list[object]:
        context = MigrationContext.configure(conn, opts={"compare_type": False})
        return list(compare_metadata(context, metadata))

    assert await own_database.read_long(differences) == []


@pytest.mark.parametrize(
    "table", ["decision", "audit_entry", "audit_change", "baseline", "baseline_milestone", "outbox_event"]
)
async def test_both_databases_keep_the_same_tables_append_only(own_database: Database, table: str) -> None:
    names = await own_database.read(installed_triggers)
    assert any(name.startswith(f"{table}_append_only") for name in names)
