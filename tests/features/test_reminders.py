import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
import sqlalchemy as sa

from app import worker as work
from app.core.caller import SYSTEM
from app.core.events import DomainEvent
from app.db.dispatcher import Database
from app.features.reminders import rules, service
from app.features.reminders.schemas import ReminderKind
from app.features.reminders.service import FIRST, Mark, ReminderDays, send_reminders
from app.messaging.outbox import emit
from app.models.change_request import ChangeAsk, ChangeRequest
from app.models.client import Contact
from app.models.handover import Handover, HandoverNotice
from app.models.outcome import Outcome, Touchpoint
from app.models.period import Period
from app.models.pmo import Development
from app.models.project import Milestone
from app.models.quality import FeedbackRequest
from app.models.rescue import Rescue, RescueAction
from app.models.risk import Risk
from app.models.template import ProjectTask
from app.worker import Worker
from tests.databases import RolledBack
from tests.features.calls import Json, day, events
from tests.measures import facts, progress

TODAY, START = date(2026, 6, 15), date(2026, 1, 1)  # a Monday
YESTERDAY, TOMORROW, LATER = TODAY - timedelta(1), TODAY + timedelta(1), TODAY + timedelta(60)
SOON = 0.01


def office(conn: sa.Connection) -> tuple[UUID, UUID, UUID]:
    """Acme, Maria, and her project, reported yesterday."""
    maria = facts.person(conn)
    acme = facts.client(conn)
    project = facts.project(conn, acme, "SHOP")
    facts.status(conn, project, "active", START)
    for role in ("account_manager", "production_manager"):
        facts.holder(conn, project, maria, START, role=role)
    progress.report(conn, project, YESTERDAY, "30")
    return acme, maria, project


def everything(conn: sa.Connection, acme: UUID, maria: UUID, project: UUID) -> None:
    """Of each kind something that is due, something that is not, and something that is done."""
    of: Json = {"project_id": project}
    add = facts.add
    asked = {"asked_at": datetime(2026, 6, 9, 8, tzinfo=UTC), "expires_at": datetime(2026, 7, 9, tzinfo=UTC)}
    contact = add(conn, Contact, client_id=acme, name="Ada")
    target = {"target": Decimal(1), "owner_id": maria}
    add(conn, Outcome, measure="Adoption", review_on=YESTERDAY, **target, **of)
    add(conn, Outcome, measure="Revenue", review_on=LATER, **target, **of)
    done = {"actual": Decimal(1), "reviewed_on": TODAY}
    add(conn, Outcome, measure="Time saved", review_on=YESTERDAY, **target, **done, **of)
    quiet = facts.project(conn, acme, "QUIET")
    facts.status(conn, quiet, "active", date(2026, 5, 1))
    add(conn, FeedbackRequest, subject="client", client_id=acme, contact_id=contact, **asked)
    late = asked | {"expires_at": datetime(2026, 6, 14, tzinfo=UTC)}
    add(conn, FeedbackRequest, subject="client", client_id=acme, contact_id=contact, **late)
    change: Json = {"title": "Gift cards", "value_statement": "V", **of}
    waiting = add(conn, ChangeRequest, number=1, status="awaiting_decision", decide_by=TODAY, **change)
    add(conn, ChangeRequest, number=2, status="approved", decide_by=TODAY, **change)
    add(conn, ChangeAsk, change_request_id=waiting, contact_id=contact, content_version="1", shown={}, **asked)
    handover: Json = {"reason": "r", "benefit": "b", "effective_on": LATER, "name": "n", "status": "scheduled"}
    told: Json = {"handover_id": add(conn, Handover, **handover), "client_id": acme, "subject": "Who", "body": "b"}
    other = add(conn, Contact, client_id=acme, name="Bob")
    add(conn, HandoverNotice, contact_id=contact, notified_at=asked["asked_at"], **told)
    add(conn, HandoverNotice, contact_id=other, notified_at=datetime(2026, 6, 14, tzinfo=UTC), **told)
    facts.commitment(conn, maria, TODAY + timedelta(2), **of)
    facts.commitment(conn, maria, TODAY + timedelta(3), **of)
    facts.commitment(conn, maria, YESTERDAY, "kept", result_achieved_on=YESTERDAY, **of)
    risk: Json = {"cause": "c", "event": "e", "effect": "f", "likelihood": 3, "impact": 4, "identified_on": START}
    add(conn, Risk, number=1, due_on=YESTERDAY, owner_id=maria, **risk, **of)
    add(conn, Risk, number=2, due_on=YESTERDAY, status="closed", closed_on=YESTERDAY, **risk, **of)
    rescue = add(conn, Rescue, rescuer_id=maria, opened_on=START, trigger="t", **of)
    action: Json = {"rescue_id": rescue, "owner_id": maria, "due_on": YESTERDAY, "statement": "Ask"}
    add(conn, RescueAction, **action)
    add(conn, RescueAction, **action, done_at=datetime(2026, 6, 1, tzinfo=UTC))
    training: Json = {"person_id": maria, "skill": "sql", "kind": "training", "target_level": 3, "starts_on": START}
    add(conn, Development, ends_on=YESTERDAY, **training)
    add(conn, Development, ends_on=YESTERDAY, completed_on=YESTERDAY, **training)
    spoke: Json = {"client_id": acme, "person_id": maria, "kind": "scheduled"}
    add(conn, Touchpoint, happened_on=date(2026, 5, 1), next_on=date(2026, 5, 15), **spoke)
    add(conn, Touchpoint, happened_on=date(2026, 5, 18), next_on=date(2026, 6, 1), **spoke)
    for name, values in (("Due", {}), ("Moved", {"forecast_on": LATER}), ("Done", {"reached_on": START})):
        add(conn, Milestone, name=name, planned_on=YESTERDAY, weight=Decimal(1), **values, **of)
    task: Json = {"occasion": "kick_off", "statement": "Book the room", "owner_id": maria, **of}
    add(conn, ProjectTask, due_on=YESTERDAY, **task)
    add(conn, ProjectTask, due_on=LATER, **task)
    month: Json = {"label": "2026-04", "starts_on": date(2026, 4, 1), "ends_on": date(2026, 5, 1)}
    add(conn, Period, status="closed", revision=1, **month)


EXPECTED = {
    "outcome_review": 1,
    "stale_health": 1,
    "unanswered_link": 3,
    "promise_due": 1,
    "risk_response_due": 1,
    "rescue_action_due": 1,
    "change_decision_due": 1,
    "development_ends": 1,
    "touchpoint_due": 1,
    "milestone_due": 1,
    "project_task_due": 1,
    "period_to_close": 1,
}


@pytest_asyncio.fixture(loop_scope="session")
async def ids(database: RolledBack) -> AsyncIterator[tuple[UUID, UUID, UUID]]:
    with day(TODAY.isoformat()):
        yield await database.write(office)


async def reminders(client: httpx.AsyncClient, **params: Any) -> Json:
    answer = await client.get("/v1/reminders", params=params)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def test_lists_what_is_due_of_every_kind(client: httpx.AsyncClient, database: RolledBack, ids: Any) -> None:
    await database.write(everything, *ids)
    found = await reminders(client)
    assert found["counts"] == EXPECTED
    assert found["total"] == len(found["items"]) == sum(EXPECTED.values())
    assert [item["due_on"] for item in found["items"]] == sorted(item["due_on"] for item in found["items"])
    by_kind = {item["kind"]: item for item in found["items"]}
    _, maria, project = map(str, ids)
    promise = by_kind["promise_due"]
    assert (promise["due_on"], promise["days_overdue"]) == ("2026-06-17", -2)
    assert promise["what"] == "Keep the promise: The texts are there."
    assert promise["link"] == f"/v1/commitments/{promise['subject_id']}"
    assert (promise["project_id"], promise["person_id"]) == (project, maria)
    assert (by_kind["stale_health"]["due_on"], by_kind["stale_health"]["what"]) == (
        "2026-05-16",
        "Report how QUIET stands",
    )
    assert by_kind["unanswered_link"]["due_on"] == "2026-06-14"
    assert by_kind["touchpoint_due"]["due_on"] == "2026-06-01"
    # Five working days after May are over on Friday the fifth.
    assert (by_kind["period_to_close"]["link"], by_kind["period_to_close"]["due_on"]) == (
        "/v1/periods/2026-05",
        "2026-06-08",
    )
    for kind in ("milestone_due", "change_decision_due", "risk_response_due", "outcome_review"):
        assert by_kind[kind]["person_id"] == maria


async def test_each_link_leads_to_its_record(client: httpx.AsyncClient, database: RolledBack, ids: Any) -> None:
    await database.write(everything, *ids)
    for item in (await reminders(client))["items"]:
        assert (await client.get(item["link"])).status_code == 200, item["link"]


async def test_finds_nothing_where_nothing_is_due(client: httpx.AsyncClient, ids: Any) -> None:
    found = await reminders(client)
    assert (found["total"], found["items"]) == (0, [])
    assert set(found["counts"].values()) == {0}


async def test_a_day_ahead_shows_what_will_be_due(client: httpx.AsyncClient, database: RolledBack, ids: Any) -> None:
    await database.write(everything, *ids)
    ahead = await reminders(client, on=LATER.isoformat(), kind="outcome_review")
    assert (ahead["counts"], [item["days_overdue"] for item in ahead["items"]]) == ({"outcome_review": 2}, [61, 0])


async def test_filters_by_kind_and_person_and_counts_beyond_the_limit(
    client: httpx.AsyncClient, database: RolledBack, ids: Any
) -> None:
    await database.write(everything, *ids)
    links = await reminders(client, kind="unanswered_link", limit=2)
    assert (links["total"], links["counts"], len(links["items"])) == (3, {"unanswered_link": 3}, 2)
    maria = str(ids[1])
    hers = await reminders(client, person_id=maria)
    assert {item["person_id"] for item in hers["items"]} == {maria}
    assert hers["counts"] == EXPECTED | {"stale_health": 0, "unanswered_link": 0, "period_to_close": 0}
    assert (await client.get("/v1/reminders", params={"kind": "birthday"})).status_code == 422


async def test_asks_as_much_for_many_as_for_none(client: httpx.AsyncClient, database: RolledBack, ids: Any) -> None:
    await database.write(everything, *ids)
    await reminders(client)
    with database.counting() as for_few:
        await reminders(client)
    for _ in range(20):
        await database.write(facts.commitment, ids[1], YESTERDAY, project_id=ids[2])
    with database.counting() as for_more:
        assert (await reminders(client))["counts"]["promise_due"] == 21
    assert len(for_few) == len(for_more)


async def tell(database: RolledBack, on: date) -> int:
    told = 0
    mark: Mark | None = FIRST
    while mark is not None:
        count, mark = await database.write(send_reminders, SYSTEM, on, ReminderDays(), mark)
        told += count
    return told


async def test_tells_each_reminder_once(database: RolledBack, ids: Any) -> None:
    await database.write(everything, *ids)
    told = sum(EXPECTED.values())
    assert await tell(database, TODAY) == told
    assert await tell(database, TODAY) == 0
    assert await tell(database, TOMORROW) == 1  # another promise comes near
    sent = [data for type, data in await events(database) if type == "reminder.sent"]
    assert len(sent) == told + 1
    [task] = [data for data in sent if data["kind"] == "project_task_due"]
    assert set(task) == {"kind", "subject_type", "subject_id", "due_on", "project_id"}
    assert (task["due_on"], task["project_id"]) == (YESTERDAY.isoformat(), str(ids[2]))


async def test_what_is_due_on_another_day_is_told_again(database: RolledBack, ids: Any) -> None:
    promise = await database.write(facts.commitment, ids[1], TODAY, project_id=ids[2])
    assert await tell(database, TODAY) == 1
    table = sa.table("commitment", sa.column("id", sa.Uuid), sa.column("due_on", sa.Date))
    moved = sa.update(table).where(table.c.id == promise).values(due_on=TOMORROW)
    await database.write(lambda conn: conn.execute(moved))
    assert await tell(database, TODAY) == 1


async def test_tells_all_however_many_are_told_at_once(
    database: RolledBack, ids: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "TOLD_AT_ONCE", 1)
    await database.write(everything, *ids)
    asked = {"asked_at": datetime(2026, 6, 8, 8, tzinfo=UTC), "expires_at": datetime(2026, 7, 9, tzinfo=UTC)}

    def more(conn: sa.Connection) -> None:
        for name in ("Cid", "Dee"):
            contact = facts.add(conn, Contact, client_id=ids[0], name=name)
            facts.add(conn, FeedbackRequest, subject="client", client_id=ids[0], contact_id=contact, **asked)
            facts.commitment(conn, ids[1], YESTERDAY, project_id=ids[2])

    await database.write(more)
    assert await tell(database, TODAY) == sum(EXPECTED.values()) + 4
    assert await tell(database, TODAY) == 0


async def test_a_worker_that_was_stopped_half_way_leaves_the_rest_to_the_next(database: RolledBack, ids: Any) -> None:
    await database.write(everything, *ids)
    with day(TODAY.isoformat()):
        told, mark = await database.write(send_reminders, SYSTEM, TODAY, ReminderDays(), FIRST)
        assert mark is not None
        await Worker(database, SOON).drain()
    sent = [data for type, data in await events(database) if type == "reminder.sent"]
    assert 0 < told < len(sent) == sum(EXPECTED.values())


async def test_numbers_events_though_reminders_fail(
    database: RolledBack, ids: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("no reminders today")

    monkeypatch.setattr(work, "send_reminders", broken)
    await database.write(lambda conn: emit(conn, SYSTEM, DomainEvent("client.created", "client", ids[0])))
    with pytest.raises(RuntimeError):
        await Worker(database, SOON).drain()
    outbox = sa.table("outbox_event", sa.column("position", sa.Integer))
    waiting = sa.select(sa.func.count()).select_from(outbox).where(outbox.c.position.is_(None))
    assert await database.read(lambda conn: conn.execute(waiting).scalar_one()) == 0


@pytest.mark.parametrize("status", ["cancelled", "lost"])
async def test_reminds_of_nothing_to_be_done_for_a_project_that_was_called_off(
    client: httpx.AsyncClient, database: RolledBack, ids: Any, status: str
) -> None:
    def called_off(conn: sa.Connection) -> None:
        acme, maria, _ = ids
        over = facts.project(conn, acme, "OVER")
        facts.status(conn, over, "pipeline", START, YESTERDAY)
        facts.status(conn, over, status, YESTERDAY)
        of: Json = {"project_id": over}
        facts.add(conn, ProjectTask, occasion="kick_off", statement="Invite", due_on=YESTERDAY, **of)
        risk: Json = {"cause": "c", "event": "e", "effect": "f", "likelihood": 3, "impact": 4, "identified_on": START}
        facts.add(conn, Risk, number=1, due_on=YESTERDAY, owner_id=maria, **risk, **of)
        change: Json = {"title": "t", "value_statement": "V", "status": "submitted", "decide_by": YESTERDAY}
        facts.add(conn, ChangeRequest, number=1, **change, **of)

    before = (await reminders(client))["total"]
    await database.write(called_off)
    assert (await reminders(client))["total"] == before


async def test_a_worker_tells_at_its_first_step_of_a_day(database: RolledBack, ids: Any) -> None:
    async def sent() -> int:
        return [type for type, _ in await events(database)].count("reminder.sent")

    worker = Worker(database, SOON)
    await worker.drain()
    await database.write(facts.commitment, ids[1], YESTERDAY, project_id=ids[2])
    await worker.drain()
    assert await sent() == 0
    with day(TOMORROW.isoformat()):
        await worker.drain()
        await worker.drain()
    assert await sent() == 1


async def test_two_workers_at_once_tell_each_reminder_once(own_database: Database) -> None:
    with day(TODAY.isoformat()):
        await own_database.write(lambda conn: everything(conn, *office(conn)))
        await asyncio.gather(*(Worker(own_database, SOON).drain() for _ in range(4)))
    sent = [data for type, data in await events(own_database) if type == "reminder.sent"]
    assert len(sent) == sum(EXPECTED.values())
    assert len({(data["kind"], data["subject_id"], data["due_on"]) for data in sent}) == len(sent)


@pytest.mark.parametrize("kind", ReminderKind)
def test_every_kind_reads_as_one_short_line(kind: ReminderKind) -> None:
    line = rules.what(kind, "a\nb " + "x" * 500)
    assert "\n" not in line
    assert "a b x" in line
    assert len(line) < 300


def test_a_month_is_due_once_more_working_days_have_passed() -> None:
    june = [date(2026, 6, number) for number in (1, 2, 3, 4, 5, 8)]
    assert rules.due_after(june, date(2026, 6, 1), 5) == date(2026, 6, 8)
    assert rules.due_after(june[:-1], date(2026, 6, 1), 5) is None
    assert rules.months_until(date(2025, 12, 1), date(2026, 2, 1)) == [date(2025, 12, 1), date(2026, 1, 1)]
