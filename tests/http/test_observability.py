import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
import structlog
from fastapi import APIRouter, Request, Response
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from app import logs, telemetry
from app.core.caller import AccessRole
from app.core.schema import Schema
from app.db.dispatcher import SQLite
from app.http import observe, system
from app.http.routing import Route, open_to_all
from app.main import create_app
from app.settings import HttpSettings, Settings
from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.factories import make_key

SECRET_BODY = "a-sentence-of-the-body"


class Logged:
    """What has been logged since the test began."""

    def __init__(self) -> None:
        self.out = io.BytesIO()

    @property
    def text(self) -> str:
        return self.out.getvalue().decode()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]

    def last(self, event: str) -> dict[str, Any]:
        return [line for line in self.lines if line["event"] == event][-1]


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[Logged]:
    """JSON logs in memory, by loggers that have not been bound to another output yet."""
    root = logging.getLogger()
    before = root.handlers, root.level
    found = Logged()
    logs.configure("info", "json", found.out)
    monkeypatch.setattr(observe, "log", structlog.get_logger("http"))
    monkeypatch.setattr(system, "log", structlog.get_logger("system"))
    yield found
    root.handlers, root.level = before
    structlog.reset_defaults()


class Sent(Schema):
    text: str


def breaking_service(settings: Settings, database: RolledBack) -> Any:
    """The service with routes that fail as nobody foresaw."""
    service = create_app(settings, database)
    router = APIRouter(route_class=Route)

    @router.post("/break")
    @open_to_all
    async def break_down(request: Request, data: Sent) -> Response:
        quoted = data.text
        raise ValueError(f"can't take {quoted!r}")

    @router.post("/break-database")
    @open_to_all
    async def break_database(request: Request, data: Sent) -> Response:
        statement = sa.text("SELECT CAST(:text AS integer) FROM no_such_table")
        await database.write(lambda conn: conn.execute(statement, {"text": data.text}).scalar_one())
        return Response()

    @router.post("/break-schema")
    @open_to_all
    async def break_schema(request: Request, data: Sent) -> Response:
        Sent.model_validate({"text": [data.text]})
        return Response()

    service.router.routes[:0] = router.routes
    return service


def http_client(service: Any, **headers: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(service), base_url="http://tandem.test", headers=headers)


async def test_a_request_leaves_a_line_of_json(client: httpx.AsyncClient, logged: Logged) -> None:
    answer = await client.post("/v1/clients?dry_run=true", json={"code": "NORTHWIND", "name": SECRET_BODY})
    line = logged.last("request")
    assert answer.status_code == 201
    assert line["request_id"] == answer.headers["X-Request-Id"]
    assert (line["method"], line["path"], line["status"], line["level"]) == ("POST", "/v1/clients", 201, "info")
    assert line["ms"] > 0
    assert line["at"].endswith("+00:00")
    assert line["key_id"] == (await client.get("/v1/me")).json()["key_id"]


async def test_a_problem_s_code_is_logged(client: httpx.AsyncClient, logged: Logged) -> None:
    await client.get("/v1/clients/NOBODY")
    assert (logged.last("request")["status"], logged.last("request")["code"]) == (404, "not-found")


async def test_takes_a_sound_request_id_from_the_proxy_and_no_other(client: httpx.AsyncClient, logged: Logged) -> None:
    sound = await client.get("/healthz", headers={"X-Request-Id": "proxy-7"})
    forged = await client.get("/healthz", headers={"X-Request-Id": 'x" "level":"error'})
    assert sound.headers["X-Request-Id"] == "proxy-7"
    assert "level" not in forged.headers["X-Request-Id"]
    assert [line["request_id"] for line in logged.lines] == ["proxy-7", forged.headers["X-Request-Id"]]


async def test_neither_key_nor_body_nor_query_is_logged(client: httpx.AsyncClient, logged: Logged) -> None:
    await client.post("/v1/clients", json={"code": "NORTHWIND", "name": SECRET_BODY})
    await client.post("/v1/clients", json={"code": "NORTHWIND", "name": SECRET_BODY, "unknown": SECRET_BODY})
    await client.get("/v1/clients", params={"q": SECRET_BODY})
    made = (await client.post("/v1/api-keys", json={"name": SECRET_BODY, "role": "viewer"})).json()
    await client.get("/v1/me", headers={"Authorization": f"Bearer {made['key']}x"})
    assert len(logged.lines) == 5
    assert SECRET_BODY not in logged.text
    assert client.headers["Authorization"].removeprefix("Bearer ") not in logged.text
    assert made["key"].split("_")[2] not in logged.text


@pytest.mark.parametrize("path", ["/break", "/break-database", "/break-schema"])
async def test_a_failure_nobody_foresaw_is_answered_and_logged_without_what_was_sent(
    database: RolledBack, settings: Settings, logged: Logged, path: str
) -> None:
    key = await database.write(lambda conn: make_key(conn, AccessRole.VIEWER))
    async with http_client(breaking_service(settings, database), Authorization=f"Bearer {key}") as client:
        answer = await client.post(path, json={"text": SECRET_BODY})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal-error")
    assert answer.json()["request_id"] == answer.headers["X-Request-Id"]
    line = logged.last("unforeseen")
    assert line["request_id"] == answer.headers["X-Request-Id"]
    assert line["exception"][0]["type"]
    assert any("break" in frame["function"] for frame in line["exception"][0]["frames"])
    assert logged.last("request")["status"] == 500
    assert SECRET_BODY not in logged.text
    assert SECRET_BODY not in answer.text
    assert key not in logged.text


async def test_a_page_of_ours_can_read_of_a_failure(database: RolledBack, settings: Settings, logged: Logged) -> None:
    ours = "https://pmo.agency.example"
    chosen = settings.model_copy(update={"http": HttpSettings(cors_origins=(ours,))})
    async with http_client(breaking_service(chosen, database), Origin=ours) as client:
        answer = await client.post("/break", json={"text": SECRET_BODY})
        asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-request-id"}
        assert (await client.options("/v1/clients", headers=asks)).status_code == 200
    assert answer.status_code == 500
    assert answer.headers["Access-Control-Allow-Origin"] == ours


async def test_a_key_in_a_path_is_not_logged(client: httpx.AsyncClient, logged: Logged) -> None:
    key = client.headers["Authorization"].removeprefix("Bearer ")
    for path in (f"/v1/clients/{key}", f"/v1/api-keys/{key}/revoke", f"/{key}x", f"/v1/clients/a%20{key}"):
        await client.get(path)
    assert len(logged.lines) == 4
    assert key.rpartition("_")[2] not in logged.text
    assert logged.lines[0]["path"] == "/v1/clients/***"


async def test_a_database_failure_names_its_statement(database: RolledBack, settings: Settings, logged: Logged) -> None:
    async with http_client(breaking_service(settings, database)) as client:
        await client.post("/break-database", json={"text": SECRET_BODY})
    assert "no_such_table" in logged.last("unforeseen")["exception"][0]["statement"]


def test_the_standard_library_s_logs_go_the_same_way(logged: Logged) -> None:
    logging.getLogger("uvicorn.error").warning("Stopped after %d requests", 7)
    logging.getLogger("uvicorn.access").info("GET /v1/clients?q=%s", SECRET_BODY)
    logging.getLogger("httpx").info("GET https://example.org/?q=%s", SECRET_BODY)
    try:
        raise OSError("address in use")
    except OSError:
        logging.getLogger("uvicorn.error").exception("Failed")
    stopped, failed = logged.lines
    assert (stopped["event"], stopped["level"], stopped["logger"]) == (
        "Stopped after 7 requests",
        "warning",
        "uvicorn.error",
    )
    assert (failed["exception"][0]["type"], failed["exception"][0]["message"]) == ("OSError", "address in use")


def test_text_is_for_people(logged: Logged) -> None:
    out = io.BytesIO()
    logs.configure("warning", "text", out)
    log = structlog.get_logger("work")
    log.info("too fine")
    try:
        raise RuntimeError("no way") from ValueError(SECRET_BODY)
    except RuntimeError:
        log.exception("failed", task=7)
    text = out.getvalue().decode()
    assert "too fine" not in text
    assert SECRET_BODY not in text
    for part in ("failed", "task", "RuntimeError: no way", "ValueError", "test_observability.py:"):
        assert part in text


async def test_lives_without_a_database(settings: Settings, tmp_path: Any) -> None:
    broken = SQLite(str(tmp_path / "no-such-folder" / "tandem.db"))
    async with http_client(create_app(settings, broken)) as client:
        alive, ready = await client.get("/healthz"), await client.get("/readyz")
    await broken.close()
    assert (alive.status_code, alive.json()) == (200, {"status": "ok"})
    assert (ready.status_code, ready.json()["code"]) == (503, "not-ready")
    assert ready.headers["Content-Type"] == "application/problem+json"
    assert "database does not answer" in ready.json()["detail"]


async def test_is_ready_only_with_the_schema_it_expects(client: httpx.AsyncClient, database: RolledBack) -> None:
    ready = await client.get("/readyz")
    assert (ready.status_code, ready.json()["revision"]) == (200, system.known_revisions()[0])
    newer = sa.text("UPDATE alembic_version SET version_num = '9999'")  # the next version is being rolled out
    await database.write(lambda conn: conn.execute(newer).rowcount)
    assert (await client.get("/readyz")).json() == {"status": "ready", "revision": "9999"}
    nothing = sa.text("DELETE FROM alembic_version")
    await database.write(lambda conn: conn.execute(nothing).rowcount)
    answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()["code"]) == (503, "not-ready")
    assert "tandem migrate" in answer.json()["detail"]


async def test_metrics_count_by_route_and_hold_no_ids(client: httpx.AsyncClient) -> None:
    await client.get("/v1/clients/NOBODY")
    await client.get("/v1/clients/NOBODY-ELSE")
    await client.get("/no/such/path")
    answer = await client.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert 'tandem_requests_total{method="GET",route="/v1/clients/{id}",status="404"} 2.0' in answer.text
    assert "NOBODY" not in answer.text
    assert "/no/such/path" not in answer.text


@pytest.fixture(scope="session")
def exported() -> InMemorySpanExporter:
    """Spans of this process; OpenTelemetry lets a provider be set only once."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(telemetry.HideQuery())
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    return exporter


async def test_spans_bear_the_route_and_no_query(
    database: RolledBack, settings: Settings, exported: InMemorySpanExporter
) -> None:
    exported.clear()
    key = await database.write(lambda conn: make_key(conn, AccessRole.PMO_LEAD))
    traced = create_app(settings.model_copy(update={"telemetry": True}), database)
    async with http_client(traced, Authorization=f"Bearer {key}") as client:
        await client.get("/v1/clients/NOBODY")
        await client.patch("/v1/clients/NOBODY", json={"name": SECRET_BODY}, headers={"If-Match": "*"})
        await client.get("/v1/clients", params={"q": SECRET_BODY})
    spans = [span for span in exported.get_finished_spans() if span.kind is trace.SpanKind.SERVER]
    assert [span.name for span in spans] == [
        "GET /v1/clients/{id}",
        "PATCH /v1/clients/{id}",
        "GET /v1/clients",
    ]
    for span in spans:
        assert span.attributes is not None
        assert span.attributes["http.route"] == span.name.split()[1]
        assert SECRET_BODY not in str(span.attributes)
        assert key not in str(span.attributes)


async def test_without_the_setting_there_are_no_spans(client_as: ClientFactory, exported: InMemorySpanExporter) -> None:
    exported.clear()
    await (await client_as()).get("/v1/me")
    assert exported.get_finished_spans() == ()


async def test_names_what_to_install_where_the_exporter_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telemetry, "INSTALLED", False)
    with pytest.raises(telemetry.TelemetryMissing, match="pip install"):
        telemetry.start()
