"""Clients and their contacts. Each function is one step of a transaction that the caller has opened."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core.caller import Caller
from app.db.listing import Listing, ListQuery, Page, page
from app.db.record import table_of
from app.features.clients import events
from app.features.clients.schemas import ClientCreate, ContactCreate
from app.messaging import records
from app.messaging.outbox import emit
from app.messaging.records import Row
from app.models.client import Client, Contact
from app.models.person import Person

clients = table_of(Client)
contacts = table_of(Contact)

REFERENCES = {"account_manager_id": (table_of(Person), "id"), "client_id": (clients, "id")}

CLIENTS = Listing(
    name="clients",
    columns={column.name: column for column in clients.c if column.name != "search_text"},
    source=clients,
    filters=("code", "tier", "status", "industry", "communication_intensity", "since_on", "account_manager_id"),
    sorts=("code", "name", "tier", "status", "since_on", "created_at", "updated_at"),
    default_sort=(("code", False),),
    search=clients.c.search_text,
)
CONTACTS = Listing(
    name="contacts",
    columns={column.name: column for column in contacts.c},
    source=contacts,
    filters=("client_id", "email", "role", "is_primary"),
    sorts=("name", "created_at", "updated_at"),
    default_sort=(("name", False),),
)


def list_clients(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, CLIENTS, query)


def get_client(conn: sa.Connection, caller: Caller, ref: UUID | str) -> Row:
    return records.get(conn, clients, ref, "code")


def create_client(conn: sa.Connection, caller: Caller, data: ClientCreate) -> Row:
    values = data.model_dump()
    records.check_references(conn, values, REFERENCES)
    row = records.add(conn, caller, clients, _searchable(values))
    emit(conn, caller, events.client_created(row.id))
    return row


def update_client(
    conn: sa.Connection, caller: Caller, ref: UUID | str, changes: Mapping[str, Any], expected: int | None
) -> Row:
    before = get_client(conn, caller, ref)
    records.check_references(conn, changes, REFERENCES)
    row = records.change(conn, caller, clients, before, _searchable(changes, before), expected)
    if row is not before:
        emit(conn, caller, events.client_updated(row.id, sorted(changes)))
    return row


def delete_client(conn: sa.Connection, caller: Caller, ref: UUID | str, expected: int | None) -> None:
    before = get_client(conn, caller, ref)
    records.remove(conn, caller, clients, before, expected)
    emit(conn, caller, events.client_deleted(before.id))


def list_contacts(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, CONTACTS, query)


def get_contact(conn: sa.Connection, caller: Caller, id: UUID) -> Row:
    return records.get(conn, contacts, id)


def create_contact(conn: sa.Connection, caller: Caller, data: ContactCreate) -> Row:
    values = data.model_dump()
    records.check_references(conn, values, REFERENCES)
    return records.add(conn, caller, contacts, values)


def update_contact(
    conn: sa.Connection, caller: Caller, id: UUID, changes: Mapping[str, Any], expected: int | None
) -> Row:
    return records.change(conn, caller, contacts, get_contact(conn, caller, id), changes, expected)


def delete_contact(conn: sa.Connection, caller: Caller, id: UUID, expected: int | None) -> None:
    records.remove(conn, caller, contacts, get_contact(conn, caller, id), expected)


def _searchable(values: Mapping[str, Any], before: Row | None = None) -> dict[str, Any]:
    known = {**(before._asdict() if before is not None else {}), **values}
    return {**values, "search_text": records.search_text(known["code"], known["name"])}
