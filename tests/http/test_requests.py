"""What a request may look like, and how it is refused: each time as a problem that says what to do."""

import base64
import json
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest

from app.main import create_app
from app.settings import DatabaseSettings, HttpSettings, Settings
from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.factories import make_key

NORTHWIND = {"code": "NORTHWIND", "name": "Northwind Traders"}
JSON = {"Content-Type": "application/json"}
PROBLEM = {"type", "title", "status", "detail", "instance", "code", "request_id"}


def refused(answer: httpx.Response, status: int, code: str, pointer: str | None = None) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem.keys() - {"errors"} == PROBLEM
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["type"] == f"/problems/{code}"
    assert problem["request_id"] == answer.headers["X-Request-Id"]
    assert problem["detail"]
    if pointer is not None:
        assert problem["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"{'code': 1}",
        b'{"code": NaN}',
        b'{"code": Infinity}',
        b'{"code": "\xff"}',
        b'{"code": "\\ud800"}',
        b"[" * 100_000,
        b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
        b'\xef\xbb\xbf{"code": "A"}',
        '{"code": "A"}'.encode("utf-16"),
    ],
    ids=["open", "quotes", "NaN", "Infinity", "bytes", "surrogate", "open deep", "deep", "BOM", "UTF-16"],
)
async def test_a_body_that_is_no_json_is_malformed(body: bytes, client: httpx.AsyncClient) -> None:
    refused(await client.post("/v1/clients", content=body, headers=JSON), 400, "malformed-request")


@pytest.mark.parametrize("body", [b"null", b"1", b"[]", b'"text"', b"true", b"[{}]"])
async def test_a_body_that_is_no_object_is_invalid(body: bytes, client: httpx.AsyncClient) -> None:
    refused(await client.post("/v1/clients", content=body, headers=JSON), 422, "invalid", "")


async def test_a_missing_body_is_invalid(client: httpx.AsyncClient) -> None:
    refused(await client.post("/v1/clients"), 422, "invalid")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ('{"code": "A", "name": "a\\u0000b"}', "/name"),
        ('{"code": "A", "name": "\\\\\\u0000"}', "/name"),
        ('{"code": "A", "name": [1, {"a/b": "\\u0000"}]}', "/name/1/a~1b"),
        ('{"code": "A", "\\u0000": 1}', ""),
        ('["\\u0000"]', "/0"),
    ],
)
async def test_nul_is_refused(body: str, pointer: str, client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/clients", content=body.encode(), headers=JSON)
    refused(answer, 422, "invalid", pointer)
    assert answer.json()["errors"][0]["detail"] == "holds NUL"


async def test_an_escaped_backslash_makes_no_nul(client: httpx.AsyncClient) -> None:
    body = b'{"code": "A", "name": "C:\\\\u0000"}'
    answer = await client.post("/v1/clients", content=body, headers=JSON)
    assert (answer.status_code, answer.json()["name"]) == (201, "C:\\u0000")
    broken = await client.post("/v1/clients", content=b'{"name": "\\u0000', headers=JSON)
    refused(broken, 400, "malformed-request")


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/v1/clients", "/v1/clients/NORTHWIND", "/v1/projects"])
async def test_head_answers_as_get_without_the_body(path: str, client: httpx.AsyncClient) -> None:
    await client.post("/v1/clients", json=NORTHWIND)
    get, head = await client.get(path), await client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    per_request = ("x-request-id",)
    assert [h for h in head.headers.items() if h[0] not in per_request] == [
        h for h in get.headers.items() if h[0] not in per_request
    ]


async def test_head_is_refused_as_get_is(client: httpx.AsyncClient, client_as: ClientFactory) -> None:
    assert (await client.head("/v1/projects/NOBODY")).status_code == 404
    assert (await (await client_as("viewer")).head("/v1/api-keys")).status_code == 403
    del client.headers["Authorization"]
    answer = await client.head("/v1/projects")
    assert (answer.status_code, answer.content) == (401, b"")
    assert (await client.head("/v1/api-keys/x/rotate")).status_code == 405


@pytest.mark.parametrize("code", [".", "..", "-a", "_", "@x"])
async def test_a_key_begins_with_a_letter_or_a_digit(code: str, client: httpx.AsyncClient) -> None:
    refused(await client.post("/v1/clients", json={"code": code, "name": "Dots"}), 422, "invalid", "/code")


async def test_each_wrong_field_is_named(client: httpx.AsyncClient) -> None:
    answer = await client.post(
        "/v1/clients", json={"code": "A B", "tier": "gold", "communication_intensity": "3", "a/b~c": 1}
    )
    refused(answer, 422, "invalid")
    assert {error["pointer"] for error in answer.json()["errors"]} == {
        "/code",
        "/name",
        "/tier",
        "/communication_intensity",
        "/a~1b~0c",
    }
    assert "gold" not in answer.text, "what was sent is not repeated"


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
async def test_a_body_of_another_type_is_refused(content_type: str, client: httpx.AsyncClient) -> None:
    content = json.dumps(NORTHWIND).encode()
    answer = await client.post("/v1/clients", content=content, headers={"Content-Type": content_type})
    refused(answer, 415, "unsupported-media-type")


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", "APPLICATION/JSON", "application/merge-patch+json"]
)
async def test_json_by_any_of_its_names_is_taken(content_type: str, client: httpx.AsyncClient) -> None:
    content = json.dumps(NORTHWIND).encode()
    answer = await client.post("/v1/clients", content=content, headers={"Content-Type": content_type})
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize("says_its_length", [True, False])
async def test_a_huge_body_is_refused_without_being_read_to_its_end(
    says_its_length: bool, client: httpx.AsyncClient
) -> None:
    sent = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(500):
            sent += 100_000
            yield b" " * 100_000

    headers = {**JSON, "Content-Length": "50000000"} if says_its_length else JSON
    refused(await client.post("/v1/clients", content=chunks(), headers=headers), 413, "too-large")
    assert sent <= (0 if says_its_length else 12_200_000)


async def test_a_sender_of_a_body_that_is_too_large_can_send_on_to_see_the_answer(client: httpx.AsyncClient) -> None:
    sent = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(50):
            sent += 100_000
            yield b" " * 100_000

    headers = {**JSON, "Content-Length": "5000000"}
    refused(await client.post("/v1/clients", content=chunks(), headers=headers), 413, "too-large")
    assert sent == 5_000_000


async def test_a_length_that_lies_is_found_out(client: httpx.AsyncClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(30):
            yield b" " * 100_000

    answer = await client.post("/v1/clients", content=chunks(), headers={**JSON, "Content-Length": "10"})
    refused(answer, 413, "too-large")


@pytest.mark.parametrize("query", ["colour=red", "dry_run=true&colour", "%ff=1", "=", "dry_run=true&dry_run=true"])
async def test_a_write_refuses_unknown_and_repeated_parameters(query: str, client: httpx.AsyncClient) -> None:
    refused(await client.post(f"/v1/clients?{query}", json=NORTHWIND), 422, "invalid")


@pytest.mark.parametrize("value", ["yes", "1", "", "TRUE"])
async def test_a_rehearsal_is_asked_for_in_one_way(value: str, client: httpx.AsyncClient) -> None:
    refused(await client.post(f"/v1/clients?dry_run={value}", json=NORTHWIND), 422, "invalid", "?dry_run")


@pytest.mark.parametrize("id", ["1", "not-a-uuid", "%00", "01890000-0000-7000-8000-00000000000g", "é", "a" * 5000])
async def test_a_path_that_holds_no_id_is_refused(id: str, client: httpx.AsyncClient) -> None:
    answer = await client.get(f"/v1/contacts/{id}")
    assert answer.status_code in (404, 422)
    assert answer.headers["Content-Type"] == "application/problem+json"


async def test_what_is_not_there_is_not_found(client: httpx.AsyncClient) -> None:
    for path in (f"/v1/contacts/{uuid4()}", "/v1/clients/NOBODY", f"/v1/clients/{uuid4()}", "/v1/nothing", "/", "/v1"):
        refused(await client.get(path), 404, "not-found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/v1/clients", "GET, HEAD, POST"),
        ("DELETE", "/v1/clients", "GET, HEAD, POST"),
        ("POST", "/v1/clients/ACME", "DELETE, GET, HEAD, PATCH"),
        ("TRACE", "/v1/clients/ACME", "DELETE, GET, HEAD, PATCH"),
        ("OPTIONS", "/v1/clients", "GET, HEAD, POST"),
    ],
)
async def test_another_method_is_refused_with_those_that_are_allowed(
    method: str, path: str, allowed: str, client: httpx.AsyncClient
) -> None:
    answer = await client.request(method, path)
    assert answer.status_code == 405
    assert answer.headers["Allow"] == allowed


async def test_an_empty_patch_is_refused_and_an_equal_one_changes_nothing(client: httpx.AsyncClient) -> None:
    made = (await client.post("/v1/clients", json=NORTHWIND)).json()
    refused(await client.patch("/v1/clients/NORTHWIND", json={}, headers={"If-Match": "*"}), 422, "invalid")
    same = await client.patch("/v1/clients/NORTHWIND", json={"name": made["name"]}, headers={"If-Match": "*"})
    assert same.json() == made


async def test_a_patch_clears_by_null_and_leaves_what_is_not_sent(client: httpx.AsyncClient) -> None:
    await client.post("/v1/clients", json={**NORTHWIND, "industry": "Retail", "since_on": "2020-01-01"})
    answer = await client.patch("/v1/clients/NORTHWIND", json={"industry": None}, headers={"If-Match": '"1"'})
    assert (answer.json()["industry"], answer.json()["since_on"], answer.json()["etag"]) == (None, "2020-01-01", '"2"')
    wrong = await client.patch("/v1/clients/NORTHWIND", json={"name": None}, headers={"If-Match": "*"})
    refused(wrong, 422, "invalid", "/name")


async def test_a_request_id_is_taken_over_when_it_is_harmless(client: httpx.AsyncClient) -> None:
    given = await client.get("/v1/clients", headers={"X-Request-Id": "abc-123"})
    assert given.headers["X-Request-Id"] == "abc-123"
    for odd in (b"a b", b"<script>", b"x" * 101, b"\xff"):
        answer = await client.get("/v1/clients", headers=[(b"X-Request-Id", odd)])
        assert answer.headers["X-Request-Id"].encode() != odd


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer nonsense",
        "Bearer tdm_x_y",
        "Bearer tdm_01890000000070008000000000000099_secret",
        "Basic ###",
        "Basic " + base64.b64encode(b"no colon").decode(),
        "Digest x",
        "Basic é",
        "Basic \xff\xfe",
        "Basic " + base64.b64encode(b"u:\xff").decode(),
        "Basic =",
        "Basic",
        "Bearer \x85",
        "Basic " + base64.b64encode("u:tdm_é_é".encode()).decode(),
        "\xa0",
        "Bearer tdm_\xe9_\xff",
    ],
)
async def test_whoever_is_not_known_is_asked_to_sign_in(authorization: str, client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/clients", headers=[(b"Authorization", authorization.encode("latin-1"))])
    refused(answer, 401, "not-signed-in")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


async def test_the_key_may_come_as_the_password(client: httpx.AsyncClient, database: RolledBack) -> None:
    key = client.headers["Authorization"].removeprefix("Bearer ")
    answer = await client.get("/v1/clients", headers={"Authorization": httpx.BasicAuth("any", key)._auth_header})
    assert answer.status_code == 200


async def test_sign_in_comes_before_all_else(client: httpx.AsyncClient) -> None:
    del client.headers["Authorization"]
    refused(await client.get("/v1/clients?colour=red"), 401, "not-signed-in")
    refused(await client.get("/v1/contacts/nonsense"), 401, "not-signed-in")
    refused(await client.post("/v1/clients", content=b"{", headers=JSON), 401, "not-signed-in")


async def test_pages_of_the_configured_origins_may_call(database: RolledBack) -> None:
    settings = Settings(
        database=DatabaseSettings(url="sqlite:///unused.db"),
        http=HttpSettings(cors_origins=("https://pmo.agency.example",)),
    )
    key = await database.write(make_key, "viewer")
    transport = httpx.ASGITransport(create_app(settings, database))
    async with httpx.AsyncClient(transport=transport, base_url="http://tandem.test") as client:
        ours = {"Origin": "https://pmo.agency.example", "Authorization": f"Bearer {key}"}
        answer = await client.get("/v1/clients", headers=ours)
        assert answer.headers["Access-Control-Allow-Origin"] == "https://pmo.agency.example"
        exposed = answer.headers["Access-Control-Expose-Headers"]
        assert all(name in exposed for name in ("ETag", "Link", "Retry-After", "X-Request-Id"))
        refused_key = await client.get("/v1/clients", headers={**ours, "Authorization": "Bearer x"})
        assert refused_key.headers["Access-Control-Allow-Origin"] == "https://pmo.agency.example"
        asks = {
            "Origin": "https://pmo.agency.example",
            "Access-Control-Request-Method": "PATCH",
            "Access-Control-Request-Headers": "authorization, if-match, content-type",
        }
        preflight = await client.options("/v1/clients/ACME", headers=asks)
        assert preflight.status_code == 200
        assert "PATCH" in preflight.headers["Access-Control-Allow-Methods"]
        other = await client.get("/v1/clients", headers={**ours, "Origin": "https://evil.example"})
        assert "Access-Control-Allow-Origin" not in other.headers


async def test_without_configured_origins_no_page_may_call(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/clients", headers={"Origin": "https://pmo.agency.example"})
    assert not [name for name in answer.headers if name.startswith("access-control")]


async def test_answers_are_kept_by_no_shared_cache(client_as: ClientFactory) -> None:
    client = await client_as("viewer")
    answer = await client.get("/v1/clients")
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "Authorization" in answer.headers["Vary"]
    assert (await client.get("/v1/clients/NOBODY")).headers["Cache-Control"] == "no-store"
