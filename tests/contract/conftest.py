"""The contract's tests run in the example world, on both databases."""

import httpx
import pytest
import pytest_asyncio
from pydantic import SecretStr

from app.core.caller import AccessRole
from app.settings import DatabaseSettings, LinkSettings, Settings
from tests.conftest import ClientFactory
from tests.contract.world import LINK_SECRET, MARIA, make_world
from tests.databases import RolledBack


@pytest.fixture
def settings() -> Settings:
    """As usual, with the secret by which the world's links are signed."""
    secret = SecretStr(LINK_SECRET)
    return Settings(database=DatabaseSettings(url="sqlite:///unused.db"), links=LinkSettings(secret=secret))


@pytest_asyncio.fixture(loop_scope="session")
async def world(database: RolledBack, client_as: ClientFactory) -> httpx.AsyncClient:
    """A PMO lead's client, in the example world."""
    await database.write(make_world)
    return await client_as(AccessRole.PMO_LEAD, person_id=MARIA)
