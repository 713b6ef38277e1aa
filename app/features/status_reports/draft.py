"""A status report as the facts would write it. Nothing is written: who reports reads it, and posts what they think."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.calendar import CALENDAR_FIRST
from app.core.caller import Caller
from app.core.errors import invalid
from app.features.projects import service as projects
from app.features.status_reports import draft_queries as queries
from app.features.status_reports import rules, sentences
from app.features.status_reports.rules import Point, Suggestion
from app.features.status_reports.schemas import DueKind
from app.measures.catalogue import KPIS
from app.measures.definition import Conventions
from app.measures.engine import Question, evaluate
from app.measures.figures import Figure, rounded
from app.messaging.records import Row
from app.models.change_request import ChangeStatus
from app.models.commitment import CommitmentStatus
from app.models.delivery import HEALTH_DIMENSIONS
from app.models.risk import RiskStatus

COST = KPIS["delivery_cost"]
WAITING = (ChangeStatus.SUBMITTED, ChangeStatus.ASSESSING, ChangeStatus.AWAITING_DECISION)

Told = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Period:
    """The days that a report speaks of, and until when something is due soon."""

    first: date
    on: date
    soon: date

    def has(self, day: date | None) -> bool:
        return day is not None and self.first <= day <= self.on

    def is_overdue(self, day: date | None) -> bool:
        return day is not None and day < self.on

    def is_soon(self, day: date | None) -> bool:
        return day is not None and self.on <= day <= self.soon


def get_draft(conn: sa.Connection, caller: Caller, ref: UUID | str, on: date | None, days: int) -> Told:
    """What a report of a day, today unless told otherwise, would say. What has no dates is as it is now."""
    today = clock.today()
    day = on or today
    if day > today:
        raise invalid("?on", f"must not lie ahead: today is {today}")
    project = projects.get_project(conn, caller, ref)
    of_day, last = _last_reports(conn, project.id, day)
    first = rules.first_day(day, last.reported_on if last is not None else None, project.start_on)
    period = Period(first, day, day + timedelta(days))
    binds = {"project_id": project.id, "first": first, "on": day, "soon": period.soon}

    points = [Point(*row) for row in conn.execute(queries.MILESTONES, binds)]
    changes = conn.execute(queries.CHANGES, binds).all()
    commitments = conn.execute(queries.COMMITMENTS, binds).all()
    risks = conn.execute(queries.RISKS, binds).all()
    spent, used = _spent(conn, caller, project, binds)
    percent = rules.percent_complete(points, day, last.percent_complete if last is not None else None)
    waiting = [change for change in changes if change.status in WAITING]
    to_client = [promise for promise in commitments if promise.to_client]
    known = {
        "scope": rules.scope(len(waiting), spent["hours_on_unapproved_changes"], len(changes)),
        "schedule": rules.schedule(points, project.due_on, day, conn.scalars(queries.WORKING_DAYS, binds).all()),
        "budget": rules.budget(used, percent),
        "team": _team(conn, project, binds),
        "client": rules.client(
            [(day - promise.due_on).days for promise in _overdue(to_client, period)],
            len(to_client),
            conn.execute(queries.CONCERNS, {**binds, "client_id": project.client_id}).scalar_one(),
        ),
    }
    suggestions = rules.suggested(known, None if last is None else {n: last._mapping[n] for n in HEALTH_DIMENSIONS})
    draft: Told = {
        "project_id": project.id,
        "from_on": first,
        "on": day,
        "last_report_id": None if last is None else last.id,
        "report_id": None if of_day is None else of_day.id,
        "reached": [_milestone(point, day) for point in points if period.has(point.reached_on)],
        "slipped": [_milestone(p, day) for p in points if not p.is_reached(day) and p.days_late(day)],
        "decided": {
            "decisions": [row._asdict() for row in conn.execute(queries.DECISIONS, binds)],
            **_changes(changes, waiting, period),
        },
        "promised": _promised(commitments, conn.execute(queries.RENEGOTIATIONS, binds).all(), period),
        "spent": spent,
        "risks": _risks(risks, period),
        "due_next": sorted(
            [
                *_due(
                    DueKind.MILESTONE, [(p.id, p.name, p.expected_on) for p in points if not p.is_reached(day)], period
                ),
                *_due(DueKind.COMMITMENT, [(p.id, p.statement, p.due_on) for p in _open(commitments)], period),
                *_due(DueKind.CHANGE_REQUEST, [(c.id, c.title, c.decide_by) for c in waiting], period),
                *_due(DueKind.RISK, [(r.id, r.response or r.event, r.due_on) for r in _open(risks)], period),
                *_due(DueKind.RESCUE_ACTION, conn.execute(queries.ACTIONS, binds), period),
            ],
            key=lambda item: item["due_on"],
        ),
        "suggestions": [{"dimension": name, **asdict(found)} for name, found in suggestions.items()],
    }
    return {**draft, "report": _report(draft, suggestions, percent)}


def _last_reports(conn: sa.Connection, project_id: UUID, on: date) -> tuple[Row | None, Row | None]:
    """The report of the day and the last one before, where there are such."""
    found = conn.execute(queries.LAST_REPORTS, {"project_id": project_id, "on": on}).all()
    of_day = next((row for row in found if row.reported_on == on), None)
    return of_day, next((row for row in found if row.reported_on < on), None)


def _milestone(point: Point, on: date) -> Told:
    told = {name: value for name, value in asdict(point).items() if name != "weight"}
    return {**told, "days_late": point.days_late(on)}


def _changes(changes: Sequence[Row], waiting: Sequence[Row], period: Period) -> dict[str, list[Told]]:
    told = {change.id: _change(change) for change in changes}
    return {
        "changes_submitted": [change for change in told.values() if period.has(change["submitted_on"])],
        "changes_decided": [change for change in told.values() if period.has(change["decided_on"])],
        "changes_waiting": [told[change.id] for change in waiting],
    }


def _change(row: Row) -> Told:
    told = {name: row._mapping[name] for name in ("id", "number", "title", "status", "decide_by")}
    days = {f"{what}_on": row._mapping[f"{what}_at"] for what in ("submitted", "decided")}
    return told | {name: None if instant is None else clock.day_of(instant) for name, instant in days.items()}


def _promised(commitments: Sequence[Row], moved: Sequence[Row], period: Period) -> dict[str, list[Told]]:
    def closed(status: CommitmentStatus) -> list[Told]:
        found = [row for row in commitments if row.status == status and period.has(row.closed_on)]
        return [_promise(row, row.closed_on) for row in found]

    return {
        "made": [_promise(row, row.promised_on) for row in commitments if period.has(row.promised_on)],
        "kept": closed(CommitmentStatus.KEPT),
        "late": closed(CommitmentStatus.LATE),
        "broken": closed(CommitmentStatus.BROKEN),
        "renegotiated": [{**_promise(row, row.renegotiated_on), "former_due_on": row.former_due_on} for row in moved],
        "overdue": [_promise(row, row.due_on) for row in _overdue(commitments, period)],
    }


def _promise(row: Row, on: date) -> Told:
    told = {name: row._mapping[name] for name in ("id", "statement", "promised_by_id", "to_client", "due_on")}
    return {**told, "on": on}


def _open(rows: Iterable[Row]) -> list[Row]:
    """Of promises or risks, those that are open."""
    return [row for row in rows if row.status in (CommitmentStatus.OPEN, RiskStatus.OPEN)]


def _overdue(rows: Iterable[Row], period: Period) -> list[Row]:
    return [row for row in _open(rows) if period.is_overdue(row.due_on)]


def _risks(rows: Sequence[Row], period: Period) -> Told:
    def over(status: RiskStatus) -> list[Told]:
        return [_risk(row) for row in rows if row.status == status and period.has(row.over_on)]

    return {
        "opened": [_risk(row) for row in rows if period.has(row.identified_on)],
        "closed": over(RiskStatus.CLOSED),
        "occurred": over(RiskStatus.OCCURRED),
        "exposure": sum(row.exposure for row in _open(rows)),
        "overdue": [_risk(row) for row in _overdue(rows, period)],
    }


def _risk(row: Row) -> Told:
    return {name: value for name, value in row._mapping.items() if name not in ("response", "status")}


def _due(kind: DueKind, items: Iterable[Any], period: Period) -> list[Told]:
    """Of (id, what, due_on) those that are due soon."""
    return [
        {"kind": kind, "id": id, "what": what, "due_on": due_on} for id, what, due_on in items if period.is_soon(due_on)
    ]


def _team(conn: sa.Connection, project: Row, binds: Told) -> Suggestion | None:
    on: date = binds["on"]
    rows = conn.execute(queries.SEATS, binds).all()
    vacant = {}
    for row in rows:
        if row.held_until is None or row.held_until <= on:
            since = row.held_until or project.start_on or clock.day_of(row.created_at)
            vacant[row.role] = max(0, (on - since).days)
    return rules.team(vacant, len(rows))


def _spent(conn: sa.Connection, caller: Caller, project: Row, binds: Told) -> tuple[Told, dict[str, Fraction]]:
    """Hours, and for those who may see it the cost; with the shares that are used of the budgets there are."""
    rows = conn.execute(queries.HOURS, binds).all()
    by_role = [
        {"role": row.role, "hours_in_period": row.hours_in_period or Decimal(0), "hours": row.hours} for row in rows
    ]
    hours = sum((row["hours"] for row in by_role), Decimal(0))
    used: dict[str, Fraction] = {}
    if project.hours_budget:
        used["hours"] = Fraction(hours) / Fraction(project.hours_budget)
    spent: Told = {
        "hours_in_period": sum((row["hours_in_period"] for row in by_role), Decimal(0)),
        "hours": hours,
        "by_role": by_role,
        "hours_budget": project.hours_budget,
        "hours_used_percent": _percent(used.get("hours")),
        "hours_on_unapproved_changes": sum((row.unapproved or Decimal(0) for row in rows), Decimal(0)),
    }
    if caller.sees_money_of(project.id):
        figures = [_cost(conn, project, first, binds["on"]) for first in (binds["first"], CALENDAR_FIRST)]
        in_period, cost = (_amount(figure) for figure in figures)
        if project.cost_budget and cost is not None:
            used["cost"] = cost / Fraction(project.cost_budget)
        spent |= {
            "currency": project.currency,
            "cost_in_period": None if in_period is None else rounded(in_period, 4),
            "cost": None if cost is None else rounded(cost, 4),
            "cost_reason": figures[-1].reason if cost is None else None,
            "cost_budget": project.cost_budget,
            "cost_used_percent": _percent(used.get("cost")),
            "entries_without_rate": figures[-1].rows_excluded.get("missing_rate", 0),
        }
    return spent, used


def _cost(conn: sa.Connection, project: Row, first: date, on: date) -> Figure:
    only = (("project", (project.id,)),)
    question = Question(COST, first, on + timedelta(1), filters=only, currency=project.currency)
    return evaluate(conn, question, Conventions()).figures[0]


def _amount(figure: Figure) -> Fraction | None:
    """Where nothing was spent, that is known."""
    return Fraction(0) if figure.reason == COST.nothing else figure.value


def _percent(share: Fraction | None) -> Decimal | None:
    return None if share is None else rounded(share * 100, 2)


def _report(draft: Told, suggestions: dict[str, Suggestion], percent: Decimal | None) -> Told:
    """A body for POST /v1/status-reports."""
    return {
        "project_id": draft["project_id"],
        "reported_on": draft["on"],
        **{name: found.health for name, found in suggestions.items()},
        "percent_complete": percent,
        "narrative": sentences.narrative(draft),
        "next_steps": sentences.next_steps(draft),
    }
