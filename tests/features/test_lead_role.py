from typing import Any

import httpx
import pytest

from app.features.projects.rules import lead_role
from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.factories import make_person
from tests.features.calls import Json, add, add_project, events

ACCOUNT, PRODUCTION = "account_manager", "production_manager"


async def led(client: httpx.AsyncClient) -> Json:
    answer = await client.get("/v1/projects/WEB/lead-role")
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def say(client: httpx.AsyncClient, role: str | None, reason: str = "She knows why.", **more: Any) -> Json:
    answer = await client.post("/v1/projects/WEB/lead-role", json={"role": role, "reason": reason}, **more)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


@pytest.mark.parametrize(
    ("intensity", "complexity", "strengths", "role"),
    [
        (4, 3, {}, ACCOUNT),
        (3, 4, {ACCOUNT: 5}, PRODUCTION),
        (3, 3, {}, ACCOUNT),
        (3, 3, {PRODUCTION: 1}, PRODUCTION),
        (3, 3, {PRODUCTION: 4, ACCOUNT: 4}, ACCOUNT),
        (3, 3, {PRODUCTION: 3, ACCOUNT: 4}, ACCOUNT),
    ],
)
def test_the_louder_client_or_the_harder_work_decides_and_a_tie_goes_to_the_stronger_relationship(
    intensity: int, complexity: int, strengths: dict[str, int], role: str
) -> None:
    found, reason = lead_role(intensity, complexity, strengths)
    assert found == role
    assert str(intensity) in reason
    assert reason.endswith(".")


async def test_the_projects_intensity_counts_before_the_clients(client: httpx.AsyncClient) -> None:
    await add_project(client, technical_complexity=4)
    assert (await led(client))["role"] == PRODUCTION
    await client.patch("/v1/projects/WEB", json={"communication_intensity": 5}, headers={"If-Match": "*"})
    found = await led(client)
    assert (found["role"], found["overridden"]) == (ACCOUNT, False)
    assert found["reason"] == "Communication intensity (5) is above technical complexity (4)."


async def test_a_tie_goes_to_the_holder_who_knows_the_client_better(
    client: httpx.AsyncClient, database: RolledBack
) -> None:
    project = await add_project(client)
    jon = str(await database.write(lambda conn: make_person(conn, "jon@agency.example")))
    await add(client, "assignments", project_id=project["id"], role=PRODUCTION, person_id=jon, valid_from="2026-01-01")
    assert (await led(client))["role"] == ACCOUNT
    await add(client, "relationships", person_id=jon, client_id=project["client_id"], strength=3)
    assert (await led(client))["role"] == PRODUCTION


async def test_an_override_is_a_decision_and_can_be_taken_back(client: httpx.AsyncClient, database: RolledBack) -> None:
    await add_project(client, technical_complexity=4)
    said = await say(client, ACCOUNT, "The client asked for her.")
    assert said == await led(client)
    assert (said["role"], said["reason"], said["overridden"]) == (ACCOUNT, "The client asked for her.", True)
    assert said["derived_role"] == PRODUCTION
    assert (await say(client, None, "That is over."))["role"] == PRODUCTION
    decisions = (await client.get("/v1/decisions", params={"kind": "lead_role"})).json()["items"]
    assert [decision["why"] for decision in decisions] == ["That is over.", "The client asked for her."]
    told = [data["role"] for type, data in await events(database) if type == "project.lead_role_changed"]
    assert told == [ACCOUNT, None]


async def test_an_override_needs_a_reason_a_managers_role_and_the_right_to_write(
    client: httpx.AsyncClient, client_as: ClientFactory
) -> None:
    await add_project(client)
    for body in ({"role": ACCOUNT}, {"role": ACCOUNT, "reason": " "}, {"role": "designer", "reason": "Why not"}):
        answer = await client.post("/v1/projects/WEB/lead-role", json=body)
        assert answer.status_code == 422, answer.text
    viewer = await client_as("viewer")
    refused = await viewer.post("/v1/projects/WEB/lead-role", json={"role": None, "reason": "So"})
    assert refused.status_code == 403
    stale = await client.post(
        "/v1/projects/WEB/lead-role", json={"role": ACCOUNT, "reason": "So"}, headers={"If-Match": '"9.pipeline"'}
    )
    assert stale.status_code == 412
