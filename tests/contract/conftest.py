"""The contract's tests run in the example world, on both databases."""

import httpx
import pytest_asyncio

from app.core.caller import AccessRole
from tests.conftest import ClientFactory
from tests.contract.world import MARIA, make_world
from tests.databases import RolledBack


@pytest_asyncio.fixture(loop_scope="session")
async def world(database: RolledBack, client_as: ClientFactory) -> httpx.AsyncClient:
    """A PMO lead's client, in the example world."""
    await database.write(make_world)
    return await client_as(AccessRole.PMO_LEAD, person_id=MARIA)
