import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.contract.compatibility import breaking_changes

Json = dict[str, Any]

CONTRACT: Json = {
    "paths": {
        "/v1/clients": {
            "get": {
                "operationId": "list_clients",
                "parameters": [
                    {"name": "tier", "in": "query", "schema": {"type": "string", "enum": ["key", "standard"]}}
                ],
                "responses": {
                    "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Page"}}}},
                    "401": {},
                },
            },
            "post": {
                "operationId": "create_client",
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Create"}}},
                },
                "responses": {
                    "201": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Read"}}}}
                },
            },
        }
    },
    "components": {
        "schemas": {
            "Page": {
                "type": "object",
                "properties": {"items": {"type": "array", "items": {"$ref": "#/components/schemas/Read"}}},
            },
            "Read": {
                "type": "object",
                "required": ["code"],
                "properties": {
                    "code": {"type": "string"},
                    "since_on": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
                    "tier": {"type": "string", "enum": ["key", "standard"]},
                },
            },
            "Create": {
                "type": "object",
                "additionalProperties": False,
                "required": ["code"],
                "properties": {
                    "code": {"type": "string", "maxLength": 60},
                    "name": {"type": "string"},
                    "tier": {"type": "string", "enum": ["key", "standard"]},
                },
            },
        }
    },
}


def without(path: str) -> Callable[[Json], None]:
    def change(document: Json) -> None:
        *parents, last = path.split(" ")
        for part in parents:
            document = document[part]
        del document[last]

    return change


def with_(path: str, value: object) -> Callable[[Json], None]:
    def change(document: Json) -> None:
        *parents, last = path.split(" ")
        for part in parents:
            document = document[part]
        document[last] = value

    return change


LIST, POST = "paths /v1/clients get", "paths /v1/clients post"
READ, CREATE = "components schemas Read", "components schemas Create"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (without(LIST), "list_clients: GET /v1/clients is gone"),
        (with_(f"{LIST} operationId", "get_clients"), "list_clients: is called get_clients now"),
        (with_(f"{LIST} parameters", []), "list_clients: parameter tier is gone"),
        (
            with_(
                f"{LIST} parameters", [{"name": "tier", "in": "query", "required": True, "schema": {"type": "string"}}]
            ),
            "list_clients: parameter tier is required now",
        ),
        (
            with_(
                f"{LIST} parameters", [{"name": "tier", "in": "query", "schema": {"type": "string", "enum": ["key"]}}]
            ),
            "list_clients: parameter tier: takes no standard any more",
        ),
        (without(f"{LIST} responses 200"), "list_clients: answers no 200 any more"),
        (without(f"{READ} properties code"), "Read/code is gone"),
        (with_(f"{READ} properties code type", "integer"), "Read/code: may answer integer now"),
        (with_(f"{READ} required", []), "Read/code may be absent now"),
        (
            with_(f"{READ} properties tier enum", ["key"]),
            "Read/tier: answers no standard any more",
        ),
        (with_(f"{CREATE} properties tier enum", ["key"]), "Create/tier: takes no standard any more"),
        (with_(f"{CREATE} required", ["code", "name"]), "Create/name is required now"),
        (with_(f"{CREATE} properties name type", "integer"), "Create/name: takes no string any more"),
        (with_(f"{CREATE} properties code maxLength", 20), "Create/code: maxLength is 20 now"),
        (without(f"{CREATE} properties name"), "Create/name is gone"),
        (
            with_(f"{READ} properties since_on", {"anyOf": [{"type": "integer"}, {"type": "null"}]}),
            "Read/since_on: may answer integer now",
        ),
    ],
)
def test_tells_what_breaks(change: Callable[[Json], None], said: str) -> None:
    changed = copy.deepcopy(CONTRACT)
    change(changed)
    assert said in breaking_changes(CONTRACT, changed)


@pytest.mark.parametrize(
    "change",
    [
        with_("paths /v1/people", {"get": {"operationId": "list_people", "responses": {}}}),
        with_(
            f"{LIST} parameters", [*CONTRACT["paths"]["/v1/clients"]["get"]["parameters"], {"name": "q", "in": "query"}]
        ),
        with_(f"{LIST} responses 503", {}),
        without(f"{LIST} responses 401"),
        with_(f"{READ} properties name", {"type": "string"}),
        with_(f"{READ} properties tier enum", ["key", "standard", "gold"]),
        with_(f"{CREATE} properties industry", {"type": "string"}),
        with_(f"{CREATE} properties tier enum", ["key", "standard", "gold"]),
        with_(f"{CREATE} required", []),
        with_(f"{CREATE} properties code maxLength", 90),
        with_(f"{READ} properties since_on", {"type": "string", "format": "date"}),
    ],
)
def test_lets_pass_what_breaks_nobody(change: Callable[[Json], None]) -> None:
    changed = copy.deepcopy(CONTRACT)
    change(changed)
    assert breaking_changes(CONTRACT, changed) == []
