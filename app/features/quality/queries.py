"""What reviews and defects ask of the database."""

import sqlalchemy as sa

from app.db.listing import Listing, columns_of
from app.db.record import table_of
from app.models.client import Contact
from app.models.person import Person
from app.models.project import Milestone, Project
from app.models.quality import Defect, DeliverableReview

reviews = table_of(DeliverableReview)
defects = table_of(Defect)
projects = table_of(Project)
milestones = table_of(Milestone)
contacts = table_of(Contact)

REVIEW_REFERENCES = {
    "project_id": (projects, "id"),
    "milestone_id": (milestones, "id"),
    "reviewer_id": (table_of(Person), "id"),
}
DEFECT_REFERENCES = {"project_id": (projects, "id"), "found_by_contact_id": (contacts, "id")}

REVIEWS = Listing(
    name="deliverable_reviews",
    columns=columns_of(reviews),
    source=reviews,
    where=(reviews.c.superseded_at.is_(None),),
    filters=(
        "project_id",
        "milestone_id",
        "deliverable",
        "round",
        "reviewed_on",
        "reviewer_id",
        "outcome",
        "defects_found",
    ),
    sorts=("reviewed_on", "deliverable", "round", "outcome", "defects_found", "created_at", "updated_at"),
    default_sort=(("reviewed_on", True),),
)
DEFECTS = Listing(
    name="defects",
    columns=columns_of(defects) | {"is_open": defects.c.resolved_on.is_(None)},
    source=defects,
    where=(defects.c.superseded_at.is_(None),),
    filters=(
        "project_id",
        "found_on",
        "escaped",
        "severity",
        "resolved_on",
        "is_open",
        "found_by_contact_id",
        "source",
        "external_id",
    ),
    sorts=("found_on", "resolved_on", "severity", "title", "created_at", "updated_at"),
    default_sort=(("found_on", True),),
)
DEFECT_BY_ID = DEFECTS.select().where(defects.c.id == sa.bindparam("which"))
REVIEWS_OF_PROJECT = sa.select(
    reviews.c.id, reviews.c.deliverable, reviews.c.round, reviews.c.outcome, reviews.c.reviewed_on
).where(reviews.c.project_id == sa.bindparam("project_id"), reviews.c.superseded_at.is_(None))
IS_MILESTONE_OF = sa.select(
    sa.exists().where(
        milestones.c.id == sa.bindparam("milestone_id", type_=sa.Uuid),
        milestones.c.project_id == sa.bindparam("project_id", type_=sa.Uuid),
    )
)
IS_CONTACT_OF = sa.select(
    sa.exists().where(
        contacts.c.id == sa.bindparam("contact_id", type_=sa.Uuid),
        projects.c.client_id == contacts.c.client_id,
        projects.c.id == sa.bindparam("project_id", type_=sa.Uuid),
    )
)
