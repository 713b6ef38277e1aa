"""The SQL by which duty rules tag hours without a responsibility (`rules.responsibility_of` says the same)."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from app.db.books import in_closed_period
from app.db.record import table_of
from app.features.time_entries.rules import TAGGED_BY
from app.models.duty import DutyRule
from app.models.time_entry import TimeEntry

entries = table_of(TimeEntry)
duty_rules = table_of(DutyRule)

DUTY_RULES = sa.select(duty_rules)
IN_CLOSED_PERIOD = in_closed_period(
    entries.c.worked_on, sa.func.coalesce(entries.c.worked_until, entries.c.worked_on)
).label("in_closed_period")


def responsibility_of(values: Mapping[str, sa.ColumnElement[Any]]) -> sa.ScalarSelect[Any]:
    """The responsibility of the first duty rule that these values match, else null."""
    asked = [duty_rules.c[name] for name in TAGGED_BY]
    given = sum((sa.case((column.is_not(None), 1), else_=0) for column in asked), sa.literal_column("0", sa.Integer))
    return (
        sa.select(duty_rules.c.responsibility)
        .where(*(sa.or_(column.is_(None), column == values[column.name]) for column in asked))
        .order_by(duty_rules.c.position, given.desc(), duty_rules.c.id)
        .limit(1)
        .scalar_subquery()
    )


BOUND = {name: sa.bindparam(name, type_=duty_rules.c[name].type) for name in TAGGED_BY}
OF_BOUND_VALUES = responsibility_of(BOUND).label("responsibility")

_from, _until = sa.bindparam("from_on", type_=sa.Date), sa.bindparam("until_on", type_=sa.Date)
_of_entry = responsibility_of({name: entries.c[name] for name in TAGGED_BY})
UNTAGGED = (
    entries.c.superseded_at.is_(None),
    entries.c.responsibility.is_(None),
    sa.or_(_from.is_(None), entries.c.worked_on >= _from),
    sa.or_(_until.is_(None), entries.c.worked_on <= _until),
)
TO_TAG = (
    sa.select(entries, _of_entry.label("found"), IN_CLOSED_PERIOD)
    .where(*UNTAGGED, _of_entry.is_not(None))
    .order_by(entries.c.row_id)
    .with_for_update(of=entries)
)
COUNT_UNTAGGED = sa.select(sa.func.count()).select_from(entries).where(*UNTAGGED)
