"""Lists over HTTP: the query string checked once, the page as JSON, or everything as CSV or NDJSON, streamed."""

import functools
import json
import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, get_args
from urllib.parse import parse_qsl, urlencode

import sqlalchemy as sa
from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from app.core.caller import Caller
from app.core.errors import FieldError, Invalid, MoneyHidden, NotAcceptable, invalid
from app.core.schema import Day, Instant
from app.core.validation import code_of, message_of
from app.db.listing import DEFAULT_LIMIT, EXPORT_CHUNK, MAX_LIMIT, Condition, Listing, ListQuery, Page
from app.http.answers import PRIVATE, Renderer, csv_lines, database_of, json_response
from app.http.cursors import decode_cursor, encode_cursor
from app.http.routing import caller_of

ListService = Callable[[sa.Connection, Caller, ListQuery], Page]


class Format(StrEnum):
    JSON = "json"
    CSV = "csv"
    NDJSON = "ndjson"


MEDIA_TYPES = {
    Format.JSON: "application/json",
    Format.CSV: "text/csv; charset=utf-8",
    Format.NDJSON: "application/x-ndjson",
}
ACCEPTED = {
    "application/json": Format.JSON,
    "application/*": Format.JSON,
    "*/*": Format.JSON,
    "text/csv": Format.CSV,
    "text/*": Format.CSV,
    "application/x-ndjson": Format.NDJSON,
    "application/ndjson": Format.NDJSON,
    "application/jsonl": Format.NDJSON,
}


@dataclass(frozen=True)
class ListRequest:
    """A list's query string, understood."""

    query: ListQuery
    format: Format | None
    fields: tuple[str, ...]
    money: frozenset[str]  # the money fields that it sorts or filters by, or names
    bom: bool
    again: str  # the query string without its cursor


class Lists:
    """One list of the API: its parameters, for the document and for checking, and how it answers."""

    def __init__(self, listing: Listing, renderer: Renderer) -> None:
        self.listing = listing
        self.renderer = renderer
        self._checks: dict[str, tuple[str, str, TypeAdapter[Any]]] = {}
        for name in listing.filters:
            check = TypeAdapter(_value_type(renderer.schema, name))
            self._checks[name] = (name, "in", check)
            if listing.kind(name) in (date, datetime, Decimal, int):
                self._checks[f"{name}_from"] = (name, "from", check)
                self._checks[f"{name}_until"] = (name, "until", check)
        if "updated_at" in listing.columns:
            self._checks["updated_since"] = ("updated_at", "from", TypeAdapter(Instant))
        self.parse = functools.lru_cache(maxsize=1024)(self._parse)

    @property
    def fields(self) -> list[str]:
        """The columns of an export: what the schema has, without what is included on request."""
        return [name for name in self.renderer.schema.model_fields if name not in self.listing.includes]

    def _parse(self, query_string: bytes) -> ListRequest:
        given = dict(parse_qsl(query_string.decode("latin-1"), keep_blank_values=True, encoding="utf-8"))
        errors: list[FieldError] = []
        conditions: list[Condition] = []
        money: set[str] = set()
        for name, (field, operator, check) in self._checks.items():
            if (text := given.get(name)) is None:
                continue
            parts = text.split(",") if operator == "in" else [text]
            try:
                values = tuple(_checked(check, part, self.listing.kind(field)) for part in parts)
            except ValidationError as error:
                first = error.errors(include_url=False, include_input=False)[0]
                errors.append(FieldError(f"?{name}", message_of(first), code_of(first["type"])))
                continue
            if len(values) > 100:
                errors.append(FieldError(f"?{name}", "takes at most 100 values"))
            conditions.append(Condition(field, operator, values))
            money |= {field} & self.renderer.sensitive
        sort = self._sort(given.get("sort"), errors)
        money |= {field for field, _ in sort} & self.renderer.sensitive
        limit = _whole(given.get("limit"), "limit", DEFAULT_LIMIT, 1, MAX_LIMIT, errors)
        include = _names(given.get("include"), "include", list(self.listing.includes), errors)
        fields = _names(given.get("fields"), "fields", self.fields, errors)
        money |= set(fields) & self.renderer.sensitive
        total = _flag(given.get("include_total"), "include_total", errors)
        bom = _flag(given.get("bom"), "bom", errors)
        format = given.get("format")
        if format is not None and format not in list(Format):
            errors.append(FieldError("?format", f"must be one of {', '.join(Format)}"))
        search = given.get("q")
        if search is not None and (not 1 <= len(search) <= 200 or not search.isprintable()):
            errors.append(FieldError("?q", "must be 1 to 200 printable characters"))
        if errors:
            raise Invalid("Correct the query; `errors` says what is allowed.", errors=errors)
        query = ListQuery(tuple(conditions), sort, limit, None, search, frozenset(include), total)
        if (cursor := given.get("cursor")) is not None:
            query = replace(query, after=decode_cursor(self.listing, query, cursor))
        again = urlencode([(name, value) for name, value in given.items() if name != "cursor"])
        return ListRequest(query, Format(format) if format else None, tuple(fields), frozenset(money), bom, again)

    def _sort(self, text: str | None, errors: list[FieldError]) -> tuple[tuple[str, bool], ...]:
        if not text:
            return self.listing.default_sort
        sort: list[tuple[str, bool]] = []
        for part in text.split(","):
            name = part.removeprefix("-")
            if name not in self.listing.sorts or name in (field for field, _ in sort):
                allowed = ", ".join(self.listing.sorts)
                errors.append(FieldError("?sort", f"takes each once, with - for descending: {allowed}"))
                break
            sort.append((name, part.startswith("-")))
        return tuple(sort)

    def parameters(self) -> list[dict[str, Any]]:
        """The query parameters as the OpenAPI document states them."""
        found = []
        for name, (field, operator, check) in self._checks.items():
            schema = check.json_schema(mode="validation", ref_template="#/components/schemas/{model}")
            schema.pop("$defs", None)
            if operator == "in":
                what = f"Only those whose `{field}` is this; a comma is “one of”."
                found.append(_parameter(name, {"type": "array", "items": schema, "maxItems": 100, "minItems": 1}, what))
            elif name == "updated_since":
                found.append(_parameter(name, schema, "Only those changed at or after this instant."))
            else:
                bound = "at or after" if operator == "from" else "at or before"
                found.append(_parameter(name, schema, f"Only those whose `{field}` is {bound} this."))
        directions = [sign + name for name in self.listing.sorts for sign in ("", "-")]
        found.append(_parameter("sort", _list_of(directions), "What to sort by, `-` for descending; nulls come last."))
        if self.listing.search is not None:
            found.append(
                _parameter("q", {"type": "string", "minLength": 1, "maxLength": 200}, "Search names and codes.")
            )
        if self.listing.includes:
            found.append(_parameter("include", _list_of(list(self.listing.includes)), "Embed these with each item."))
        limits = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}
        found.append(_parameter("limit", limits, "Items of a page. CSV and NDJSON always go to the end."))
        found.append(_parameter("cursor", {"type": "string"}, "`next_cursor` of the page before."))
        found.append(_parameter("include_total", {"type": "boolean"}, "Count all items, as `total`."))
        found.append(_parameter("format", {"type": "string", "enum": list(Format)}, "Instead of `Accept`."))
        found.append(_parameter("fields", _list_of(self.fields), "Columns of CSV and NDJSON."))
        found.append(_parameter("bom", {"type": "boolean"}, "Begin CSV with a byte-order mark, for Excel."))
        return found

    async def answer(self, request: Request, service: ListService, long: bool = False) -> Response:
        """The list that `request` asks for; `long`: a page takes several statements, on one snapshot."""
        caller = caller_of(request)
        asked = self.parse(request.scope["query_string"])
        if asked.money and not caller.sees_all_money:
            fields = ", ".join(sorted(asked.money))
            raise MoneyHidden(
                f"Leave out {fields}: sorting, filtering and exporting by money needs the right `see_money`."
            )
        format = asked.format or accepted(request)
        if format is not Format.JSON:
            return self._export(request, service, asked, format, caller)
        if asked.fields:
            raise invalid("?fields", "goes with format=csv or format=ndjson")

        def work(conn: sa.Connection) -> Response:
            page = service(conn, caller, asked.query)
            cursor = encode_cursor(self.listing, asked.query, page.next) if page.next is not None else None
            headers = {"Link": f'<{next_address(request, asked, cursor)}>; rel="next"'} if cursor else None
            return json_response(self.renderer.page(page, caller, cursor), 200, headers)

        database = database_of(request)
        return await (database.read_long if long else database.read_hot)(work)

    def _export(
        self, request: Request, service: ListService, asked: ListRequest, format: Format, caller: Caller
    ) -> Response:
        names = list(asked.fields) or self.fields
        if not asked.fields and not caller.sees_all_money and not _sees_some_money(caller):
            names = [name for name in names if name not in self.renderer.sensitive]
        database = database_of(request)
        query = replace(asked.query, limit=EXPORT_CHUNK, include=frozenset(), include_total=False)

        def chunk(conn: sa.Connection, query: ListQuery, first: bool) -> tuple[bytes, tuple[Any, ...] | None]:
            page = service(conn, caller, query)
            rows = self.renderer.plain(page.rows, caller)
            if format is Format.CSV:
                return csv_lines(names, rows, header=first), page.next
            lines = [json.dumps({name: row[name] for name in names if name in row}) + "\n" for row in rows]
            return "".join(lines).encode(), page.next

        async def stream() -> AsyncIterator[bytes]:
            if asked.bom and format is Format.CSV:
                yield b"\xef\xbb\xbf"
            current, first = query, True
            while True:
                data, following = await database.read_long(chunk, current, first)
                yield data
                if following is None:
                    return
                current, first = replace(query, after=following), False

        headers = {
            "Content-Type": MEDIA_TYPES[format],
            "Content-Disposition": f'attachment; filename="{self.listing.name}.{format}"',
            **PRIVATE,
        }
        return StreamingResponse(stream(), headers=headers)


def _sees_some_money(caller: Caller) -> bool:
    return bool(caller.own_projects)


def accepted(request: Request) -> Format:
    """The format that `Accept` asks for; 406 when none of ours will do."""
    header = request.headers.get("accept")
    if not header or header == "*/*" or header == "application/json":
        return Format.JSON
    ranked: list[tuple[float, int, str]] = []
    for index, part in enumerate(header.split(",")):
        kind, *parameters = (item.strip() for item in part.split(";"))
        weight = next((item[2:] for item in parameters if item.startswith("q=")), "1")
        try:
            ranked.append((-float(weight), index, kind.lower()))
        except ValueError:
            continue
    for rank, _, kind in sorted(ranked):
        if rank < 0 and kind in ACCEPTED:
            return ACCEPTED[kind]
    raise NotAcceptable("Accept application/json, text/csv or application/x-ndjson, or say ?format=.")


def next_address(request: Request, asked: ListRequest, cursor: str) -> str:
    """This list's address with another cursor, which is of letters, digits, - and _."""
    path: str = request.scope["path"]
    return f"{path}?{asked.again}&cursor={cursor}" if asked.again else f"{path}?cursor={cursor}"


def _value_type(schema: type[BaseModel], name: str) -> Any:
    """The type of one value of a field, without its `None`."""
    field = schema.model_fields[name]
    inner = [argument for argument in get_args(field.annotation) if argument is not type(None)]
    annotation: Any = inner[0] if type(None) in get_args(field.annotation) else field.annotation
    if annotation is date:
        return Day  # a plain date would take numbers, too
    for mark in field.metadata:
        annotation = Annotated[annotation, mark]
    return annotation


def _checked(check: TypeAdapter[Any], text: str, kind: type) -> Any:
    if kind is str and not text.isprintable():
        return check.validate_python("\x00")
    if kind is bool:
        return check.validate_python({"true": True, "false": False}.get(text, text))
    if kind is int:
        # What no column could hold is as wrong as what is no number.
        return check.validate_python(int(text) if re.fullmatch("-?[0-9]{1,9}", text) else "")
    value = check.validate_python(text)
    return str(value) if isinstance(value, StrEnum) else value


def _whole(text: str | None, name: str, default: int, least: int, most: int, errors: list[FieldError]) -> int:
    if text is None:
        return default
    if text.isascii() and text.isdecimal() and len(text) < 6 and least <= int(text) <= most:
        return int(text)
    errors.append(FieldError(f"?{name}", f"must be a whole number from {least} to {most}"))
    return default


def _flag(text: str | None, name: str, errors: list[FieldError]) -> bool:
    if text not in (None, "true", "false", "1", "0"):
        errors.append(FieldError(f"?{name}", "must be true or false"))
    return text in ("true", "1")


def _names(text: str | None, name: str, allowed: list[str], errors: list[FieldError]) -> list[str]:
    if text is None:
        return []
    given = text.split(",")
    if not set(given) <= set(allowed):
        errors.append(FieldError(f"?{name}", f"takes: {', '.join(allowed) or 'nothing here'}"))
        return []
    return list(dict.fromkeys(given))


def _list_of(values: list[str]) -> dict[str, Any]:
    return {"type": "array", "items": {"type": "string", "enum": values}, "minItems": 1, "uniqueItems": True}


def _parameter(name: str, schema: Mapping[str, Any], description: str) -> dict[str, Any]:
    parameter: dict[str, Any] = {
        "name": name,
        "in": "query",
        "required": False,
        "description": description,
        "schema": schema,
    }
    if schema.get("type") == "array":
        parameter |= {"style": "form", "explode": False}
    return parameter
