"""Trainings and mentorings. Each function is one step of a transaction that is open already."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.caller import Caller
from app.db.listing import ListQuery, Page, page
from app.features.capacity import service as capacity
from app.features.people import service as people_service
from app.features.people.schemas import PersonSkillCreate
from app.features.pmo import events, rules
from app.features.pmo.errors import DevelopmentCompleted
from app.features.pmo.queries import DEVELOPMENTS, LEVELS, developments, people
from app.features.pmo.schemas import DevelopmentCreate
from app.messaging import records
from app.messaging.outbox import emit
from app.messaging.records import Row

REFERENCES = {"person_id": (people, "id"), "mentor_id": (people, "id")}


def list_developments(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, DEVELOPMENTS, query)


def get_development(conn: sa.Connection, caller: Caller, id: UUID) -> Row:
    return records.get(conn, developments, id)


def create_development(conn: sa.Connection, caller: Caller, data: DevelopmentCreate) -> Row:
    values = data.model_dump()
    rules.check_development(values)
    records.check_references(conn, values, REFERENCES)
    _check_levels(conn, values, values)
    row = records.add(conn, caller, developments, values)
    emit(conn, caller, events.development_created(row.id, row.person_id, row.kind))
    return row


def update_development(
    conn: sa.Connection, caller: Caller, id: UUID, changes: Mapping[str, Any], expected: int | None
) -> Row:
    before = get_development(conn, caller, id)
    records.check_version(before, expected)
    _check_open(before)
    after = {**before._mapping, **changes}
    rules.check_development(after)
    records.check_references(conn, changes, REFERENCES)
    _check_levels(conn, after, {name: value for name, value in changes.items() if before._mapping[name] != value})
    row = records.change(conn, caller, developments, before, changes, expected)
    if row is not before:
        emit(conn, caller, events.development_updated(row.id, row.person_id, sorted(changes)))
    return row


def delete_development(conn: sa.Connection, caller: Caller, id: UUID, expected: int | None) -> None:
    before = get_development(conn, caller, id)
    records.check_version(before, expected)
    _check_open(before)
    records.remove(conn, caller, developments, before, expected)
    emit(conn, caller, events.development_deleted(before.id, before.person_id))


def complete_development(
    conn: sa.Connection, caller: Caller, id: UUID, completed_on: date | None, expected: int | None
) -> Row:
    """The level has been reached: the person's skill is raised to it, and never lowered."""
    person_id = get_development(conn, caller, id).person_id
    capacity.lock(conn, [person_id])
    before = get_development(conn, caller, id)
    records.check_version(before, expected)
    _check_open(before)
    today = clock.today()
    on = completed_on or today
    rules.check_completed_on(on, before.starts_on, today)
    row = records.change(conn, caller, developments, before, {"completed_on": on}, expected, "completed")
    held = _held(conn, before.skill, [person_id]).get(person_id)
    former = held.level if held is not None else 0
    if held is None:
        reached = PersonSkillCreate(person_id=person_id, skill=before.skill, level=before.target_level)
        people_service.create_skill(conn, caller, reached)
    elif former < before.target_level:
        people_service.update_skill(conn, caller, held.id, {"level": before.target_level}, None)
    level = max(former, before.target_level)
    emit(conn, caller, events.development_completed(row.id, person_id, on, former, level))
    return row


def _check_open(row: Row) -> None:
    if row.completed_on is not None:
        raise DevelopmentCompleted(
            f"It was completed on {row.completed_on}. Correct the level itself by PATCH /v1/skills/{{id}}, or begin "
            "another development."
        )


def _check_levels(conn: sa.Connection, values: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
    """422 where what is new does not fit the levels that people have now."""
    if not {"target_level", "mentor_id", "kind"} & changes.keys():
        return
    mentor_id, target = values["mentor_id"], values["target_level"]
    who = [values["person_id"], *([mentor_id] if mentor_id is not None else [])]
    levels = {person_id: row.level for person_id, row in _held(conn, values["skill"], who).items()}
    if "target_level" in changes:
        rules.check_target(target, levels.get(values["person_id"], 0))
    if mentor_id is not None:
        rules.check_mentor(target, levels.get(mentor_id, 0))


def _held(conn: sa.Connection, skill: str, who: Iterable[UUID]) -> dict[UUID, Row]:
    found = conn.execute(LEVELS, {"skill": skill, "people": list(who)})
    return {row.person_id: row for row in found}
