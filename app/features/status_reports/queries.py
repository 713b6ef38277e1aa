"""What is read of status reports: each with its health, and the latest of projects until a day."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.db.listing import Listing, columns_of
from app.db.record import table_of
from app.messaging.records import Row
from app.models.delivery import HEALTH_DIMENSIONS, Health, StatusReport

reports = table_of(StatusReport)

_DIMENSIONS = [reports.c[name] for name in HEALTH_DIMENSIONS]
HEALTH = sa.case(
    *(
        (sa.or_(*(dimension == health for dimension in _DIMENSIONS)), sa.literal(str(health)))
        for health in (Health.OFF_TRACK, Health.AT_RISK)
    ),
    else_=sa.literal(str(Health.ON_TRACK)),
)
STATUS_REPORTS = Listing(
    name="status-reports",
    columns={**columns_of(reports), "health": HEALTH},
    source=reports,
    filters=("project_id", "reported_on", "author_id", "health", *HEALTH_DIMENSIONS),
    sorts=("reported_on", "created_at", "updated_at"),
    default_sort=(("reported_on", True),),
)
_ALL = STATUS_REPORTS.select()
BY_ID = _ALL.where(reports.c.id == sa.bindparam("which"))
OF_DAY = sa.select(reports.c.id).where(
    reports.c.project_id == sa.bindparam("project_id"), reports.c.reported_on == sa.bindparam("day", type_=sa.Date)
)

_until_day = reports.alias("until_day")
_latest = (
    sa.select(_until_day.c.project_id, sa.func.max(_until_day.c.reported_on).label("reported_on"))
    .where(
        _until_day.c.project_id.in_(sa.bindparam("projects", expanding=True)),
        _until_day.c.reported_on <= sa.bindparam("day", type_=sa.Date),
    )
    .group_by(_until_day.c.project_id)
    .subquery("latest")
)
LATEST = _ALL.join(
    _latest, sa.and_(_latest.c.project_id == reports.c.project_id, _latest.c.reported_on == reports.c.reported_on)
)


def health_of(project_id: sa.ColumnElement[UUID], on: sa.ColumnElement[date]) -> sa.ScalarSelect[str]:
    """The health of a project on a day, as a column of another statement."""
    return (
        sa.select(HEALTH)
        .where(reports.c.project_id == project_id, reports.c.reported_on <= on)
        .order_by(reports.c.reported_on.desc())
        .limit(1)
        .correlate_except(reports)
        .scalar_subquery()
    )


def healths(conn: sa.Connection, project_ids: Sequence[UUID], on: date) -> dict[UUID, Row]:
    """The latest report of each project on or before a day, with its `health`; one statement."""
    found = conn.execute(LATEST, {"projects": list(project_ids), "day": on})
    return {row.project_id: row for row in found}


def read(conn: sa.Connection, id: UUID) -> Row | None:
    """The report of this id, with its health."""
    return conn.execute(BY_ID, {"which": id}).one_or_none()


def id_of_day(conn: sa.Connection, project_id: UUID, on: date) -> Any:
    """The id of the report of a project and a day, where there is one."""
    return conn.execute(OF_DAY, {"project_id": project_id, "day": on}).scalar_one_or_none()
