"""Every move of a change request by its own step: made where the machine has it, else refused with the legal ones."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
import sqlalchemy as sa

from app.core import clock
from app.db.record import table_of
from app.features.change_requests.rules import STATES
from app.models.change_request import ChangeRequest, ChangeStatus
from tests.databases import RolledBack
from tests.features.calls import Json, day
from tests.features.test_change_requests import START, Shop, shop_of

requests = table_of(ChangeRequest)
DRAFT, SUBMITTED, ASSESSING, AWAITING, APPROVED, REJECTED, POSTPONED, WITHDRAWN, IMPLEMENTED, MERGED = ChangeStatus
WHY: Json = {"why": "It pays for itself."}
# The steps, where each leads, and how it is sent.
STEPS: dict[str, tuple[ChangeStatus, str, Json]] = {
    "submit": (SUBMITTED, "submit", {}),
    "assess": (ASSESSING, "assess", {}),
    "present": (AWAITING, "present", {}),
    "approve": (APPROVED, "decide", {**WHY, "outcome": "approved"}),
    "reject": (REJECTED, "decide", {**WHY, "outcome": "rejected"}),
    "postpone": (POSTPONED, "decide", {**WHY, "outcome": "postponed", "postponed_until": "2027-01-04"}),
    "withdraw": (WITHDRAWN, "withdraw", {"reason": "The campaign is off."}),
    "merge": (MERGED, "merge", {}),
    "implement": (IMPLEMENTED, "implement", {}),
}
# What has been decided says what was decided, which is more than which moves there are.
DECIDED = (APPROVED, REJECTED, POSTPONED, IMPLEMENTED)


def put_into(conn: sa.Connection, status: ChangeStatus) -> None:
    decided = {"decided_at": clock.now()} if status in DECIDED else {}
    conn.execute(sa.update(requests).where(requests.c.number == 1).values(status=status, **decided))


@pytest_asyncio.fixture(loop_scope="session")
async def shop(client: httpx.AsyncClient) -> AsyncIterator[Shop]:
    with day(START):
        yield await shop_of(client)


@pytest.mark.parametrize("status", list(ChangeStatus))
@pytest.mark.parametrize("step", STEPS)
async def test_makes_the_legal_moves_alone(shop: Shop, database: RolledBack, step: str, status: ChangeStatus) -> None:
    change, asked, _ = await shop.presented()
    other = await shop.file()
    if status is APPROVED:  # for good, since what is implemented is held against the decision
        approved = await shop.act(change, "decide", **STEPS["approve"][2], contact_id=shop.ada, option_id=asked["id"])
        assert approved.status_code == 200, approved.text
    else:
        await database.write(put_into, status)
    to, verb, said = STEPS[step]
    body: dict[str, Any] = dict(said)
    if verb == "decide":
        body["contact_id"] = shop.ada
    if step == "approve":
        body["option_id"] = asked["id"]
    if step == "merge":
        body["into_id"] = other["id"]
    answer = await shop.act(change, verb, **body)
    legal = to in STATES.allowed(status) and not (step == "approve" and status is not AWAITING)
    if legal:
        assert (answer.status_code, answer.json()["status"]) == (200, to), answer.text
        return
    told = answer.json()
    assert answer.status_code == 409, answer.text
    if verb == "decide" and status in DECIDED:
        assert told["code"] == "already-decided"
    else:
        assert (told["code"], told["allowed"]) == ("illegal-transition", list(STATES.allowed(status)))
    assert (await shop.read(change))["status"] == status
