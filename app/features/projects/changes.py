"""What an approved change does to its project: figures, date and estimates move, and the next baseline is frozen."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.caller import Caller
from app.features.projects import baselines, estimates, events, rules
from app.features.projects.errors import NoBaseline
from app.features.projects.queries import projects
from app.messaging import records
from app.messaging.outbox import emit
from app.messaging.records import Row
from app.models.project import BaselineCause


def apply_change(
    conn: sa.Connection,
    caller: Caller,
    project: Row,
    *,
    change_request_id: UUID,
    price: Decimal,
    cost: Decimal | None,
    hours: Mapping[str, Decimal],
    due_on: date | None,
) -> Row:
    """Apply an approved change to its project (its row is locked); returns the baseline that it makes.

    Who may decide is the caller's to check: a client, who decides by a link, sees no money at all.
    """
    if not baselines.has_any(conn, project.id):
        raise NoBaseline("The project has no baseline yet: activate it first, then decide the change.")
    values = rules.after_change(project._asdict(), price, cost, hours, due_on)
    row = records.change(conn, caller, projects, project, values, None)
    if row is not project:
        moved = sorted(name for name, value in values.items() if value != project._mapping[name])
        emit(conn, caller, events.project_updated(row.id, moved))
    estimates.add_hours(conn, caller, project.id, hours)
    return baselines.freeze(conn, caller, row, BaselineCause.CHANGE, clock.today(), change_request_id)
