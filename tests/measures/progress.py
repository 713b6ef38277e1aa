"""Plans, progress and estimates for tests of earned value: rows as the services would have left them."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.models.delivery import Estimate, StatusReport
from app.models.project import BaselineMilestone, Milestone
from tests.measures import facts

Planned = tuple[date | None, str, date | None]  # planned on, weight, reached on


def baseline(
    conn: sa.Connection, project_id: UUID, milestones: Sequence[Planned] = (), number: int = 1, **values: Any
) -> UUID:
    """A baseline with its milestones."""
    id = facts.baseline(conn, project_id, number, **values)
    for place, (planned_on, weight, reached_on) in enumerate(milestones):
        said = {"name": f"M{place}", "weight": Decimal(weight), "planned_on": planned_on}
        milestone = facts.add(conn, Milestone, project_id=project_id, reached_on=reached_on, **said)
        facts.add(conn, BaselineMilestone, baseline_id=id, milestone_id=milestone, **said)
    return id


def report(conn: sa.Connection, project_id: UUID, day: date, percent: str | None) -> UUID:
    complete = None if percent is None else Decimal(percent)
    return facts.add(conn, StatusReport, project_id=project_id, reported_on=day, percent_complete=complete)


def estimate(conn: sa.Connection, project_id: UUID, role: str, day: date, remaining: str) -> UUID:
    said = {"hours_budget": Decimal(100), "hours_remaining": Decimal(remaining), "as_of": day}
    return facts.add(conn, Estimate, project_id=project_id, role=role, **said)
