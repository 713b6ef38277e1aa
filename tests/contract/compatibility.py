"""What a change of the contract breaks for those who rely on it.

A client may send less than before and must cope with more: so a removed path, operation, parameter or answered field
breaks it, and so does whatever is newly required of it, newly refused, or answered in another type.
"""

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
LIMITS_FROM_BELOW = ("minimum", "exclusiveMinimum", "minLength", "minItems")
LIMITS_FROM_ABOVE = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")


def breaking_changes(old: Json, new: Json) -> list[str]:
    """What in `new` breaks a client that was written for `old`, a line each; both are OpenAPI documents."""
    return sorted(set(_Comparison(old, new).changes()))


class _Comparison:
    def __init__(self, old: Json, new: Json) -> None:
        self.old = old
        self.new = new
        self._seen: set[tuple[str, str, bool]] = set()

    def changes(self) -> Iterator[str]:
        for path, methods in self.old["paths"].items():
            for method, before in methods.items():
                name = before.get("operationId", f"{method} {path}")
                after = self.new["paths"].get(path, {}).get(method)
                if after is None:
                    yield f"{name}: {method.upper()} {path} is gone"
                    continue
                if after.get("operationId") != before.get("operationId"):
                    yield f"{name}: is called {after.get('operationId')} now"
                yield from self._parameters(name, before, after)
                yield from self._body(name, before, after)
                yield from self._responses(name, before, after)

    def _parameters(self, name: str, before: Json, after: Json) -> Iterator[str]:
        was, now = self._by_name(self.old, before), self._by_name(self.new, after)
        for key, parameter in was.items():
            where = f"{name}: parameter {key[1]}"
            if key not in now:
                yield f"{where} is gone"
                continue
            if now[key].get("required") and not parameter.get("required"):
                yield f"{where} is required now"
            yield from self._schema(where, parameter.get("schema", {}), now[key].get("schema", {}), sent=True)
        for key, parameter in now.items():
            if key not in was and parameter.get("required"):
                yield f"{name}: parameter {key[1]} is new and required"

    def _body(self, name: str, before: Json, after: Json) -> Iterator[str]:
        was, now = self._resolve(self.old, before.get("requestBody")), self._resolve(self.new, after.get("requestBody"))
        if not now:
            if was:
                yield f"{name}: takes no body any more"
            return
        if now.get("required") and not was.get("required"):
            yield f"{name}: a body is required now"
        for kind, media in was.get("content", {}).items():
            if kind not in now["content"]:
                yield f"{name}: takes no {kind} any more"
                continue
            yield from self._schema(
                f"{name}: body", media.get("schema", {}), now["content"][kind].get("schema", {}), sent=True
            )

    def _responses(self, name: str, before: Json, after: Json) -> Iterator[str]:
        for status, response in before["responses"].items():
            if not status.startswith("2"):
                continue  # an error more or less is no break: clients handle what they do not know by its class
            if status not in after["responses"]:
                yield f"{name}: answers no {status} any more"
                continue
            was = self._resolve(self.old, response).get("content", {})
            now = self._resolve(self.new, after["responses"][status]).get("content", {})
            for kind, media in was.items():
                if kind not in now:
                    yield f"{name}: answers no {kind} any more"
                    continue
                schema = now[kind].get("schema", {})
                yield from self._schema(f"{name}: answer {status}", media.get("schema", {}), schema, sent=False)

    def _schema(self, where: str, was: Json, now: Json, sent: bool) -> Iterator[str]:
        if "$ref" in was:  # a shared schema is compared once, under its own name
            mark = (was["$ref"], repr(now), sent)
            if mark in self._seen:
                return
            self._seen.add(mark)
            where = was["$ref"].rpartition("/")[2]
        was, now = self._resolve(self.old, was), self._resolve(self.new, now)
        before, after = self._types(self.old, was), self._types(self.new, now)
        lost = before - after if sent else after - before
        if lost and before and after:
            yield f"{where}: {_told(', '.join(sorted(lost)), sent)}"
            return
        yield from self._values(where, was, now, sent)
        yield from self._properties(where, was, now, sent)
        for key in ("items", "additionalProperties"):
            if isinstance(was.get(key), dict) and isinstance(now.get(key), dict):
                yield from self._schema(f"{where}[]", was[key], now[key], sent)
        yield from self._variants(where, was, now, sent)

    def _values(self, where: str, was: Json, now: Json, sent: bool) -> Iterator[str]:
        before, after = self._enum(was), self._enum(now)
        if before is not None and after is not None:
            for value in sorted(before - after):  # another value in an answer is an addition, which clients cope with
                yield f"{where}: {'takes' if sent else 'answers'} no {value} any more"
        if sent and before is None and after is not None:
            yield f"{where}: takes only {', '.join(sorted(after))} now"
        if not sent:
            return
        for limit in (*LIMITS_FROM_BELOW, *LIMITS_FROM_ABOVE):
            if limit in now and (limit not in was or _tighter(limit, was[limit], now[limit])):
                yield f"{where}: {limit} is {now[limit]} now"
        if "pattern" in now and now["pattern"] != was.get("pattern"):
            yield f"{where}: pattern is {now['pattern']} now"

    def _properties(self, where: str, was: Json, now: Json, sent: bool) -> Iterator[str]:
        before, after = was.get("properties", {}), now.get("properties", {})
        for name, schema in before.items():
            if name in after:
                yield from self._schema(f"{where}/{name}", schema, after[name], sent)
            elif not sent or now.get("additionalProperties") is False:
                yield f"{where}/{name} is gone"
        needed, needed_before = set(now.get("required", ())), set(was.get("required", ()))
        if sent:
            for name in sorted(needed - needed_before):
                yield f"{where}/{name} is required now"
        else:
            for name in sorted((needed_before - needed) & set(after)):
                yield f"{where}/{name} may be absent now"

    def _variants(self, where: str, was: Json, now: Json, sent: bool) -> Iterator[str]:
        """Alternatives are compared by type: an object with the object, an array with the array."""
        before = {self._kind(self.old, v): v for v in (*was.get("anyOf", ()), *was.get("oneOf", ()))}
        after = {self._kind(self.new, v): v for v in (*now.get("anyOf", ()), *now.get("oneOf", ()))}
        for kind in sorted(before.keys() & after.keys()):
            yield from self._schema(where, before[kind], after[kind], sent)

    def _kind(self, document: Json, schema: Json) -> str:
        return ",".join(sorted(self._types(document, self._resolve(document, schema))))

    def _types(self, document: Json, schema: Json) -> set[str]:
        """The types that a schema admits, with the format of strings; empty when it says none."""
        schema = self._resolve(document, schema)
        if variants := [*schema.get("anyOf", ()), *schema.get("oneOf", ())]:
            return set().union(*(self._types(document, variant) for variant in variants))
        types = schema.get("type", [])
        types = {types} if isinstance(types, str) else set(types)
        return {f"{t} ({schema['format']})" if t == "string" and "format" in schema else t for t in types}

    def _enum(self, schema: Json) -> set[str] | None:
        if "const" in schema:
            return {str(schema["const"])}
        return {str(value) for value in schema["enum"]} if "enum" in schema else None

    def _by_name(self, document: Json, operation: Json) -> dict[tuple[str, str], Json]:
        found = [self._resolve(document, parameter) for parameter in operation.get("parameters", ())]
        return {(parameter["in"], parameter["name"]): parameter for parameter in found}

    def _resolve(self, document: Json, node: Json | None) -> Json:
        while node and "$ref" in node:
            target: Any = document
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            node = target
        return node or {}


def _tighter(limit: str, was: float, now: float) -> bool:
    return now > was if limit in LIMITS_FROM_BELOW else now < was


def _told(what: str, sent: bool) -> str:
    return f"takes no {what} any more" if sent else f"may answer {what} now"
