from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
import pytest
import sqlalchemy as sa

from app.core.caller import SYSTEM, AccessRole, Caller
from app.core.errors import AppError
from app.db.record import table_of
from app.features.time_entries import rules, service
from app.features.time_entries.errors import ApprovalNotYours, HoursApproved, NotYourHours
from app.models.audit import AuditEntry
from app.models.outbox_event import OutboxEvent
from app.models.time_entry import TimeEntry
from tests.conftest import ClientFactory
from tests.databases import RolledBack
from tests.portfolio import Portfolio, add_rate, make_portfolio, seat

MINE, THEIRS = uuid4(), uuid4()


def hours_of(there: Portfolio, **values: Any) -> dict[str, Any]:
    entry = {"project_id": there.project, "person_id": there.maria, "worked_on": "2026-03-02", "hours": "7.5"}
    return {name: value if isinstance(value, bool | None) else str(value) for name, value in (entry | values).items()}


async def add(client: httpx.AsyncClient, there: Portfolio, **values: Any) -> dict[str, Any]:
    answer = await client.post("/v1/time-entries", json=hours_of(there, **values))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def problem(answer: httpx.Response) -> tuple[int, str, list[str]]:
    body = answer.json()
    return answer.status_code, body["code"], [error["pointer"] for error in body.get("errors", ())]


@pytest.fixture
async def there(database: RolledBack) -> Portfolio:
    return await make_portfolio(database)


@pytest.mark.parametrize(
    ("first", "last", "hours", "pointers"),
    [
        ("2026-03-02", None, "24", []),
        ("2026-03-02", None, "24.01", ["/hours"]),
        ("2026-03-02", "2026-03-08", "168", []),
        ("2026-03-02", "2026-03-08", "168.5", ["/hours"]),
        ("2026-03-02", "2026-03-01", "1", ["/worked_until"]),
        ("2026-03-01", "2026-03-31", "744", []),
        ("2026-03-01", "2026-04-01", "1", ["/worked_until"]),
    ],
)
def test_a_day_has_24_hours_and_an_entry_31_days(first: str, last: str | None, hours: str, pointers: list[str]) -> None:
    found = rules.faults(date.fromisoformat(first), date.fromisoformat(last) if last else None, Decimal(hours))
    assert [fault.pointer for fault in found] == pointers


@pytest.mark.parametrize(
    ("role", "person", "approval", "refusal"),
    [
        (AccessRole.CONTRIBUTOR, MINE, "submitted", None),
        (AccessRole.CONTRIBUTOR, MINE, "approved", ApprovalNotYours),
        (AccessRole.CONTRIBUTOR, THEIRS, "submitted", NotYourHours),
        (AccessRole.MANAGER, MINE, "approved", None),
        (AccessRole.MANAGER, THEIRS, "submitted", NotYourHours),
        (AccessRole.INTEGRATION, THEIRS, "submitted", None),
        (AccessRole.INTEGRATION, THEIRS, "approved", ApprovalNotYours),
        (AccessRole.PMO_LEAD, THEIRS, "approved", None),
        (AccessRole.VIEWER, MINE, "submitted", NotYourHours),
    ],
)
def test_who_may_record_whose_hours(
    role: AccessRole, person: Any, approval: str, refusal: type[AppError] | None
) -> None:
    caller = Caller(role, person_id=MINE)
    if refusal is None:
        rules.check_may_record(caller, person, approval)
        return
    with pytest.raises(refusal):
        rules.check_may_record(caller, person, approval)


def test_a_contributor_leaves_approved_hours_alone() -> None:
    with pytest.raises(HoursApproved):
        rules.check_may_touch(
            Caller(AccessRole.CONTRIBUTOR, person_id=MINE), {"person_id": MINE, "approval": "approved"}
        )


async def test_costs_what_the_person_costs_on_that_day(client: httpx.AsyncClient, there: Portfolio) -> None:
    days = ("2025-12-31", "2026-01-01", "2026-06-30", "2026-07-01")
    made = [await add(client, there, worked_on=day) for day in days]
    assert [entry["cost_rate"] for entry in made] == [None, "50.00", "50.00", "60.00"]
    assert [entry["cost_currency"] for entry in made] == [None, "EUR", "EUR", "EUR"]


async def test_is_priced_anew_when_its_day_is_corrected(client: httpx.AsyncClient, there: Portfolio) -> None:
    made = await add(client, there)
    answer = await client.patch(
        f"/v1/time-entries/{made['id']}", json={"worked_on": "2026-08-03"}, headers={"If-Match": made["etag"]}
    )
    changed = answer.json()
    assert (changed["cost_rate"], changed["version"], changed["id"]) == ("60.00", 2, made["id"])
    assert changed["created_at"] == made["created_at"] < changed["updated_at"]


async def test_a_correction_keeps_the_former_version_and_a_deletion_closes_it(
    client: httpx.AsyncClient, database: RolledBack, there: Portfolio
) -> None:
    address = f"/v1/time-entries/{(await add(client, there))['id']}"
    await client.patch(address, json={"hours": "6"}, headers={"If-Match": "*"})
    listed = (await client.get("/v1/time-entries")).json()["items"]
    assert [(item["hours"], item["version"]) for item in listed] == [("6", 2)]
    assert (await client.delete(address, headers={"If-Match": '"1"'})).status_code == 412
    assert (await client.delete(address, headers={"If-Match": '"2"'})).status_code == 204
    assert (await client.get(address)).status_code == 404
    rows = await database.read(lambda conn: conn.execute(sa.select(table_of(TimeEntry))).all())
    assert sorted((row.version, row.hours, row.superseded_at is None) for row in rows) == [
        (1, Decimal("7.5"), False),
        (2, Decimal(6), False),
    ]


async def test_names_each_reference_that_does_not_exist(client: httpx.AsyncClient, there: Portfolio) -> None:
    answer = await client.post("/v1/time-entries", json=hours_of(there, project_id=uuid4(), person_id=uuid4()))
    assert problem(answer) == (422, "invalid", ["/project_id", "/person_id"])
    answer = await client.post("/v1/time-entries", json=hours_of(there, responsibility="juggling"))
    assert problem(answer) == (422, "invalid", ["/responsibility"])


async def test_refuses_an_external_id_twice_from_one_source(client: httpx.AsyncClient, there: Portfolio) -> None:
    made = await add(client, there, source="jira", external_id="w-1")
    await add(client, there, source="tempo", external_id="w-1")
    answer = await client.post("/v1/time-entries", json=hours_of(there, source="jira", external_id="w-1"))
    assert problem(answer)[:2] == (409, "duplicate")
    assert "/external_id" in problem(answer)[2]
    await client.delete(f"/v1/time-entries/{made['id']}", headers={"If-Match": "*"})
    await add(client, there, source="jira", external_id="w-1")


async def test_hours_are_written_in_five_statements(
    client: httpx.AsyncClient, database: RolledBack, there: Portfolio
) -> None:
    await add(client, there)
    with database.counting() as statements:
        await add(client, there)
    assert len(statements) == 5, statements


async def test_a_batch_takes_the_same_number_of_statements_for_any_size(
    client: httpx.AsyncClient, database: RolledBack, there: Portfolio
) -> None:
    await client.get("/v1/time-entries")  # the key is looked up once
    counts = []
    for size in (2, 40):
        entries = [hours_of(there, external_id=f"{size}-{n}", worked_on="2026-07-01") for n in range(size)]
        with database.counting() as statements:
            answer = await client.post("/v1/time-entries/batch", json={"entries": entries})
        assert answer.status_code == 201, answer.text
        items = answer.json()["items"]
        assert [item["external_id"] for item in items] == [entry["external_id"] for entry in entries]
        assert {item["cost_rate"] for item in items} == {"60.00"}
        assert answer.json()["next_cursor"] is None
        counts.append(len(statements))
    assert counts[0] == counts[1]
    kept = await database.read(
        lambda conn: [
            conn.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for table in (table_of(TimeEntry), table_of(AuditEntry), table_of(OutboxEvent))
        ]
    )
    assert kept == [42, 42, 42]


async def test_a_batch_with_one_wrong_entry_adds_none_and_points_to_it(
    client: httpx.AsyncClient, there: Portfolio
) -> None:
    right = hours_of(there, external_id="1")
    cases: list[tuple[dict[str, Any], int, str]] = [
        ({"hours": "25"}, 422, "/entries/1/hours"),
        ({"hours": "7.555"}, 422, "/entries/1/hours"),
        ({"person_id": str(uuid4())}, 422, "/entries/1/person_id"),
        ({"responsibility": "juggling"}, 422, "/entries/1/responsibility"),
        ({"external_id": "1"}, 409, "/entries/1/external_id"),
    ]
    for wrong, status, pointer in cases:
        entries = [right, {**right, "external_id": "2", **wrong}]
        answer = await client.post("/v1/time-entries/batch", json={"entries": entries})
        assert (answer.status_code, problem(answer)[2]) == (status, [pointer])
    assert (await client.get("/v1/time-entries")).json()["items"] == []


async def test_a_contributor_writes_their_own_hours_and_sees_no_cost(
    client_as: ClientFactory, there: Portfolio
) -> None:
    maria = await client_as("contributor", person_id=there.maria)
    made = await add(maria, there)
    assert "cost_rate" not in made
    assert "cost_currency" in made
    answer = await maria.post("/v1/time-entries", json=hours_of(there, person_id=there.jon))
    assert problem(answer)[:2] == (403, "not-your-hours")
    address = f"/v1/time-entries/{made['id']}"
    answer = await maria.patch(address, json={"person_id": str(there.jon)}, headers={"If-Match": "*"})
    assert problem(answer)[:2] == (403, "not-your-hours")
    answer = await maria.patch(address, json={"approval": "approved"}, headers={"If-Match": "*"})
    assert problem(answer)[:2] == (403, "approval-not-yours")


async def test_a_manager_approves_the_hours_of_others_and_changes_nothing_else(
    client: httpx.AsyncClient, client_as: ClientFactory, there: Portfolio
) -> None:
    address = f"/v1/time-entries/{(await add(client, there))['id']}"
    jon = await client_as("manager", person_id=there.jon)
    answer = await jon.patch(address, json={"approval": "approved"}, headers={"If-Match": "*"})
    assert (answer.status_code, answer.json()["approval"]) == (200, "approved")
    assert (await jon.patch(address, json={"hours": "1"}, headers={"If-Match": "*"})).status_code == 403
    assert (await jon.delete(address, headers={"If-Match": "*"})).status_code == 403
    maria = await client_as("contributor", person_id=there.maria)
    answer = await maria.patch(address, json={"hours": "1"}, headers={"If-Match": "*"})
    assert problem(answer)[:2] == (409, "hours-approved")


async def test_a_manager_sees_the_cost_on_the_projects_they_sit_on(
    client: httpx.AsyncClient, client_as: ClientFactory, database: RolledBack, there: Portfolio
) -> None:
    made = await add(client, there)
    outside = await client_as("manager", person_id=there.maria)
    assert "cost_rate" not in (await outside.get(f"/v1/time-entries/{made['id']}")).json()
    await database.write(seat, there.project, there.jon)
    inside = await client_as("manager", person_id=there.jon)
    assert (await inside.get(f"/v1/time-entries/{made['id']}")).json()["cost_rate"] == "50.00"


async def test_an_integration_sees_what_it_has_written_alone(
    client: httpx.AsyncClient, client_as: ClientFactory, there: Portfolio
) -> None:
    others = await add(client, there)
    jira = await client_as("integration")
    own = await add(jira, there, source="jira", external_id="w-1")
    assert [item["id"] for item in (await jira.get("/v1/time-entries")).json()["items"]] == [own["id"]]
    assert (await jira.get(f"/v1/time-entries/{own['id']}")).status_code == 200
    assert (await jira.get(f"/v1/time-entries/{others['id']}")).status_code == 404
    answer = await jira.patch(f"/v1/time-entries/{others['id']}", json={"hours": "1"}, headers={"If-Match": "*"})
    assert answer.status_code == 404


async def test_an_integration_keeps_its_hours_after_somebody_else_has_approved_them(
    client: httpx.AsyncClient, client_as: ClientFactory, there: Portfolio
) -> None:
    jira = await client_as("integration")
    own = await add(jira, there, source="jira", external_id="w-1")
    address = f"/v1/time-entries/{own['id']}"
    approved = await client.patch(address, json={"approval": "approved"}, headers={"If-Match": own["etag"]})
    assert approved.status_code == 200
    assert [item["id"] for item in (await jira.get("/v1/time-entries")).json()["items"]] == [own["id"]]
    read = await jira.get(address)
    assert (read.status_code, read.json()["approval"]) == (200, "approved")
    answer = await jira.patch(address, json={"hours": "1"}, headers={"If-Match": read.json()["etag"]})
    assert (answer.status_code, answer.json()["hours"]) == (200, "1"), answer.text
    assert (await (await client_as("integration")).get("/v1/time-entries")).json()["items"] == []


async def test_embeds_person_and_project_in_a_fixed_number_of_statements(
    client: httpx.AsyncClient, database: RolledBack, there: Portfolio
) -> None:
    await add(client, there)
    await add(client, there, person_id=there.jon)
    with database.counting() as statements:
        items = (await client.get("/v1/time-entries", params={"include": "person,project"})).json()["items"]
    assert {item["person"]["email"] for item in items} == {"maria.lopez@agency.example", "jon.berg@agency.example"}
    assert {item["project"]["code"] for item in items} == {"ACME-WEB"}
    assert len(statements) == 3
    assert "person" not in (await client.get("/v1/time-entries")).json()["items"][0]


async def test_filters_by_day_and_hours_and_begins_with_the_latest(client: httpx.AsyncClient, there: Portfolio) -> None:
    for day, hours in (("2026-03-02", 2), ("2026-03-03", 8), ("2026-03-04", 4), ("2026-03-05", 9)):
        await add(client, there, worked_on=day, hours=hours, billable=hours > 4)

    async def listed(**parameters: str) -> list[str]:
        answer = await client.get("/v1/time-entries", params=parameters)
        return [item["hours"] for item in answer.json()["items"]]

    assert await listed() == ["9", "4", "8", "2"]
    assert await listed(worked_on_from="2026-03-03", worked_on_until="2026-03-04") == ["4", "8"]
    assert await listed(hours_from="4", hours_until="8", sort="hours") == ["4", "8"]
    assert await listed(billable="true", sort="-hours") == ["9", "8"]


async def test_new_rates_reprice_the_hours_they_touch_in_few_statements(
    client: httpx.AsyncClient, database: RolledBack, there: Portfolio
) -> None:
    for day in ("2026-03-01", "2026-04-01", "2026-05-01", "2026-08-01"):
        await add(client, there, worked_on=day)
    await add(client, there, worked_on="2026-04-01", person_id=there.jon)
    await database.write(add_rate, there.maria, "55", "2026-04-01")
    with database.counting() as statements:
        count = await database.write(service.reprice, SYSTEM, there.maria, date(2026, 4, 1), None)
    assert (count, len(statements)) == (2, 7)
    items = (await client.get("/v1/time-entries", params={"person_id": str(there.maria)})).json()["items"]
    assert [(item["cost_rate"], item["version"]) for item in items] == [
        ("60.00", 1),
        ("55.00", 2),
        ("55.00", 2),
        ("50.00", 1),
    ]
    assert await database.write(service.reprice, SYSTEM, there.maria, date(2026, 4, 1), None) == 0
    actions = await database.read(
        lambda conn: conn.execute(
            sa.select(table_of(AuditEntry)).where(table_of(AuditEntry).c.action == "repriced")
        ).all()
    )
    assert [(row.subject_type, row.subject_id) for row in actions] == [("person", there.maria)]


async def test_repricing_ends_before_its_last_day(
    database: RolledBack, client: httpx.AsyncClient, there: Portfolio
) -> None:
    for day in ("2026-03-31", "2026-04-01"):
        await add(client, there, worked_on=day)
    await database.write(add_rate, there.maria, "55", "2026-03-01")
    assert await database.write(service.reprice, SYSTEM, there.maria, date(2026, 3, 1), date(2026, 4, 1)) == 1
