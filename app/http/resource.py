"""The five operations that every resource has, said once: list, read, create, patch, delete."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response
from pydantic import Field, TypeAdapter, ValidationError, create_model

from app.core.caller import Right
from app.core.errors import Invalid
from app.core.schema import KEY_PATTERN, Schema
from app.http.answers import Renderer, nothing, one, read, write
from app.http.lists import Lists, ListService
from app.http.preconditions import expected_version
from app.http.problems import from_validation
from app.http.routing import Route, requires

Ref = Annotated[str, Path(pattern=KEY_PATTERN, max_length=200, description="Its id, or its human key.")]
Id = Annotated[UUID, Path(description="Its id.")]
Service = Callable[..., Any]


TEXT = {"type": "string"}


@functools.cache
def page_schema(schema: type[Schema]) -> type[Schema]:
    """The shape of a page of `schema`."""
    made: type[Schema] = create_model(
        schema.__name__.removesuffix("Read") + "Page",
        __base__=Schema,
        __doc__="A page of a list; `next_cursor` is null at the end.",
        items=(list[schema], ...),  # type: ignore[valid-type]
        next_cursor=(str | None, ...),
        total=(int, Field(default_factory=int)),
    )
    return made


def as_ref(text: str) -> UUID | str:
    """A path's `{id}`: an id where it is a UUID, else a human key."""
    try:
        return UUID(text)
    except ValueError:
        return text


def path_ref(request: Request, check: TypeAdapter[Any]) -> UUID | str:
    """The `{id}` of a route that FastAPI does not solve; 422 when it has not the shape of one."""
    try:
        found = check.validate_python(request.path_params["id"])
    except ValidationError as error:
        raise from_validation([{**item, "loc": ("path", "id")} for item in error.errors()], "path") from None
    return as_ref(found) if isinstance(found, str) else found


def path_parameter(keyed: bool) -> dict[str, Any]:
    """The `{id}` as the OpenAPI document states it."""
    schema = (
        {"type": "string", "pattern": KEY_PATTERN, "maxLength": 200} if keyed else {"type": "string", "format": "uuid"}
    )
    what = "Its id, or its human key." if keyed else "Its id."
    return {"name": "id", "in": "path", "required": True, "description": what, "schema": schema}


def router(plural: str) -> APIRouter:
    """The router of a resource, with its whole path."""
    return APIRouter(prefix=f"/v1/{plural}", tags=[plural], route_class=Route)


@dataclass(frozen=True)
class Resource:
    """A resource of the API. What it has no service for, it does not offer.

    `keyed`: its path takes a human key as well as an id.
    """

    singular: str
    plural: str
    renderer: Renderer
    lists: Lists | None = None
    list: ListService | None = None
    get: Service | None = None
    create: Service | None = None
    create_schema: type[Schema] | None = None
    update: Service | None = None
    update_schema: type[Schema] | None = None
    delete: Service | None = None
    keyed: bool = False
    readers: tuple[Right, ...] = (Right.READ,)
    writers: tuple[Right, ...] = (Right.WRITE,)
    about: str = ""
    hot_create: bool = False  # these run on the raw driver: see `Database.write_hot`
    hot_update: bool = False

    @property
    def ref(self) -> Any:
        return Ref if self.keyed else Id


def add_resource(to: APIRouter, resource: Resource) -> None:
    """Give a router the operations of `resource`."""
    if resource.list is not None:
        _add_list(to, resource)
    if resource.create is not None:
        _add_create(to, resource)
    if resource.get is not None:
        _add_get(to, resource)
    if resource.update is not None:
        _add_update(to, resource)
    if resource.delete is not None:
        _add_delete(to, resource)


def operation(name: str) -> dict[str, Any]:
    """The `operation_id` and summary of an operation: `list_time_entries` reads “List time entries”."""
    return {"operation_id": name, "summary": name.replace("_", " ").capitalize()}


def _add_list(to: APIRouter, resource: Resource) -> None:
    lists, service = resource.lists, resource.list
    assert lists is not None
    assert service is not None

    @requires(*resource.readers)
    async def endpoint(request: Request) -> Response:
        return await lists.answer(request, service)

    to.add_api_route(
        "",
        endpoint,
        methods=["GET"],
        description=resource.about or None,
        openapi_extra={"parameters": lists.parameters()},
        response_model=page_schema(resource.renderer.schema),
        responses={200: {"content": {"text/csv": {"schema": TEXT}, "application/x-ndjson": {"schema": TEXT}}}},
        **operation(f"list_{resource.plural.replace('-', '_')}"),
    )


def _add_get(to: APIRouter, resource: Resource) -> None:
    render, service, ref = one(resource.renderer), resource.get, TypeAdapter(resource.ref)
    assert service is not None

    @requires(*resource.readers)
    async def endpoint(request: Request) -> Response:
        return await read(request, render, service, path_ref(request, ref), hot=True)

    to.add_api_route(
        "/{id}",
        endpoint,
        methods=["GET"],
        response_model=resource.renderer.schema,
        openapi_extra={"parameters": [path_parameter(resource.keyed)]},
        **operation(f"get_{resource.singular}"),
    )


def _add_create(to: APIRouter, resource: Resource) -> None:
    render, service = one(resource.renderer, 201, location=to.prefix), resource.create
    assert service is not None
    assert resource.create_schema is not None

    @requires(*resource.writers)
    async def endpoint(request: Request, data: Any) -> Response:
        return await write(request, render, service, data, hot=resource.hot_create)

    endpoint.__annotations__["data"] = resource.create_schema
    to.add_api_route(
        "",
        endpoint,
        methods=["POST"],
        status_code=201,
        response_model=resource.renderer.schema,
        **operation(f"create_{resource.singular}"),
    )


def _add_update(to: APIRouter, resource: Resource) -> None:
    render, service = one(resource.renderer), resource.update
    assert service is not None
    assert resource.update_schema is not None

    @requires(*resource.writers)
    async def endpoint(request: Request, id: Any, data: Any) -> Response:
        expected = expected_version(request, required=True)
        changes = data.changes
        if not changes:
            raise Invalid("Send at least one field to change.")
        ref = as_ref(id) if isinstance(id, str) else id
        return await write(request, render, service, ref, changes, expected, hot=resource.hot_update)

    endpoint.__annotations__["id"] = resource.ref
    endpoint.__annotations__["data"] = resource.update_schema
    to.add_api_route(
        "/{id}",
        endpoint,
        methods=["PATCH"],
        response_model=resource.renderer.schema,
        **operation(f"update_{resource.singular}"),
    )


def _add_delete(to: APIRouter, resource: Resource) -> None:
    service = resource.delete
    assert service is not None

    @requires(*resource.writers)
    async def endpoint(request: Request, id: Any) -> Response:
        expected = expected_version(request, required=True)
        return await write(request, nothing, service, as_ref(id) if isinstance(id, str) else id, expected)

    endpoint.__annotations__["id"] = resource.ref
    to.add_api_route(
        "/{id}",
        endpoint,
        methods=["DELETE"],
        status_code=204,
        response_model=None,
        **operation(f"delete_{resource.singular}"),
    )
