"""Which people know which clients. Each function is one step of a transaction that the caller has opened."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core.caller import Caller
from app.db.listing import Listing, ListQuery, Page, columns_of, page
from app.db.record import table_of
from app.features.relationships import events
from app.features.relationships.schemas import RelationshipCreate
from app.messaging import records
from app.messaging.outbox import emit
from app.messaging.records import Row
from app.models.client import Client
from app.models.person import Person
from app.models.relationship import Relationship

relationships = table_of(Relationship)
people = table_of(Person)
clients = table_of(Client)

REFERENCES = {"person_id": (people, "id"), "client_id": (clients, "id")}
PEOPLE = sa.select(people.c.id, people.c.email, people.c.display_name).where(
    people.c.id.in_(sa.bindparam("ids", expanding=True))
)
CLIENTS = sa.select(clients.c.id, clients.c.code, clients.c.name).where(
    clients.c.id.in_(sa.bindparam("ids", expanding=True))
)


def person_of(conn: sa.Connection, rows: Sequence[Row]) -> Mapping[UUID, Any]:
    found = {row.id: row._asdict() for row in conn.execute(PEOPLE, {"ids": records.ids(rows, "person_id")})}
    return {row.id: found[row.person_id] for row in rows}


def client_of(conn: sa.Connection, rows: Sequence[Row]) -> Mapping[UUID, Any]:
    found = {row.id: row._asdict() for row in conn.execute(CLIENTS, {"ids": records.ids(rows, "client_id")})}
    return {row.id: found[row.client_id] for row in rows}


RELATIONSHIPS = Listing(
    name="relationships",
    columns=columns_of(relationships),
    source=relationships,
    filters=("person_id", "client_id", "strength", "since_on"),
    sorts=("strength", "since_on", "created_at", "updated_at"),
    default_sort=(("strength", True),),
    includes={"person": person_of, "client": client_of},
)


def list_relationships(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, RELATIONSHIPS, query)


def get_relationship(conn: sa.Connection, caller: Caller, id: UUID) -> Row:
    return records.get(conn, relationships, id)


def create_relationship(conn: sa.Connection, caller: Caller, data: RelationshipCreate) -> Row:
    values = data.model_dump()
    records.check_references(conn, values, REFERENCES)
    row = records.add(conn, caller, relationships, values)
    emit(conn, caller, events.relationship_created(row.id, row.person_id, row.client_id, row.strength))
    return row


def update_relationship(
    conn: sa.Connection, caller: Caller, id: UUID, changes: Mapping[str, Any], expected: int | None
) -> Row:
    before = get_relationship(conn, caller, id)
    row = records.change(conn, caller, relationships, before, changes, expected)
    if row is not before:
        emit(conn, caller, events.relationship_updated(row.id, row.person_id, row.client_id, row.strength))
    return row


def delete_relationship(conn: sa.Connection, caller: Caller, id: UUID, expected: int | None) -> None:
    before = get_relationship(conn, caller, id)
    records.remove(conn, caller, relationships, before, expected)
    emit(conn, caller, events.relationship_deleted(before.id, before.person_id, before.client_id))
