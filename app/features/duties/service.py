"""Duty rules and duty profiles. Each function is one step of a transaction that the caller has opened."""

from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.caller import Caller
from app.core.errors import invalid
from app.db.listing import ListQuery, Page, page
from app.db.record import table_of
from app.features.duties import events, rules
from app.features.duties.queries import DECLARED, DUTY_PROFILES, DUTY_RULES, LOGGED, duty_profiles, duty_rules
from app.features.duties.rules import Spent
from app.features.duties.schemas import (
    DutyHours,
    DutyProfileCreate,
    DutyRuleCreate,
    DutyRulesApplied,
    DutyRulesApply,
    PersonDuties,
    TaggedHours,
)
from app.features.time_entries import service as time_entries
from app.measures.catalogue import KPIS
from app.measures.definition import Conventions
from app.measures.derivations import Basis
from app.measures.engine import Question, evaluate
from app.measures.figures import rounded, value_text
from app.messaging import records
from app.messaging.outbox import emit
from app.messaging.records import Row
from app.models.person import Duty, Person
from app.models.role import Responsibility

SECONDS_AN_HOUR = 3600
DAYS_A_WEEK = 7
DEFAULT_WINDOW = timedelta(weeks=13)

people = table_of(Person)
REFERENCES = {"person_id": (people, "id"), "responsibility": (table_of(Responsibility), "key")}


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


def list_person_duties(
    conn: sa.Connection,
    caller: Caller,
    ref: UUID | str,
    start: date | None,
    until: date | None,
    conventions: Conventions,
) -> PersonDuties:
    """What somebody spends on each responsibility: logged or, where nothing is, declared."""
    until = until or max(start or clock.today(), clock.today()) + timedelta(1)
    start = start or until - DEFAULT_WINDOW
    if start >= until:
        raise invalid("?until", "must lie after `from`; it is the day after the last")
    person = records.get(conn, people, ref, "email")
    window = {"person_id": person.id, "from_day": start, "until_day": until}
    logged = conn.execute(LOGGED, window).all()
    spent = [Spent(row.responsibility, row.duty, Fraction(int(row.seconds), SECONDS_AN_HOUR)) for row in logged]
    basis = Basis.LOGGED if any(item.hours for item in spent) else None
    if basis is None:
        days = rules.days_employed(person.hired_on, person.left_on, start, until)
        weeks = Fraction(days, SECONDS_AN_HOUR * DAYS_A_WEEK)
        declared = conn.execute(DECLARED, {"person_id": person.id}).all()
        spent = [Spent(row.responsibility, row.duty, row.seconds * weeks) for row in declared]
        basis = Basis.DECLARED if spent else None
    kpi = KPIS["role_strain"]
    question = Question(kpi, start, until, filters=(("person", (person.id,)),))
    (strain,) = evaluate(conn, question, conventions).figures
    client, project = (rules.share(spent, duty) for duty in (Duty.CLIENT, Duty.PROJECT))
    return PersonDuties.model_validate(
        {
            "person_id": person.id,
            "from": start,
            "until": until,
            "basis": basis,
            "items": [
                DutyHours(responsibility=item.responsibility, duty=Duty(item.duty), hours=str(rounded(item.hours, 2)))
                for item in spent
            ],
            "client_share": None if client is None else str(rounded(client * 100, 4)),
            "project_share": None if project is None else str(rounded(project * 100, 4)),
            "role_strain": value_text(strain, kpi),
            "role_strain_basis": strain.basis,
            "reason": strain.reason,
        }
    )
