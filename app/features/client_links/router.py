from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

import pydantic_core
from fastapi import Request, Response
from pydantic import TypeAdapter, ValidationError

from app.core.caller import CLIENT
from app.core.errors import AppError, MalformedRequest, UnsupportedMediaType
from app.core.links import Link
from app.core.schema import Schema
from app.features.client_links import pages, service
from app.features.client_links.schemas import ANSWER_EXAMPLE, ClientLinkRead, LinkAnswer
from app.features.feedback.schemas import ANSWER_EXAMPLE as FEEDBACK_EXAMPLE
from app.features.feedback.schemas import FeedbackAnswer
from app.http.answers import database_of
from app.http.problems import from_validation, problem_response
from app.http.resource import TEXT, operation, router
from app.http.routing import StrictRequest, open_to_all

FORM = "application/x-www-form-urlencoded"
HTML = "text/html"
# The address is a secret: it is kept nowhere, told to nobody, and the page runs nothing.
CAREFUL = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex", "Vary": "Accept"}
PAGE_HEADERS = CAREFUL | {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
}
TOKEN = {
    "name": "token",
    "in": "path",
    "required": True,
    "description": "As it stands in the link.",
    "schema": {"type": "string", "maxLength": 2000},
}
RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"content": {HTML: {"schema": TEXT}}},
    404: {"$ref": "#/components/responses/404"},
    410: {
        "description": "It has expired, or what it told has been called off, changed or decided.",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    },
}
BODY_SCHEMA = {"anyOf": [schema.model_json_schema() for schema in (LinkAnswer, FeedbackAnswer)]}
EXAMPLES = {"notice": {"value": ANSWER_EXAMPLE}, "feedback": {"value": FEEDBACK_EXAMPLE}}
links_read = TypeAdapter(ClientLinkRead)
Answering = Callable[[Link], Awaitable[dict[str, Any]]]

client_links = router("client-links")


@client_links.get(
    "/{token}",
    response_model=ClientLinkRead,
    responses=RESPONSES,
    openapi_extra={"parameters": [TOKEN]},
    description="What a signed link is about, for its reader at the client's: JSON, or a page where `Accept` asks for "
    "`text/html`. Needs no key, and uses nothing up.",
    **operation("get_client_link"),
)
@open_to_all
async def get_client_link(request: Request) -> Response:
    async def reading(link: Link) -> dict[str, Any]:
        found: dict[str, Any] = await database_of(request).read(service.read_link, link)
        return found

    return await _answer(request, reading)


@client_links.post(
    "/{token}",
    response_model=ClientLinkRead,
    responses={
        **RESPONSES,
        **{status: {"$ref": f"#/components/responses/{status}"} for status in (400, 403, 409, 413, 415)},
    },
    openapi_extra={
        "parameters": [TOKEN],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": BODY_SCHEMA, "examples": EXAMPLES},
                FORM: {"schema": BODY_SCHEMA},
            },
        },
    },
    description="Answer, once, as JSON or as the page's form. A notice: `acknowledged`, or `concern` with what it is. "
    "A change request: `chosen` with the option's number, `declined` or `postponed`, each with why. "
    "A question for feedback: `csat`, `nps` and `comment`, at least one of them. "
    "Sent again, the same decision or feedback counts once, but for anonymous ones.",
    **operation("answer_client_link"),
)
@open_to_all
async def answer_client_link(request: Request) -> Response:
    async def answering(link: Link) -> dict[str, Any]:
        data = await _body(request, service.schema_of(link))
        caller = CLIENT.in_request(request.scope["request_id"])
        found: dict[str, Any] = await database_of(request).write(service.answer_link, caller, link, data)
        return found

    return await _answer(request, answering)


async def _answer(request: Request, work: Answering) -> Response:
    """What `work` finds for the request's link, or why it can't: as JSON or, for a browser, as a page."""
    wants_page = _prefers_page(request.headers.get("accept", ""))
    try:
        found = await work(request.app.state.links.read(request.path_params["token"]))
    except AppError as problem:
        request.scope["problem_code"] = problem.code
        if wants_page:
            detail = problem.errors[0].detail.capitalize() + "." if problem.errors else problem.detail
            page = pages.refused(problem.title, detail)
            return Response(page, problem.status, PAGE_HEADERS, media_type=HTML)
        return problem_response(problem, request.url.path, request.scope["request_id"])
    if wants_page:
        return Response(pages.shown(found), headers=PAGE_HEADERS, media_type=HTML)
    body = links_read.dump_json(links_read.validate_python(found))
    return Response(body, headers=CAREFUL, media_type="application/json")


def _prefers_page(accept: str) -> bool:
    """Whether HTML comes before JSON in an `Accept` header, as a browser sends it."""
    weights = {}
    for part in accept.split(","):
        kind, *parameters = (item.strip().lower() for item in part.split(";"))
        weight = next((item[2:] for item in parameters if item.startswith("q=")), "1")
        weights[kind] = float(weight) if weight.replace(".", "", 1).isdecimal() else 0.0
    return weights.get(HTML, 0.0) > weights.get("application/json", 0.0)


async def _body(request: Request, schema: type[Schema]) -> Schema:
    strict = StrictRequest(request.scope, request.receive)
    body = await strict.read_at_most(request.app.state.settings.http.max_body_bytes)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        if kind == FORM:
            given: Any = pages.sent(dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=10)))
        elif kind == "application/json":
            given = pydantic_core.from_json(body, allow_inf_nan=False)
        else:
            raise UnsupportedMediaType(f"Send the answer as application/json or {FORM}.")
    except ValueError:
        raise MalformedRequest("The answer can't be read: send UTF-8, as JSON or as a form.") from None
    try:
        return schema.model_validate(given)
    except ValidationError as error:
        raise from_validation([{**item, "loc": ("body", *item["loc"])} for item in error.errors()], "body") from None
