"""The decision log. It only grows: the database refuses to change or delete what it holds."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.caller import Caller
from app.core.errors import NotFound, invalid
from app.core.ids import new_id
from app.db.listing import Listing, ListQuery, Page, page
from app.db.record import table_of
from app.features.decisions import events
from app.features.decisions.schemas import DecisionCreate
from app.messaging import records
from app.messaging.audit import audit
from app.messaging.outbox import emit
from app.messaging.records import Row
from app.models.assignment import Assignment
from app.models.client import Client
from app.models.decision import Decision, DecisionKind, DecisionText
from app.models.person import Person
from app.models.project import Project

decisions = table_of(Decision)
texts = table_of(DecisionText)

SUBJECTS = {
    "project": table_of(Project),
    "client": table_of(Client),
    "person": table_of(Person),
    "assignment": table_of(Assignment),
}
REFERENCES = {
    **{f"{name}_id": (SUBJECTS[name], "id") for name in ("project", "client", "person")},
    "supersedes_id": (decisions, "id"),
}

DECISIONS = Listing(
    name="decisions",
    columns={
        **{column.name: column for column in decisions.c if column.name not in ("key_id", "request_id")},
        **{column.name: column for column in texts.c if column.name != "decision_id"},
        "version": sa.literal(1),  # a decision has but one
    },
    source=decisions.join(texts, texts.c.decision_id == decisions.c.id),
    filters=(
        "kind",
        "subject_type",
        "subject_id",
        "project_id",
        "client_id",
        "person_id",
        "decided_by",
        "decided_on",
        "supersedes_id",
    ),
    sorts=("decided_on", "decided_at"),
    default_sort=(("decided_at", True),),
)
BY_ID = DECISIONS.select().where(decisions.c.id == sa.bindparam("which"))
ADD = sa.insert(decisions)
ADD_TEXT = sa.insert(texts)


def list_decisions(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, DECISIONS, query)


def get_decision(conn: sa.Connection, caller: Caller, id: UUID) -> Row:
    row = conn.execute(BY_ID, {"which": id}).one_or_none()
    if row is None:
        raise NotFound(f"There is no decision {str(id)!r}: look it up in the list.")
    return row


def create_decision(conn: sa.Connection, caller: Caller, data: DecisionCreate) -> Row:
    if data.kind != DecisionKind.OTHER:
        raise invalid("/kind", f"must be `other`: the service logs `{data.kind}` itself when that happens")
    values = data.model_dump()
    subject = (SUBJECTS[data.subject_type], "id")
    records.check_references(conn, values, {**REFERENCES, "subject_id": subject})
    return log(conn, caller, **values)


def log(
    conn: sa.Connection,
    caller: Caller,
    *,
    kind: DecisionKind,
    subject_type: str,
    subject_id: UUID,
    what: str,
    why: str,
    project_id: UUID | None = None,
    client_id: UUID | None = None,
    person_id: UUID | None = None,
    impact: Mapping[str, Any] | None = None,
    supersedes_id: UUID | None = None,
) -> Row:
    """Write down a decision of the caller's, with its audit and its event. A subject that is a project, client or
    person is filed under that too. `impact` holds no money: everybody may read the log.
    """
    id, now = new_id(), clock.now()
    filed = {"project_id": project_id, "client_id": client_id, "person_id": person_id}
    if filed.get(f"{subject_type}_id", id) is None:
        filed[f"{subject_type}_id"] = subject_id
    ids = {
        "id": id,
        "kind": str(kind),
        "subject_type": str(subject_type),
        "subject_id": subject_id,
        **filed,
        "decided_on": clock.today(),
        "decided_at": now,
        "decided_by": caller.person_id,
        "key_id": caller.key_id,
        "request_id": caller.request_id,
        "supersedes_id": supersedes_id,
    }
    words = {"what": what, "why": why, "impact": dict(impact) if impact is not None else None}
    conn.execute(ADD, ids)
    conn.execute(ADD_TEXT, {"decision_id": id, **words})
    audit(conn, caller, "created", "decision", id, None, ids | words)
    emit(conn, caller, events.decision_logged(id, str(kind), subject_type, subject_id))
    return get_decision(conn, caller, id)
