"""Nasty values in every field of every body: refused with a problem that names the field, and never a 500."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema_rs
import pytest

from tests.contract.document import Operation, operations, resolved, standing_alone
from tests.contract.world import address_of
from tests.databases import RolledBack

UNKNOWN = "00000000-0000-0000-0000-000000000000"
NASTY: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1.5,
    1e308,
    -(10**30),
    2**63,
    "",
    " ",
    "\x00",
    "a\nb",
    "\u2028",
    "\x7f",
    "\ud800",
    "x" * 30_000,
    "🚲" * 300,
    "0000-00-00",
    "0001-01-01",
    "1899-12-31",
    "2026-02-30",
    "2200-01-01",
    "10000-01-01",
    "2026-01-01T00:00:00",
    "2026-01-01T00:00:00+99:00",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "NaN",
    "-Infinity",
    "1e400",
    "99999999999999999999.99",
    "0.00000000001",
    "١٢",
    UNKNOWN,
    "'; DROP TABLE client; --",
    "../../etc/passwd",
    [],
    [None],
    [[]],
    ["x"] * 1_001,
    {},
    {"": None},
    {"$ref": "#"},
)
# Postgres sees every so-manieth of them, another set for each field: what differs there is what it can store.
EVERY = {"sqlite": 1, "postgresql": 6}
WRITES = [operation for operation in operations() if operation.examples]


def places(operation: Operation) -> Iterator[tuple[str | int, ...]]:
    """The fields that the schema has, and every place inside the example."""
    schema = resolved(operation.said["requestBody"]["content"]["application/json"]["schema"])
    found: dict[tuple[str | int, ...], None] = dict.fromkeys((name,) for name in schema.get("properties", {}))
    found |= dict.fromkeys(_inside(operation.examples[0]))
    yield from found


def _inside(value: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        yield (*at, key)
        yield from _inside(part, (*at, key))


def put(body: Any, place: tuple[str | int, ...], value: Any) -> Any:
    changed = copy.deepcopy(body)
    *parents, last = place
    inner = changed
    for part in parents:
        inner = inner[part]
    inner[last] = value
    return changed


@pytest.mark.parametrize("operation", WRITES, ids=str)
async def test_nasty_values_are_refused_or_taken_as_documented(
    operation: Operation, world: httpx.AsyncClient, database: RolledBack
) -> None:
    schema = operation.said["requestBody"]["content"]["application/json"]["schema"]
    valid = jsonschema_rs.Draft202012Validator(standing_alone(schema))
    path = address_of(operation)
    headers = {"If-Match": "*", "Content-Type": "application/json"}
    wrong: list[str] = []
    every = EVERY[database.dialect]
    for number, place in enumerate(places(operation)):
        for value in NASTY[number % every :: every]:
            body = put(operation.examples[0], place, value)
            async with database.undone():
                answer = await world.request(operation.method.upper(), path, headers=headers, content=json.dumps(body))
            if said := complaint(operation, valid, body, answer):
                at = "/".join(map(str, place))
                wrong.append(f"{at} = {json.dumps(value)[:100]} gave {answer.status_code}: {said}\n{answer.text[:500]}")
    assert not wrong, f"{len(wrong)}, such as\n" + "\n".join(wrong[:10])


def complaint(operation: Operation, valid: Any, body: Any, answer: httpx.Response) -> str | None:
    """What is wrong with the answer to `body`."""
    breach = operation.breach(answer.status_code, answer.headers.get("Content-Type", ""), answer.content)
    if breach is not None:
        return breach
    surrogate = "\\ud800" in json.dumps(body)
    if answer.is_success and (surrogate or not valid.is_valid(body)):
        return "it was taken, though its schema refuses it"
    if answer.status_code == 422 and not answer.json().get("errors"):
        return "it names no field"
    return None
