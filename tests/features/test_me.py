import httpx

from app.core.caller import RIGHTS, AccessRole
from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.factories import make_person

SEES = {"pmo_lead": "all", "manager": "own_projects", "analyst": "all"}


async def test_tells_every_role_what_it_may_do(client_as: ClientFactory) -> None:
    for role in AccessRole:
        client = await client_as(role)
        me = (await client.get("/v1/me")).json()
        assert me["role"] == role
        assert me["rights"] == sorted(RIGHTS[role])
        assert me["key_name"] == f"test {role}"
        assert me["person"] is None
        assert me["sees_money"] == SEES.get(role, "none")


async def test_names_the_owner_of_the_key(client_as: ClientFactory, database: RolledBack) -> None:
    id = await database.write(make_person)
    client = await client_as(AccessRole.MANAGER, person_id=id)
    me = (await client.get("/v1/me")).json()
    assert me["person"] == {"id": str(id), "email": "maria@agency.example", "display_name": "Maria López"}


async def test_needs_sign_in(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/me", headers={"Authorization": ""})
    assert (answer.status_code, answer.json()["code"]) == (401, "not-signed-in")
    assert "Bearer" in answer.headers["WWW-Authenticate"]
