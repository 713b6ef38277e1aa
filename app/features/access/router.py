from typing import Any

from fastapi import Request, Response
from pydantic import TypeAdapter

from app.core.caller import Caller, Right
from app.core.schema import shown
from app.features.access import schemas, service
from app.http.answers import Render, Renderer, json_response, model, one, read, write
from app.http.lists import Lists
from app.http.preconditions import expected_version
from app.http.resource import Id, Resource, add_resource, operation, router
from app.http.routing import SHOWN_ONCE, requires

renderer = Renderer(schemas.ApiKeyRead, state="state")
ISSUED: TypeAdapter[Any] = TypeAdapter(shown(schemas.ApiKeyIssued).type)
ME: TypeAdapter[Any] = TypeAdapter(schemas.Me)

api_keys = router("api-keys")
me = router("me")


def issued(status: int) -> Render:
    """Answers with a key and its secret, which nobody on the way may keep."""

    def render(value: service.Issued, caller: Caller) -> Response:
        values = {**renderer.values([value.row], caller)[0], "key": value.key}
        headers = {"ETag": renderer.etag(value.row, caller), "Cache-Control": "no-store"}
        if status == 201:
            headers["Location"] = f"{api_keys.prefix}/{value.row.id}"
        return json_response(ISSUED.dump_json(ISSUED.validate_python(values)), status, headers)

    return render


add_resource(
    api_keys,
    Resource(
        "api_key",
        "api-keys",
        renderer,
        lists=Lists(service.API_KEYS, renderer),
        list=service.list_keys,
        get=service.get_key,
        update=service.update_key,
        update_schema=schemas.ApiKeyUpdate,
        readers=(Right.ADMINISTER,),
        writers=(Right.ADMINISTER,),
        about="Who may call, as what, until when.",
    ),
)


@api_keys.post(
    "",
    status_code=201,
    response_model=schemas.ApiKeyIssued,
    openapi_extra={SHOWN_ONCE: True},
    description="The only answer that holds the key itself; it takes no `Idempotency-Key`, since nothing keeps it.",
    **operation("create_api_key"),
)
@requires(Right.ADMINISTER)
async def create(request: Request, data: schemas.ApiKeyCreate) -> Response:
    return await write(request, issued(201), service.create_key, data)


@api_keys.post(
    "/{id}/rotate",
    response_model=schemas.ApiKeyIssued,
    openapi_extra={SHOWN_ONCE: True},
    description="A new secret, shown this once; the former one works for `grace_seconds` more.",
    **operation("rotate_api_key"),
)
@requires(Right.ADMINISTER)
async def rotate(request: Request, id: Id, data: schemas.ApiKeyRotate) -> Response:
    return await write(request, issued(200), service.rotate_key, id, data, expected_version(request, required=False))


@api_keys.post(
    "/{id}/revoke",
    response_model=schemas.ApiKeyRead,
    description="Final. The key stops within five seconds.",
    **operation("revoke_api_key"),
)
@requires(Right.ADMINISTER)
async def revoke(request: Request, id: Id) -> Response:
    return await write(request, one(renderer), service.revoke_key, id, expected_version(request, required=False))


@me.get(
    "",
    response_model=schemas.Me,
    description="Who the caller is, and what they may do.",
    **operation("get_me"),
)
@requires(*Right)
async def get_me(request: Request) -> Response:
    return await read(request, model(ME), service.get_me)
