"""The dispatcher: what leaves a transaction has been committed, and what fails leaves nothing."""

import asyncio
import time
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.core import clock
from app.core.caller import SYSTEM
from app.core.errors import Duplicate, StaleVersion, Unavailable
from app.core.ids import new_id
from app.db import dispatcher
from app.db.dispatcher import Database, Postgres, SQLite
from app.db.record import table_of
from app.messaging import records
from app.models.audit import AuditEntry
from app.models.client import Client
from app.models.outbox_event import OutboxEvent

clients = table_of(Client)


def add(conn: sa.Connection, code: str) -> UUID:
    row = records.add(conn, SYSTEM, clients, {"code": code, "name": code, "search_text": code})
    found: UUID = row.id
    return found


def codes(conn: sa.Connection) -> list[str]:
    return list(conn.execute(sa.select(clients.c.code).order_by(clients.c.code)).scalars())


def count(conn: sa.Connection, model: type) -> int:
    return conn.execute(sa.select(sa.func.count()).select_from(table_of(model))).scalar_one()


async def test_a_write_is_there_for_the_next_read(own_database: Database) -> None:
    await own_database.write(add, "A")
    for read in (own_database.read, own_database.read_hot, own_database.read_long):
        assert await read(codes) == ["A"]


async def test_a_failing_write_leaves_no_row_no_audit_and_no_event(own_database: Database) -> None:
    def failing(conn: sa.Connection) -> None:
        add(conn, "A")
        raise StaleVersion("on purpose")

    with pytest.raises(StaleVersion):
        await own_database.write(failing)
    assert await own_database.read(codes) == []
    assert await own_database.read(count, AuditEntry) == await own_database.read(count, OutboxEvent) == 0


async def test_a_write_on_the_raw_driver_keeps_what_any_write_keeps(own_database: Database) -> None:
    def failing(conn: sa.Connection) -> None:
        add(conn, "B")
        raise StaleVersion("on purpose")

    await own_database.write_hot(add, "A")
    with pytest.raises(StaleVersion):
        await own_database.write_hot(failing)
    with pytest.raises(Duplicate, match="same code"):
        await own_database.write_hot(add, "A")
    assert await own_database.read(codes) == ["A"]
    assert await own_database.read(count, AuditEntry) == 1
    row = await own_database.read(lambda conn: conn.execute(sa.select(clients)).one())
    assert (row.tier, row.communication_intensity) == ("standard", 3)  # what the table gives by itself


async def test_concurrent_writers_on_the_raw_driver_lose_no_update(own_database: Database) -> None:
    id = await own_database.write_hot(add, "A")

    def rename(conn: sa.Connection, name: str) -> bool:
        try:
            records.change(conn, SYSTEM, clients, records.get(conn, clients, id), {"name": name}, None)
        except StaleVersion:
            return False
        return True

    renamed = await asyncio.gather(*(own_database.write_hot(rename, f"name {n}") for n in range(30)))
    assert (await own_database.read(records.get, clients, id)).version == 1 + sum(renamed)


async def test_a_rehearsal_answers_and_keeps_nothing(own_database: Database) -> None:
    assert isinstance(await own_database.rehearse(add, "A"), UUID)
    assert await own_database.read(codes) == []


async def test_a_caller_who_hangs_up_does_not_tear_the_transaction(own_database: Database) -> None:
    def slow(conn: sa.Connection) -> None:
        for number in range(50):
            add(conn, f"A{number:02}")

    for _ in range(5):
        work = asyncio.ensure_future(own_database.write(slow))
        await asyncio.sleep(0.002)
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
        await asyncio.sleep(0.3)
        assert len(await own_database.read(codes)) in (0, 50)
        await own_database.write(lambda conn: conn.execute(sa.delete(clients)))


async def test_concurrent_writers_lose_no_update(own_database: Database) -> None:
    id = await own_database.write(add, "A")

    def rename(conn: sa.Connection, name: str) -> bool:
        before = records.get(conn, clients, id)
        try:
            records.change(conn, SYSTEM, clients, before, {"name": name}, None)
        except StaleVersion:
            return False
        return True

    renamed = await asyncio.gather(*(own_database.write(rename, f"name {n}") for n in range(30)))
    row = await own_database.read(records.get, clients, id)
    assert row.version == 1 + sum(renamed)


async def test_more_callers_than_connections_all_get_their_turn(own_database: Database) -> None:
    answers = await asyncio.gather(*(own_database.read(codes) for _ in range(300)))
    assert answers == [[]] * 300


async def test_a_statement_gives_the_same_rows_on_the_raw_driver(own_database: Database) -> None:
    await own_database.write(add, "A")
    statement = sa.select(clients).where(clients.c.code.in_(sa.bindparam("codes", expanding=True)))

    def rows(conn: sa.Connection) -> list[dict[str, object]]:
        return [row._asdict() for row in conn.execute(statement, {"codes": ["A", "B"]}).all()]

    plain, hot = await own_database.read(rows), await own_database.read_hot(rows)
    assert plain == hot
    assert {name: type(value) for name, value in plain[0].items() if name != "id"} == {
        name: type(value) for name, value in hot[0].items() if name != "id"
    }


async def test_the_raw_driver_takes_one_of_several_values_again_and_again(own_database: Database) -> None:
    for code in "ABC":
        await own_database.write(add, code)
    statement = sa.select(clients.c.code).where(clients.c.code.in_(sa.bindparam("codes", expanding=True)))

    def found(conn: sa.Connection, wanted: list[str]) -> list[str]:
        return sorted(conn.execute(statement, {"codes": wanted}).scalars())

    assert await own_database.read_hot(found, ["A"]) == ["A"]
    assert await own_database.read_hot(found, ["A", "C", "X"]) == ["A", "C"]


async def test_instants_come_back_aware_and_to_the_microsecond(own_database: Database) -> None:
    now = clock.now()
    id = new_id()
    values = {"id": id, "version": 1, "created_at": now, "updated_at": now}
    await own_database.write(
        lambda conn: conn.execute(sa.insert(clients), {**values, "code": "A", "name": "A", "search_text": "a"})
    )
    row = await own_database.read(records.get, clients, id)
    assert row.created_at == now
    assert row.created_at.tzinfo is not None


async def test_naive_instants_are_rejected(own_database: Database) -> None:
    naive = clock.now().replace(tzinfo=None)
    values = {"id": new_id(), "version": 1, "created_at": naive, "updated_at": naive}
    with pytest.raises((sa.exc.StatementError, ValueError)):
        await own_database.write(
            lambda conn: conn.execute(sa.insert(clients), {**values, "code": "A", "name": "A", "search_text": "a"})
        )


@pytest.mark.parametrize("other", ["same process", "another process"])
async def test_two_writers_on_one_sqlite_file_wait_for_each_other(own_database: Database, other: str) -> None:
    if not isinstance(own_database, SQLite):
        pytest.skip("Postgres locks rows, not the file")
    path = own_database.engines[0].url.database
    assert path is not None
    second = SQLite(path) if other == "another process" else own_database
    try:
        writes = [(own_database if n % 2 else second).write(add, f"A{n:02}") for n in range(40)]
        await asyncio.gather(*writes)
    finally:
        if second is not own_database:
            await second.close()
    assert len(await own_database.read(codes)) == 40


async def test_writers_who_queue_for_too_long_are_refused_and_write_nothing(
    own_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not isinstance(own_database, SQLite):
        pytest.skip("Postgres has many writers")
    monkeypatch.setattr(dispatcher, "MOST_WAIT_SECONDS", 0.3)

    def slow(conn: sa.Connection, code: str) -> None:
        add(conn, code)
        time.sleep(0.5)

    done = await asyncio.gather(*(own_database.write(slow, code) for code in "ABC"), return_exceptions=True)
    assert [type(answer) for answer in done] == [type(None), Unavailable, Unavailable]
    assert await own_database.read(codes) == ["A"]


async def test_serialisation_failures_are_retried(own_database: Database) -> None:
    if not isinstance(own_database, Postgres):
        pytest.skip("SQLite's writers are one at a time")
    id = await own_database.write(add, "A")
    statement = sa.update(clients).where(clients.c.id == id).values(communication_intensity=5)

    def strict(conn: sa.Connection) -> None:
        conn.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        conn.execute(sa.select(sa.func.count()).select_from(clients))
        conn.execute(sa.text("SELECT pg_sleep(0.02)"))
        conn.execute(statement)

    await asyncio.gather(*(own_database.write(strict) for _ in range(3)))
