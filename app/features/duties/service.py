"""Duty rules and duty profiles. Each function is one step of a transaction that the caller has opened."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core.caller import Caller
from app.core.errors import invalid
from app.db.listing import ListQuery, Page, page
from app.db.record import table_of
from app.features.duties import events, rules
from app.features.duties.queries import DUTY_PROFILES, DUTY_RULES, duty_profiles, duty_rules
from app.features.duties.schemas import (
    DutyProfileCreate,
    DutyRuleCreate,
    DutyRulesApplied,
    DutyRulesApply,
    TaggedHours,
)
from app.features.time_entries import service as time_entries
from app.messaging import records
from app.messaging.outbox import emit
from app.messaging.records import Row
from app.models.person import Person
from app.models.role import Responsibility

REFERENCES = {"person_id": (table_of(Person), "id"), "responsibility": (table_of(Responsibility), "key")}


def list_duty_rules(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, DUTY_RULES, query)


def get_duty_rule(conn: sa.Connection, caller: Caller, id: UUID) -> Row:
    return records.get(conn, duty_rules, id)


def create_duty_rule(conn: sa.Connection, caller: Caller, data: DutyRuleCreate) -> Row:
    values = data.model_dump()
    rules.check_asks_something(values)
    records.check_references(conn, values, REFERENCES)
    row = records.add(conn, caller, duty_rules, values)
    emit(conn, caller, events.duty_rule_created(row.id))
    return row


def update_duty_rule(
    conn: sa.Connection, caller: Caller, id: UUID, changes: Mapping[str, Any], expected: int | None
) -> Row:
    before = get_duty_rule(conn, caller, id)
    rules.check_asks_something({**before._mapping, **changes})
    records.check_references(conn, changes, REFERENCES)
    row = records.change(conn, caller, duty_rules, before, changes, expected)
    if row is not before:
        emit(conn, caller, events.duty_rule_updated(row.id, sorted(changes)))
    return row


def delete_duty_rule(conn: sa.Connection, caller: Caller, id: UUID, expected: int | None) -> None:
    before = get_duty_rule(conn, caller, id)
    records.remove(conn, caller, duty_rules, before, expected)
    emit(conn, caller, events.duty_rule_deleted(before.id))


def apply_duty_rules(conn: sa.Connection, caller: Caller, data: DutyRulesApply) -> DutyRulesApplied:
    """Tag the hours that still bear no responsibility; those tagged already stay as they are."""
    if data.from_on is not None and data.until_on is not None and data.until_on < data.from_on:
        raise invalid("/until_on", "must not be before `from_on`")
    tagged, untagged = time_entries.tag_time_entries(conn, caller, data.from_on, data.until_on)
    counts = [TaggedHours(responsibility=key, time_entries=tagged[key]) for key in sorted(tagged)]
    return DutyRulesApplied(tagged=tagged.total(), untagged=untagged, by_responsibility=counts)


def list_duty_profiles(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, DUTY_PROFILES, query)


def get_duty_profile(conn: sa.Connection, caller: Caller, id: UUID) -> Row:
    return records.get(conn, duty_profiles, id)


def create_duty_profile(conn: sa.Connection, caller: Caller, data: DutyProfileCreate) -> Row:
    values = data.model_dump()
    records.check_references(conn, values, REFERENCES)
    row = records.add(conn, caller, duty_profiles, values)
    emit(conn, caller, events.duty_profile_created(row.id, row.person_id))
    return row


def update_duty_profile(
    conn: sa.Connection, caller: Caller, id: UUID, changes: Mapping[str, Any], expected: int | None
) -> Row:
    before = get_duty_profile(conn, caller, id)
    records.check_references(conn, changes, REFERENCES)
    row = records.change(conn, caller, duty_profiles, before, changes, expected)
    if row is not before:
        emit(conn, caller, events.duty_profile_updated(row.id, row.person_id, sorted(changes)))
    return row


def delete_duty_profile(conn: sa.Connection, caller: Caller, id: UUID, expected: int | None) -> None:
    before = get_duty_profile(conn, caller, id)
    records.remove(conn, caller, duty_profiles, before, expected)
    emit(conn, caller, events.duty_profile_deleted(before.id, before.person_id))
