"""The Monday view: the live projects with all that tells how they stand, and what has changed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine.result import IteratorResult, SimpleResultMetaData

from app.core import clock
from app.core.caller import Caller, Right
from app.core.errors import invalid
from app.db.listing import Condition, ListQuery, Page, page
from app.features.portfolio import queries
from app.features.status_reports import service as status_reports
from app.measures.catalogue import KPIS
from app.measures.definition import Conventions
from app.measures.engine import Question, evaluate_many
from app.measures.figures import rounded
from app.messaging.records import Row

OPEN_KPIS: tuple[str, ...] = ("spi_t",)
MONEY_KPIS = ("cpi", "forecast_margin")
LIVE = Condition("status", "in", tuple(map(str, queries.LIVE_STATUSES)))

ByProject = Mapping[UUID, Any]
NO_MILESTONE = {"next_milestone": None, "next_milestone_on": None, "next_milestone_days": None}


def list_portfolio(
    conn: sa.Connection,
    caller: Caller,
    query: ListQuery,
    on: date | None,
    changed_since: datetime | None,
    stale_days: int,
    conventions: Conventions,
) -> Page:
    """A page of the projects as they stand on a day, the live ones unless a status is asked for."""
    on = on or clock.today()
    if on > clock.today():
        raise invalid("?on", f"must not lie ahead: today is {clock.today()}")
    if not any(condition.field == "status" for condition in query.conditions):
        query = replace(query, conditions=(*query.conditions, LIVE))
    found = page(conn, queries.PORTFOLIO, query, {"on": on})
    if not found.rows:
        return found
    extras = _extras(conn, caller, found.rows, on, changed_since, stale_days, conventions)
    return replace(found, rows=_widened(found.rows, extras))


def _widened(rows: Sequence[Row], extras: Mapping[UUID, Mapping[str, Any]]) -> Sequence[Row]:
    """The rows, each with further columns."""
    names = [*rows[0]._fields, *extras[rows[0].id]]
    wide = ((*row, *extras[row.id].values()) for row in rows)
    result: sa.Result[Any] = IteratorResult(SimpleResultMetaData(names), wide)
    return result.all()


def _extras(
    conn: sa.Connection,
    caller: Caller,
    rows: Sequence[Row],
    on: date,
    changed_since: datetime | None,
    stale_days: int,
    conventions: Conventions,
) -> dict[UUID, dict[str, Any]]:
    """What is shown of each project beside its own row, in the same order for all."""
    ids = [row.id for row in rows]
    asked = {"ids": ids, "on": on}
    seats = _seats(conn, asked)
    reports = status_reports.healths(conn, ids, on)
    figures = _figures(conn, caller, rows, on, conventions)
    milestones = {row.project_id: row for row in conn.execute(queries.NEXT_MILESTONES, asked)}
    waiting = {row.project_id: row for row in conn.execute(queries.DECISIONS_WAITING, {"ids": ids})}
    overdue = {row.project_id: row.overdue for row in conn.execute(queries.OVERDUE_PROMISES, asked)}
    exposures = {row.project_id: int(row.exposure) for row in conn.execute(queries.EXPOSURES, asked)}
    rescues = {row.project_id: row.id for row in conn.execute(queries.RUNNING_RESCUES, {"ids": ids})}
    changed = None if changed_since is None else _changed(conn, ids, changed_since)
    found = {}
    for id in ids:
        report = reports.get(id)
        health = status_reports.health_on(id, on, report, stale_days)
        decisions = waiting.get(id)
        found[id] = {
            "seats": seats.get(id, []),
            "health_reported_on": health["reported_on"],
            "health_age_days": health["age_days"],
            "health_stale": health["stale"],
            "percent_complete": None if report is None else report.percent_complete,
            **{name: by_project.get(id) for name, by_project in figures.items()},
            **_milestone(milestones.get(id), on),
            "decisions_waiting": 0 if decisions is None else decisions.waiting,
            "decide_by": None if decisions is None else decisions.by,
            "overdue_promises": overdue.get(id, 0),
            "exposure": exposures.get(id),
            "rescue_id": rescues.get(id),
            **({} if changed is None else {"changed": changed.get(id, [])}),
        }
    return found


def _seats(conn: sa.Connection, asked: Mapping[str, Any]) -> ByProject:
    found: dict[UUID, list[dict[str, Any]]] = {}
    for row in conn.execute(queries.SEATS, asked):
        seat = {
            "role": row.role,
            "person_id": row.person_id and str(row.person_id),
            "name": row.name,
            "vacant": row.person_id is None,
        }
        found.setdefault(row.project_id, []).append(seat)
    return found


def _figures(
    conn: sa.Connection, caller: Caller, rows: Sequence[Row], on: date, conventions: Conventions
) -> dict[str, dict[UUID, Decimal]]:
    """The KPIs of the projects on that day; those of money only where the caller may see any of it."""
    currencies = {row.id: row.currency for row in rows}
    names = OPEN_KPIS
    if caller.sees_all_money or caller.may(Right.SEE_OWN_MONEY):
        names += MONEY_KPIS
    definitions = [KPIS[name] for name in names]
    of_page = (("project", tuple(currencies)),)
    question = Question(definitions[0], on, on + timedelta(1), None, ("project",), of_page)
    found: dict[str, dict[UUID, Decimal]] = {}
    for name, answer in evaluate_many(conn, definitions, question, conventions).items():
        found[name] = {
            figure.group["project_id"]: rounded(figure.value, KPIS[name].scale)
            for figure in answer.figures
            if figure.value is not None and figure.currency in (None, currencies[figure.group["project_id"]])
        }
    return found


def _milestone(row: Row | None, on: date) -> dict[str, Any]:
    if row is None:
        return NO_MILESTONE
    return {
        "next_milestone": row.name,
        "next_milestone_on": row.due_on,
        "next_milestone_days": (row.due_on - on).days,
    }


def _changed(conn: sa.Connection, ids: Sequence[UUID], since: datetime) -> ByProject:
    found: dict[UUID, list[dict[str, Any]]] = {}
    for row in conn.execute(queries.CHANGED, {"ids": ids, "since": since}):
        item = {"type": row.type, "count": row.times, "last_at": row.last_at}
        found.setdefault(row.project_id, []).append(item)
    return found
