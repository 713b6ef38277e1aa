"""Every route is closed unless declared open, and each access role reaches what the table of rights gives it."""

import base64
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
import time_machine
from fastapi.routing import APIRoute
from starlette.routing import Route

from app.core import clock
from app.core.caller import RIGHTS, AccessRole
from app.http import sign_in
from app.http.routing import OPEN
from app.main import create_app
from app.settings import DatabaseSettings, Settings
from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.factories import make_key, make_person
from tests.passing import Passing, let_time_pass

ROUTES = [
    route
    for route in create_app(Settings(database=DatabaseSettings(url="sqlite:///unused.db"))).router.routes
    if isinstance(route, Route)
]
ENDPOINTS = [route for route in ROUTES if isinstance(route, APIRoute)]
OPEN_PATHS = {
    "/healthz",
    "/readyz",
    "/metrics",
    "/problems/{code}",
    "/docs",
    "/docs/swagger-ui-bundle.js",
    "/docs/swagger-ui.css",
    "/openapi.json",
    "/v1/client-links/{token}",
}

EVERYBODY = "pmo_lead manager contributor analyst viewer integration"
READERS = "pmo_lead manager contributor analyst viewer"
# From the table of rights in the domain's description, by hand: it must not follow the code.
ALLOWED = {
    "get_me": EVERYBODY,
    "list_clients": READERS,
    "get_client": READERS,
    "create_client": "pmo_lead manager",
    "update_client": "pmo_lead manager",
    "delete_client": "pmo_lead manager",
    "list_people": READERS,
    "create_person": "pmo_lead manager",
    "list_rates": READERS,
    "create_rate": "pmo_lead",
    "update_rate": "pmo_lead",
    "create_rate_card": "pmo_lead",
    "create_exchange_rate": "pmo_lead",
    "list_projects": READERS,
    "create_project": "pmo_lead manager",
    "transition_project": "pmo_lead manager",
    "create_assignment": "pmo_lead manager",
    "create_estimate": "pmo_lead manager",
    "compare_baselines": READERS,
    "get_project_forecast": READERS,
    "create_goal": "pmo_lead",
    "update_goal": "pmo_lead",
    "create_goal_link": "pmo_lead manager",
    "get_goal_alignment": READERS,
    "create_seat": "pmo_lead manager",
    "list_time_entries": EVERYBODY,
    "create_time_entry": "pmo_lead manager contributor integration",
    "create_time_entries": "pmo_lead manager contributor integration",
    "delete_time_entry": "pmo_lead manager contributor integration",
    "create_invoice": "pmo_lead manager",
    "create_commitment": "pmo_lead manager",
    "renegotiate_commitment": "pmo_lead manager",
    "check_commitment": READERS,
    "create_handover": "pmo_lead manager",
    "complete_handover": "pmo_lead manager",
    "notify_handover_notice": "pmo_lead manager",
    "waive_handover_notice": "pmo_lead",
    "update_handover_task": "pmo_lead manager contributor",
    "create_project_template": "pmo_lead manager",
    "create_project_task": "pmo_lead manager",
    "update_project_task": "pmo_lead manager contributor",
    "kick_off_project": "pmo_lead manager",
    "get_closing_check": READERS,
    "close_project": "pmo_lead manager",
    "create_checklist": "pmo_lead manager",
    "create_status_report": "pmo_lead manager",
    "get_project_health": READERS,
    "get_status_report_draft": READERS,
    "list_decisions": READERS,
    "create_decision": "pmo_lead manager",
    "record_decision_outcome": "pmo_lead manager",
    "list_decision_outcomes": READERS,
    "get_decision_outcome": READERS,
    "ask_change_request": "pmo_lead manager",
    "list_change_asks": READERS,
    "get_change_ask": READERS,
    "get_kpi_values": READERS,
    "update_calendar_day": "pmo_lead",
    "list_api_keys": "pmo_lead",
    "create_api_key": "pmo_lead",
    "rotate_api_key": "pmo_lead",
    "revoke_api_key": "pmo_lead",
    "list_audit": "pmo_lead",
    "get_audit_entry": "pmo_lead",
    "create_import": "pmo_lead",
}


def method_of(route: Route) -> str:
    return next(iter(sorted(route.methods or {"GET"})))


def address_of(route: Route) -> str:
    samples = {"day": "2026-01-05", "name": "active_load", "code": "not-found"}
    return route.path.format(
        **{name: samples.get(name, "01890000-0000-7000-8000-00000000ffff") for name in route.param_convertors}
    )


async def send(client: httpx.AsyncClient, route: Route) -> httpx.Response:
    method = method_of(route)
    writes = method in ("POST", "PUT", "PATCH", "DELETE")
    body: dict[str, Any] = {"json": {}} if writes and method != "DELETE" else {}
    return await client.request(method, address_of(route), headers={"If-Match": "*"} if writes else {}, **body)


def lacks_the_right(answer: httpx.Response) -> bool:
    """Whether it was refused for its access role, and not for whose the record is."""
    if answer.status_code != 403:
        return False
    problem = answer.json()
    return bool(problem["code"] == "forbidden" and problem["detail"].startswith("It needs the right"))


def test_no_other_routes_are_open() -> None:
    closed = {route.path for route in ENDPOINTS if getattr(route.endpoint, "access", OPEN) is not OPEN}
    assert {route.path for route in ROUTES} - closed == OPEN_PATHS
    assert len(closed) > 20


def test_each_closed_route_names_a_right() -> None:
    for route in ENDPOINTS:
        access = getattr(route.endpoint, "access", None)
        assert access is OPEN or access, route.path


async def test_every_route_wants_a_key_unless_it_is_open(client_as: ClientFactory) -> None:
    client = await client_as()
    for credential in ("", "Bearer ", "Bearer nonsense", "Bearer tdm_0_0", "Basic !", "Digest x"):
        client.headers["Authorization"] = credential
        for route in ROUTES:
            answer = await send(client, route)
            if route.path in OPEN_PATHS:
                # A link is a credential of its own; this one is of nobody's making.
                expected = 404 if "token" in route.param_convertors else 200
                assert answer.status_code == expected, (route.path, answer.text)
            else:
                assert (answer.status_code, answer.json()["code"]) == (401, "not-signed-in"), route.path


@pytest.mark.parametrize("role", list(AccessRole))
async def test_a_role_reaches_what_its_rights_name_and_nothing_else(role: AccessRole, client_as: ClientFactory) -> None:
    client = await client_as(role)
    for route in ENDPOINTS:
        answer = await send(client, route)
        assert answer.status_code < 500, (route.path, answer.text)
        assert answer.status_code != 401, route.path
        access = getattr(route.endpoint, "access", None)
        allowed = access is OPEN or not RIGHTS[role].isdisjoint(access or ())
        assert lacks_the_right(answer) is not allowed, (role, route.operation_id, answer.text)


@pytest.mark.parametrize("role", list(AccessRole))
async def test_a_role_reaches_what_the_domain_gives_it(role: AccessRole, client_as: ClientFactory) -> None:
    client = await client_as(role)
    by_operation = {route.operation_id: route for route in ENDPOINTS}
    for operation, roles in ALLOWED.items():
        answer = await send(client, by_operation[operation])
        assert lacks_the_right(answer) is (role not in roles.split()), (operation, answer.text)


@pytest.fixture
def passing(monkeypatch: pytest.MonkeyPatch) -> Passing:
    """Lets the seconds pass for which sign-in remembers a key."""
    return let_time_pass(monkeypatch, sign_in)


async def key_id(client: httpx.AsyncClient) -> str:
    id: str = (await client.get("/v1/me")).json()["key_id"]
    return id


async def test_a_revoked_key_stops_within_five_seconds(client_as: ClientFactory, passing: Passing) -> None:
    lead, client = await client_as(AccessRole.PMO_LEAD), await client_as(AccessRole.VIEWER)
    revoked = await lead.post(f"/v1/api-keys/{await key_id(client)}/revoke")
    assert revoked.status_code == 200
    passing.seconds += 5.01
    answer = await client.get("/v1/me")
    assert (answer.status_code, answer.json()["code"]) == (401, "not-signed-in")


async def test_a_key_is_looked_up_once_in_five_seconds(
    client_as: ClientFactory, passing: Passing, database: RolledBack
) -> None:
    client = await client_as(AccessRole.VIEWER)
    await client.get("/v1/clients")
    with database.counting() as remembered:
        await client.get("/v1/clients")
    passing.seconds += 5.01
    with database.counting() as looked_up:
        await client.get("/v1/clients")
    assert (len(remembered), len(looked_up)) == (1, 2)


async def test_a_changed_role_counts_within_five_seconds(client_as: ClientFactory, passing: Passing) -> None:
    lead, client = await client_as(AccessRole.PMO_LEAD), await client_as(AccessRole.VIEWER)
    path = f"/v1/api-keys/{await key_id(client)}"
    await lead.patch(path, json={"role": "integration"}, headers={"If-Match": "*"})
    passing.seconds += 5.01
    assert lacks_the_right(await client.get("/v1/clients"))


async def test_an_expired_key_is_refused(client_as: ClientFactory, passing: Passing) -> None:
    client = await client_as(AccessRole.VIEWER, expires_at=clock.now() + timedelta(hours=1))
    assert (await client.get("/v1/me")).status_code == 200
    passing.seconds += 3600
    with time_machine.travel(clock.now() + timedelta(hours=1, seconds=1)):
        assert (await client.get("/v1/me")).status_code == 401


async def test_after_a_rotation_both_secrets_work_until_the_grace_is_over(
    client_as: ClientFactory, passing: Passing
) -> None:
    lead, client = await client_as(AccessRole.PMO_LEAD), await client_as(AccessRole.VIEWER)
    id = await key_id(client)
    rotated = (await lead.post(f"/v1/api-keys/{id}/rotate", json={"grace_seconds": 60})).json()
    fresh = {"Authorization": f"Bearer {rotated['key']}"}
    passing.seconds += 6
    assert [await key_id(client), (await client.get("/v1/me", headers=fresh)).json()["key_id"]] == [id, id]
    passing.seconds += 60
    with time_machine.travel(clock.now() + timedelta(seconds=61)):
        assert (await client.get("/v1/me")).status_code == 401
        assert (await client.get("/v1/me", headers=fresh)).status_code == 200


async def test_signs_in_by_basic_for_tools_that_know_no_other_way(
    client_as: ClientFactory, database: RolledBack
) -> None:
    client = await client_as()
    key = await database.write(lambda conn: make_key(conn, AccessRole.ANALYST))

    async def role_by(user: str, password: str) -> object:
        credential = base64.b64encode(f"{user}:{password}".encode()).decode()
        answer = await client.get("/v1/me", headers={"Authorization": f"Basic {credential}"})
        return answer.json().get("role", answer.status_code)

    assert [await role_by(user, key) for user in ("", "anybody", "ä")] == ["analyst"] * 3
    assert await role_by(key, "") == 401
    assert await role_by("anybody", key[:-1]) == 401


async def test_refuses_what_is_almost_a_key(client_as: ClientFactory, database: RolledBack) -> None:
    client = await client_as()
    key = await database.write(lambda conn: make_key(conn, AccessRole.VIEWER))
    other = await database.write(lambda conn: make_key(conn, AccessRole.PMO_LEAD, secret_hash="0" * 64))
    prefix, id, secret = key.split("_")
    wrong = [f"{prefix}_{id}_{secret}x", f"{prefix}_{id}_", f"{prefix}_{id}", f"tdx_{id}_{secret}", f"{key}_"]
    wrong += [other, f"{prefix}_{UUID(int=0).hex}_{secret}", f"{prefix}_{id}x_{secret}", key.upper()]
    for text in wrong:
        answer = await client.get("/v1/me", headers={"Authorization": f"Bearer {text}"})
        assert answer.status_code == 401, text
    assert (await client.get("/v1/me", headers={"Authorization": f"bearer {key}"})).status_code == 200


async def test_a_key_stands_for_its_owner(client_as: ClientFactory, database: RolledBack) -> None:
    owner = await database.write(make_person)
    client = await client_as(AccessRole.CONTRIBUTOR, person_id=owner)
    assert (await client.get("/v1/me")).json()["person"]["id"] == str(owner)
