"""Events get their positions in commit order, without gaps, and the worker outlives what happens to the database."""

import asyncio
import random
import signal
import time
from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from app.core import clock
from app.core.caller import SYSTEM
from app.core.events import DomainEvent
from app.db.dispatcher import Database, Postgres
from app.db.record import table_of
from app.db.violations import AppendOnly
from app.messaging.outbox import emit, emit_all, number_events
from app.models.idempotency import IdempotencyRecord
from app.models.outbox_event import OutboxEvent
from app.worker import Worker, working
from tests.commands import started
from tests.databases import Admin, RolledBack
from tests.postgres import wait_for

outbox = table_of(OutboxEvent)
kept = table_of(IdempotencyRecord)
SOON = 0.01


def an_event() -> DomainEvent:
    return DomainEvent("client.created", "client", uuid4())


def add_event(conn: sa.Connection) -> None:
    emit(conn, SYSTEM, an_event())


def positions(conn: sa.Connection) -> list[int | None]:
    return list(conn.execute(sa.select(outbox.c.position).order_by(outbox.c.position)).scalars())


def after(conn: sa.Connection, position: int) -> list[tuple[int, object]]:
    found = sa.select(outbox.c.position, outbox.c.id).where(outbox.c.position > position).order_by(outbox.c.position)
    return [(row.position, row.id) for row in conn.execute(found)]


async def until(condition: object, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not await condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(SOON)


async def test_numbers_events_once_from_one_on(database: RolledBack) -> None:
    await database.write(lambda conn: emit_all(conn, SYSTEM, [an_event() for _ in range(3)]))
    assert await database.write(number_events) == 3
    await database.write(add_event)
    assert await database.write(number_events) == 1
    assert await database.write(number_events) == 0
    assert await database.read(positions) == [1, 2, 3, 4]


async def test_the_database_keeps_events_as_they_happened(database: RolledBack) -> None:
    await database.write(add_event)
    await database.write(number_events)
    await database.write(add_event)
    waiting = sa.update(outbox).where(outbox.c.position.is_(None))
    numbered = sa.update(outbox).where(outbox.c.position == 1)
    for statement in (
        waiting.values(position=2, type="client.deleted"),
        waiting.values(position=2, data={"code": "ACME"}),
        waiting.values(position=2, request_id="another"),
        waiting.values(position=None),
        numbered.values(position=2),
        numbered.values(position=None),
        sa.delete(outbox),
    ):
        with pytest.raises(AppendOnly):
            await database.write(lambda conn, statement=statement: conn.execute(statement))
    assert await database.write(number_events) == 1


async def test_numbers_events_of_one_transaction_in_the_order_in_which_they_happened(database: RolledBack) -> None:
    def add_three(conn: sa.Connection) -> None:
        for number in range(3):
            emit(conn, SYSTEM, DomainEvent(f"step.{number}", "client", uuid4()))

    await database.write(add_three)
    await database.write(number_events)
    types = await database.read(
        lambda conn: list(conn.execute(sa.select(outbox.c.type).order_by(outbox.c.position)).scalars())
    )
    assert types == ["step.0", "step.1", "step.2"]


async def test_works_off_more_than_one_batch(database: RolledBack) -> None:
    await database.write(lambda conn: emit_all(conn, SYSTEM, [an_event() for _ in range(7)]))
    assert await database.write(number_events, 5) == 5
    assert await database.write(number_events, 5) == 2
    assert await database.read(positions) == [1, 2, 3, 4, 5, 6, 7]


async def test_a_reader_after_a_position_misses_no_event_of_concurrent_writers(own_database: Database) -> None:
    """Three hundred transactions of various lengths, two workers, and a reader that polls all the while."""
    total, chance = 300, random.Random(1)
    gate = asyncio.Semaphore(8)

    def slow(conn: sa.Connection, seconds: float) -> None:
        add_event(conn)
        if conn.dialect.name == "postgresql":  # commits in another order than that of the ids
            conn.execute(sa.text("SELECT pg_sleep(:seconds)"), {"seconds": seconds})

    async def write() -> None:
        async with gate:
            await own_database.write(slow, chance.choice((0, 0, 0.01, 0.05)))

    seen: list[tuple[int, object]] = []

    async def read_all() -> bool:
        seen.extend(await own_database.read(after, seen[-1][0] if seen else 0))
        return len(seen) == total

    async with working(own_database, SOON), working(own_database, SOON):
        writers = asyncio.gather(*(write() for _ in range(total)))
        await until(read_all, 60)
        await writers
    assert [position for position, _ in seen] == list(range(1, total + 1))
    assert len({id for _, id in seen}) == total


async def test_forgets_answers_that_were_kept_long_enough(database: RolledBack) -> None:
    def keep(conn: sa.Connection) -> None:
        for key, age in (("old", timedelta(hours=25)), ("new", timedelta(hours=23))):
            answer = {"request_hash": "", "status": 200, "headers": {}, "body": b"", "created_at": clock.now() - age}
            conn.execute(sa.insert(kept), {"caller": "c", "key": key, **answer})

    await database.write(keep)
    await Worker(database, SOON).drain()
    assert await database.read(lambda conn: list(conn.execute(sa.select(kept.c.key)).scalars())) == ["new"]


async def test_goes_on_when_the_database_was_away(postgres_template: str, postgres_url: str) -> None:
    name = f"tandem_away_{uuid4().hex[:12]}"
    async with Admin(postgres_url) as admin:
        database = Postgres(await admin.create(name, postgres_template), pool_size=2)

        async def numbered() -> bool:
            return None not in await database.read(positions)

        async with working(database, SOON):
            await database.write(add_event)
            await until(numbered)
            await admin.cut_off(name)
            await asyncio.sleep(0.2)
            await admin.let_in(name)
            await database.write(add_event)
            await until(numbered)
            assert await database.read(positions) == [1, 2]
        await database.close()
        await admin.drop(name)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_ends_in_good_order_when_it_is_told_to(clone_url: str, number: signal.Signals) -> None:
    with started("worker", url=clone_url) as running:
        wait_for(lambda: "worker started" in running.output, 60)
        assert running.stop(number) == 0, running.output
        assert "worker stopped" in running.output
