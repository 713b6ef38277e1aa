"""Every test that touches data runs on both databases. One real migration builds a template for each."""

import ipaddress
import os
import shutil
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
import sqlalchemy as sa

from app import logs
from app.core.caller import AccessRole
from app.db.dispatcher import Database, Postgres, SQLite
from app.db.migrate import migrate
from app.main import create_app
from app.settings import DatabaseSettings, Settings
from tests.databases import Admin, PostgresTests, RolledBack, SQLiteTests
from tests.factories import make_key
from tests.postgres import URL_VARIABLE, PostgresServer

_server: PostgresServer | None = None

ClientFactory = Callable[..., Awaitable[httpx.AsyncClient]]


def pytest_configure(config: pytest.Config) -> None:
    global _server
    logs.configure("warning")  # structlog's own way shows local variables, and takes seconds for it
    if not hasattr(config, "workerinput") and URL_VARIABLE not in os.environ and not config.option.collectonly:
        _server = PostgresServer()
        os.environ[URL_VARIABLE] = _server.url


def pytest_unconfigure(config: pytest.Config) -> None:
    if _server is not None:
        _server.close()


@pytest.fixture(scope="session", autouse=True)
def _only_loopback(postgres_url: str) -> Iterator[None]:
    """Sockets are closed but for this machine, and the Postgres that was named for the tests."""
    named = sa.make_url(postgres_url).host
    known = {"localhost", named, *(info[4][0] for info in socket.getaddrinfo(named, None))}
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else None
        if host is not None and host not in known and not ipaddress.ip_address(host.partition("%")[0]).is_loopback:
            raise RuntimeError(f"a test would connect to {address}")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sqlite") / "template.db"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def sqlite_tests(sqlite_template: Path) -> AsyncIterator[SQLiteTests]:
    await migrate(f"sqlite:///{sqlite_template}")
    tests = SQLiteTests(str(sqlite_template))
    yield tests
    await tests.close()


@pytest.fixture(scope="session")
def postgres_url() -> str:
    return os.environ[URL_VARIABLE]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def postgres_template(postgres_url: str, worker_id: str) -> AsyncIterator[str]:
    """The name of a migrated database that nobody is connected to, to clone from."""
    name = f"tandem_template_{worker_id}_{uuid4().hex[:8]}"
    async with Admin(postgres_url) as admin:
        await migrate(await admin.create(name))
        yield name
        await admin.drop(name)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def postgres_tests(postgres_url: str, postgres_template: str) -> AsyncIterator[PostgresTests]:
    name = postgres_template.replace("template", "shared")
    async with Admin(postgres_url) as admin:
        tests = PostgresTests(await admin.create(name, postgres_template))
        yield tests
        await tests.close()
        await admin.drop(name)


@pytest.fixture(params=["sqlite", "postgres"])
def either_tests(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(f"{request.param}_tests")


@pytest_asyncio.fixture(loop_scope="session")
async def database(either_tests: SQLiteTests | PostgresTests) -> AsyncIterator[RolledBack]:
    """Either database; what the test does is rolled back."""
    yield await either_tests.begin()
    await either_tests.rollback()


@pytest.fixture(params=["sqlite", "postgres"])
def clone_template(request: pytest.FixtureRequest) -> str | Path:
    """The SQLite file or the name of the Postgres database to clone."""
    request.getfixturevalue(f"{request.param}_tests")
    name = "sqlite_template" if request.param == "sqlite" else "postgres_template"
    template: str | Path = request.getfixturevalue(name)
    return template


@pytest_asyncio.fixture(loop_scope="session")
async def clone_url(clone_template: str | Path, tmp_path: Path, postgres_url: str) -> AsyncIterator[str]:
    """The URL of a database of one's own, migrated, for tests of concurrency, kills and migrations."""
    if isinstance(clone_template, Path):
        shutil.copy(clone_template, tmp_path / "tandem.db")
        yield f"sqlite:///{tmp_path / 'tandem.db'}"
        return
    async with Admin(postgres_url) as admin:
        name = f"tandem_clone_{uuid4().hex[:12]}"
        yield await admin.create(name, clone_template)
        await admin.drop(name)


@pytest_asyncio.fixture(loop_scope="session")
async def own_database(clone_url: str) -> AsyncIterator[Database]:
    """A database of one's own with the real dispatcher, which commits."""
    opened = SQLite(clone_url.removeprefix("sqlite:///")) if clone_url.startswith("sqlite") else Postgres(clone_url)
    yield opened
    await opened.close()


@pytest.fixture
def settings() -> Settings:
    return Settings(database=DatabaseSettings(url="sqlite:///unused.db"))


@pytest_asyncio.fixture(loop_scope="session")
async def client_as(database: RolledBack, settings: Settings) -> AsyncIterator[ClientFactory]:
    """`await client_as("viewer", person_id=…)`: an HTTP client whose key has that access role and owner."""
    async for factory in _clients(database, settings):
        yield factory


@pytest_asyncio.fixture(loop_scope="session")
async def client(client_as: ClientFactory) -> httpx.AsyncClient:
    """An HTTP client that may do everything."""
    return await client_as(AccessRole.PMO_LEAD)


@pytest.fixture
def visitor(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """Somebody at a client's, who comes by a link: without a key."""
    return httpx.AsyncClient(transport=client._transport, base_url=client.base_url)


@pytest_asyncio.fixture(loop_scope="session")
async def own_client_as(own_database: Database, settings: Settings) -> AsyncIterator[ClientFactory]:
    """As `client_as`, on a database of one's own."""
    async for factory in _clients(own_database, settings):
        yield factory


async def _clients(database: Database, settings: Settings) -> AsyncIterator[ClientFactory]:
    service = create_app(settings, database)
    opened: list[httpx.AsyncClient] = []

    async def factory(role: str = AccessRole.PMO_LEAD, **options: Any) -> httpx.AsyncClient:
        key = await database.write(lambda conn: make_key(conn, AccessRole(role), **options))
        transport = httpx.ASGITransport(service)
        made = httpx.AsyncClient(
            transport=transport, base_url="http://tandem.test", headers={"Authorization": f"Bearer {key}"}
        )
        opened.append(made)
        return made

    yield factory
    for made in opened:
        await made.aclose()
