"""Reviews of deliverables, and defects. Each function is one step of a transaction that the caller has opened."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.caller import Caller
from app.core.errors import NotFound, invalid
from app.db.listing import ListQuery, Page, page
from app.features.projects import service as projects_service
from app.features.quality import events, queries, rules
from app.features.quality.errors import AlreadyResolved
from app.features.quality.queries import DEFECT_REFERENCES, REVIEW_REFERENCES, defects, reviews
from app.features.quality.rules import Round
from app.features.quality.schemas import DefectCreate, DeliverableReviewCreate
from app.messaging import records
from app.messaging.outbox import emit
from app.messaging.records import Row


def list_reviews(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, queries.REVIEWS, query)


def get_review(conn: sa.Connection, caller: Caller, id: UUID) -> Row:
    return records.get(conn, reviews, id)


def create_review(conn: sa.Connection, caller: Caller, data: DeliverableReviewCreate) -> Row:
    values = data.model_dump()
    values["reviewer_id"] = data.reviewer_id or caller.person_id
    rules.check_past("reviewed_on", data.reviewed_on, clock.today())
    records.check_references(conn, values, REVIEW_REFERENCES)
    _check_milestone(conn, data.project_id, data.milestone_id)
    projects_service.lock(conn, data.project_id)
    values["round"] = rules.next_round(_rounds(conn, data.project_id, data.deliverable), data.reviewed_on)
    row = records.record(conn, caller, reviews, values)
    emit(conn, caller, events.review_recorded(row.id, row.project_id, row.round, row.outcome))
    return row


def update_review(
    conn: sa.Connection, caller: Caller, id: UUID, changes: Mapping[str, Any], expected: int | None
) -> Row:
    before = _locked_review(conn, caller, id, expected)
    after = {**before._mapping, **changes}
    rules.check_past("reviewed_on", after["reviewed_on"], clock.today())
    records.check_references(conn, changes, REVIEW_REFERENCES)
    _check_milestone(conn, before.project_id, changes.get("milestone_id"))
    rounds = _rounds(conn, before.project_id, before.deliverable)
    rules.check_correction(rounds, id, after["outcome"], after["reviewed_on"])
    row = records.correct(conn, caller, reviews, before, changes, expected)
    if row is not before:
        emit(conn, caller, events.review_corrected(id, row.project_id, sorted(changes)))
    return row


def delete_review(conn: sa.Connection, caller: Caller, id: UUID, expected: int | None) -> None:
    """Withdraw the latest review of a deliverable."""
    before = _locked_review(conn, caller, id, expected)
    rules.check_last(_rounds(conn, before.project_id, before.deliverable), id)
    records.withdraw(conn, caller, reviews, before, expected)
    emit(conn, caller, events.review_withdrawn(id, before.project_id))


def list_defects(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, queries.DEFECTS, query)


def get_defect(conn: sa.Connection, caller: Caller, id: UUID) -> Row:
    row = conn.execute(queries.DEFECT_BY_ID, {"which": id}).one_or_none()
    if row is None:
        raise NotFound(f"There is no defect {str(id)!r}: look it up in the list.")
    return row


def create_defect(conn: sa.Connection, caller: Caller, data: DefectCreate) -> Row:
    values = data.model_dump()
    _check_days(values)
    records.check_references(conn, values, DEFECT_REFERENCES)
    _check_contact(conn, values)
    row = records.record(conn, caller, defects, values)
    emit(conn, caller, events.defect_recorded(row.id, row.project_id, row.severity, row.escaped))
    return get_defect(conn, caller, row.id)


def update_defect(
    conn: sa.Connection, caller: Caller, id: UUID, changes: Mapping[str, Any], expected: int | None
) -> Row:
    before = records.get(conn, defects, id)
    after = {**before._mapping, **changes}
    _check_days(after)
    records.check_references(conn, changes, DEFECT_REFERENCES)
    if changes.keys() & DEFECT_REFERENCES.keys():
        _check_contact(conn, after)
    row = records.correct(conn, caller, defects, before, changes, expected)
    if row is not before:
        emit(conn, caller, events.defect_corrected(id, row.project_id, sorted(changes)))
    return get_defect(conn, caller, id)


def resolve(conn: sa.Connection, caller: Caller, id: UUID, on: date | None, expected: int | None) -> Row:
    """It works, since a day that is today unless told otherwise."""
    before = records.get(conn, defects, id)
    records.check_version(before, expected)
    if before.resolved_on is not None:
        raise AlreadyResolved(
            f"It was resolved on {before.resolved_on}: correct `resolved_on` by PATCH, or clear it where it is back."
        )
    today = clock.today()
    rules.check_resolved(before.found_on, on or today, today, "on")
    row = records.correct(conn, caller, defects, before, {"resolved_on": on or today}, expected, "resolved")
    emit(conn, caller, events.defect_resolved(id, row.project_id, row.resolved_on))
    return get_defect(conn, caller, id)


def delete_defect(conn: sa.Connection, caller: Caller, id: UUID, expected: int | None) -> None:
    before = records.get(conn, defects, id)
    records.withdraw(conn, caller, defects, before, expected)
    emit(conn, caller, events.defect_withdrawn(id, before.project_id))


def _locked_review(conn: sa.Connection, caller: Caller, id: UUID, expected: int | None) -> Row:
    """A review as it is under its project's lock, beneath which rounds are counted."""
    projects_service.lock(conn, get_review(conn, caller, id).project_id)
    review = get_review(conn, caller, id)
    records.check_version(review, expected)
    return review


def _rounds(conn: sa.Connection, project_id: UUID, deliverable: str) -> list[Round]:
    # Folded here: SQLite's lower() knows ASCII alone.
    return rules.rounds_of(conn.execute(queries.REVIEWS_OF_PROJECT, {"project_id": project_id}), deliverable)


def _check_milestone(conn: sa.Connection, project_id: UUID, milestone_id: UUID | None) -> None:
    asked = {"project_id": project_id, "milestone_id": milestone_id}
    if milestone_id is not None and not conn.execute(queries.IS_MILESTONE_OF, asked).scalar_one():
        raise invalid("/milestone_id", "must be a milestone of the project")


def _check_days(values: Mapping[str, Any]) -> None:
    today = clock.today()
    rules.check_past("found_on", values["found_on"], today)
    rules.check_resolved(values["found_on"], values["resolved_on"], today)


def _check_contact(conn: sa.Connection, values: Mapping[str, Any]) -> None:
    asked = {"project_id": values["project_id"], "contact_id": values["found_by_contact_id"]}
    if asked["contact_id"] is not None and not conn.execute(queries.IS_CONTACT_OF, asked).scalar_one():
        raise invalid("/found_by_contact_id", "must be a contact of the project's client")
