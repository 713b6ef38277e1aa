"""The OpenAPI document as tests read it: its operations, their examples, and whether an answer keeps to it."""

import functools
import json
import re
from dataclasses import dataclass
from typing import Any

import jsonschema_rs

from app.main import create_app
from app.settings import DatabaseSettings, Settings

Json = dict[str, Any]
REFERENCE = re.compile(r'"#/components/schemas/([^"]+)"')


@functools.cache
def document() -> Json:
    """The document that the code makes now."""
    return create_app(Settings(database=DatabaseSettings(url="sqlite:///unused.db"))).openapi()


def resolved(node: Json) -> Json:
    """What a `$ref` stands for."""
    while "$ref" in node:
        target: Any = document()
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


@dataclass(frozen=True, eq=False)
class Operation:
    """One operation of the document."""

    path: str
    method: str
    said: Json

    @property
    def id(self) -> str:
        id: str = self.said["operationId"]
        return id

    @property
    def parameters(self) -> list[Json]:
        return [resolved(parameter) for parameter in self.said.get("parameters", ())]

    @property
    def path_parameters(self) -> list[str]:
        return [parameter["name"] for parameter in self.parameters if parameter["in"] == "path"]

    @property
    def takes_json(self) -> bool:
        return "application/json" in self.said.get("requestBody", {}).get("content", {})

    @property
    def examples(self) -> list[Any]:
        """The examples of its JSON body."""
        if not self.takes_json:
            return []
        media = self.said["requestBody"]["content"]["application/json"]
        found = [example["value"] for example in media.get("examples", {}).values()]
        found += [media["example"]] if "example" in media else []
        schema: Json = resolved(media["schema"])
        return found + list(schema.get("examples", ()))

    def breach(self, status: int, content_type: str, content: bytes) -> str | None:
        """What an answer breaks of what is documented; `None` when nothing."""
        if str(status) not in self.said["responses"]:
            return f"the status {status} is not documented"
        media = resolved(self.said["responses"][str(status)]).get("content", {})
        if not media and not content:
            return None
        kind = content_type.partition(";")[0]
        if kind not in media:
            return f"the content type {kind!r} is not documented for {status}, only {sorted(media)}"
        if not kind.endswith("json"):
            return None
        errors = _validator(self, status, kind).iter_errors(json.loads(content))
        found = [f"{'/'.join(map(str, error.instance_path))}: {error.message[:300]}" for error in errors]
        return "; ".join(found[:5]) or None

    def __str__(self) -> str:
        return self.id


@functools.cache
def operations() -> tuple[Operation, ...]:
    """All operations of the document."""
    return tuple(
        Operation(path, method, said)
        for path, methods in document()["paths"].items()
        for method, said in methods.items()
    )


@functools.cache
def _validator(operation: Operation, status: int, kind: str) -> Any:
    schema = resolved(operation.said["responses"][str(status)])["content"][kind]["schema"]
    return jsonschema_rs.Draft202012Validator(standing_alone(schema), validate_formats=True)


def standing_alone(schema: Json) -> Json:
    """The schema with the components that it refers to, and no others: a validator keeps a copy of what it is given."""
    components = document()["components"]["schemas"]
    found: Json = {}
    waiting = [schema]
    while waiting:
        for name in REFERENCE.findall(json.dumps(waiting.pop())):
            if name not in found:
                found[name] = components[name]
                waiting.append(components[name])
    return {**schema, "components": {"schemas": found}}
