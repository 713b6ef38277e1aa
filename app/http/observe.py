"""What every request leaves behind: a request id, a line of log, and figures for Prometheus. No secrets, no bodies."""

import re
import time
from uuid import uuid4

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.errors import InternalError
from app.http.problems import problem_response

# What opens a link is a secret, and stands in the path.
LINK = re.compile(r"^/v1/client-links/[^/]+")
# So is a key that somebody has put into an address.
KEY = re.compile(r"[^/]*tdm_[^/]*", re.IGNORECASE)
REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,100}")
log = structlog.get_logger("http")


class Metrics:
    """The figures that `/metrics` shows, by route template, so that their number does not grow with ids."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "tandem_requests_total", "Requests answered.", ("method", "route", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "tandem_request_seconds", "Time to answer.", ("method", "route"), registry=self.registry
        )


class Observe:
    """Pure ASGI. Gives the request its id, and turns what nobody foresaw into a problem with that id."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = _given_id(scope) or uuid4().hex
        scope["request_id"] = request_id
        header = (b"x-request-id", request_id.encode())
        status = 0
        began = time.perf_counter()

        async def observed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), header]
            elif scope["method"] == "HEAD":
                message = {**message, "body": b""}
            await send(message)

        try:
            await self.app(scope, receive, observed)
        except Exception:  # the very top: what nobody foresaw is logged and answered, or the cut stream fails visibly
            log.exception("unforeseen", request_id=request_id, path=_loggable(scope["path"]))
            if status:
                raise
            error = InternalError("Retry; if it stays, tell us the request id.")
            await problem_response(error, scope["path"], request_id)(scope, receive, observed)
        finally:
            seconds = time.perf_counter() - began
            route = getattr(scope.get("route"), "path", "other")
            method = scope["method"] if route != "other" else "any"
            self.metrics.requests.labels(method, route, status).inc()
            self.metrics.seconds.labels(method, route).observe(seconds)
            caller = scope.get("caller")
            log.info(
                "request",
                request_id=request_id,
                method=scope["method"],
                path=_loggable(scope["path"]),
                status=status,
                ms=round(seconds * 1000, 2),
                **({"key_id": str(caller.key_id)} if caller is not None and caller.key_id else {}),
                **({"code": scope["problem_code"]} if "problem_code" in scope else {}),
            )


def _loggable(path: str) -> str:
    return KEY.sub("***", LINK.sub("/v1/client-links/***", path))


def _given_id(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and REQUEST_ID.fullmatch(value):
            return str(value, "ascii")
    return None
