"""People, their skills, cost rates and time off. Each function is one step of a transaction that is open already."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core.caller import Caller
from app.db.listing import ListQuery, Page, page
from app.db.record import table_of
from app.features.capacity import service as capacity
from app.features.people import events, rules
from app.features.people.queries import (
    HELD_BEFORE,
    LOCK_PERSON,
    NEXT_RATE_FROM,
    PEOPLE,
    RATES,
    SEATS_FROM,
    SKILLS,
    TIME_OFF,
    people,
    rates,
    skills,
    time_off,
)
from app.features.people.schemas import PersonCreate, PersonRateCreate, PersonSkillCreate, TimeOffCreate
from app.features.time_entries import service as time_entries
from app.messaging import records
from app.messaging.outbox import emit
from app.messaging.records import Row
from app.models.role import Role

CAPS = frozenset({"active_cap", "back_burner_cap"})
REFERENCES = {"home_role": (table_of(Role), "key"), "person_id": (people, "id")}


def list_people(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, PEOPLE, query)


def get_person(conn: sa.Connection, caller: Caller, ref: UUID | str) -> Row:
    return records.get(conn, people, ref.lower() if isinstance(ref, str) else ref, "email")


def create_person(conn: sa.Connection, caller: Caller, data: PersonCreate) -> Row:
    values = data.model_dump()
    rules.check_employment(data.hired_on, data.left_on)
    records.check_references(conn, values, REFERENCES)
    row = records.add(conn, caller, people, _searchable(values))
    emit(conn, caller, events.person_created(row.id))
    return row


def update_person(
    conn: sa.Connection, caller: Caller, ref: UUID | str, changes: Mapping[str, Any], expected: int | None
) -> Row:
    changes = dict(changes)
    override_reason = changes.pop("override_reason", None)
    capacity.check_override(caller, override_reason)
    before = get_person(conn, caller, ref)
    rules.check_may_change(caller, before._asdict(), changes)
    after = {**before._mapping, **changes}
    rules.check_employment(after["hired_on"], after["left_on"])
    records.check_references(conn, changes, REFERENCES)
    if changes.get("left_on") is not None:
        _check_may_leave(conn, before.id, changes["left_on"])
    if changes.get("hired_on") not in (None, before.hired_on):
        _check_may_begin(conn, before.id, changes["hired_on"])
    burdens = capacity.watch(conn, (before.id,)) if CAPS & changes.keys() else {}
    row = records.change(conn, caller, people, before, _searchable(changes, before), expected)
    if row is not before:
        capacity.check_capacity(
            conn, caller, burdens, subject_type="person", subject_id=row.id, override_reason=override_reason
        )
        emit(conn, caller, events.person_updated(row.id, sorted(changes)))
    return row


def delete_person(conn: sa.Connection, caller: Caller, ref: UUID | str, expected: int | None) -> None:
    before = get_person(conn, caller, ref)
    records.remove(conn, caller, people, before, expected)
    emit(conn, caller, events.person_deleted(before.id))


def list_skills(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, SKILLS, query)


def get_skill(conn: sa.Connection, caller: Caller, id: UUID) -> Row:
    return records.get(conn, skills, id)


def create_skill(conn: sa.Connection, caller: Caller, data: PersonSkillCreate) -> Row:
    values = data.model_dump()
    records.check_references(conn, values, REFERENCES)
    return records.add(conn, caller, skills, values)


def update_skill(
    conn: sa.Connection, caller: Caller, id: UUID, changes: Mapping[str, Any], expected: int | None
) -> Row:
    return records.change(conn, caller, skills, get_skill(conn, caller, id), changes, expected)


def delete_skill(conn: sa.Connection, caller: Caller, id: UUID, expected: int | None) -> None:
    records.remove(conn, caller, skills, get_skill(conn, caller, id), expected)


def list_rates(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, RATES, query)


def get_rate(conn: sa.Connection, caller: Caller, id: UUID) -> Row:
    return records.get(conn, rates, id)


def create_rate(conn: sa.Connection, caller: Caller, data: PersonRateCreate) -> Row:
    """Add a rate; the hours that the person worked while it holds are costed by it."""
    values = data.model_dump()
    records.check_references(conn, values, REFERENCES)
    _lock(conn, data.person_id)
    row = records.record(conn, caller, rates, values)
    emit(conn, caller, events.rate_created(row.id, row.person_id, row.valid_from))
    _reprice(conn, caller, row.person_id, row.valid_from)
    return row


def update_rate(conn: sa.Connection, caller: Caller, id: UUID, changes: Mapping[str, Any], expected: int | None) -> Row:
    before = get_rate(conn, caller, id)
    _lock(conn, before.person_id)
    row = records.correct(conn, caller, rates, before, changes, expected)
    if row is not before:
        emit(conn, caller, events.rate_updated(row.id, row.person_id, row.valid_from))
        _reprice(conn, caller, row.person_id, before.valid_from, row.valid_from)
    return row


def delete_rate(conn: sa.Connection, caller: Caller, id: UUID, expected: int | None) -> None:
    before = get_rate(conn, caller, id)
    _lock(conn, before.person_id)
    records.withdraw(conn, caller, rates, before, expected)
    emit(conn, caller, events.rate_deleted(before.id, before.person_id, before.valid_from))
    _reprice(conn, caller, before.person_id, before.valid_from)


def list_time_off(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, TIME_OFF, query)


def get_time_off(conn: sa.Connection, caller: Caller, id: UUID) -> Row:
    return records.get(conn, time_off, id)


def create_time_off(conn: sa.Connection, caller: Caller, data: TimeOffCreate) -> Row:
    values = data.model_dump()
    rules.check_time_off(data.from_on, data.until_on)
    records.check_references(conn, values, REFERENCES)
    row = records.add(conn, caller, time_off, values)
    emit(conn, caller, events.time_off_created(row.id, row.person_id, row.from_on, row.until_on))
    return row


def update_time_off(
    conn: sa.Connection, caller: Caller, id: UUID, changes: Mapping[str, Any], expected: int | None
) -> Row:
    before = get_time_off(conn, caller, id)
    after = {**before._mapping, **changes}
    rules.check_time_off(after["from_on"], after["until_on"])
    row = records.change(conn, caller, time_off, before, changes, expected)
    if row is not before:
        emit(conn, caller, events.time_off_updated(row.id, row.person_id, row.from_on, row.until_on))
    return row


def delete_time_off(conn: sa.Connection, caller: Caller, id: UUID, expected: int | None) -> None:
    before = get_time_off(conn, caller, id)
    records.remove(conn, caller, time_off, before, expected)
    emit(conn, caller, events.time_off_deleted(before.id, before.person_id, before.from_on, before.until_on))


def _searchable(values: Mapping[str, Any], before: Row | None = None) -> dict[str, Any]:
    known = {**(before._asdict() if before is not None else {}), **values}
    return {**values, "search_text": records.search_text(known["email"], known["display_name"])}


def _lock(conn: sa.Connection, person_id: UUID) -> None:
    conn.execute(LOCK_PERSON, {"person_id": person_id})


def _check_may_begin(conn: sa.Connection, person_id: UUID, hired_on: date) -> None:
    _lock(conn, person_id)
    rules.check_none_before(hired_on, conn.execute(HELD_BEFORE, {"person_id": person_id, "day": hired_on}).scalar_one())


def _check_may_leave(conn: sa.Connection, person_id: UUID, left_on: date) -> None:
    _lock(conn, person_id)
    gone = left_on + timedelta(1)  # an assignment's end is the first day on which it no longer holds
    seats = conn.execute(SEATS_FROM, {"person_id": person_id, "day": gone}).scalar_one()
    rules.check_no_seats_after(left_on, seats)


def _reprice(conn: sa.Connection, caller: Caller, person_id: UUID, *starts: date) -> None:
    """Cost anew the hours from the first of these days until the next rate after the last of them."""
    until_on = conn.execute(NEXT_RATE_FROM, {"person_id": person_id, "day": max(starts)}).scalar_one()
    time_entries.reprice(conn, caller, person_id, min(starts), until_on)
