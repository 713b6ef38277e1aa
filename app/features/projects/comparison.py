"""Two baselines of a project side by side, and which changes lie between them."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core.caller import Caller
from app.core.errors import NotFound
from app.db.record import table_of
from app.features.projects import queries, rules
from app.features.projects.baselines import baselines, milestones_of
from app.features.projects.rules import FrozenFigures, FrozenMilestone
from app.messaging.records import Row
from app.models.calendar_day import CalendarDay

days = table_of(CalendarDay)

OF_PROJECT = (
    sa.select(baselines).where(baselines.c.project_id == sa.bindparam("project_id")).order_by(baselines.c.number)
)
WORKING_DAYS = (
    sa.select(days.c.day)
    .where(
        days.c.is_working,
        days.c.day.between(sa.bindparam("first", type_=sa.Date), sa.bindparam("last", type_=sa.Date)),
    )
    .order_by(days.c.day)
)


def compare_baselines(
    conn: sa.Connection, caller: Caller, ref: UUID | str, first: int, second: int | None
) -> dict[str, Any]:
    """What lies between baseline `first` and `second`: by default the current one."""
    project = queries.read(conn, ref)
    found = conn.execute(OF_PROJECT, {"project_id": project.id}).all()
    before = _numbered(found, first)
    after = found[-1] if second is None else _numbered(found, second)
    milestones = milestones_of(conn, [before, after])
    one, other = [_figures(row, milestones[row.id]) for row in (before, after)]
    compared = rules.compare(one, other, _working_days(conn, one.days | other.days))
    if not caller.sees_money_of(project.id):
        compared = {name: value for name, value in compared.items() if name not in ("fee", "cost_budget")}
    earlier, later = sorted((before.number, after.number))
    between = [row.change_request_id for row in found if earlier < row.number <= later]
    return {
        "project_id": project.id,
        "from_baseline": before,
        "to_baseline": after,
        **compared,
        "change_request_ids": [id for id in between if id is not None],
    }


def _numbered(found: Sequence[Row], number: int) -> Row:
    for row in found:
        if row.number == number:
            return row
    there = ", ".join(str(row.number) for row in found)
    hint = f"choose among {there}" if there else "it has none yet, the first is made when it becomes active"
    raise NotFound(f"The project has no baseline {number}: {hint}.")


def _figures(row: Row, milestones: Sequence[dict[str, Any]]) -> FrozenFigures:
    return FrozenFigures(
        row.currency,
        row.fee,
        row.cost_budget,
        row.hours_budget,
        row.start_on,
        row.due_on,
        {m["milestone_id"]: FrozenMilestone(m["name"], m["planned_on"], m["weight"]) for m in milestones},
    )


def _working_days(conn: sa.Connection, among: set[date]) -> Sequence[date]:
    if not among:
        return []
    return conn.execute(WORKING_DAYS, {"first": min(among), "last": max(among)}).scalars().all()
