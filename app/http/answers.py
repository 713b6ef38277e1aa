"""From a service's rows to a response. Validating and serialising happen inside the transaction."""

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from app.core.caller import Caller
from app.core.errors import invalid
from app.core.schema import Schema, sensitive_fields, shown
from app.db.dispatcher import Database
from app.db.listing import Page
from app.http import idempotency
from app.http.preconditions import etag, is_known
from app.http.routing import caller_of

# In the ETag of a row that is shown without its money.
HIDDEN = "hidden"
PRIVATE = {"Cache-Control": "private, no-cache", "Vary": "Authorization, Accept"}


class Renderer:
    """Renders rows by a Read schema: money left out for those who may not see it, an `etag` in each.

    `owner` names the column that holds the project whose money a row shows; `state` the one whose dated value
    belongs to the ETag.
    """

    def __init__(self, schema: type[Schema], owner: str = "project_id", state: str | None = None) -> None:
        self.schema = schema
        self.sensitive = sensitive_fields(schema)
        self._owner = owner
        self._state = state
        self._shown = shown(schema)
        self._many: TypeAdapter[list[Any]] = TypeAdapter(list[self._shown.type])  # type: ignore[name-defined]

    def etag(self, row: sa.Row[Any], caller: Caller) -> str:
        """Its version and dated state; without its money a row is another representation, and has another ETag."""
        state = row._mapping[self._state] if self._state else None
        return etag(row, state, HIDDEN if self._hides_money(row, caller) else "")

    def _hides_money(self, row: sa.Row[Any], caller: Caller) -> bool:
        return bool(self.sensitive) and not caller.sees_money_of(getattr(row, self._owner, None))

    def values(self, rows: Sequence[sa.Row[Any]], caller: Caller) -> list[dict[str, Any]]:
        """The rows as the schema shows them to this caller. Columns that it does not have fall away in validation."""
        if not rows:
            return []
        names = rows[0]._fields
        columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
        for index, name in enumerate(names):
            if (text := self._shown.texts.get(name)) is not None:
                columns[index] = list(map(text, columns[index]))
        found = [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
        for values in found:
            state = f".{values[self._state]}" if self._state and values[self._state] else ""
            values["etag"] = f'"{values["version"]}{state}"'
        if self.sensitive and not caller.sees_all_money:
            for row, values in zip(rows, found, strict=True):
                if self._hides_money(row, caller):
                    values["etag"] = self.etag(row, caller)
                    for name in self.sensitive:
                        values.pop(name, None)
        return found

    def one(self, row: sa.Row[Any], caller: Caller) -> bytes:
        """JSON of one resource."""
        return self.many([row], caller, {})[1:-1]

    def many(self, rows: Sequence[sa.Row[Any]], caller: Caller, included: Mapping[str, Mapping[UUID, Any]]) -> bytes:
        """A JSON array of resources."""
        found = self.values(rows, caller)
        for name, by_id in included.items():
            for row, values in zip(rows, found, strict=True):
                values[name] = by_id.get(row.id)
        checked = self._many.validate_python(found)
        if not found or self._shown.nested.isdisjoint(found[0]):
            return orjson.dumps(checked, option=orjson.OPT_UTC_Z)
        return self._many.dump_json(checked)

    def page(self, page: Page, caller: Caller, cursor: str | None) -> bytes:
        """The JSON of a page of a list."""
        items = self.many(page.rows, caller, page.included)
        following = b"null" if cursor is None else b'"%b"' % cursor.encode()  # base64 needs no escapes
        parts = [b'{"items":', items, b',"next_cursor":', following]
        if page.total is not None:
            parts.append(b',"total":%d' % page.total)
        parts.append(b"}")
        return b"".join(parts)

    def plain(self, rows: Sequence[sa.Row[Any]], caller: Caller) -> list[dict[str, Any]]:
        """Rows as plain JSON values, for lines and tables."""
        found = self._many.validate_python(self.values(rows, caller))
        values: list[dict[str, Any]] = self._many.dump_python(found, mode="json")
        return values


def csv_lines(names: list[str], rows: Iterable[Mapping[str, Any]], header: bool) -> bytes:
    """RFC 4180: CRLF, empty for null; text that a spreadsheet would take for a formula is escaped."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    if header:
        writer.writerow(names)
    for row in rows:
        writer.writerow([_cell(row.get(name)) for name in names])
    return out.getvalue().encode()


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str() if value[:1] in ("=", "+", "-", "@", "\t", "\r") and not _is_number(value):
            return "'" + value
        case dict() | list():
            return json.dumps(value)
    return str(value)


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def json_response(body: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(body, status, {**PRIVATE, **(headers or {})}, media_type="application/json")


def database_of(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


Render = Callable[[Any, Caller], Response]


def one(renderer: Renderer, status: int = 200, location: str | None = None) -> Render:
    """Answers with one resource and its ETag; `location` is the collection's path, for what has just been made."""

    def render(row: Any, caller: Caller) -> Response:
        headers = {"ETag": renderer.etag(row, caller)}
        if location is not None:
            headers["Location"] = f"{location}/{row.id}"
        return json_response(renderer.one(row, caller), status, headers)

    return render


def many(renderer: Renderer, status: int = 200) -> Render:
    """Answers with all rows of a short list: `{"items": […], "next_cursor": null}`."""

    def render(rows: Any, caller: Caller) -> Response:
        return json_response(renderer.page(Page(rows), caller, None), status)

    return render


def model(adapter: TypeAdapter[Any], status: int = 200) -> Render:
    """Answers with what the service returns, by a schema of its own."""

    def render(value: Any, caller: Caller) -> Response:
        return json_response(adapter.dump_json(adapter.validate_python(value), exclude_unset=True), status)

    return render


def nothing(value: Any, caller: Caller) -> Response:
    """204, for what has been deleted."""
    return Response(status_code=204)


async def read(
    request: Request,
    render: Render,
    service: Callable[..., Any],
    *args: Any,
    long: bool = False,
    hot: bool = False,
) -> Response:
    """Run `service(conn, caller, *args)` and answer; 304 where the caller has it already.

    `long`: several statements on one snapshot; `hot`: on the raw driver, for services that only SELECT.
    """
    caller = caller_of(request)
    database = database_of(request)

    def work(conn: sa.Connection) -> Response:
        return render(service(conn, caller, *args), caller)

    run = database.read_long if long else database.read_hot if hot else database.read
    answer = await run(work)
    tag = answer.headers.get("etag")
    if tag is None:  # what has no version is known by what it says
        tag = answer.headers["ETag"] = f'"{hashlib.sha256(answer.body).hexdigest()[:32]}"'
    if is_known(request, tag):
        return Response(status_code=304, headers={"ETag": tag, **PRIVATE})
    return answer


async def write(
    request: Request, render: Render, service: Callable[..., Any], *args: Any, hot: bool = False
) -> Response:
    """Run `service(conn, caller, *args)` in a transaction and answer once it has committed.

    `?dry_run=true` rolls it back after the same checks; `Idempotency-Key` (POST) replays a kept answer. `hot`: on the
    raw driver, for services that run one statement at a time.
    """
    caller = caller_of(request)
    database = database_of(request)
    dry_run = _dry_run(request)
    what = None
    if request.method == "POST" and not dry_run and "idempotency-key" in request.headers:
        what = idempotency.once(request, caller, await request.body())

    def work(conn: sa.Connection) -> Response:
        if what is not None and (kept := idempotency.replay(conn, what)) is not None:
            return kept
        answer = render(service(conn, caller, *args), caller)
        if what is not None:
            idempotency.keep(conn, what, answer)
        return answer

    run = database.rehearse if dry_run else database.write_hot if hot and what is None else database.write
    with idempotency.running(what) if what else nullcontext():
        answer = await run(work)
    if dry_run:
        answer.headers["Dry-Run"] = "true"
    return answer


def _dry_run(request: Request) -> bool:
    match request.query_params.get("dry_run"):
        case None | "false":
            return False
        case "true":
            return True
    raise invalid("?dry_run", "must be true or false")
