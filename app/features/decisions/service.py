"""The decision log. It only grows: the database refuses to change or delete what it holds."""

from collections.abc import Mapping, Sequence
from datetime import date
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
from app.features.decisions.errors import AlreadySuperseded
from app.features.decisions.schemas import DecisionCreate, OutcomeCreate
from app.messaging import records
from app.messaging.audit import audit
from app.messaging.outbox import emit
from app.messaging.records import Row
from app.models.assignment import Assignment
from app.models.change_request import ChangeRequest
from app.models.client import Client
from app.models.commitment import Commitment
from app.models.decision import Decision, DecisionKind, DecisionOutcome, DecisionOutcomeText, DecisionText
from app.models.person import Person
from app.models.project import Project
from app.models.rescue import Rescue
from app.models.risk import Issue, Risk

decisions, texts = table_of(Decision), table_of(DecisionText)
outcomes, outcome_texts = table_of(DecisionOutcome), table_of(DecisionOutcomeText)
projects = table_of(Project)

SUBJECTS = {
    "project": projects,
    "client": table_of(Client),
    "person": table_of(Person),
    "assignment": table_of(Assignment),
    "change_request": table_of(ChangeRequest),
    "commitment": table_of(Commitment),
    "risk": table_of(Risk),
    "issue": table_of(Issue),
    "rescue": table_of(Rescue),
}
# What a subject belongs to, a decision about it is filed under.
FILED_UNDER = ("project_id", "client_id", "person_id")
BELONGS_TO = {
    name: sa.select(*columns)
    .where(table.c.id == sa.bindparam("which"), *(c.is_(None) for c in table.c if c.name == "superseded_at"))
    .limit(1)
    for name, table in SUBJECTS.items()
    if (columns := [table.c[column] for column in FILED_UNDER if column in table.c])
}
CLIENT_OF = sa.select(projects.c.client_id).where(projects.c.id == sa.bindparam("which"))
REFERENCES = {
    **{f"{name}_id": (SUBJECTS[name], "id") for name in ("project", "client", "person")},
    "supersedes_id": (decisions, "id"),
}

_later = decisions.alias("later")
_SUPERSEDED_BY = (
    sa.select(_later.c.id)
    .where(_later.c.supersedes_id == decisions.c.id)
    .order_by(_later.c.decided_at, _later.c.id)
    .limit(1)
    .correlate(decisions)
    .scalar_subquery()
)
_OUTCOMES = (
    sa.select(sa.func.count()).where(outcomes.c.decision_id == decisions.c.id).correlate(decisions).scalar_subquery()
)


def outcomes_of(conn: sa.Connection, rows: Sequence[Row]) -> Mapping[UUID, Any]:
    """The outcomes of each decision, oldest first; one statement."""
    found: dict[UUID, list[dict[str, Any]]] = {row.id: [] for row in rows}
    for row in conn.execute(OUTCOMES_OF, {"ids": list(found)}):
        found[row.decision_id].append({name: getattr(row, name) for name in OUTCOME_COLUMNS})
    return found


OUTCOME_COLUMNS = ("id", "found_on", "statement", "as_expected", "figures")
DECISIONS = Listing(
    name="decisions",
    columns={
        **{column.name: column for column in decisions.c if column.name not in ("key_id", "request_id")},
        **{column.name: column for column in texts.c if column.name != "decision_id"},
        "superseded_by_id": _SUPERSEDED_BY,
        "outcome_count": _OUTCOMES,
        # The decision itself stays as it is; what links back to it only grows.
        "version": 1 + _OUTCOMES + sa.case((_SUPERSEDED_BY.is_(None), 0), else_=1),
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
    includes={"outcomes": outcomes_of},
)
OUTCOMES = Listing(
    name="decision_outcomes",
    columns={
        **{column.name: column for column in outcomes.c},
        "statement": outcome_texts.c.statement,
        "version": sa.literal(1),  # an outcome has but one
    },
    source=outcomes.join(outcome_texts, outcome_texts.c.outcome_id == outcomes.c.id),
    filters=("decision_id", "found_on", "as_expected", "recorded_by"),
    sorts=("found_on", "recorded_at"),
    default_sort=(("recorded_at", True),),
)
OUTCOMES_OF = (
    OUTCOMES.select()
    .where(outcomes.c.decision_id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(outcomes.c.recorded_at, outcomes.c.id)
)
BY_ID = DECISIONS.select().where(decisions.c.id == sa.bindparam("which"))
# Of two that supersede the same decision, the second waits and then sees the first.
LOCK = sa.select(decisions.c.id).where(decisions.c.id == sa.bindparam("which")).with_for_update(key_share=True)
SUPERSEDING = (
    sa.select(decisions.c.id, decisions.c.decided_on)
    .where(decisions.c.supersedes_id == sa.bindparam("which"))
    .order_by(decisions.c.decided_at, decisions.c.id)
    .limit(1)
)
OUTCOME_BY_ID = OUTCOMES.select().where(outcomes.c.id == sa.bindparam("which"))
ADD, ADD_TEXT = sa.insert(decisions), sa.insert(texts)
ADD_OUTCOME, ADD_OUTCOME_TEXT = sa.insert(outcomes), sa.insert(outcome_texts)


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
    if (belongs_to := BELONGS_TO.get(data.subject_type)) is not None:
        own = conn.execute(belongs_to, {"which": data.subject_id}).one()
        values |= {name: value for name, value in own._asdict().items() if values[name] is None}
    return log(conn, caller, **values)


def list_outcomes(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, OUTCOMES, query)


def get_outcome(conn: sa.Connection, caller: Caller, id: UUID) -> Row:
    row = conn.execute(OUTCOME_BY_ID, {"which": id}).one_or_none()
    if row is None:
        raise NotFound(f"There is no decision outcome {str(id)!r}: look it up in the list.")
    return row


def create_outcome(conn: sa.Connection, caller: Caller, decision_id: UUID, data: OutcomeCreate) -> Row:
    return record_outcome(conn, caller, decision_id, **data.model_dump())


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
    person is filed under that too, and what is filed under a project under its client. `impact` holds no money:
    everybody may read the log.
    """
    id, now = new_id(), clock.now()
    filed = {"project_id": project_id, "client_id": client_id, "person_id": person_id}
    if filed.get(f"{subject_type}_id", id) is None:
        filed[f"{subject_type}_id"] = subject_id
    if filed["project_id"] is not None and filed["client_id"] is None:
        filed["client_id"] = conn.execute(CLIENT_OF, {"which": filed["project_id"]}).scalar_one()
    if supersedes_id is not None:
        _check_in_force(conn, supersedes_id)
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
    emit(conn, caller, events.decision_logged(id, str(kind), subject_type, subject_id, filed["project_id"]))
    return get_decision(conn, caller, id)


def record_outcome(
    conn: sa.Connection,
    caller: Caller,
    decision_id: UUID,
    *,
    found_on: date | None = None,
    statement: str,
    as_expected: bool | None = None,
    figures: Mapping[str, Any] | None = None,
) -> Row:
    """Write down what came of a decision, as it is found now. `figures` hold no money: everybody may read the log."""
    decision, today = get_decision(conn, caller, decision_id), clock.today()
    found_on = found_on or today
    if not decision.decided_on <= found_on <= today:
        raise invalid("/found_on", f"must lie between the decision, {decision.decided_on}, and today, {today}")
    id = new_id()
    values = {
        "id": id,
        "decision_id": decision_id,
        "found_on": found_on,
        "as_expected": as_expected,
        "figures": dict(figures) if figures is not None else None,
        "recorded_at": clock.now(),
        "recorded_by": caller.person_id,
    }
    conn.execute(ADD_OUTCOME, values)
    conn.execute(ADD_OUTCOME_TEXT, {"outcome_id": id, "statement": statement})
    audit(conn, caller, "created", "decision_outcome", id, None, {**values, "statement": statement})
    emit(conn, caller, events.outcome_recorded(decision_id, id, as_expected))
    return get_outcome(conn, caller, id)


def _check_in_force(conn: sa.Connection, id: UUID) -> None:
    """409 where a decision has been superseded already: the log has one decision in force, not two."""
    conn.execute(LOCK, {"which": id})
    if (later := conn.execute(SUPERSEDING, {"which": id}).one_or_none()) is not None:
        raise AlreadySuperseded(
            f"Decision {later.id} of {later.decided_on} has superseded it: supersede that one instead.",
            extra={"superseded_by_id": str(later.id)},
        )
