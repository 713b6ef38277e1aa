"""What outcomes ask of the database."""

import sqlalchemy as sa

from app.db.listing import Listing
from app.db.record import table_of
from app.models.outcome import Outcome
from app.models.person import Person
from app.models.project import Project

outcomes = table_of(Outcome)
projects = table_of(Project)

REFERENCES = {"project_id": (projects, "id"), "owner_id": (table_of(Person), "id")}

TODAY = sa.bindparam("today", type_=sa.Date)
# A comparison with null is null: not reviewed, neither achieved nor missed.
ACHIEVED = sa.case(
    (outcomes.c.lower_is_better, outcomes.c.actual <= outcomes.c.target),
    else_=outcomes.c.actual >= outcomes.c.target,
)
DUE = sa.and_(outcomes.c.reviewed_on.is_(None), outcomes.c.review_on <= TODAY)

OUTCOMES = Listing(
    name="outcomes",
    columns={
        **{column.name: column for column in outcomes.c},
        "achieved": ACHIEVED,
        "due": DUE,
        # For the ETag: it looks otherwise once its day has come.
        "state": sa.case((DUE, "due"), else_=None),
    },
    source=outcomes,
    filters=("project_id", "owner_id", "measure", "review_on", "reviewed_on", "achieved", "due"),
    sorts=("review_on", "reviewed_on", "measure", "created_at", "updated_at"),
    default_sort=(("review_on", False),),
)
BY_ID = OUTCOMES.select().where(outcomes.c.id == sa.bindparam("which"))
LOCK = sa.select(outcomes).where(outcomes.c.id == sa.bindparam("which")).with_for_update(key_share=True)
