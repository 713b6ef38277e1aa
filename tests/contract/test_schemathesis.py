"""Schemathesis over the whole document: valid and invalid data for every operation, the same on every run.

No answer is a 5xx, has a status, content type or header that is not documented, or is off its schema.
"""

import asyncio
import functools
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case as AnyCase
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import GenerationConfig
from schemathesis.specs.openapi import checks

from tests.contract.document import Operation, document, operations
from tests.contract.world import value_of
from tests.databases import RolledBack

Case = AnyCase[Any]

CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
]
# Cases of one operation: those that walk its schema's limits, and random ones. Postgres sees a sample of the same.
LIMITS = {"sqlite": 100, "postgresql": 20}
RANDOM = {"sqlite": 10, "postgresql": 4}
# An event stream has no end; its own tests read it.
ENDLESS = "text/event-stream"


@functools.cache
def schema() -> Any:
    return schemathesis.openapi.from_dict(document())


def is_endless(operation: Operation) -> bool:
    return ENDLESS in operation.said["responses"].get("200", {}).get("content", {})


def spread(cases: Iterable[Case], most: int) -> list[Case]:
    """At most so many of `cases`, from all parts of them."""
    found = list(cases)
    return found[:: -(-len(found) // most) or 1]


def limit_cases(operation: Operation, most: int) -> list[Case]:
    """Cases at and beyond the limits of each parameter and field."""
    config = GenerationConfig(deterministic=True, with_security_parameters=False)
    target = schema()[operation.path][operation.method]
    cases = schema().iter_coverage_cases(target, generation_modes=list(GenerationMode), generation_config=config)
    return spread(cases, most)


def random_cases(operation: Operation, most: int) -> list[Case]:
    """Random valid and invalid cases, the same on every run."""
    target = schema()[operation.path][operation.method]
    found: list[Case] = []
    for mode in GenerationMode:

        @hypothesis_settings(
            max_examples=most,
            derandomize=True,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        )
        @given(target.as_strategy(generation_mode=mode))
        def note(case: Case) -> None:
            found.append(case)

        with suppress(Unsatisfiable):  # what takes nothing can't be sent anything wrong
            note()
    return found


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode("latin-1")


async def send(client: httpx.AsyncClient, case: Case, in_world: bool) -> httpx.Response:
    """Send a case as it is, or with its path's parameters from the world, so that it reaches a service."""
    for name in case.path_parameters or {}:
        if in_world:
            case.path_parameters[name] = value_of(case.operation.path, name)
    arguments = case.as_transport_kwargs(base_url=str(client.base_url))
    prepared = requests.Request(**arguments).prepare()
    headers = [
        (n.encode(), _bytes(v)) for n, v in prepared.headers.items() if n not in ("Content-Length", "Authorization")
    ]
    assert prepared.body is None or isinstance(prepared.body, str | bytes)
    return await client.request(str(prepared.method), str(prepared.url), headers=headers, content=prepared.body)


@pytest.mark.parametrize("kind", ["limits", "random"])
@pytest.mark.parametrize("operation", [o for o in operations() if not is_endless(o)], ids=str)
async def test_every_answer_keeps_to_the_contract(
    operation: Operation, kind: str, world: httpx.AsyncClient, database: RolledBack
) -> None:
    if kind == "limits":
        cases = await asyncio.to_thread(limit_cases, operation, LIMITS[database.dialect])
    else:
        cases = await asyncio.to_thread(random_cases, operation, RANDOM[database.dialect])
    assert cases
    for number, case in enumerate(cases):
        async with database.undone():
            answer = await send(world, case, in_world=number % 4 > 0)
        case.validate_response(answer, checks=CHECKS)
