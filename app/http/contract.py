"""The finishing of the OpenAPI document: what all operations share, said once as components."""

import json
from typing import Any

from app.core import errors
from app.core.errors import AppError
from app.http.routing import SHOWN_ONCE

DESCRIPTION = """
The back end of a project management office in an agency where every project is run by two people, an
**account manager** and a **production manager**.

Sign in with `Authorization: Bearer <API key>` (or Basic, with the key as password). Lists page by `next_cursor`, filter
by field name, and come as CSV or NDJSON by `Accept` or `?format=`. Writes take `?dry_run=true`; PATCH, PUT and DELETE
need `If-Match`; POST takes `Idempotency-Key`. Errors are `application/problem+json` and say what to do instead.
"""

PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "An RFC 9457 problem. `code` is stable; `detail` says what to do instead.",
    "required": ["type", "title", "status", "detail", "instance", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "examples": ["/problems/stale-version"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "code": {"type": "string", "examples": ["stale-version"]},
        "request_id": {"type": "string"},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/FieldProblem"}},
    },
}
FIELD_PROBLEM = {
    "type": "object",
    "title": "FieldProblem",
    "description": "One thing wrong, by a JSON pointer into the body, `?name`, `header:name` or `path:name`.",
    "required": ["pointer", "detail", "code"],
    "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}, "code": {"type": "string"}},
}

SHARED: tuple[type[AppError], ...] = (
    errors.MalformedRequest,
    errors.NotSignedIn,
    errors.Forbidden,
    errors.NotFound,
    errors.NotAcceptable,
    errors.Conflict,
    errors.StaleVersion,
    errors.TooLarge,
    errors.UnsupportedMediaType,
    errors.Invalid,
    errors.PreconditionRequired,
    errors.Unavailable,
)

PARAMETERS = {
    "DryRun": {
        "name": "dry_run",
        "in": "query",
        "required": False,
        "description": "Check and answer as usual, but keep nothing.",
        "schema": {"type": "boolean", "default": False},
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "required": True,
        "description": "The `etag` that you have read, or `*` for whatever it is.",
        "schema": {"type": "string"},
        "example": "*",
    },
    "IfMatchOptional": {
        "name": "If-Match",
        "in": "header",
        "required": False,
        "description": "The `etag` that you have read: the action is refused when it has changed since.",
        "schema": {"type": "string"},
        "example": "*",
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "required": False,
        "description": "The `etag` that you have: 304 when it still holds.",
        "schema": {"type": "string"},
    },
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": "Sent again, the same request gets the same answer and happens once; best a UUID.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
    },
}


def finish(document: dict[str, Any], open_operations: frozenset[str]) -> dict[str, Any]:
    """Add sign-in, shared parameters and shared problems to a document that FastAPI has made."""
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"], schemas["FieldProblem"] = PROBLEM, FIELD_PROBLEM
    components["parameters"] = PARAMETERS
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "description": "An API key, or an OIDC token."},
        "basic": {"type": "http", "scheme": "basic", "description": "Any user name, the API key as password."},
    }
    components["responses"] = {
        str(error.status): {
            "description": error.title,
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for error in SHARED
    }
    document["security"] = [{"bearer": []}, {"basic": []}]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            _finish_operation(path, method, operation, operation["operationId"] in open_operations)
    return document


def render(document: dict[str, Any]) -> str:
    """The document as it is committed: sorted, a line for each thing, so that a difference is easy to read."""
    return json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _finish_operation(path: str, method: str, operation: dict[str, Any], is_open: bool) -> None:
    responses = operation["responses"]
    responses.pop("422", None)
    parameters = operation.setdefault("parameters", [])
    found = {422}  # unknown query parameters
    if is_open:
        operation["security"] = []
    else:
        found |= {401, 403, 503}
    in_path = any(parameter.get("in") == "path" for parameter in parameters)
    if in_path:
        found |= {404}
    if "requestBody" in operation:
        found |= {400, 413, 415}
    if "text/csv" in responses.get("200", {}).get("content", {}):
        found |= {406}
    if method in ("post", "put", "patch", "delete") and not is_open:
        found |= {409}
        parameters.append({"$ref": "#/components/parameters/DryRun"})
    if method in ("put", "patch", "delete"):
        found |= {412, 428}
        parameters.append({"$ref": "#/components/parameters/IfMatch"})
    if method == "post" and not is_open:
        if SHOWN_ONCE not in operation:
            parameters.append({"$ref": "#/components/parameters/IdempotencyKey"})
        if in_path:
            found |= {412}
            parameters.append({"$ref": "#/components/parameters/IfMatchOptional"})
    if method == "get" and in_path and not is_open:
        parameters.append({"$ref": "#/components/parameters/IfNoneMatch"})
        responses["304"] = {"description": "You have it already."}
    for status in sorted(found):
        responses.setdefault(str(status), {"$ref": f"#/components/responses/{status}"})
    if not parameters:
        del operation["parameters"]
