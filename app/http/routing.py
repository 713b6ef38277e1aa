"""Routes: closed unless declared open, strict about what they are sent, and found by an index instead of one by one."""

import functools
import inspect
import json
import math
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import anyio
import pydantic_core
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from app.core.caller import Caller, Right
from app.core.errors import FieldError, Forbidden, Invalid, TooLarge, UnsupportedMediaType, invalid

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
Handler = Callable[[Request], Coroutine[Any, Any, Response]]

OPEN = "open"
# Marks an operation, in its `openapi_extra`, whose answer holds a secret: nothing keeps it, not for a retry either.
SHOWN_ONCE = "x-shown-once"
# Of a body that is too large, this much is read on, so that its sender comes to see the answer.
DRAINED_BYTES = 10_000_000
DRAINED_SECONDS = 5.0
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def requires(*rights: Right) -> Callable[[Endpoint], Endpoint]:
    """Declare that an endpoint is for callers who have one of `rights`."""

    def declare(endpoint: Endpoint) -> Endpoint:
        vars(endpoint)["access"] = frozenset(rights)
        return endpoint

    return declare


def open_to_all(endpoint: Endpoint) -> Endpoint:
    """Declare that an endpoint needs no sign-in."""
    vars(endpoint)["access"] = OPEN
    return endpoint


class Route(APIRoute):
    """A route that signs the caller in, checks the right its endpoint declares, and refuses what it does not know."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        if not hasattr(endpoint, "access"):
            raise RuntimeError(f"{path}: declare the endpoint with @requires(…) or @open_to_all")
        super().__init__(path, endpoint, **options)
        if [parameter.annotation for parameter in inspect.signature(endpoint).parameters.values()] == [Request]:
            # It takes nothing but the request: there is nothing for FastAPI to solve.
            self.app = self._answer_directly

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As GET, so HEAD: `Observe` leaves the body out."""
        match, child = super().matches(scope)
        if match is Match.PARTIAL and scope["method"] == "HEAD" and "GET" in (self.methods or ()):
            return Match.FULL, child
        return match, child

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "HEAD" and "GET" in (self.methods or ()):
            await self.app(scope, receive, send)
        else:
            await super().handle(scope, receive, send)

    async def _answer_directly(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        await self._admit(request)
        response = await self.endpoint(request)
        await response(scope, receive, send)

    def get_route_handler(self) -> Handler:
        solve = super().get_route_handler()
        has_body = self.body_field is not None

        async def handle(request: Request) -> Response:
            await self._admit(request)
            if has_body:
                request = strict = StrictRequest(request.scope, request.receive)
                await _check_body(strict, request.app.state.settings.http.max_body_bytes)
            return await solve(request)

        return handle

    @functools.cached_property
    def access(self) -> Any:
        """The rights of which a caller needs one, or OPEN."""
        return vars(self.endpoint)["access"]

    @functools.cached_property
    def query_names(self) -> frozenset[str]:
        """The query parameters that the route knows."""
        names = {parameter.alias for parameter in self.dependant.query_params}
        names |= {p["name"] for p in (self.openapi_extra or {}).get("parameters", ()) if p.get("in") == "query"}
        rehearsed = self.methods and self.methods & WRITES and getattr(self.endpoint, "access", None) is not OPEN
        return frozenset(names | ({"dry_run"} if rehearsed else set()))

    @functools.cached_property
    def shown_once(self) -> bool:
        """Whether the answer holds a secret that nothing may keep."""
        return SHOWN_ONCE in (self.openapi_extra or {})

    async def _admit(self, request: Request) -> None:
        """Sign the caller in, check the right, refuse unknown parameters."""
        scope = request.scope
        if self.access is not OPEN:
            caller: Caller = await scope["app"].state.sign_in.caller(request)
            if not any(caller.may(right) for right in self.access):
                raise Forbidden(_needed(self.access))
            scope["caller"] = caller.in_request(scope["request_id"])
        if scope["query_string"]:
            _refuse_unknown(scope["query_string"], self.query_names)
        if self.shown_once and "idempotency-key" in request.headers:
            raise invalid("header:Idempotency-Key", "is not taken here: the answer holds a secret, which is not kept")


class StrictRequest(Request):
    """A request whose JSON is read strictly: no NaN, no lone surrogates, no bottomless nesting."""

    async def read_at_most(self, limit: int) -> bytes:
        """The body; 413 as soon as it is known to be larger than `limit` bytes."""
        declared = self.headers.get("content-length", "")
        expected = int(declared) if declared.isdecimal() else 0
        chunks: list[bytes] = []
        size = 0
        if expected <= limit + DRAINED_BYTES:
            with anyio.move_on_after(DRAINED_SECONDS) as drain:
                drain.deadline = math.inf
                async for chunk in self.stream():
                    size += len(chunk)
                    if max(size, expected) <= limit:
                        chunks.append(chunk)
                        continue
                    # Who is still sending would not see the answer: take some more, and drop it.
                    chunks.clear()
                    drain.deadline = min(drain.deadline, anyio.current_time() + DRAINED_SECONDS)
                    if size > limit + DRAINED_BYTES:
                        break
        if max(size, expected) > limit:
            raise TooLarge(f"Send at most {limit} bytes at once: split the body into several requests.")
        self._body = b"".join(chunks)
        return self._body

    async def json(self) -> Any:
        body = await self.body()
        try:
            return pydantic_core.from_json(body, allow_inf_nan=False, cache_strings="none")
        except ValueError as error:
            raise json.JSONDecodeError(str(error), "", 0) from error


def caller_of(request: Request) -> Caller:
    """The signed-in caller of a route that is not open."""
    caller: Caller = request.scope["caller"]
    return caller


def _needed(access: frozenset[Right]) -> str:
    rights = " or ".join(f"`{right}`" for right in sorted(access))
    return f"It needs the right {rights}: GET /v1/me lists yours; a PMO lead can give you another key."


@functools.lru_cache(maxsize=4096)
def _refuse_unknown(query: bytes, names: frozenset[str]) -> None:
    given = [name for name, _ in parse_qsl(query.decode("latin-1"), keep_blank_values=True)]
    unknown = sorted({name for name in given if name not in names})
    if unknown:
        allowed = ", ".join(sorted(names)) or "none"
        raise Invalid(
            f"Leave out {', '.join(unknown)[:200]}; known here: {allowed}.",
            errors=[
                FieldError(f"?{name[:100]}", "is no parameter of this route", "unknown-parameter")
                for name in unknown[:20]
            ],
        )
    repeated = sorted({name for name in given if given.count(name) > 1})
    if repeated:
        raise Invalid(
            f"Give {', '.join(repeated)} once; separate several values by commas.",
            errors=[FieldError(f"?{name}", "is given more than once", "repeated") for name in repeated],
        )


async def _check_body(request: "StrictRequest", limit: int) -> None:
    body = await request.read_at_most(limit)
    if not body:
        return
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise UnsupportedMediaType("Send the body as JSON with `Content-Type: application/json`.")
    if b"\\u0000" in body and (pointer := _nul_in(body)) is not None:
        raise Invalid(
            "Leave out NUL characters (\\u0000): no text may hold them.", errors=[FieldError(pointer, "holds NUL")]
        )


def _nul_in(body: bytes) -> str | None:
    """The JSON pointer of the first text with a NUL; `None` where what looks like one is an escaped backslash."""
    try:
        return _pointer_to_nul(pydantic_core.from_json(body, allow_inf_nan=False, cache_strings="none"))
    except ValueError:
        return None  # no JSON: said by whoever reads it


def _pointer_to_nul(value: Any) -> str | None:
    match value:
        case str():
            return "" if "\x00" in value else None
        case dict():
            if any("\x00" in name for name in value):
                return ""
            parts = [(name.replace("~", "~0").replace("/", "~1"), part) for name, part in value.items()]
        case list():
            parts = [(str(index), part) for index, part in enumerate(value)]
        case _:
            return None
    found = ((name, _pointer_to_nul(part)) for name, part in parts)
    return next((f"/{name}{rest}" for name, rest in found if rest is not None), None)


class RouteIndex:
    """Serves `/v1/<resource>/…` from a table by resource, so that a route's position among hundreds does not matter.

    The routes are the application's own, which also make its one OpenAPI document; what is not in the table goes there.
    """

    def __init__(self, app: FastAPI, routes: Sequence[APIRoute]) -> None:
        self._fallback = app.router.app
        self._routers: dict[str, APIRouter] = {}
        for route in routes:
            segment = route.path.split("/", 3)[2]
            router = self._routers.setdefault(segment, APIRouter(redirect_slashes=False))
            router.routes.append(route)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            parts = scope["path"].split("/", 3)
            if len(parts) > 2 and parts[1] == "v1" and (router := self._routers.get(parts[2])) is not None:
                await router.app(scope, receive, send)
                return
        await self._fallback(scope, receive, send)


def mount(app: FastAPI, routers: Sequence[APIRouter]) -> None:
    """Serve `routers`, whose prefixes are whole paths, from one index."""
    routes = [route for router in routers for route in router.routes if isinstance(route, APIRoute)]
    app.router.routes.extend(routes)
    app.router.middleware_stack = RouteIndex(app, routes)
