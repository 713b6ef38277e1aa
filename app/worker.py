"""The worker: numbers events in the order in which they were committed, tells once a day what is due, and forgets what
was kept long enough.

On Postgres it is a process of its own (`tandem worker`), any number of them; on SQLite `serve` runs it in-process.
"""

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import date

import structlog

from app.core import clock
from app.core.caller import SYSTEM
from app.core.errors import Unavailable
from app.db.dispatcher import Database
from app.features.reminders.service import FIRST, Mark, ReminderDays, send_reminders
from app.http.idempotency import forget_old
from app.messaging.outbox import NUMBERED_AT_ONCE, number_events
from app.settings import Settings

FORGETS_EVERY_SECONDS = 600.0
LONGEST_REST_SECONDS = 30.0
USUAL_DAYS = ReminderDays()

log = structlog.get_logger("worker")


def reminder_days(settings: Settings) -> ReminderDays:
    """What the settings say of reminders."""
    chosen = settings.reminders
    return ReminderDays(settings.projects.health_stale_days, chosen.link_days, chosen.promise_days, chosen.period_days)


class Worker:
    """Works until it is told to stop; a step that has begun is finished."""

    def __init__(self, database: Database, interval_seconds: float, days: ReminderDays = USUAL_DAYS) -> None:
        self._database = database
        self._interval = interval_seconds
        self._days = days
        self._reminding_on: date | None = None
        self._mark: Mark | None = None
        self._told = 0
        self._stop = asyncio.Event()
        self._forgets_at = 0.0

    def stop(self) -> None:
        self._stop.set()

    async def step(self) -> bool:
        """One round of work; whether more is waiting."""
        # Events come first: nothing that reminders may stumble over keeps them from their numbers.
        numbered = await self._database.write(number_events)
        reminds = await self._remind()
        if time.monotonic() >= self._forgets_at:
            await self._database.write(forget_old)
            self._forgets_at = time.monotonic() + FORGETS_EVERY_SECONDS
        return reminds or numbered == NUMBERED_AT_ONCE

    async def _remind(self) -> bool:
        """From the first step of a day on, tell some of what is due; whether any was told, or more may be. Other
        workers may do so, too: each is told once.
        """
        today = clock.today()
        if self._reminding_on != today:
            self._reminding_on, self._mark, self._told = today, FIRST, 0
        if self._mark is None:
            return False
        told, self._mark = await self._database.write(send_reminders, SYSTEM, today, self._days, self._mark)
        self._told += told
        if self._mark is None and self._told:
            log.info("reminders sent", count=self._told)
        return True

    async def drain(self) -> None:
        """Work until nothing waits."""
        while await self.step():
            pass

    async def run(self) -> None:
        """Work, rest, and work again. A lost database is waited for, longer each time."""
        log.info("worker started")
        failures = 0
        while not self._stop.is_set():
            try:
                more = await self.step()
            except Unavailable:
                failures += 1
                rest = self._rest_after(failures)
                log.warning("database lost", retry_in_seconds=rest)
            except Exception:  # the very top: what nobody foresaw is logged, and may have passed at the next try
                failures += 1
                rest = self._rest_after(failures)
                log.exception("unforeseen", retry_in_seconds=rest)
            else:
                if failures:
                    log.info("worker recovered", after_failures=failures)
                failures = 0
                rest = 0.0 if more else self._interval
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), rest)
        log.info("worker stopped")

    def _rest_after(self, failures: int) -> float:
        return min(self._interval * 2.0 ** min(failures, 10), LONGEST_REST_SECONDS)


async def work(database: Database, interval_seconds: float, days: ReminderDays = USUAL_DAYS) -> None:
    """Run a worker until SIGTERM or SIGINT."""
    worker = Worker(database, interval_seconds, days)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(worker.stop))
    await worker.run()


@asynccontextmanager
async def working(
    database: Database, interval_seconds: float, days: ReminderDays = USUAL_DAYS
) -> AsyncIterator[Worker]:
    """A worker beside what the block does; at its end the step that has begun is finished."""
    worker = Worker(database, interval_seconds, days)
    task = asyncio.create_task(worker.run(), name="worker")
    try:
        yield worker
    finally:
        worker.stop()
        await task
