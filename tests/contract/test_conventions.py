"""What holds for every list and every resource of the document, present and future."""

import csv
import io
import json
from typing import Any

import httpx
import pytest

from tests.contract.document import Json, Operation, operations, resolved
from tests.contract.world import address_of

LISTS = [o for o in operations() if any(p["name"] == "cursor" for p in o.parameters)]
GETS = [o for o in operations() if o.method == "get" and "304" in o.said["responses"]]
REHEARSED = [o for o in operations() if o.examples and any(p["name"] == "dry_run" for p in o.parameters)]
GUARDED = [o for o in operations() if any(p["name"] == "If-Match" and p["required"] for p in o.parameters)]


WRONG_QUERIES = (
    ("limit=0", "?limit"),
    ("limit=201", "?limit"),
    ("limit=ten", "?limit"),
    ("limit=", "?limit"),
    ("cursor=nonsense", "?cursor"),
    ("cursor=", "?cursor"),
    ("cursor=%00", "?cursor"),
    ("sort=colour", "?sort"),
    ("sort=-", "?sort"),
    ("fields=id", "?fields"),
    ("format=xml", "?format"),
    ("include_total=maybe", "?include_total"),
    ("colour=red", "?colour"),
    ("limit=1&limit=2", "?limit"),
)


def schema_of(operation: Operation, name: str) -> Json:
    return next((resolved(p["schema"]) for p in operation.parameters if p["name"] == name), {})


async def items(client: httpx.AsyncClient, path: str, /, **query: Any) -> list[Json]:
    """The items of one page."""
    answer = await client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    found: list[Json] = answer.json()["items"]
    return found


def key(item: Json) -> str:
    """What tells an item from the others."""
    found: str = item.get("id") or item["day"]
    return found


async def walk(client: httpx.AsyncClient, path: str, most: int, /, **query: Any) -> list[str]:
    """The keys of the pages up to `most` items, each page found by the `Link` of the one before."""
    found: list[str] = []
    answer = await client.get(path, params=query)
    while True:
        assert answer.status_code == 200, answer.text
        found += [key(item) for item in answer.json()["items"]]
        if answer.json()["next_cursor"] is None:
            assert "Link" not in answer.headers
            return found
        if len(found) >= most:
            return found[:most]
        assert answer.json()["next_cursor"] in answer.headers["Link"]
        answer = await client.get(answer.links["next"]["url"])


@pytest.mark.parametrize("operation", LISTS, ids=str)
async def test_small_pages_in_every_sort_are_the_large_one(operation: Operation, world: httpx.AsyncClient) -> None:
    path = address_of(operation)
    for sort in schema_of(operation, "sort")["items"]["enum"]:
        whole = [key(item) for item in await items(world, path, sort=sort, limit=200)]
        assert len(set(whole)) == len(whole) > 0
        assert await walk(world, path, len(whole), sort=sort, limit=max(1, len(whole) // 4)) == whole, sort


@pytest.mark.parametrize("operation", LISTS, ids=str)
async def test_a_filter_finds_what_has_the_value(operation: Operation, world: httpx.AsyncClient) -> None:
    path = address_of(operation)
    shown = await items(world, path, limit=200)
    for parameter in operation.parameters:
        name = parameter["name"]
        field = name.removesuffix("_from").removesuffix("_until")
        field = "updated_at" if name == "updated_since" else field
        item = next((item for item in shown if item.get(field) not in (None, "")), None)
        if parameter["in"] != "query" or item is None or isinstance(item[field], dict | list) or name == "fields":
            continue
        value = item[field]
        asked = str(value).lower() if isinstance(value, bool) else str(value)
        if "," in asked:
            continue
        found = await items(world, path, **{name: asked, "limit": 200})
        assert key(item) in [key(other) for other in found], name
        if name == field:
            assert all(other[field] == value for other in found), name


@pytest.mark.parametrize("operation", LISTS, ids=str)
async def test_exports_hold_what_the_pages_hold(operation: Operation, world: httpx.AsyncClient) -> None:
    path = address_of(operation)
    page = (await world.get(path, params={"limit": 200, "include_total": "true"})).json()
    keys = [key(item) for item in page["items"]]
    fields = schema_of(operation, "fields")["items"]["enum"]
    by_format = await world.get(path, params={"format": "csv"})
    by_accept = await world.get(path, headers={"Accept": "text/csv"})
    assert by_format.content == by_accept.content
    assert by_format.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(by_format.text)))
    assert list(rows[0]) == fields
    assert [key(row) for row in rows[:200]] == keys
    lines = (await world.get(path, params={"format": "ndjson"})).text.splitlines()
    assert [key(json.loads(line)) for line in lines[:200]] == keys
    assert page["total"] == len(rows) == len(lines)
    narrow = await world.get(path, params={"format": "csv", "fields": f"{fields[-1]},{fields[0]}"})
    assert narrow.text.splitlines()[0] == f"{fields[-1]},{fields[0]}"


@pytest.mark.parametrize("operation", LISTS, ids=str)
async def test_a_list_says_what_is_wrong_with_its_query(operation: Operation, world: httpx.AsyncClient) -> None:
    whole = [p["name"] for p in operation.parameters if resolved(p["schema"]).get("items", {}).get("type") == "integer"]
    for query, pointer in (*WRONG_QUERIES, *((f"{name}=--1", f"?{name}") for name in whole)):
        answer = await world.get(f"{address_of(operation)}?{query}")
        assert answer.status_code == 422, f"{query}: {answer.text}"
        assert answer.json()["errors"][0]["pointer"] == pointer, query


@pytest.mark.parametrize("operation", GETS, ids=str)
async def test_what_the_caller_has_is_not_sent_again(operation: Operation, world: httpx.AsyncClient) -> None:
    first = await world.get(address_of(operation))
    assert "ETag" in first.headers, "it documents 304 and never answers it"
    if (await world.get(address_of(operation))).content != first.content:
        return  # it says at which instant it was asked
    for known in (first.headers["ETag"], "*", f'"other", W/{first.headers["ETag"]}'):
        again = await world.get(address_of(operation), headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
    other = await world.get(address_of(operation), headers={"If-None-Match": '"other"'})
    assert (other.status_code, other.content) == (200, first.content)


@pytest.mark.parametrize("operation", GUARDED, ids=str)
async def test_a_write_without_the_present_version_changes_nothing(
    operation: Operation, world: httpx.AsyncClient
) -> None:
    body = operation.examples[0] if operation.takes_json else None
    before = await world.get(address_of(operation))
    for if_match, status in ((None, 428), ('"99"', 412), ("99", 412), ('"x"', 412), ("", 412), ('"1", "2"', 412)):
        headers = {} if if_match is None else {"If-Match": if_match}
        answer = await world.request(operation.method.upper(), address_of(operation), headers=headers, json=body)
        assert answer.status_code == status, f"{if_match}: {answer.text}"
    if before.is_success:
        assert (await world.get(address_of(operation))).content == before.content


@pytest.mark.parametrize("operation", REHEARSED, ids=str)
async def test_a_rehearsal_answers_and_keeps_nothing(operation: Operation, world: httpx.AsyncClient) -> None:
    """The same request can be made again, and for real, after any number of rehearsals."""
    path = address_of(operation)
    for dry_run in ("true", "true", "false"):
        answer = await world.request(
            operation.method.upper(),
            path,
            params={"dry_run": dry_run},
            headers={"If-Match": "*"},
            json=operation.examples[0],
        )
        assert answer.is_success, answer.text
        assert answer.headers.get("Dry-Run") == ("true" if dry_run == "true" else None)
