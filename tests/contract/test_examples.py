"""Every example of the contract is sent for real, and every answer keeps to the contract."""

from typing import Any

import httpx
import pytest

from app.db.dispatcher import Database
from tests.conftest import ClientFactory
from tests.contract.document import Operation, operations
from tests.contract.world import address_of, make_world

WRITES = [operation for operation in operations() if operation.method != "get"]
READS = [operation for operation in operations() if operation.method == "get"]
EXAMPLES = [
    pytest.param(operation, example, id=f"{operation.id}-{number}")
    for operation in WRITES
    for number, example in enumerate(operation.examples, 1)
]


async def call(world: httpx.AsyncClient, operation: Operation, body: object = None) -> httpx.Response:
    path = address_of(operation, body)
    headers = {"If-Match": "*"} if any(p["name"] == "If-Match" for p in operation.parameters) else {}
    options: dict[str, Any] = {"json": body} if operation.takes_json else {}
    answer = await world.request(operation.method.upper(), path, headers=headers, **options)
    breach = operation.breach(answer.status_code, answer.headers.get("Content-Type", ""), answer.content)
    assert breach is None, f"{breach}: {answer.text[:2000]}"
    return answer


@pytest.mark.parametrize(("operation", "example"), EXAMPLES)
async def test_the_example_is_accepted(operation: Operation, example: object, world: httpx.AsyncClient) -> None:
    answer = await call(world, operation, example)
    assert answer.is_success, answer.text


@pytest.mark.parametrize("operation", [o for o in WRITES if not o.takes_json], ids=str)
async def test_an_operation_without_a_body_answers_as_documented(
    operation: Operation, world: httpx.AsyncClient
) -> None:
    answer = await call(world, operation)
    # What the world still refers to is not deleted.
    assert answer.is_success or (operation.method == "delete" and answer.status_code == 409), answer.text


@pytest.mark.parametrize("operation", READS, ids=str)
async def test_a_read_answers_as_documented(operation: Operation, world: httpx.AsyncClient) -> None:
    answer = await call(world, operation)
    assert answer.status_code == 200, answer.text


async def test_the_real_dispatcher_answers_the_same(own_database: Database, own_client_as: ClientFactory) -> None:
    """Once with real commits, one after the other: those that come later may meet what the earlier have made."""
    await own_database.write(make_world)
    client = await own_client_as()
    for operation in READS:
        assert (await call(client, operation)).status_code == 200
    for operation in WRITES:
        if operation.examples:
            answer = await call(client, operation, operation.examples[0])
            assert answer.is_success or answer.status_code in (409, 422), answer.text


@pytest.mark.parametrize("operation", [o for o in WRITES if o.takes_json], ids=str)
def test_a_body_has_an_example(operation: Operation) -> None:
    assert operation.examples
