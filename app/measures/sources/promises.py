"""Promises as facts: each counts on the day by which it is due."""

import sqlalchemy as sa

from app.db.record import table_of
from app.measures.sources.base import ONE, TODAY, Join, Source, extent, people, projects
from app.models.commitment import Commitment, CommitmentStatus

commitments = table_of(Commitment)

DECIDED = (CommitmentStatus.KEPT, CommitmentStatus.LATE, CommitmentStatus.BROKEN)

# What is withdrawn counts no more; what is open counts once its day has passed.
_due = sa.or_(
    commitments.c.status.in_(DECIDED),
    sa.and_(commitments.c.status == CommitmentStatus.OPEN, commitments.c.due_on < TODAY),
)

COMMITMENT = Source(
    "commitment",
    commitments,
    "due_on",
    commitments.c.due_on,
    columns={
        "id": commitments.c.id,
        "due_on": commitments.c.due_on,
        "project_id": commitments.c.project_id,
        "person_id": commitments.c.promised_by_id,
        "status": commitments.c.status,
        "commitments": ONE,
        "kept": commitments.c.status == CommitmentStatus.KEPT,
    },
    dimensions={
        # Of a promise that is not about a project, the client to whom it was made.
        "client": sa.func.coalesce(projects.c.client_id, commitments.c.client_id),
        "project": commitments.c.project_id,
        "person": commitments.c.promised_by_id,
        "engagement": projects.c.engagement,
        "role": people.c.home_role,
    },
    where=(_due,),
    joins=(
        Join(projects, projects.c.id == commitments.c.project_id, outer=True),
        Join(people, people.c.id == commitments.c.promised_by_id),
    ),
    extent=extent(commitments.c.due_on, commitments.c.due_on, _due),
)
