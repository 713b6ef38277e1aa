"""Sources of a row for each day: the office calendar joined with dated spans."""

import sqlalchemy as sa

from app.db.record import table_of
from app.measures.sources.base import (
    FROM_DAY,
    IS_WORKING,
    ONE,
    TODAY,
    UNTIL_DAY,
    Join,
    Source,
    calendar,
    extent,
    of_project,
    people,
    whole,
)
from app.models.assignment import Assignment, AssignmentKind, Certainty
from app.models.duty import DutyProfile
from app.models.person import Duty, TimeOff
from app.models.project import ProjectStatus, ProjectStatusSpan, Seat
from app.models.role import Responsibility, Role

time_off = table_of(TimeOff)
roles = table_of(Role)
responsibilities = table_of(Responsibility)
profiles = table_of(DutyProfile)
seats = table_of(Seat)
statuses = table_of(ProjectStatusSpan)
assignments = table_of(Assignment)

WORKING_DAYS_A_WEEK = 5
WHOLE_DAY = 10**6  # seconds: more than any day has

_employed = sa.and_(
    calendar.c.day >= sa.func.coalesce(people.c.hired_on, FROM_DAY),
    calendar.c.day <= sa.func.coalesce(people.c.left_on, UNTIL_DAY),
)


def _availability() -> Source:
    """A row for each person and working day of their employment. In fifths of a second: a week's hours need not part
    into five whole days."""
    off = (
        sa.select(
            time_off.c.person_id,
            calendar.c.day,
            sa.func.sum(sa.func.coalesce(whole(time_off.c.hours_per_day), WHOLE_DAY)).label("seconds"),
        )
        .select_from(
            time_off.join(
                calendar, sa.and_(calendar.c.day >= time_off.c.from_on, calendar.c.day <= time_off.c.until_on)
            )
        )
        .where(calendar.c.day >= FROM_DAY, calendar.c.day < UNTIL_DAY)
        .group_by(time_off.c.person_id, calendar.c.day)
        .subquery("off")
    )
    weekly, away = whole(people.c.weekly_hours), off.c.seconds * WORKING_DAYS_A_WEEK
    return Source(
        "availability",
        people.join(calendar, _employed).outerjoin(
            off, sa.and_(off.c.person_id == people.c.id, off.c.day == calendar.c.day)
        ),
        "day",
        calendar.c.day,
        columns={
            "person_id": people.c.id,
            "day": calendar.c.day,
            "available": sa.case((away.is_(None), weekly), (away >= weekly, 0), else_=weekly - away),
        },
        dimensions={"person": people.c.id, "role": people.c.home_role},
        where=(IS_WORKING,),
    )


AVAILABILITY = _availability()
EMPLOYMENT = Source(
    "employment",
    people.join(calendar, _employed),
    "day",
    calendar.c.day,
    columns={"person_id": people.c.id, "day": calendar.c.day, "days": ONE, "active_cap": whole(people.c.active_cap)},
    dimensions={"person": people.c.id, "role": people.c.home_role},
)
# What people say to spend on their responsibilities: a row for each day of employment, with the hours of its week.
DECLARED_DUTY = Source(
    "declared_duty",
    profiles.join(people, people.c.id == profiles.c.person_id)
    .join(responsibilities, responsibilities.c.key == profiles.c.responsibility)
    .join(calendar, _employed),
    "day",
    calendar.c.day,
    columns={
        "person_id": people.c.id,
        "day": calendar.c.day,
        "responsibility": profiles.c.responsibility,
        "weekly": whole(profiles.c.weekly_hours),
        "client_duty": responsibilities.c.duty == Duty.CLIENT,
        "project_duty": responsibilities.c.duty == Duty.PROJECT,
    },
    dimensions={"person": people.c.id, "role": people.c.home_role},
)


def _days_of(spans: sa.Table) -> sa.ColumnElement[bool]:
    return sa.and_(calendar.c.day >= spans.c.valid_from, calendar.c.day < sa.func.coalesce(spans.c.valid_to, UNTIL_DAY))


_active = sa.and_(statuses.c.status == ProjectStatus.ACTIVE, statuses.c.superseded_at.is_(None))
_held = sa.and_(
    assignments.c.kind == AssignmentKind.HOLDER,
    assignments.c.certainty == Certainty.CONFIRMED,
    assignments.c.person_id.is_not(None),
    assignments.c.superseded_at.is_(None),
)
_exclusive = sa.and_(roles.c.key == seats.c.role, roles.c.exclusive)
_seat_of_assignment = sa.and_(seats.c.project_id == assignments.c.project_id, seats.c.role == assignments.c.role)

SEAT_LOAD = Source(
    "seat_load",
    assignments.join(seats, _seat_of_assignment)
    .join(roles, _exclusive)
    .join(statuses, statuses.c.project_id == assignments.c.project_id)
    .join(calendar, sa.and_(_days_of(assignments), _days_of(statuses))),
    "day",
    calendar.c.day,
    columns={
        "day": calendar.c.day,
        "project_id": assignments.c.project_id,
        "person_id": assignments.c.person_id,
        "seat": seats.c.role,
        "load_weight": whole(seats.c.load_weight),
    },
    dimensions={"person": assignments.c.person_id, "role": people.c.home_role},
    where=(_held, _active),
    joins=(Join(people, people.c.id == assignments.c.person_id),),
    extent=extent(assignments.c.valid_from, TODAY, _held),
)


def _active_project() -> Source:
    """A row for each project and day on which it is active, with whether all its exclusive seats are held."""
    needed = (
        sa.select(seats.c.project_id, sa.func.count().label("seats"))
        .select_from(seats.join(roles, _exclusive))
        .group_by(seats.c.project_id)
        .subquery("needed")
    )
    held = (
        sa.select(
            assignments.c.project_id, calendar.c.day, sa.func.count(sa.distinct(assignments.c.role)).label("seats")
        )
        .select_from(
            assignments.join(seats, _seat_of_assignment).join(roles, _exclusive).join(calendar, _days_of(assignments))
        )
        .where(_held, calendar.c.day >= FROM_DAY, calendar.c.day < UNTIL_DAY)
        .group_by(assignments.c.project_id, calendar.c.day)
        .subquery("held")
    )
    return Source(
        "active_project",
        statuses.join(calendar, _days_of(statuses))
        .outerjoin(needed, needed.c.project_id == statuses.c.project_id)
        .outerjoin(held, sa.and_(held.c.project_id == statuses.c.project_id, held.c.day == calendar.c.day)),
        "day",
        calendar.c.day,
        columns={
            "day": calendar.c.day,
            "project_id": statuses.c.project_id,
            "days": ONE,
            "seats_needed": sa.func.coalesce(needed.c.seats, 0),
            "seats_held": sa.func.coalesce(held.c.seats, 0),
            "covered": sa.func.coalesce(held.c.seats, 0) >= sa.func.coalesce(needed.c.seats, 0),
        },
        where=(_active,),
        extent=extent(statuses.c.valid_from, TODAY, _active),
        **of_project(statuses.c.project_id),
    )


ACTIVE_PROJECT = _active_project()
