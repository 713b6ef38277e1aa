from collections.abc import AsyncIterator
from html.parser import HTMLParser

import httpx
import pytest
import pytest_asyncio

from app.core.links import LinkKind, Signer
from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.features.calls import Json, day, events
from tests.features.test_handovers import START, Agency, agency_of

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
FORM = {**BROWSER, "Content-Type": "application/x-www-form-urlencoded"}


class Page(HTMLParser):
    """What a page is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, *names: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag in names]


@pytest_asyncio.fixture(loop_scope="session")
async def agency(client: httpx.AsyncClient, database: RolledBack) -> AsyncIterator[Agency]:
    made = await agency_of(client, database)
    with day(START):
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def handover(agency: Agency) -> Json:
    return await agency.scheduled()


@pytest_asyncio.fixture(loop_scope="session")
async def link(agency: Agency, handover: Json) -> str:
    """The link of the one notice."""
    [told] = await agency.notify(handover)
    address: str = told["link"]
    return address


async def test_shows_the_notice_and_nothing_else(link: str, visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get(link)
    assert answer.status_code == 200
    found = answer.json()
    assert set(found) == {
        "kind",
        "subject",
        "body",
        "change",
        "feedback",
        "answer",
        "option",
        "answered_at",
        "expires_at",
    }
    assert (found["kind"], found["answer"]) == ("handover_notice", None)
    assert "Dear Ada Keller" in found["body"]
    assert answer.headers["Cache-Control"] == "no-store"


async def test_reading_uses_nothing_up(link: str, visitor: httpx.AsyncClient) -> None:
    first, second = await visitor.get(link), await visitor.get(link, headers=BROWSER)
    assert (first.status_code, second.status_code) == (200, 200)
    assert (await visitor.post(link, json={"answer": "acknowledged"})).status_code == 200


async def test_takes_one_answer(link: str, visitor: httpx.AsyncClient, database: RolledBack) -> None:
    first = await visitor.post(link, json={"answer": "acknowledged", "text": "Fine."})
    assert (first.status_code, first.json()["answer"]) == (200, "acknowledged")
    second = await visitor.post(link, json={"answer": "concern", "text": "Not fine."})
    assert (second.status_code, second.json()["code"]) == (409, "already-answered")
    page = await visitor.post(link, content="answer=concern&text=No", headers=FORM)
    assert (page.status_code, page.headers["Content-Type"]) == (409, "text/html; charset=utf-8")
    assert (await visitor.get(link)).json()["answer"] == "acknowledged"
    assert [data["answer"] for type, data in await events(database) if type.endswith(".answered")] == ["acknowledged"]


async def test_an_answer_is_audited_as_nobody_s(agency: Agency, link: str, client_as: ClientFactory) -> None:
    reader = await client_as()
    await agency.client.post(link, json={"answer": "acknowledged"}, headers={"Authorization": ""})
    entries = (await reader.get("/v1/audit", params={"subject_type": "handover_notice"})).json()["items"]
    [answered] = [entry for entry in entries if entry["action"] == "answered"]
    assert (answered["person_id"], answered["key_id"]) == (None, None)


@pytest.mark.parametrize("body", [{"answer": "concern"}, {"answer": "maybe"}, {}, {"answer": "acknowledged", "x": 1}])
async def test_refuses_what_is_no_answer(link: str, visitor: httpx.AsyncClient, body: Json) -> None:
    answer = await visitor.post(link, json=body)
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
    assert (await visitor.get(link)).json()["answer"] is None


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"answer=%FF", "application/x-www-form-urlencoded", 422),
        (b"\xff", "application/x-www-form-urlencoded", 400),
        (b"<answer/>", "application/xml", 415),
        (b"answer=" + b"x" * 3_000_000, "application/x-www-form-urlencoded", 413),
    ],
)
async def test_refuses_a_body_it_can_t_read(
    link: str, visitor: httpx.AsyncClient, content: bytes, kind: str, status: int
) -> None:
    answer = await visitor.post(link, content=content, headers={"Content-Type": kind})
    assert answer.status_code == status


async def test_a_browser_gets_a_page_without_script_and_with_labels(link: str, visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get(link, headers=BROWSER)
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    page = Page(answer.text)
    assert page.all("html") == [{"lang": "en"}]
    assert page.all("script", "iframe", "img", "link") == []
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    assert page.all("form") == [{"method": "post"}]
    labelled = {label["for"] for label in page.all("label")}
    assert {field["id"] for field in page.all("input", "textarea")} == labelled
    assert len(page.all("title", "h1", "main", "legend")) == 4


async def test_the_page_s_form_answers(agency: Agency, handover: Json, link: str) -> None:
    answer = await agency.client.post(link, content="answer=concern&text=Who+knows+us%3F", headers=FORM)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    page = Page(answer.text)
    assert (page.all("form"), len(page.all("strong"))) == ([], 1)
    [notice] = await agency.of(handover, "notices")
    assert (notice["answer"], notice["answer_text"]) == ("concern", "Who knows us?")


async def test_the_page_shows_text_as_text(agency: Agency) -> None:
    made = await agency.scheduled(benefit="<script>alert(1)</script> & more")
    [told] = await agency.notify(made)
    text = (await agency.client.get(told["link"], headers=BROWSER)).text
    assert "<script>" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in text


async def test_an_expired_link_is_gone(link: str, visitor: httpx.AsyncClient) -> None:
    with day("2026-06-30"):
        assert (await visitor.get(link)).status_code == 200
    with day("2026-07-02"):
        read = await visitor.get(link)
        assert (read.status_code, read.json()["code"]) == (410, "link-gone")
        assert (await visitor.post(link, json={"answer": "acknowledged"})).status_code == 410
        page = await visitor.get(link, headers=BROWSER)
        assert (page.status_code, page.headers["Content-Type"]) == (410, "text/html; charset=utf-8")


async def test_a_forged_link_is_unknown(handover: Json, link: str, visitor: httpx.AsyncClient) -> None:
    path, token = link.rsplit("/", 1)
    head, claims, signature = token.split(".")
    other, _ = Signer("somebody else's secret", 30).sign(LinkKind.HANDOVER_NOTICE, handover["id"], "version")
    none = "eyJhbGciOiJub25lIn0"  # {"alg":"none"}
    for forged in (
        other,
        f"{path}/{head}.{claims}.{signature[::-1]}",
        f"{path}/{head}.{claims[:-2]}AA.{signature}",
        f"{path}/{none}.{claims}.",
        f"{path}/nonsense",
    ):
        answer = await visitor.get(forged)
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown-link"), forged


async def test_the_log_holds_no_link(link: str, visitor: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]) -> None:
    await visitor.get(link)
    logged = capsys.readouterr().out
    assert link.rsplit("/", 1)[1] not in logged
