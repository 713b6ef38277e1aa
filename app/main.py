"""create_app(): the only place where everything meets."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import structlog
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

import app
from app import logs, telemetry
from app.api import ROUTERS
from app.core import clock
from app.core.links import Signer
from app.core.secrets import new_secret
from app.db.dispatcher import Database, open_database
from app.http import contract, docs, oidc, problems
from app.http.observe import Metrics, Observe
from app.http.routing import OPEN, mount
from app.http.sign_in import SignIn
from app.http.system import system
from app.settings import Settings, settings
from app.worker import reminder_days, working

log = structlog.get_logger("main")


def create_app(settings: Settings, database: Database | None = None) -> FastAPI:
    """The service. Without a `database` it opens its own on start-up and closes it on shutdown."""
    clock.use_time_zone(settings.calendar.time_zone)
    tokens = _identity_provider(settings)

    @asynccontextmanager
    async def lifespan(service: FastAPI) -> AsyncIterator[None]:
        if database is not None:
            yield
            return
        opened = open_database(**settings.database.model_dump())
        service.state.database = opened
        service.state.sign_in = SignIn(opened, tokens)
        try:
            if opened.dialect == "sqlite":  # one process writes the file, so the worker is part of it
                async with working(opened, settings.worker.interval_seconds, reminder_days(settings)):
                    yield
            else:
                yield
        finally:
            await opened.close()

    metrics = Metrics()
    middleware = [Middleware(Observe, metrics=metrics)]
    if settings.http.cors_origins:  # outermost, so that a page can read of failures, too
        middleware.insert(
            0,
            Middleware(
                CORSMiddleware,
                allow_origins=settings.http.cors_origins,
                allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
                allow_headers=[
                    "Authorization",
                    "Content-Type",
                    "If-Match",
                    "If-None-Match",
                    "Idempotency-Key",
                    "X-Request-Id",
                ],
                expose_headers=["ETag", "Link", "Location", "Retry-After", "X-Request-Id"],
                max_age=600,
            ),
        )
    service = Tandem(
        title="Tandem",
        version=app.VERSION,
        description=contract.DESCRIPTION,
        middleware=middleware,
        lifespan=lifespan,
        redirect_slashes=False,
        docs_url=None,  # ours, whose script is served from here
        redoc_url=None,
        telemetry=telemetry.ON if settings.telemetry else telemetry.OFF,
        separate_input_output_schemas=True,
    )
    service.state.settings = settings
    service.state.metrics = metrics
    service.state.links = _signer(settings)
    if database is not None:
        service.state.database = database
        service.state.sign_in = SignIn(database, tokens)
    problems.install(service)
    docs.install(service)
    service.router.routes.extend(system.routes)
    mount(service, ROUTERS)
    return service


def _signer(settings: Settings) -> Signer:
    chosen = settings.links
    secret = chosen.secret.get_secret_value() if chosen.secret is not None else new_secret()
    return Signer(secret, chosen.days, chosen.base_url)


def _identity_provider(settings: Settings) -> oidc.Provider | None:
    chosen = settings.oidc
    if chosen.issuer is None or chosen.audience is None:
        return None
    return oidc.Provider(chosen.issuer, chosen.audience, chosen.jwks_url, chosen.role_claim)


def served() -> FastAPI:
    """The service by the environment's settings, as uvicorn makes it in each of its processes."""
    chosen = settings()
    logs.configure(chosen.log.level, chosen.log.format)
    if chosen.links.secret is None:
        log.warning("links to clients die with this process: set TANDEM_LINKS_SECRET, the same for all processes")
    if chosen.telemetry:
        telemetry.start()
    service = create_app(chosen)
    service.openapi()  # made now, so that no caller waits for it
    gc.collect()
    gc.freeze()  # what is there now stays to the end: the collector need not look at it again and again
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
