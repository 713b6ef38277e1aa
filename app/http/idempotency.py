"""`Idempotency-Key` on POST: sent again, the same request gets the same answer, and happens once.

The answer is kept in the request's own transaction, so that it is there exactly when its effects are; only successes
are kept.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import Response

from app.core import clock
from app.core.caller import Caller
from app.core.errors import Conflict, Invalid, invalid
from app.db.record import table_of
from app.models.idempotency import IdempotencyRecord

KEPT = timedelta(hours=24)
MAX_LENGTH = 200

records = table_of(IdempotencyRecord)
FIND = sa.select(records).where(records.c.caller == sa.bindparam("who"), records.c.key == sa.bindparam("which"))
KEEP = sa.insert(records)
FORGET_OLD = sa.delete(records).where(records.c.created_at < sa.bindparam("before", type_=records.c.created_at.type))
TRY_LOCK = sa.text("SELECT pg_try_advisory_xact_lock(:number)")


class StillRunning(Conflict):
    """Wait for the first request's answer, or retry in a moment."""

    code, title = "still-running", "A request with this Idempotency-Key is still running"


class KeyReused(Invalid):
    """Use a new `Idempotency-Key` for another request, the same one only to send the very same again."""

    code, title = "idempotency-key-reused", "This Idempotency-Key came with another request"


@dataclass(frozen=True)
class Once:
    """One request that is to happen once: who sends it, its key, and a hash of what it asks."""

    who: str
    key: str
    request_hash: str


def once(request: Request, caller: Caller, body: bytes) -> Once | None:
    """What `Idempotency-Key` asks for, `None` without it."""
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if not 1 <= len(key) <= MAX_LENGTH or not key.isascii() or not key.isprintable():
        raise invalid("header:Idempotency-Key", f"must be 1 to {MAX_LENGTH} printable ASCII characters, best a UUID")
    asked = f"{request.method} {request.url.path}?{request.url.query}\n".encode() + body
    return Once(_who(caller), key, hashlib.sha256(asked).hexdigest())


def _who(caller: Caller) -> str:
    """The caller with what they may see, so that a kept answer is not shown once rights have been taken away."""
    sees = f"{caller.role} {sorted(map(str, caller.own_projects))}"
    return f"{caller.key_id or caller.person_id} {hashlib.sha256(sees.encode()).hexdigest()[:32]}"


_running: set[tuple[str, str]] = set()


@contextmanager
def running(what: Once) -> Iterator[None]:
    """409 while the same key is already at work in this process."""
    mark = (what.who, what.key)
    if mark in _running:
        raise StillRunning("Wait for its answer, or retry in a moment.", headers={"Retry-After": "1"})
    _running.add(mark)
    try:
        yield
    finally:
        _running.discard(mark)


def replay(conn: sa.Connection, what: Once) -> Response | None:
    """The answer kept for this key, `None` when it is new; 409 while another process is at it."""
    if conn.dialect.name == "postgresql":
        number = int.from_bytes(hashlib.sha256(f"{what.who} {what.key}".encode()).digest()[:8], "big", signed=True)
        if not conn.execute(TRY_LOCK, {"number": number}).scalar_one():
            raise StillRunning("Wait for its answer, or retry in a moment.", headers={"Retry-After": "1"})
    row = conn.execute(FIND, {"who": what.who, "which": what.key}).one_or_none()
    if row is None:
        return None
    if row.request_hash != what.request_hash:
        raise KeyReused("Use a new key for another request; the same one only to send the very same again.")
    return Response(row.body, row.status, {**row.headers, "Idempotency-Replayed": "true"})


def keep(conn: sa.Connection, what: Once, answer: Response) -> None:
    """Keep a success for `KEPT`."""
    headers = {k: v for k, v in answer.headers.items() if k not in ("content-length", "x-request-id")}
    conn.execute(
        KEEP,
        {
            "caller": what.who,
            "key": what.key,
            "request_hash": what.request_hash,
            "status": answer.status_code,
            "headers": headers,
            "body": bytes(answer.body),
            "created_at": clock.now(),
        },
    )


def forget_old(conn: sa.Connection) -> int:
    """Drop the answers that have been kept long enough; the worker calls it. Returns how many."""
    return conn.execute(FORGET_OLD, {"before": clock.now() - KEPT}).rowcount
