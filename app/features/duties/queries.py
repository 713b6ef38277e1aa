"""What can be listed of duties, and what people spend on them."""

from typing import Any

import sqlalchemy as sa

from app.db.listing import Listing, columns_of
from app.db.record import table_of
from app.models.duty import DutyProfile, DutyRule
from app.models.role import Responsibility
from app.models.time_entry import TimeEntry

duty_rules = table_of(DutyRule)
duty_profiles = table_of(DutyProfile)
entries = table_of(TimeEntry)
responsibilities = table_of(Responsibility)


def _seconds(hours: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
    return sa.type_coerce(hours, sa.BigInteger)


DUTY_RULES = Listing(
    name="duty_rules",
    columns=columns_of(duty_rules),
    source=duty_rules,
    filters=("position", "source", "issue_type", "component", "activity", "responsibility"),
    sorts=("position", "responsibility", "created_at", "updated_at"),
    default_sort=(("position", False),),
)
DUTY_PROFILES = Listing(
    name="duty_profiles",
    columns=columns_of(duty_profiles),
    source=duty_profiles,
    filters=("person_id", "responsibility", "weekly_hours"),
    sorts=("responsibility", "weekly_hours", "created_at", "updated_at"),
    default_sort=(("responsibility", False),),
)

# Of the person: what they logged on each responsibility (a line of several days by its first), and what they declare.
LOGGED = (
    sa.select(
        entries.c.responsibility, responsibilities.c.duty, sa.func.sum(_seconds(entries.c.hours)).label("seconds")
    )
    .select_from(entries.join(responsibilities, responsibilities.c.key == entries.c.responsibility))
    .where(
        entries.c.person_id == sa.bindparam("person_id", type_=sa.Uuid),
        entries.c.worked_on >= sa.bindparam("from_day", type_=sa.Date),
        entries.c.worked_on < sa.bindparam("until_day", type_=sa.Date),
        entries.c.superseded_at.is_(None),
    )
    .group_by(entries.c.responsibility, responsibilities.c.duty)
    .order_by(responsibilities.c.duty, entries.c.responsibility)
)
DECLARED = (
    sa.select(
        duty_profiles.c.responsibility, responsibilities.c.duty, _seconds(duty_profiles.c.weekly_hours).label("seconds")
    )
    .select_from(duty_profiles.join(responsibilities, responsibilities.c.key == duty_profiles.c.responsibility))
    .where(duty_profiles.c.person_id == sa.bindparam("person_id", type_=sa.Uuid))
    .order_by(responsibilities.c.duty, duty_profiles.c.responsibility)
)
