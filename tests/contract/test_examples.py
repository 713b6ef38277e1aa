"""Every example of the contract is sent for real, and every answer keeps to the contract."""

import httpx
import pytest

from tests.contract.document import Operation, operations
from tests.contract.world import filled

WRITES = [operation for operation in operations() if operation.method != "get"]
READS = [operation for operation in operations() if operation.method == "get"]
EXAMPLES = [
    pytest.param(operation, example, id=f"{operation.id}-{number}")
    for operation in WRITES
    for number, example in enumerate(operation.examples, 1)
]


async def call(world: httpx.AsyncClient, operation: Operation, body: object = None) -> httpx.Response:
    path = filled(operation.path, operation.path_parameters)
    headers = {"If-Match": "*"} if any(p["name"] == "If-Match" for p in operation.parameters) else {}
    options = {"json": body} if operation.takes_json else {}
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


@pytest.mark.parametrize("operation", [o for o in WRITES if o.takes_json], ids=str)
def test_a_body_has_an_example(operation: Operation) -> None:
    assert operation.examples
