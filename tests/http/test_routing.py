"""Routes are found by an index: where one stands among hundreds does not matter."""

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.routing import APIRoute
from starlette.routing import Match
from starlette.types import Scope

from app.core.caller import Right
from app.core.errors import AppError
from app.http import problems
from app.http.routing import Route, mount, open_to_all, requires

RESOURCES = 60


class Counted(Route):
    tries = 0

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        Counted.tries += 1
        return super().matches(scope)


@pytest.fixture
def crowd() -> FastAPI:
    """240 routes: 60 resources of four."""

    @open_to_all
    async def answer(request: Request) -> Response:
        return Response(request.url.path)

    routers = []
    for number in range(RESOURCES):
        router = APIRouter(prefix=f"/v1/things-{number}", route_class=Counted)
        for path, method in (("", "GET"), ("", "POST"), ("/{id}", "GET"), ("/{id}", "DELETE")):
            router.add_api_route(path, answer, methods=[method], operation_id=f"{method}{path}{number}")
        routers.append(router)
    app = FastAPI(redirect_slashes=False)
    problems.install(app)
    mount(app, routers)
    Counted.tries = 0
    return app


async def tries(app: FastAPI, path: str) -> int:
    Counted.tries = 0
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://t") as client:
        assert (await client.get(path)).text == path
    return Counted.tries


async def test_the_last_of_240_routes_is_found_in_as_many_tries_as_the_first(crowd: FastAPI) -> None:
    first = await tries(crowd, "/v1/things-0/a")
    last = await tries(crowd, f"/v1/things-{RESOURCES - 1}/a")
    assert first == last == 3


async def test_all_routes_are_in_the_one_document(crowd: FastAPI) -> None:
    assert len(crowd.openapi()["paths"]) == 2 * RESOURCES


@pytest.mark.parametrize(
    ("method", "path", "status", "allowed"),
    [
        ("GET", "/v1/nothing", 404, None),
        ("GET", "/v1/things-3/a/b", 404, None),
        ("PUT", "/v1/things-3/a", 405, "DELETE, GET, HEAD"),
        ("PATCH", "/v1/things-3", 405, "GET, HEAD, POST"),
    ],
)
async def test_what_is_not_there_is_a_problem(
    crowd: FastAPI, method: str, path: str, status: int, allowed: str | None
) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(crowd), base_url="http://t") as client:
        answer = await client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers.get("allow") == allowed


def test_a_route_that_declares_no_access_cannot_be_built() -> None:
    async def endpoint(request: Request) -> Response:
        return Response()

    with pytest.raises(RuntimeError, match="declare the endpoint"):
        Route("/v1/things", endpoint)
    assert isinstance(Route("/v1/things", requires(Right.READ)(endpoint)), APIRoute)


def test_every_problem_has_a_status_of_its_kind() -> None:
    kinds = [kind for kind in AppError.__subclasses__() if hasattr(kind, "status")]
    assert kinds
    assert all(400 <= kind.status < 600 for kind in kinds)
