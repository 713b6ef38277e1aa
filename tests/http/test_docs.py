"""The documentation works without the internet: everything that it loads is served from here."""

import re

import httpx
import pytest

from app.main import create_app
from app.settings import Settings


@pytest.fixture
def anybody(settings: Settings) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(create_app(settings)), base_url="http://tandem.test")


async def test_the_page_loads_nothing_from_other_machines(anybody: httpx.AsyncClient) -> None:
    page = (await anybody.get("/docs")).text
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert loaded
    assert not [address for address in loaded if "//" in address]
    for address in loaded:
        if not address.startswith("data:"):
            answer = await anybody.get(f"/{address}")
            assert answer.status_code == 200
            assert len(answer.content) > 10_000


async def test_the_page_shows_the_contract(anybody: httpx.AsyncClient) -> None:
    assert "openapi.json" in (await anybody.get("/docs")).text
    assert (await anybody.get("/openapi.json")).json()["info"]["title"] == "Tandem"


async def test_nothing_else_of_the_package_is_served(anybody: httpx.AsyncClient) -> None:
    assert (await anybody.get("/docs/redoc.standalone.js")).status_code == 404
