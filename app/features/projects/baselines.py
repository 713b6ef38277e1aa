"""Baselines: what was agreed, frozen. The first is made when the activation of a project is recorded, each further one
by an approved change."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.caller import Caller
from app.core.errors import NotFound
from app.core.ids import new_id
from app.db.listing import Listing, ListQuery, Page, page
from app.db.record import table_of
from app.features.projects import events
from app.messaging.audit import audit
from app.messaging.outbox import emit
from app.messaging.records import Row
from app.models.project import Baseline, BaselineCause, BaselineMilestone, Milestone

baselines = table_of(Baseline)
frozen_milestones = table_of(BaselineMilestone)
milestones = table_of(Milestone)

FROZEN = ("currency", "fee", "cost_budget", "hours_budget", "start_on", "due_on")

LATEST: sa.Select[Any] = (
    sa.select(baselines)
    .where(baselines.c.project_id == sa.bindparam("project_id"))
    .order_by(baselines.c.number.desc())
    .limit(1)
)
HAS_ANY = sa.select(sa.exists().where(baselines.c.project_id == sa.bindparam("project_id")))
NEXT_NUMBER = sa.select(sa.func.coalesce(sa.func.max(baselines.c.number), 0) + 1).where(
    baselines.c.project_id == sa.bindparam("project_id")
)
ADD = sa.insert(baselines).returning(*baselines.c)
ADD_MILESTONES = sa.insert(frozen_milestones)
MILESTONES_NOW = sa.select(milestones).where(milestones.c.project_id == sa.bindparam("project_id"))
MILESTONES_THEN = (
    sa.select(frozen_milestones)
    .where(frozen_milestones.c.baseline_id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(frozen_milestones.c.planned_on.nulls_last(), frozen_milestones.c.name, frozen_milestones.c.id)
)


def milestones_of(conn: sa.Connection, rows: Sequence[Row]) -> Mapping[UUID, Any]:
    found: dict[UUID, list[dict[str, Any]]] = {row.id: [] for row in rows}
    for row in conn.execute(MILESTONES_THEN, {"ids": list(found)}):
        found[row.baseline_id].append(row._asdict())
    return found


BASELINES = Listing(
    name="baselines",
    columns={
        **{column.name: column for column in baselines.c if column.name != "recorded_by"},
        "version": sa.literal(1),  # a baseline has but one
    },
    source=baselines,
    filters=("project_id", "number", "cause", "change_request_id", "valid_from"),
    sorts=("number", "valid_from", "created_at"),
    default_sort=(("created_at", False),),
    includes={"milestones": milestones_of},
)
BY_ID = BASELINES.select().where(baselines.c.id == sa.bindparam("which"))


def list_baselines(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, BASELINES, query)


def get_baseline(conn: sa.Connection, caller: Caller, id: UUID) -> Row:
    row = conn.execute(BY_ID, {"which": id}).one_or_none()
    if row is None:
        raise NotFound(f"There is no baseline {str(id)!r}: look it up in the list.")
    return row


def has_any(conn: sa.Connection, project_id: UUID) -> bool:
    """Whether the project has a baseline already."""
    return bool(conn.execute(HAS_ANY, {"project_id": project_id}).scalar_one())


def latest(conn: sa.Connection, project_id: UUID) -> Row:
    """The baseline in force of a project that has one."""
    return conn.execute(LATEST, {"project_id": project_id}).one()


def freeze_at_activation(
    conn: sa.Connection, caller: Caller, project: Row, on: date, cause: BaselineCause = BaselineCause.ACTIVATION
) -> None:
    """Freeze what was agreed on a project (its row is locked) that becomes active on `on`; nothing where that is done.

    A plan is frozen when it is recorded. Where it did not come and another activation does, that freezes the values of
    its own day: baselines are never taken back.
    """
    former = conn.execute(LATEST, {"project_id": project.id}).one_or_none()
    if former is None or (on <= clock.today() and _did_not_come(former)):
        freeze(conn, caller, project, cause, on)


def freeze(
    conn: sa.Connection,
    caller: Caller,
    project: Row,
    cause: BaselineCause,
    on: date,
    change_request_id: UUID | None = None,
) -> Row:
    """The next baseline of a project (its row is locked): its figures, and its milestones as they are now."""
    baseline = conn.execute(
        ADD,
        {
            "id": new_id(),
            "project_id": project.id,
            "number": conn.execute(NEXT_NUMBER, {"project_id": project.id}).scalar_one(),
            "cause": cause,
            "change_request_id": change_request_id,
            "valid_from": on,
            **{name: project._mapping[name] for name in FROZEN},
            "created_at": clock.now(),
            "recorded_by": caller.key_id,
        },
    ).one()
    frozen = [
        {
            "id": new_id(),
            "baseline_id": baseline.id,
            "milestone_id": milestone.id,
            "name": milestone.name,
            "planned_on": milestone.planned_on,
            "weight": milestone.weight,
        }
        for milestone in conn.execute(MILESTONES_NOW, {"project_id": project.id})
    ]
    if frozen:
        conn.execute(ADD_MILESTONES, frozen)
    audit(conn, caller, "created", "baseline", baseline.id, None, baseline._asdict())
    emit(conn, caller, events.baseline_created(baseline.id, project.id, baseline.number, cause))
    return baseline


def _did_not_come(former: Row) -> bool:
    """Whether a baseline was made for an activation ahead, so that an activation now is another one."""
    return bool(former.cause != BaselineCause.CHANGE and former.valid_from > clock.today())
