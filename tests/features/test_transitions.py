import asyncio
from contextlib import suppress
from datetime import date, timedelta
from itertools import pairwise, product

import httpx
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from app.core.ids import new_id
from app.core.states import IllegalTransition
from app.db.record import table_of
from app.features.projects import rules
from app.features.projects.errors import BeforeHistory, NotPlanned
from app.features.projects.rules import Span
from app.models.project import ProjectStatus, ProjectStatusSpan
from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.features.calls import add_project, day, events, history, move

LEGAL = {
    "pipeline": {"active", "lost", "cancelled"},
    "active": {"back_burner", "on_hold", "closed", "cancelled"},
    "back_burner": {"active", "closed", "cancelled"},
    "on_hold": {"active", "closed", "cancelled"},
    "closed": {"active"},
    "cancelled": set(),
    "lost": set(),
}
WAYS = {
    "pipeline": [],
    "active": ["active"],
    "back_burner": ["active", "back_burner"],
    "on_hold": ["active", "on_hold"],
    "closed": ["active", "closed"],
    "cancelled": ["cancelled"],
    "lost": ["lost"],
}


@pytest.mark.parametrize("former", LEGAL)
async def test_every_move_is_legal_or_refused_by_name(client: httpx.AsyncClient, former: str) -> None:
    with day("2026-03-01"):
        for to in LEGAL:
            code = f"{former}-{to}"
            made = await add_project(client, code)
            for step in WAYS[former]:
                assert (await move(client, code, step)).status_code == 200
            made = (await client.get(f"/v1/projects/{code}")).json()
            assert made["status"] == former
            assert set(made["allowed_transitions"]) == LEGAL[former]
            answer = await move(client, code, to, reason="They want it")
            if to in LEGAL[former]:
                assert (answer.status_code, answer.json()["status"]) == (200, to)
                assert answer.headers["ETag"] == f'"{made["version"] + 1}.{to}"'
            else:
                assert (answer.status_code, answer.json()["code"]) == (409, "illegal-transition")
                assert set(answer.json()["allowed"]) == LEGAL[former]


@pytest.mark.parametrize(("former", "to"), list(product(LEGAL, LEGAL)))
def test_the_rule_knows_every_pair(former: str, to: str) -> None:
    try:
        rules.check_move(ProjectStatus(former), ProjectStatus(to), None)
    except IllegalTransition:
        assert to not in LEGAL[former]
    else:
        assert to in LEGAL[former]


async def test_what_is_planned_ahead_shows_on_its_day(client: httpx.AsyncClient, database: RolledBack) -> None:
    with day("2026-03-01"):
        made = await add_project(client, status="active")
        answer = await move(client, "WEB", "on_hold", "2026-03-10", reason="Holidays")
        assert answer.json()["status"] == "active"
        transitions = (await client.get("/v1/projects/WEB/transitions")).json()
        assert [(item["status"], item["planned"], item["reason"]) for item in transitions["items"]] == [
            ("active", False, None),
            ("on_hold", True, "Holidays"),
        ]
        assert transitions["next_cursor"] is None
    for today, status in (("2026-03-09", "active"), ("2026-03-10", "on_hold"), ("2027-01-01", "on_hold")):
        with day(today):
            assert (await client.get("/v1/projects/WEB")).json()["status"] == status
    (told,) = [data for type, data in await events(database) if type == "project.transitioned"]
    assert (told["from"], told["to"], told["on"]) == ("active", "on_hold", "2026-03-10")
    assert made["version"] + 1 == answer.json()["version"]


async def test_a_move_is_inserted_before_those_planned_for_later(client: httpx.AsyncClient) -> None:
    with day("2026-03-01"):
        await add_project(client, status="active")
        await move(client, "WEB", "closed", "2026-06-01")
        await move(client, "WEB", "on_hold", "2026-04-01")
        assert await history(client, "WEB") == [
            ("active", "2026-03-01", "2026-04-01"),
            ("on_hold", "2026-04-01", "2026-06-01"),
            ("closed", "2026-06-01", None),
        ]


async def test_a_move_that_would_make_a_planned_one_illegal_is_refused(client: httpx.AsyncClient) -> None:
    with day("2026-03-01"):
        await add_project(client, status="active")
        await move(client, "WEB", "on_hold", "2026-06-01")
        refused = await move(client, "WEB", "back_burner", "2026-04-01")
        assert (refused.status_code, refused.json()["code"]) == (409, "illegal-transition")
        assert refused.json()["allowed"] == []
        assert "2026-06-01" in refused.json()["detail"]


async def test_several_moves_of_one_day_keep_their_order(client: httpx.AsyncClient) -> None:
    with day("2026-03-01"):
        await add_project(client)
        for to in ("active", "on_hold", "active", "closed"):
            assert (await move(client, "WEB", to)).status_code == 200
        assert [status for status, *_ in await history(client, "WEB")] == [
            "pipeline",
            "active",
            "on_hold",
            "active",
            "closed",
        ]
        assert (await client.get("/v1/projects/WEB")).json()["status"] == "closed"


async def test_a_move_before_the_first_status_is_refused(client: httpx.AsyncClient) -> None:
    with day("2026-03-01"):
        await add_project(client)
        refused = await move(client, "WEB", "active", "2026-02-28")
        assert (refused.status_code, refused.json()["code"]) == (409, "before-history")


async def test_closing_sets_the_day_and_reopening_clears_it(client: httpx.AsyncClient) -> None:
    with day("2026-03-01"):
        await add_project(client, status="active", status_on="2026-01-01")
        assert (await move(client, "WEB", "closed", "2026-02-15")).json()["closed_on"] == "2026-02-15"
        assert (await move(client, "WEB", "active", reason="One more page")).json()["closed_on"] is None


async def test_reopening_needs_a_reason_and_is_in_the_decision_log(client: httpx.AsyncClient) -> None:
    made = await add_project(client, status="active", status_on="2026-01-01")
    await move(client, "WEB", "closed", "2026-02-01")
    for reason in (None, "", "  "):
        refused = await move(client, "WEB", "active", "2026-03-01", reason=reason)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/reason")
    assert (await client.get("/v1/decisions")).json()["items"] == []
    await move(client, "WEB", "active", "2026-03-01", reason="The client found a defect")
    (decision,) = (await client.get("/v1/decisions?kind=reopening")).json()["items"]
    assert (decision["subject_type"], decision["subject_id"]) == ("project", made["id"])
    assert (decision["project_id"], decision["client_id"]) == (made["id"], made["client_id"])
    assert decision["why"] == "The client found a defect"


async def test_a_planned_move_is_cancelled(client: httpx.AsyncClient, database: RolledBack) -> None:
    with day("2026-03-01"):
        await add_project(client, status="active")
        await move(client, "WEB", "on_hold", "2026-04-01")
        etag = (await move(client, "WEB", "closed", "2026-05-01")).headers["ETag"]
        _, on_hold, closed = (await client.get("/v1/projects/WEB/transitions")).json()["items"]
        address = f"/v1/projects/WEB/transitions/{closed['id']}"
        assert (await client.delete(address)).status_code == 428
        assert (await client.delete(address, headers={"If-Match": '"1.active"'})).status_code == 412
        assert (await client.delete(address, headers={"If-Match": etag})).status_code == 204
        assert await history(client, "WEB") == [("active", "2026-03-01", "2026-04-01"), ("on_hold", "2026-04-01", None)]
        assert (await client.get("/v1/projects/WEB")).json()["closed_on"] is None
        assert (await client.delete(address, headers={"If-Match": "*"})).status_code == 404
    assert (await events(database))[-1][0] == "project.transition_cancelled"
    with day("2026-04-01"):
        refused = await client.delete(f"/v1/projects/WEB/transitions/{on_hold['id']}", headers={"If-Match": "*"})
        assert (refused.status_code, refused.json()["code"]) == (409, "not-planned")


async def test_cancelling_a_move_leaves_the_rest_legal(client: httpx.AsyncClient) -> None:
    with day("2026-03-01"):
        await add_project(client, status="active")
        await move(client, "WEB", "on_hold", "2026-04-01")
        await move(client, "WEB", "active", "2026-05-01")
        on_hold = (await client.get("/v1/projects/WEB/transitions")).json()["items"][1]
        refused = await client.delete(f"/v1/projects/WEB/transitions/{on_hold['id']}", headers={"If-Match": "*"})
        assert (refused.status_code, refused.json()["code"]) == (409, "illegal-transition")


async def test_history_is_closed_and_never_overwritten(client: httpx.AsyncClient, database: RolledBack) -> None:
    with day("2026-03-01"):
        await add_project(client, status="active")
        await move(client, "WEB", "closed", "2026-06-01")
        await move(client, "WEB", "on_hold", "2026-04-01")
    spans = table_of(ProjectStatusSpan)
    rows = await database.read(lambda conn: conn.execute(sa.select(spans).order_by(spans.c.recorded_at)).all())
    former = [(row.status, row.valid_from, row.valid_to) for row in rows if row.superseded_at is not None]
    assert former == [("active", date(2026, 3, 1), None), ("active", date(2026, 3, 1), date(2026, 6, 1))]
    assert len({row.transition_id for row in rows if row.status == "active"}) == 1
    assert len([row for row in rows if row.status == "closed"]) == 1


async def test_a_stale_mover_changes_nothing(client: httpx.AsyncClient) -> None:
    made = await add_project(client)
    await move(client, "WEB", "active")
    late = await client.post("/v1/projects/WEB/transitions", json={"to": "closed"}, headers={"If-Match": made["etag"]})
    assert late.status_code == 412


async def test_movers_at_once_leave_one_legal_history(own_client_as: ClientFactory) -> None:
    client = await own_client_as()
    with day("2026-03-01"):
        await add_project(client, status="active")
        answers = await asyncio.gather(*(move(client, "WEB", "on_hold", "2026-04-01") for _ in range(10)))
        assert sorted(answer.status_code for answer in answers) == [200] + [409] * 9
        assert await history(client, "WEB") == [("active", "2026-03-01", "2026-04-01"), ("on_hold", "2026-04-01", None)]


FIRST = date(2026, 1, 1)
MOVES = st.lists(st.tuples(st.sampled_from(ProjectStatus), st.integers(-3, 40), st.booleans()), min_size=1, max_size=25)


@given(st.sampled_from(sorted(set(ProjectStatus) - rules.STATES.final)), MOVES)
def test_spans_never_overlap_nor_leave_gaps(first: ProjectStatus, moves: list[tuple[ProjectStatus, int, bool]]) -> None:
    history: rules.History = (Span(new_id(), first, FIRST),)
    for to, offset, cancel in moves:
        on = FIRST + timedelta(offset)
        with suppress(IllegalTransition, BeforeHistory, NotPlanned):
            if cancel:
                last = history[offset % len(history)].transition_id
                history = rules.without_move(history, last, FIRST + timedelta(5))
            else:
                history = rules.after_move(history, new_id(), to, on, "because")
        assert history == rules.order(history[::-1])
        assert (history[0].start, history[-1].end) == (FIRST, None)
        for one, following in pairwise(history):
            assert one.end == following.start >= one.start
            assert following.status in LEGAL[one.status]
