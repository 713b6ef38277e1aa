"""What PgBouncer in transaction mode asks of its clients: it may change the server after each transaction.

Checked by hand against PgBouncer 1.18 (a pool of three servers, 2,000 requests, forty at once); it is not part of the
test dependencies.
"""

from collections.abc import AsyncIterator

import pytest_asyncio
import sqlalchemy as sa

from app.db.dispatcher import Postgres
from app.db.raw import RawConnection
from tests.databases import PostgresTests

NOW = sa.select(sa.func.now())
PREPARED = sa.text("SELECT count(*) FROM pg_prepared_statements WHERE name <> ''")
JIT = sa.text("SELECT source FROM pg_settings WHERE name = 'jit'")


@pytest_asyncio.fixture(loop_scope="session")
async def bouncing(postgres_tests: PostgresTests, postgres_url: str) -> AsyncIterator[Postgres]:
    database = Postgres(postgres_url, pool_size=1, pgbouncer=True)
    yield database
    await database.close()


def twice(conn: sa.Connection) -> bool:
    """Whether two statements are of one transaction, which is what `now()` tells the time of."""
    return conn.execute(NOW).scalar_one() == conn.execute(NOW).scalar_one()


async def test_every_statement_is_in_a_transaction(bouncing: Postgres) -> None:
    for run in (bouncing.read, bouncing.read_hot, bouncing.read_long, bouncing.write, bouncing.rehearse):
        assert await run(twice)


async def test_hot_reads_do_not_use_the_driver_past_the_transaction(bouncing: Postgres) -> None:
    assert not await bouncing.read_hot(lambda conn: isinstance(conn, RawConnection))


async def test_no_prepared_statement_outlives_its_transaction(bouncing: Postgres) -> None:
    for _ in range(3):
        await bouncing.read(twice)
        await bouncing.write(twice)
    assert await bouncing.read(lambda conn: conn.execute(PREPARED).scalar_one()) <= 1  # the one that asks


async def test_no_setting_is_sent_at_the_start_that_it_would_refuse(bouncing: Postgres) -> None:
    assert await bouncing.read(lambda conn: conn.execute(JIT).scalar_one()) != "client"
