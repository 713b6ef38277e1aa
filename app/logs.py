"""Logs: a line of JSON for each event, or text for people. Nothing that somebody sent is in them.

Exceptions are told by their types and where they passed; their messages only where they can't quote a value, since what
databases and validators say quotes bodies. Local variables are never shown.
"""

import json
import logging
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import PurePath
from traceback import walk_tb
from typing import Any, BinaryIO

import orjson
import structlog
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError, StatementError
from structlog.typing import EventDict, Processor, WrappedLogger

from app.core import clock

SAYS_NO_VALUES = (
    AssertionError,
    AttributeError,
    ImportError,
    NameError,
    OSError,
    RuntimeError,
    SQLAlchemyError,
    TypeError,
    sqlite3.Error,
)
# They log addresses with their query, or every step of theirs.
QUIET = ("alembic", "asyncio", "httpcore", "httpx")
MOST_FRAMES = 50


def configure(level: str = "info", format: str = "json", out: BinaryIO | None = None) -> None:
    """Send all logs, the standard library's included, to `out` (standard output). Called once, by the roots."""
    least = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[_label, *((_structured, _as_json) if format == "json" else (_plain, _Text()))],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.BytesLoggerFactory(out),
        cache_logger_on_first_use=True,
    )
    root = logging.getLogger()
    root.handlers = [_Forward()]
    root.setLevel(least)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(least, logging.WARNING))
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers = []
        logger.propagate = name != "uvicorn.access"  # it logs query strings; every request has its line already


class _Forward(logging.Handler):
    """Brings what is logged by the standard library onto the same way."""

    def emit(self, record: logging.LogRecord) -> None:
        log = structlog.get_logger(record.name)
        log.log(record.levelno, record.getMessage(), **({"exc_info": record.exc_info} if record.exc_info else {}))


def _label(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    name = getattr(logger, "name", None)
    return {"at": clock.now(), "level": method, **({"logger": name} if name else {}), **event}


def _structured(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    if (error := _error(event.pop("exc_info", None))) is not None:
        event["exception"] = describe(error)
    return event


def _as_json(logger: WrappedLogger, method: str, event: EventDict) -> bytes:
    try:
        return orjson.dumps(event, default=str)
    except TypeError:  # a lone surrogate, which UTF-8 does not have
        return json.dumps(event, default=str).encode()


def _plain(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    if (error := _error(event.pop("exc_info", None))) is not None:
        event["exception"] = "\n".join(_lines(describe(error)))
    return {**event, "at": f"{event['at']:%H:%M:%S}"}


class _Text:
    """Lines for people, in colours where they look on."""

    def __init__(self) -> None:
        self._render: Processor = structlog.dev.ConsoleRenderer(
            colors=sys.stdout.isatty(), timestamp_key="at", sort_keys=False
        )

    def __call__(self, logger: WrappedLogger, method: str, event: EventDict) -> bytes:
        return str(self._render(logger, method, event)).encode(errors="replace")


def describe(error: BaseException) -> list[dict[str, Any]]:
    """An exception and those that led to it, the last one first: types and places, and no values."""
    found: list[dict[str, Any]] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        kind = type(current)
        one: dict[str, Any] = {"type": f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")}
        if (message := _message(current)) is not None:
            one["message"] = message
        if (state := getattr(getattr(current, "orig", current), "sqlstate", None)) is not None:
            one["sqlstate"] = state
        if isinstance(current, StatementError) and current.statement:
            one["statement"] = current.statement
        if isinstance(current, BaseExceptionGroup):
            one["exceptions"] = [described for part in current.exceptions for described in describe(part)]
        places = [(frame.f_code, line) for frame, line in walk_tb(current.__traceback__)][-MOST_FRAMES:]
        one["frames"] = [
            {"file": code.co_filename, "line": line, "function": code.co_qualname} for code, line in places
        ]
        found.append(one)
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return found


def _message(error: BaseException) -> str | None:
    if isinstance(error, ValidationError):
        wrong = error.errors(include_input=False, include_context=False, include_url=False)
        return "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['type']}" for item in wrong[:10])
    if isinstance(error, SAYS_NO_VALUES) and not isinstance(error, StatementError | ValueError):
        return str(error)
    return None


def _error(exc_info: Any) -> BaseException | None:
    if isinstance(exc_info, BaseException):
        return exc_info
    if isinstance(exc_info, tuple):
        found: BaseException | None = exc_info[1]
        return found
    return sys.exc_info()[1] if exc_info else None


def _lines(described: list[dict[str, Any]]) -> Iterator[str]:
    for one in described:
        yield ": ".join(filter(None, (one["type"], one.get("sqlstate"), one.get("message"))))
        for frame in one["frames"]:
            file = PurePath(frame["file"])
            yield f"    {file.parent.name}/{file.name}:{frame['line']} in {frame['function']}"
        yield from _lines(one.get("exceptions", []))
