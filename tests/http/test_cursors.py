"""Cursors are opaque, and yet somebody may edit one: whatever it holds then, the answer is a page or a 422."""

import base64
import json
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.db.listing import Listing, ListQuery
from app.features.access.service import API_KEYS
from app.features.clients.service import CLIENTS
from app.features.projects.queries import PROJECTS
from app.features.time_entries.service import TIME_ENTRIES
from app.http import cursors

ID = "01890000-0000-7000-8000-000000000001"
SORTS = [
    ("clients", CLIENTS, "name"),
    ("clients", CLIENTS, "since_on"),
    ("clients", CLIENTS, "created_at"),
    ("projects", PROJECTS, "fee"),
    ("projects", PROJECTS, "priority"),
    ("time-entries", TIME_ENTRIES, "hours"),
    ("api-keys", API_KEYS, "expires_at"),
]
VALUES: list[Any] = [
    None,
    True,
    0,
    2**31,
    2**63,
    -(2**63) - 1,
    10**400,
    1.5,
    [],
    {},
    "",
    "\x00",
    "\ud800",
    "a\u00a0b",
    "NaN",
    "sNaN",
    "Infinity",
    "1E+999999",
    "1E-999999",
    "0.00001",
    "0.001",
    "9" * 40,
    "922337203685477.5808",
    "9223372036854775807",
    "0001-01-01",
    "9999-12-31",
    "10000-01-01",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "2026-01-01T00:00:00",
    "2026-01-01T00:00:00+23:59",
]


def edited(listing: Listing, sort: str, value: Any, id: Any = ID) -> str:
    """A cursor of this question, with other values in it."""
    whole = cursors.encode_cursor(listing, ListQuery(sort=((sort, False),)), ())
    fingerprint = json.loads(base64.urlsafe_b64decode(whole + "=" * (-len(whole) % 4)))[0]
    return base64.urlsafe_b64encode(json.dumps([fingerprint, value, id]).encode()).decode().rstrip("=")


async def answered(client: httpx.AsyncClient, path: str, sort: str, cursor: str) -> None:
    answer = await client.get(f"/v1/{path}", params={"sort": sort, "cursor": cursor})
    if answer.status_code != 200:
        assert (answer.status_code, answer.json()["code"]) == (422, "bad-cursor"), answer.text


@pytest.mark.parametrize(("path", "listing", "sort"), SORTS, ids=[f"{path} by {sort}" for path, _, sort in SORTS])
async def test_an_edited_cursor_is_a_page_or_refused(
    path: str, listing: Listing, sort: str, client: httpx.AsyncClient
) -> None:
    for value in VALUES:
        await answered(client, path, sort, edited(listing, sort, value))
        await answered(client, path, sort, edited(listing, sort, None, value))


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    where=st.sampled_from(SORTS),
    value=st.none()
    | st.integers()
    | st.text()
    | st.decimals().map(str)
    | st.datetimes().map(str)
    | st.datetimes(timezones=st.timezones()).map(str)
    | st.dates().map(str),
)
async def test_no_edited_cursor_breaks_the_service(
    where: tuple[str, Listing, str], value: Any, client: httpx.AsyncClient
) -> None:
    path, listing, sort = where
    await answered(client, path, sort, edited(listing, sort, value))


async def test_pages_go_on_behind_a_name_with_a_space_that_does_not_break(client: httpx.AsyncClient) -> None:
    for code, name in (("A", "a\u00a0b"), ("B", "c")):
        assert (await client.post("/v1/clients", json={"code": code, "name": name})).status_code == 201
    first = (await client.get("/v1/clients", params={"sort": "name", "limit": 1})).json()
    rest = await client.get("/v1/clients", params={"sort": "name", "limit": 1, "cursor": first["next_cursor"]})
    assert [item["code"] for item in rest.json()["items"]] == ["B"]
