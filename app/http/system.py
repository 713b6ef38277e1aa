"""What operators ask: does it live, is it ready, its figures; and what a problem code means. Open, outside `/v1`."""

import functools
from typing import Annotated, Literal

import sqlalchemy as sa
import structlog
from fastapi import APIRouter, Path, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from app.core.errors import AppError, NotFound
from app.core.schema import Schema
from app.db import migrate
from app.http.answers import database_of
from app.http.problem_catalogue import catalogue
from app.http.resource import TEXT, operation
from app.http.routing import Route, open_to_all

system = APIRouter(tags=["system"], route_class=Route)
log = structlog.get_logger("system")
known_revisions = functools.cache(migrate.known_revisions)


class NotReady(AppError):
    """Wait for the database, or run `tandem migrate` with the version that is served: the detail names which."""

    status, code, title = 503, "not-ready", "The service can't work yet"


class Health(Schema):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Ready(Schema):
    """The database answers, and its schema has all that this version expects."""

    status: Literal["ready"] = "ready"
    revision: str


class ProblemRead(Schema):
    """A problem code explained."""

    code: str
    title: str
    status: int
    description: str


@system.get("/healthz", response_model=Health, description="Whether the process lives.", **operation("get_health"))
@open_to_all
async def get_health(request: Request) -> Response:
    return _answer(Health())


@system.get(
    "/readyz",
    response_model=Ready,
    responses={503: {"$ref": "#/components/responses/503"}},
    description="Whether requests can be served: the database answers, and its schema has all that is expected.",
    **operation("get_readiness"),
)
@open_to_all
async def get_readiness(request: Request) -> Response:
    try:
        found = await database_of(request).read(migrate.current)
    except (AppError, OSError, sa.exc.SQLAlchemyError) as error:
        log.warning("database does not answer", error=type(error).__name__)
        raise NotReady("The database does not answer: check `TANDEM_DATABASE_URL` and the database itself.") from error
    expected, *older = known_revisions()
    if found is None or found in older:
        raise NotReady(f"The database's schema is at {found or 'nothing'}, not at {expected}: run `tandem migrate`.")
    # One that is unknown here is of the next version, which is being rolled out: it has only added (expand, contract).
    return _answer(Ready(revision=found))


@system.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": TEXT}}, "description": "Prometheus's text format."}},
    description="Figures for Prometheus.",
    **operation("get_metrics"),
)
@open_to_all
async def get_metrics(request: Request) -> Response:
    return Response(generate_latest(request.app.state.metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})


@system.get(
    "/problems/{code}",
    response_model=ProblemRead,
    description="What a problem's `type` points to: what it says, and what to do.",
    **operation("get_problem"),
)
@open_to_all
async def get_problem(
    code: Annotated[str, Path(max_length=100, description="A problem's `code`.", examples=["stale-version"])],
) -> Response:
    problem = catalogue().get(code)
    if problem is None:
        raise NotFound("There is no such problem code: docs/problems.md lists them.")
    return _answer(ProblemRead.model_validate(problem))


def _answer(value: Schema) -> Response:
    return Response(value.model_dump_json(), headers={"Cache-Control": "no-store"}, media_type="application/json")
