"""Lists in full: order, pages, cursors, filters, search, exports."""

import csv
import io
import json
from datetime import date
from typing import Any
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.core import clock
from app.core.ids import new_id
from app.db import listing
from app.db.record import table_of
from app.http import cursors, lists
from app.models.client import Client
from tests.databases import RolledBack

CLIENTS = table_of(Client)
SORTS = ("code", "name", "tier", "status", "since_on")
# Few values, so that ties and nulls abound; some that sort differently by language than by bytes.
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.sampled_from(["a", "A", "ä", "Z", "z", "a b", "a-b", "Ω", "🚲"]),
            "tier": st.sampled_from(["strategic", "key", "standard"]),
            "status": st.sampled_from(["prospect", "active"]),
            "industry": st.sampled_from([None, "Retail", "retail", "Öl"]),
            "communication_intensity": st.integers(1, 5),
            "since_on": st.sampled_from([None, date(1999, 12, 31), date(2024, 2, 29), date(2026, 1, 1)]),
        }
    ),
    max_size=12,
)
SORT = st.lists(
    st.tuples(st.sampled_from(SORTS), st.booleans()), min_size=1, max_size=3, unique_by=lambda part: part[0]
)


async def add(database: RolledBack, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Insert clients; codes in an order of their own."""
    now = clock.now()
    base = {"version": 1, "created_at": now, "updated_at": now, "search_text": ""}
    full = [{**base, "id": new_id(), "code": f"C{index * 7 % 13}-{index}", **row} for index, row in enumerate(rows)]
    if full:
        await database.write(lambda conn: conn.execute(sa.insert(CLIENTS), full))
    return full


def in_order(rows: list[dict[str, Any]], sort: list[tuple[str, bool]]) -> list[str]:
    """Sorted by Python: text by its bytes, nulls last in both directions, ties by id."""
    rows = sorted(rows, key=lambda row: row["id"])
    for field, descending in reversed(sort):
        known = [row for row in rows if row[field] is not None]
        known.sort(key=lambda row: _comparable(row[field]), reverse=descending)
        rows = known + [row for row in rows if row[field] is None]
    return [str(row["id"]) for row in rows]


def _comparable(value: Any) -> Any:
    return value.encode() if isinstance(value, str) else value


async def walk(client: httpx.AsyncClient, **query: Any) -> list[str]:
    found: list[str] = []
    while True:
        answer = await client.get("/v1/clients", params=query)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert len(page["items"]) <= query["limit"]
        found += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            return found
        assert len(page["items"]) == query["limit"]
        query["cursor"] = page["next_cursor"]


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, sort=SORT, limit=st.integers(1, 5))
@example(rows=[], sort=[("code", True)], limit=1)
async def test_pages_are_in_the_order_that_python_finds(
    rows: list[dict[str, Any]],
    sort: list[tuple[str, bool]],
    limit: int,
    client: httpx.AsyncClient,
    database: RolledBack,
) -> None:
    async with database.undone():
        made = await add(database, rows)
        asked = ",".join(("-" if descending else "") + field for field, descending in sort)
        assert await walk(client, sort=asked, limit=limit) == in_order(made, sort)


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=ROWS,
    tiers=st.lists(st.sampled_from(["strategic", "key", "standard"]), min_size=1, max_size=2, unique=True),
    least=st.integers(1, 5),
    before=st.sampled_from(["1999-12-31", "2024-02-28", "2025-01-01"]),
)
async def test_filters_are_the_ones_that_python_applies(
    rows: list[dict[str, Any]],
    tiers: list[str],
    least: int,
    before: str,
    client: httpx.AsyncClient,
    database: RolledBack,
) -> None:
    async with database.undone():
        made = await add(database, rows)
        query: dict[str, str | int] = {
            "tier": ",".join(tiers),
            "communication_intensity_from": least,
            "since_on_until": before,
        }
        expected = [
            row
            for row in made
            if row["tier"] in tiers
            and row["communication_intensity"] >= least
            and row["since_on"] is not None
            and row["since_on"].isoformat() <= before
        ]
        assert await walk(client, limit=3, **query) == in_order(expected, [("code", False)])
        page = await client.get("/v1/clients", params={**query, "include_total": "true", "limit": 1})
        assert page.json()["total"] == len(expected)


async def test_a_page_stays_in_place_while_rows_are_added(client: httpx.AsyncClient, database: RolledBack) -> None:
    await add(database, [{"name": name} for name in "bdf"])
    first = (await client.get("/v1/clients", params={"sort": "name", "limit": 2})).json()
    now = clock.now()
    row = {"version": 1, "created_at": now, "updated_at": now, "search_text": "", "id": new_id(), "code": "NEW"}
    await database.write(lambda conn: conn.execute(sa.insert(CLIENTS), {**row, "name": "a"}))
    second = await client.get("/v1/clients", params={"sort": "name", "limit": 2, "cursor": first["next_cursor"]})
    assert [item["name"] for item in second.json()["items"]] == ["f"]


@pytest.mark.parametrize(
    "query",
    [
        {"sort": "name"},
        {"sort": "-code"},
        {"tier": "standard"},
        {"q": "a"},
        {"since_on_from": "2020-01-01"},
        {"sort": "code,name"},
    ],
)
async def test_a_cursor_is_for_its_own_question(
    query: dict[str, str], client: httpx.AsyncClient, database: RolledBack
) -> None:
    await add(database, [{"name": name} for name in "abc"])
    cursor = (await client.get("/v1/clients", params={"limit": 1})).json()["next_cursor"]
    answer = await client.get("/v1/clients", params={"limit": 1, "cursor": cursor, **query})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad-cursor")
    assert (await client.get("/v1/clients", params={"limit": 2, "cursor": cursor})).status_code == 200


async def test_a_cursor_of_another_list_is_refused(client: httpx.AsyncClient, database: RolledBack) -> None:
    await add(database, [{"name": name} for name in "abc"])
    cursor = (await client.get("/v1/clients", params={"limit": 1, "sort": "name"})).json()["next_cursor"]
    answer = await client.get("/v1/contacts", params={"cursor": cursor, "sort": "name"})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad-cursor")


async def test_searches_for_signs_and_not_for_patterns(client: httpx.AsyncClient) -> None:
    for code, name in (("A", "100 % wool"), ("B", "100 wool"), ("C", "under_score"), ("D", "back\\slash")):
        assert (await client.post("/v1/clients", json={"code": code, "name": name})).status_code == 201
    for asked, expected in (("%", ["A"]), ("_", ["C"]), ("\\", ["D"]), ("WOOL", ["A", "B"]), ("'; --", [])):
        answer = await client.get("/v1/clients", params={"q": asked})
        assert [item["code"] for item in answer.json()["items"]] == expected, asked


async def test_finds_what_has_changed_since(client: httpx.AsyncClient) -> None:
    made = [(await client.post("/v1/clients", json={"code": code, "name": code})).json() for code in "AB"]
    await client.patch("/v1/clients/A", json={"name": "changed"}, headers={"If-Match": "*"})
    answer = await client.get("/v1/clients", params={"updated_since": made[1]["updated_at"], "sort": "updated_at"})
    assert [item["code"] for item in answer.json()["items"]] == ["B", "A"]
    later = await client.get("/v1/clients", params={"updated_since": "2199-01-01T00:00:00+02:00"})
    assert later.json() == {"items": [], "next_cursor": None}


async def test_an_export_goes_on_to_the_end(
    client: httpx.AsyncClient, database: RolledBack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "EXPORT_CHUNK", 3)
    made = await add(database, [{"name": f"n{index % 4}", "since_on": None} for index in range(10)])
    expected = in_order(made, [("name", True), ("since_on", False)])
    query: dict[str, str | int] = {"sort": "-name,since_on", "limit": 2, "format": "csv", "fields": "id,name"}
    rows = list(csv.reader(io.StringIO((await client.get("/v1/clients", params=query)).text)))
    assert rows[0] == ["id", "name"]
    assert [row[0] for row in rows[1:]] == expected
    lines = (await client.get("/v1/clients", params={**query, "format": "ndjson"})).text.splitlines()
    assert [json.loads(line)["id"] for line in lines] == expected
    assert json.loads(lines[0]).keys() == {"id", "name"}


async def test_an_export_of_nothing_has_a_header(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/clients", params={"format": "csv", "fields": "code,name"})
    assert answer.content == b"code,name\r\n"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="clients.csv"'
    assert (await client.get("/v1/clients", params={"format": "ndjson"})).content == b""


@pytest.mark.parametrize("name", ["=1+1", "+1", "-cmd|' /C calc'!A0", "@SUM(A1)"])
async def test_a_spreadsheet_takes_no_text_for_a_formula(name: str, client: httpx.AsyncClient) -> None:
    await client.post("/v1/clients", json={"code": "F", "name": name})
    text = (await client.get("/v1/clients", params={"format": "csv", "fields": "name"})).text
    written = next(csv.reader(io.StringIO(text.splitlines()[1])))[0]
    assert written in (f"'{name}", name if name == "+1" else None)
    assert (await client.get("/v1/clients/F")).json()["name"] == name


async def test_csv_keeps_quotes_commas_and_other_scripts(client: httpx.AsyncClient) -> None:
    name = 'He said "no", then left; Łódź 🚲'
    await client.post("/v1/clients", json={"code": "Q", "name": name})
    answer = await client.get("/v1/clients", params={"format": "csv", "fields": "name,industry", "bom": "true"})
    assert answer.content.startswith(b"\xef\xbb\xbfname,industry\r\n")
    assert list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))[1] == [name, ""]


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("text/csv", "text/csv; charset=utf-8"),
        ("text/csv;q=0.5, application/json;q=0.4", "text/csv; charset=utf-8"),
        ("application/x-ndjson", "application/x-ndjson"),
        ("text/html, */*;q=0.1", "application/json"),
        ("application/json;q=0.1, text/csv;q=0", "application/json"),
        ("", "application/json"),
    ],
)
async def test_the_best_of_the_accepted_formats_is_answered(
    accept: str, expected: str, client: httpx.AsyncClient
) -> None:
    answer = await client.get("/v1/clients", headers={"Accept": accept})
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, expected)
    assert "Accept" in answer.headers["Vary"]


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "application/json;q=0", "nonsense", ";;;"])
async def test_what_no_format_satisfies_is_not_acceptable(accept: str, client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/clients", headers={"Accept": accept})
    assert (answer.status_code, answer.json()["code"]) == (406, "not-acceptable")
    assert (await client.get("/v1/clients?format=csv", headers={"Accept": accept})).status_code == 200


async def test_a_filter_takes_at_most_a_hundred_values(client: httpx.AsyncClient) -> None:
    most = ",".join(f"C{number}" for number in range(100))
    assert (await client.get("/v1/clients", params={"code": most})).status_code == 200
    answer = await client.get("/v1/clients", params={"code": f"{most},C100"})
    assert answer.json()["errors"][0]["pointer"] == "?code"


def test_a_restored_cursor_holds_what_was_put_in() -> None:
    asked = listing.ListQuery(sort=(("since_on", True),))
    chosen = listing.Listing("clients", {c.name: c for c in CLIENTS.c}, CLIENTS, (), ("since_on",), (("code", False),))
    values = (date(2026, 1, 1), UUID("01890000-0000-7000-8000-000000000001"))
    assert cursors.decode_cursor(chosen, asked, cursors.encode_cursor(chosen, asked, values)) == values


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("since_on_from=1600-01-01", "1900-01-01"),
        ("updated_since=1600-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
        ("updated_since=2300-01-01T00:00:00Z", "2199-12-31T23:59:59Z"),
        ("communication_intensity=9", "5"),
        ("tier=gold", "'strategic'"),
    ],
)
async def test_what_is_wrong_with_a_filter_is_said_for_people(query: str, says: str, client: httpx.AsyncClient) -> None:
    answer = await client.get(f"/v1/clients?{query}")
    (error,) = answer.json()["errors"]
    assert answer.status_code == 422
    assert says in error["detail"]
    assert "datetime" not in answer.text
    assert error["code"] != "invalid"
