"""Who has which role on a project, when. Assignments are facts: a change closes the old version and adds the new."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.caller import Caller
from app.core.errors import Invalid, NotFound
from app.db.listing import Listing, ListQuery, Page, page
from app.db.record import table_of
from app.features.assignments import events, rules
from app.features.assignments.schemas import AssignmentCreate, AssignmentState
from app.features.capacity import service as capacity
from app.features.capacity.service import Burdens
from app.features.projects import service as projects_service
from app.messaging import records
from app.messaging.outbox import emit
from app.messaging.records import Row
from app.models.assignment import Assignment, AssignmentKind
from app.models.person import Person
from app.models.project import Project, Seat
from app.models.role import MANAGER_ROLES, Role

assignments = table_of(Assignment)
people = table_of(Person)
projects = table_of(Project)
seats = table_of(Seat)
roles = table_of(Role)

REFERENCES = {"project_id": (projects, "id"), "person_id": (people, "id"), "role": (roles, "key")}

_TODAY = sa.bindparam("today", type_=sa.Date)
STATE = sa.case(
    (assignments.c.valid_from > _TODAY, AssignmentState.PLANNED),
    (assignments.c.valid_to <= _TODAY, AssignmentState.ENDED),
    else_=AssignmentState.ACTIVE,
)
PEOPLE = sa.select(people.c.id, people.c.email, people.c.display_name).where(
    people.c.id.in_(sa.bindparam("ids", expanding=True))
)
PROJECTS = sa.select(projects.c.id, projects.c.code, projects.c.name).where(
    projects.c.id.in_(sa.bindparam("ids", expanding=True))
)
# Locked before the project, as everywhere; those who only refer to the person are left alone.
LOCK_PERSON = (
    sa.select(people.c.hired_on, people.c.left_on)
    .where(people.c.id == sa.bindparam("which"))
    .with_for_update(key_share=True)
)
SEAT = sa.select(
    roles.c.exclusive,
    sa.exists()
    .where(seats.c.project_id == sa.bindparam("project_id"), seats.c.role == roles.c.key)
    .correlate(roles)
    .label("has_seat"),
).where(roles.c.key == sa.bindparam("role"))


def person_of(conn: sa.Connection, rows: Sequence[Row]) -> Mapping[UUID, Any]:
    return _related(conn, PEOPLE, rows, "person_id")


def project_of(conn: sa.Connection, rows: Sequence[Row]) -> Mapping[UUID, Any]:
    return _related(conn, PROJECTS, rows, "project_id")


ASSIGNMENTS = Listing(
    name="assignments",
    columns={
        **{
            column.name: column
            for column in assignments.c
            if column.name not in ("row_id", "recorded_at", "recorded_by", "superseded_at")
        },
        "updated_at": assignments.c.recorded_at,
        "state": STATE,
    },
    source=assignments,
    where=(assignments.c.superseded_at.is_(None),),
    filters=("project_id", "role", "person_id", "kind", "certainty", "state", "valid_from", "valid_to"),
    sorts=("role", "kind", "valid_from", "valid_to", "created_at", "updated_at"),
    default_sort=(("valid_from", False),),
    includes={"person": person_of, "project": project_of},
)
BY_ID = ASSIGNMENTS.select().where(assignments.c.id == sa.bindparam("which"))


def list_assignments(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, ASSIGNMENTS, query, {"today": clock.today()})


def get_assignment(conn: sa.Connection, caller: Caller, id: UUID) -> Row:
    row = conn.execute(BY_ID, {"which": id, "today": clock.today()}).one_or_none()
    if row is None:
        raise NotFound(f"There is no assignment {str(id)!r}: look it up in the list.")
    return row


def create_assignment(
    conn: sa.Connection, caller: Caller, data: AssignmentCreate, *, checked_elsewhere: bool = False
) -> Row:
    """Assign somebody. Whoever moves several seats at once checks the caps once behind them all (`checked_elsewhere`),
    since two people may swap what either could not carry on top.
    """
    values = data.model_dump(exclude={"override_reason"})
    records.check_references(conn, values, REFERENCES)
    project = _check(conn, values)
    watched = None if checked_elsewhere else values["person_id"]
    before = _watch(conn, caller, watched, data.override_reason)
    row = records.record(conn, caller, assignments, values)
    _check_managers(conn, project, row)
    _check_capacity(conn, caller, project, row, before, data.override_reason)
    emit(conn, caller, events.assignment_started(row.id, row.project_id, row.person_id))
    return get_assignment(conn, caller, row.id)


def update_assignment(
    conn: sa.Connection,
    caller: Caller,
    id: UUID,
    changes: Mapping[str, Any],
    expected: int | None,
    *,
    checked_elsewhere: bool = False,
) -> Row:
    changes = dict(changes)
    override_reason = changes.pop("override_reason", None)
    before = records.get(conn, assignments, id)
    records.check_version(before, expected)
    project = _check(conn, {**before._asdict(), **changes})
    burdens = _watch(conn, caller, None if checked_elsewhere else before.person_id, override_reason)
    row = records.correct(conn, caller, assignments, before, changes, expected)
    if row is not before:
        _check_managers(conn, project, row)
        _check_capacity(conn, caller, project, row, burdens, override_reason)
        if before.valid_to is None and row.valid_to is not None:
            emit(conn, caller, events.assignment_ended(row.id, row.project_id, row.person_id, row.valid_to))
        else:
            emit(conn, caller, events.assignment_updated(row.id, row.project_id, row.person_id, sorted(changes)))
    return get_assignment(conn, caller, id)


def delete_assignment(conn: sa.Connection, caller: Caller, id: UUID, expected: int | None) -> None:
    before = records.get(conn, assignments, id)
    records.withdraw(conn, caller, assignments, before, expected)
    emit(conn, caller, events.assignment_deleted(before.id, before.project_id, before.person_id))


def _check(conn: sa.Connection, values: Mapping[str, Any]) -> Row:
    """Lock the person, then the project, and check what can be checked beforehand; answers the project."""
    person = None
    if values["person_id"] is not None:
        person = conn.execute(LOCK_PERSON, {"which": values["person_id"]}).one()
    project = projects_service.lock(conn, values["project_id"])
    seat = conn.execute(SEAT, {"project_id": project.id, "role": values["role"]}).one()
    if errors := rules.field_errors(values, seat.exclusive):
        fields = ", ".join(error.pointer for error in errors)
        raise Invalid(f"Correct {fields}; `errors` says what is allowed.", errors=errors)
    rules.check_seat(values["role"], seat.exclusive, seat.has_seat)
    if person is not None:
        rules.check_employment(person.hired_on, person.left_on, values["valid_from"], values["valid_to"])
    return project


def _check_managers(conn: sa.Connection, project: Row, row: Row) -> None:
    if row.role in MANAGER_ROLES and row.kind == AssignmentKind.HOLDER:
        projects_service.check_two_people(conn, project)


def _watch(conn: sa.Connection, caller: Caller, person_id: UUID | None, override_reason: str | None) -> Burdens:
    capacity.check_override(caller, override_reason)
    return capacity.watch(conn, () if person_id is None else (person_id,))


def _check_capacity(
    conn: sa.Connection, caller: Caller, project: Row, row: Row, before: Burdens, override_reason: str | None
) -> None:
    capacity.check_capacity(
        conn,
        caller,
        before,
        subject_type="assignment",
        subject_id=row.id,
        override_reason=override_reason,
        project_id=project.id,
        client_id=project.client_id,
    )


def _related(conn: sa.Connection, statement: sa.Select[Any], rows: Sequence[Row], reference: str) -> Mapping[UUID, Any]:
    found = {row.id: row._asdict() for row in conn.execute(statement, {"ids": records.ids(rows, reference)})}
    return {row.id: found.get(row._mapping[reference]) for row in rows}
