"""Projects. Their status, seats, milestones and baselines have modules of their own beside this one."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.caller import Caller
from app.core.errors import FieldError, Invalid, MoneyHidden, invalid
from app.core.schema import sensitive_fields
from app.db.listing import ListQuery, Page, page
from app.db.record import table_of
from app.db.violations import AppendOnly
from app.features.projects import baselines, changes, estimates, events, milestones, queries, rules, seats, transitions
from app.features.projects.queries import clients, projects, spans
from app.features.projects.schemas import ProjectCreate, ProjectRead
from app.messaging import records
from app.messaging.outbox import emit
from app.messaging.records import Row
from app.models.project import Milestone, Seat
from app.models.role import MANAGER_ROLES

MANAGER_LOAD = Decimal("0.5")
MONEY = sensitive_fields(ProjectRead)
REFERENCES = {"client_id": (clients, "id"), "parent_id": (projects, "id")}

_above = (
    sa.select(projects.c.id, projects.c.parent_id).where(projects.c.id == sa.bindparam("which")).cte(recursive=True)
)
_above = _above.union(sa.select(projects.c.id, projects.c.parent_id).where(projects.c.id == _above.c.parent_id))
WITH_PROGRAMMES = sa.select(_above.c.id)
# What a project is born with goes with it.
BIRTH_ROWS = tuple(
    sa.delete(table).where(table.c.project_id == sa.bindparam("which"))
    for table in (table_of(Milestone), table_of(Seat), spans)
)

check_two_people = seats.check_two_people
lock = queries.lock
create_seat = seats.create_seat
update_seat = seats.update_seat
seats_on_day = seats.seats_on_day
has_baseline = baselines.has_any
kick_off = transitions.kick_off
transition_project = transitions.transition_project
create_milestone = milestones.create_milestone
update_milestone = milestones.update_milestone
create_estimate = estimates.create_estimate
update_estimate = estimates.update_estimate
apply_change = changes.apply_change


def list_projects(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, queries.PROJECTS, query, {"today": clock.today()})


def get_project(conn: sa.Connection, caller: Caller, ref: UUID | str) -> Row:
    return queries.read(conn, ref)


def create_project(conn: sa.Connection, caller: Caller, data: ProjectCreate) -> Row:
    values = data.model_dump(exclude={"status", "status_on"})
    errors = rules.field_errors(values)
    if data.status not in rules.STATES.begins:
        errors.append(FieldError("/status", "must not be a final one: create it before, then make a transition"))
    _refuse(errors)
    records.check_references(conn, values, REFERENCES)
    project = records.add(conn, caller, projects, _searchable(values))
    emit(conn, caller, events.project_created(project.id, project.client_id, data.status))
    for role in MANAGER_ROLES:
        seats.add_seat(conn, caller, {"project_id": project.id, "role": role, "load_weight": MANAGER_LOAD})
    transitions.begin(conn, caller, project, data.status, data.status_on or data.start_on or clock.today())
    return queries.read(conn, project.id)


def update_project(
    conn: sa.Connection, caller: Caller, ref: UUID | str, changes: Mapping[str, Any], expected: int | None
) -> Row:
    before = queries.lock(conn, ref)
    hidden = sorted(MONEY & changes.keys())
    if changes.get("currency", before.currency) != before.currency and _has_money(before):
        hidden.append("currency")  # it would change what the amounts are worth
    if hidden and not caller.sees_money_of(before.id):
        raise MoneyHidden(f"Leave out {', '.join(hidden)}: only those who see the money of a project may change it.")
    _refuse(rules.field_errors({**before._asdict(), **changes}))
    records.check_references(conn, changes, REFERENCES)
    if changes.get("parent_id") is not None:
        _check_parent(conn, before.id, changes["parent_id"])
    row = records.change(conn, caller, projects, before, _searchable(changes, before), expected)
    if row is not before:
        if {"management", "split_on"} & changes.keys():
            seats.check_two_people(conn, row)
        emit(conn, caller, events.project_updated(row.id, sorted(changes)))
    return queries.read(conn, row.id)


def delete_project(conn: sa.Connection, caller: Caller, ref: UUID | str, expected: int | None) -> None:
    before = queries.lock(conn, ref)
    records.check_version(before, expected)
    if baselines.has_any(conn, before.id):
        raise AppendOnly("Its baseline is kept for good: cancel the project by a transition instead.")
    for statement in BIRTH_ROWS:
        conn.execute(statement, {"which": before.id})
    records.remove(conn, caller, projects, before, expected)
    emit(conn, caller, events.project_deleted(before.id))


def _has_money(project: Row) -> bool:
    return any(project._mapping[name] is not None for name in MONEY)


def _check_parent(conn: sa.Connection, id: UUID, parent_id: UUID) -> None:
    if id in conn.execute(WITH_PROGRAMMES, {"which": parent_id}).scalars():
        raise invalid("/parent_id", "must not be the project itself, nor one that belongs to it")


def _refuse(errors: list[FieldError]) -> None:
    if errors:
        fields = ", ".join(error.pointer for error in errors)
        raise Invalid(f"Correct {fields}; `errors` says what is allowed.", errors=errors)


def _searchable(values: Mapping[str, Any], before: Row | None = None) -> dict[str, Any]:
    known = {**(before._asdict() if before is not None else {}), **values}
    return {**values, "search_text": records.search_text(known["code"], known["name"])}
