"""Promises: giving, changing and finding them. What becomes of them, and the look before one is given, have modules of
their own.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.caller import Caller
from app.core.errors import FieldError, Invalid, invalid
from app.db.listing import ListQuery, Page, page
from app.db.record import table_of
from app.features.commitments import events, queries
from app.features.commitments.errors import CommitmentClosed
from app.features.commitments.queries import commitments, contacts, projects
from app.features.commitments.schemas import CommitmentCreate
from app.messaging import records
from app.messaging.outbox import emit
from app.messaging.records import Row
from app.models.client import Client
from app.models.commitment import CommitmentStatus
from app.models.person import Person

people = table_of(Person)
REFERENCES = {
    "project_id": (projects, "id"),
    "client_id": (table_of(Client), "id"),
    "promised_by_id": (people, "id"),
    "promised_to_contact_id": (contacts, "id"),
    "promised_to_person_id": (people, "id"),
}


def list_commitments(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, queries.COMMITMENTS, query, {"today": clock.today()})


def get_commitment(conn: sa.Connection, caller: Caller, id: UUID) -> Row:
    return queries.read(conn, id, clock.today())


def list_renegotiations(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, queries.RENEGOTIATIONS, query)


def create_commitment(conn: sa.Connection, caller: Caller, data: CommitmentCreate) -> Row:
    today = clock.today()
    values = data.model_dump()
    values["promised_by_id"] = data.promised_by_id or caller.person_id
    values["promised_on"] = data.promised_on or today
    if values["promised_by_id"] is None:
        raise invalid("/promised_by_id", "is required: your key belongs to no person", "required")
    if values["promised_on"] > today:
        raise invalid("/promised_on", f"must not lie in the future: today is {today}")
    if data.due_on < values["promised_on"]:
        raise invalid("/due_on", f"must not lie before the day of the promise, {values['promised_on']}")
    records.check_references(conn, values, REFERENCES)
    values["client_id"] = _client_of(conn, values, given=data.client_id)
    values |= {"original_due_on": data.due_on, "status": CommitmentStatus.OPEN, "renegotiations": 0}
    row = records.add(conn, caller, commitments, values)
    emit(conn, caller, events.commitment_made(row.id, row.project_id, row.promised_by_id, row.due_on))
    return queries.read(conn, row.id, today)


def update_commitment(
    conn: sa.Connection, caller: Caller, id: UUID, changes: Mapping[str, Any], expected: int | None
) -> Row:
    """What is said, to whom, and about what; its day is moved by renegotiating alone."""
    before = queries.lock(conn, id)
    records.check_version(before, expected)
    check_open(before, "stays as it was said")
    records.check_references(conn, changes, REFERENCES)
    values = dict(changes)
    if values.keys() - {"statement"}:
        after = {**before._asdict(), **changes}
        values["client_id"] = _client_of(conn, after, given=changes.get("client_id"))
    row = records.change(conn, caller, commitments, before, values, expected)
    if row is not before:
        emit(conn, caller, events.commitment_updated(id, row.project_id, sorted(changes)))
    return queries.read(conn, id, clock.today())


def check_open(commitment: Row, consequence: str) -> None:
    """409 where what became of a promise is settled."""
    if commitment.status != CommitmentStatus.OPEN:
        raise CommitmentClosed(f"The promise is `{commitment.status}` and {consequence}: promise anew instead.")


def _client_of(conn: sa.Connection, values: Mapping[str, Any], given: UUID | None) -> UUID:
    """The client of a promise: the project's, else the one that it names. 422 where the parties don't fit together."""
    client_id: UUID | None = values["client_id"]
    errors = []
    if values["project_id"] is not None:
        client_id = conn.execute(queries.CLIENT_OF_PROJECT, {"which": values["project_id"]}).scalar_one()
        if given not in (None, client_id):
            errors.append(FieldError("/client_id", "must be the project's client: leave it out"))
    if client_id is None:
        raise invalid("/project_id", "is required, or else `client_id`: a promise is about one of them", "required")
    contact_id = values["promised_to_contact_id"]
    if contact_id is not None:
        if values["promised_to_person_id"] is not None:
            errors.append(FieldError("/promised_to_person_id", "goes not with `promised_to_contact_id`: send one"))
        if conn.execute(queries.CLIENT_OF_CONTACT, {"which": contact_id}).scalar_one() != client_id:
            errors.append(FieldError("/promised_to_contact_id", "must be a contact of the client"))
    if errors:
        fields = ", ".join(error.pointer for error in errors)
        raise Invalid(f"Correct {fields}; `errors` says what is allowed.", errors=errors)
    return client_id
