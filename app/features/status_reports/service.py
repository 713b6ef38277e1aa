"""Status reports, and the health of projects that follows from them."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.caller import Caller
from app.core.errors import Duplicate, FieldError, NotFound, invalid
from app.db.listing import ListQuery, Page, page
from app.db.record import table_of
from app.features.projects import service as projects
from app.features.status_reports import events, queries
from app.features.status_reports.queries import reports
from app.features.status_reports.schemas import StatusReportCreate
from app.messaging import records
from app.messaging.outbox import emit
from app.messaging.records import Row
from app.models.delivery import HEALTH_DIMENSIONS
from app.models.person import Person
from app.models.project import Project

REFERENCES = {"project_id": (table_of(Project), "id"), "author_id": (table_of(Person), "id")}

healths = queries.healths
health_of = queries.health_of


def list_status_reports(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, queries.STATUS_REPORTS, query)


def get_status_report(conn: sa.Connection, caller: Caller, id: UUID) -> Row:
    row = queries.read(conn, id)
    if row is None:
        raise NotFound(f"There is no status report {str(id)!r}: look it up in the list.")
    return row


def create_status_report(conn: sa.Connection, caller: Caller, data: StatusReportCreate) -> Row:
    values = data.model_dump()
    values["reported_on"] = _reported_on(data.reported_on)
    values["author_id"] = data.author_id or caller.person_id
    records.check_references(conn, values, REFERENCES)
    projects.lock(conn, data.project_id)
    _check_day(conn, data.project_id, values["reported_on"])
    former = _health(conn, data.project_id)
    made = records.add(conn, caller, reports, values)
    row = get_status_report(conn, caller, made.id)
    emit(conn, caller, events.status_report_created(row.id, row.project_id, row.health))
    _tell_when_changed(conn, caller, row.project_id, former)
    return row


def update_status_report(
    conn: sa.Connection, caller: Caller, id: UUID, changes: Mapping[str, Any], expected: int | None
) -> Row:
    before = records.get(conn, reports, id)
    records.check_version(before, expected)
    values = dict(changes)
    if "reported_on" in values:
        values["reported_on"] = _reported_on(values["reported_on"])
    records.check_references(conn, values, REFERENCES)
    projects.lock(conn, before.project_id)
    if values.get("reported_on", before.reported_on) != before.reported_on:
        _check_day(conn, before.project_id, values["reported_on"])
    former = _health(conn, before.project_id)
    row = records.change(conn, caller, reports, before, values, expected)
    if row is not before:
        emit(conn, caller, events.status_report_updated(id, row.project_id, sorted(values)))
        _tell_when_changed(conn, caller, row.project_id, former)
    return get_status_report(conn, caller, id)


def delete_status_report(conn: sa.Connection, caller: Caller, id: UUID, expected: int | None) -> None:
    before = records.get(conn, reports, id)
    records.check_version(before, expected)
    projects.lock(conn, before.project_id)
    former = _health(conn, before.project_id)
    records.remove(conn, caller, reports, before, expected)
    emit(conn, caller, events.status_report_deleted(id, before.project_id))
    _tell_when_changed(conn, caller, before.project_id, former)


def get_project_health(
    conn: sa.Connection, caller: Caller, ref: UUID | str, on: date | None, stale_days: int
) -> dict[str, Any]:
    """The health of a project on a day, today unless told otherwise."""
    project = projects.get_project(conn, caller, ref)
    day = on or clock.today()
    return health_on(project.id, day, healths(conn, [project.id], day).get(project.id), stale_days)


def health_on(project_id: UUID, on: date, report: Row | None, stale_days: int) -> dict[str, Any]:
    """What `report`, the latest until `on`, says of a project's health on that day."""
    if report is None:
        unknown = dict.fromkeys(("health", "dimensions", "report_id", "reported_on", "age_days", "stale"))
        return {"project_id": project_id, "on": on, **unknown, "reason": "no_report"}
    age = on - report.reported_on
    return {
        "project_id": project_id,
        "on": on,
        "health": report.health,
        "reason": None,
        "dimensions": {name: report._mapping[name] for name in HEALTH_DIMENSIONS},
        "report_id": report.id,
        "reported_on": report.reported_on,
        "age_days": age.days,
        "stale": age > timedelta(stale_days),
    }


def _reported_on(day: date | None) -> date:
    today = clock.today()
    if day is not None and day > today:
        raise invalid("/reported_on", f"must not lie ahead: today is {today}")
    return day or today


def _check_day(conn: sa.Connection, project_id: UUID, on: date) -> None:
    """409 where the project has a report of that day; to be called with the project's row locked."""
    other = queries.id_of_day(conn, project_id, on)
    if other is not None:
        raise Duplicate(
            f"The project has a report of {on} already: PATCH /v1/status-reports/{other} instead.",
            errors=[FieldError("/reported_on", "is taken", "duplicate")],
        )


def _health(conn: sa.Connection, project_id: UUID) -> str | None:
    latest = healths(conn, [project_id], clock.today()).get(project_id)
    return None if latest is None else latest.health


def _tell_when_changed(conn: sa.Connection, caller: Caller, project_id: UUID, former: str | None) -> None:
    now = _health(conn, project_id)
    if now != former:
        emit(conn, caller, events.health_changed(project_id, former, now))
