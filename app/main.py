"""create_app(): the only place where everything meets."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

import app
from app.api import ROUTERS
from app.core import clock
from app.db.dispatcher import Database, Postgres, SQLite
from app.db.engine import is_postgres, sqlite_path
from app.http import contract, problems
from app.http.observe import Metrics, Observe
from app.http.routing import OPEN, mount
from app.http.sign_in import SignIn
from app.settings import Settings


def open_database(settings: Settings) -> Database:
    """The database that the settings name. Call it inside the event loop that will use it."""
    chosen = settings.database
    if is_postgres(chosen.url):
        return Postgres(chosen.url, chosen.read_url, chosen.pool_size, chosen.pgbouncer)
    return SQLite(sqlite_path(chosen.url))


def create_app(settings: Settings, database: Database | None = None) -> FastAPI:
    """The service. Without a `database` it opens its own on start-up and closes it on shutdown."""
    clock.use_time_zone(settings.calendar.time_zone)

    @asynccontextmanager
    async def lifespan(service: FastAPI) -> AsyncIterator[None]:
        opened = database or open_database(settings)
        service.state.database = opened
        service.state.sign_in = SignIn(opened)
        yield
        if database is None:
            await opened.close()

    metrics = Metrics()
    middleware = [Middleware(Observe, metrics=metrics)]
    if settings.http.cors_origins:
        middleware.append(
            Middleware(
                CORSMiddleware,
                allow_origins=settings.http.cors_origins,
                allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
                allow_headers=["Authorization", "Content-Type", "If-Match", "If-None-Match", "Idempotency-Key"],
                expose_headers=["ETag", "Link", "Location", "Retry-After", "X-Request-Id"],
                max_age=600,
            )
        )
    service = Tandem(
        title="Tandem",
        version=app.VERSION,
        description=contract.DESCRIPTION,
        middleware=middleware,
        lifespan=lifespan,
        redirect_slashes=False,
        swagger_ui_oauth2_redirect_url=None,
        separate_input_output_schemas=True,
    )
    service.state.settings = settings
    service.state.metrics = metrics
    if database is not None:
        service.state.database = database
        service.state.sign_in = SignIn(database)
    problems.install(service)
    mount(service, ROUTERS)
    return service


class Tandem(FastAPI):
    """FastAPI with a finished contract."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            document = super().openapi()
            open_operations = frozenset(
                route.operation_id or ""
                for route in self.router.routes
                if isinstance(route, APIRoute) and getattr(route.endpoint, "access", None) is OPEN
            )
            self.openapi_schema = contract.finish(document, open_operations)
        return self.openapi_schema
