"""Change requests: filing, changing and finding them. Their options, steps and authority have modules of their own."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core.caller import Caller
from app.core.errors import invalid
from app.db.listing import ListQuery, Page, page
from app.features.change_requests import asks, client_view, events, options, queries, rules
from app.features.change_requests.errors import ChangeClosed
from app.features.change_requests.queries import contacts, projects, requests
from app.features.change_requests.schemas import ChangeRequestCreate
from app.features.projects import service as projects_service
from app.messaging import records
from app.messaging.outbox import emit
from app.messaging.records import Row
from app.models.change_request import ChangeStatus

REFERENCES = {"project_id": (projects, "id"), "requested_by_id": (contacts, "id")}

# What client links need.
ClientOption = client_view.ClientOption
ClientView = client_view.ClientView
ASK_ANSWERS = asks.ASK_ANSWERS
answer_ask = asks.answer_ask
ask_for_client = asks.ask_for_client


def list_change_requests(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, queries.REQUESTS, query)


def get_change_request(conn: sa.Connection, caller: Caller, id: UUID) -> Row:
    return queries.read(conn, id)


def create_change_request(conn: sa.Connection, caller: Caller, data: ChangeRequestCreate) -> Row:
    return queries.read(conn, file_change(conn, caller, data.model_dump()).id)


def file_change(conn: sa.Connection, caller: Caller, values: Mapping[str, Any]) -> Row:
    """A draft with the next number of its project, whose lock it takes."""
    records.check_references(conn, values, REFERENCES)
    project = projects_service.lock(conn, values["project_id"])
    _check_requester(conn, project.client_id, values["requested_by_id"])
    last = conn.execute(queries.LAST_NUMBER, {"project": project.id}).scalar_one()
    row = records.add(conn, caller, requests, {**values, "number": (last or 0) + 1, "status": ChangeStatus.DRAFT})
    emit(conn, caller, events.change_created(row.id, row.project_id, row.number))
    return row


def update_change_request(
    conn: sa.Connection, caller: Caller, id: UUID, changes: Mapping[str, Any], expected: int | None
) -> Row:
    before = queries.lock(conn, id)
    records.check_version(before, expected)
    if before.status in rules.CLOSED:
        raise ChangeClosed(f"It is `{before.status}` and stays as it is: file another by POST /v1/change-requests.")
    records.check_references(conn, changes, REFERENCES)
    if changes.get("requested_by_id") is not None:
        client_id = conn.execute(queries.CLIENT_OF, {"project": before.project_id}).scalar_one()
        _check_requester(conn, client_id, changes["requested_by_id"])
    if "charge" in changes:
        rules.check_charge(changes["charge"], queries.options_of(conn, id))
    row = records.change(conn, caller, requests, before, changes, expected)
    if row is not before:
        emit(conn, caller, events.change_updated(row.id, row.project_id, sorted(changes)))
    return queries.read(conn, id)


def delete_change_request(conn: sa.Connection, caller: Caller, id: UUID, expected: int | None) -> None:
    """A draft goes with its options; one on which hours are booked stays."""
    before = queries.lock(conn, id)
    records.check_version(before, expected)
    if before.status != ChangeStatus.DRAFT:
        raise ChangeClosed(f"It is `{before.status}`: only drafts are deleted; POST …/withdraw takes one back.")
    options.remove_all(conn, caller, before)
    records.remove(conn, caller, requests, before, expected)
    emit(conn, caller, events.change_deleted(before.id, before.project_id))


def _check_requester(conn: sa.Connection, client_id: UUID, contact_id: UUID | None) -> None:
    if contact_id is not None:
        contact = conn.execute(queries.CONTACT, {"which": contact_id}).one()
        if contact.client_id != client_id:
            raise invalid("/requested_by_id", "must be a contact of the project's client")
