"""What people say of the work, as it may be told: the anonymous only in groups, so that nobody stands out."""

import sqlalchemy as sa

from app.db.record import table_of
from app.measures.sources.base import ONE, TODAY, Join, Source, extent, projects
from app.models.quality import Feedback

feedback = table_of(Feedback)

# So many anonymous answers about the same thing are told together.
GROUP_SIZE = 3
SATISFIED = 4
PROMOTER, DETRACTOR = 9, 6

# Answers about the same thing. Those of a day that is over stand in an order that does not change any more: within a
# day it is that of their ids, which are random. What was deleted keeps its place, so that no group is ever mixed anew.
_about = (feedback.c.client_id, feedback.c.subject, feedback.c.project_id)
_place = sa.func.row_number(type_=sa.Integer).over(
    partition_by=_about, order_by=(feedback.c.given_on, feedback.c.row_id)
)
_placed = (
    sa.select(
        feedback.c.row_id,
        *_about,
        feedback.c.given_on,
        feedback.c.created_at,
        feedback.c.recorded_at,
        ((_place - 1) // GROUP_SIZE).label("number"),
    )
    .where(feedback.c.anonymous, feedback.c.given_on < TODAY)
    .subquery()
)
_group = (_placed.c.client_id, _placed.c.subject, _placed.c.project_id, _placed.c.number)
_grouped = sa.select(
    _placed.c.row_id,
    sa.func.count().over(partition_by=_group).label("size"),
    sa.func.max(_placed.c.given_on).over(partition_by=_group).label("given_on"),
    sa.func.max(_placed.c.created_at).over(partition_by=_group).label("created_at"),
    sa.func.max(_placed.c.recorded_at).over(partition_by=_group).label("recorded_at"),
).subquery()
_stamps = {
    "given_on": sa.func.coalesce(_grouped.c.given_on, feedback.c.given_on),
    "created_at": sa.func.coalesce(_grouped.c.created_at, feedback.c.created_at),
    "recorded_at": sa.func.coalesce(_grouped.c.recorded_at, feedback.c.recorded_at),
}
# Feedback in force as it may be told: all of a group bear the day of its last.
TOLD = (
    sa.select(*(_stamps.get(c.name, c).label(c.name) for c in feedback.c))
    .select_from(feedback.outerjoin(_grouped, _grouped.c.row_id == feedback.c.row_id))
    .where(
        feedback.c.superseded_at.is_(None),
        sa.or_(sa.not_(feedback.c.anonymous), _grouped.c.size == GROUP_SIZE),
    )
    .subquery("told")
)

FEEDBACK = Source(
    "feedback",
    TOLD,
    "given_on",
    TOLD.c.given_on,
    columns={
        "id": TOLD.c.id,
        "given_on": TOLD.c.given_on,
        "subject": TOLD.c.subject,
        "project_id": TOLD.c.project_id,
        "client_id": TOLD.c.client_id,
        "csat": TOLD.c.csat,
        "nps": TOLD.c.nps,
        "answers": ONE,
        "rated": TOLD.c.csat.is_not(None),
        "satisfied": TOLD.c.csat >= SATISFIED,
        "would_say": TOLD.c.nps.is_not(None),
        # One more for whom it is, one fewer for whom it is not.
        "balance": sa.case((TOLD.c.nps >= PROMOTER, 1), (TOLD.c.nps <= DETRACTOR, -1), else_=0),
    },
    dimensions={"client": TOLD.c.client_id, "project": TOLD.c.project_id, "engagement": projects.c.engagement},
    joins=(Join(projects, projects.c.id == TOLD.c.project_id, outer=True),),
    extent=extent(TOLD.c.given_on, TOLD.c.given_on),
)
