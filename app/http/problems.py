"""Every error as RFC 9457 `application/problem+json`, saying what to do instead."""

import json
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from app.core.errors import (
    AppError,
    FieldError,
    InternalError,
    Invalid,
    MalformedRequest,
    MethodNotAllowed,
    NotFound,
)
from app.core.validation import code_of, message_of

MEDIA_TYPE = "application/problem+json"


def problem_response(error: AppError, path: str, request_id: str) -> Response:
    """The answer to a request that ended in `error`."""
    body: dict[str, Any] = {
        "type": f"/problems/{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "instance": path,
        "code": error.code,
        "request_id": request_id,
    }
    if error.errors:
        body["errors"] = [{"pointer": e.pointer, "detail": e.detail, "code": e.code} for e in error.errors]
    body |= error.extra
    headers = {"Cache-Control": "no-store", **error.headers}
    if error.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="tandem", Basic realm="tandem"'
    return Response(
        json.dumps(body, ensure_ascii=True, default=str).encode(), error.status, headers, media_type=MEDIA_TYPE
    )


def _answer(request: Request, error: AppError) -> Response:
    request.scope["problem_code"] = error.code
    return problem_response(error, request.url.path, request.scope.get("request_id", ""))


async def on_app_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, AppError)
    return _answer(request, error)


async def on_validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return _answer(request, from_validation(error.errors(), "body"))


async def on_http_exception(request: Request, error: Exception) -> Response:
    """What the router and the body limit raise by themselves."""
    assert isinstance(error, HTTPException)
    path = request.url.path
    problem: AppError
    match error.status_code:
        case 404:
            problem = NotFound(f"Nothing is at {path}: /docs lists what there is.")
        case 405:
            allowed = ", ".join(sorted(_methods(request)))
            problem = MethodNotAllowed(f"{path} takes {allowed}.", headers={"Allow": allowed})
        case 400:
            problem = MalformedRequest("The body can't be read: send UTF-8 JSON.")
        case _:
            problem = InternalError("Retry; if it stays, tell us the request id.")
    return _answer(request, problem)


def _methods(request: Request) -> set[str]:
    """What the path takes: each method is a route of its own."""
    routes = [route for route in request.app.router.routes if isinstance(route, Route)]
    matching = [route.methods for route in routes if route.path_regex.match(request.url.path) and route.methods]
    found = set().union(*matching)
    return found | {"HEAD"} if "GET" in found else found


def install(app: FastAPI) -> None:
    app.add_exception_handler(AppError, on_app_error)
    app.add_exception_handler(RequestValidationError, on_validation_error)
    app.add_exception_handler(HTTPException, on_http_exception)


def from_validation(found: Any, where: str) -> AppError:
    """The problem behind pydantic's errors: a JSON pointer each, never the input itself."""
    errors = []
    for item in found:
        location = [str(part) for part in item["loc"]]
        if item["type"] == "json_invalid":
            return MalformedRequest(f"The body is not JSON: {item.get('ctx', {}).get('error', item['msg'])}.")
        source = location.pop(0) if location and location[0] in ("body", "query", "path", "header") else where
        errors.append(FieldError(_pointer(source, location), message_of(item), code_of(item["type"])))
    fields = ", ".join(error.pointer or "the body" for error in errors[:5])
    return Invalid(f"Correct {fields}; `errors` says what is allowed.", errors=errors[:100])


def _pointer(source: str, location: list[str]) -> str:
    # A union's branches (`function-before[…]`, `str`) are no part of the document.
    names = [part for part in location if "[" not in part and "(" not in part]
    if source == "body":
        return "".join("/" + name.replace("~", "~0").replace("/", "~1") for name in names)
    return ("?" if source == "query" else f"{source}:") + ".".join(names)
