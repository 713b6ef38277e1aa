"""Which of the two managers leads a project: derived, unless somebody has said otherwise."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.caller import Caller
from app.db.record import table_of
from app.features.decisions import service as decisions
from app.features.projects import events, queries, rules
from app.features.projects.queries import assignments, clients, in_force, projects
from app.features.projects.schemas import LeadRoleSet
from app.messaging import records
from app.messaging.outbox import emit
from app.messaging.records import Row
from app.models.assignment import AssignmentKind
from app.models.decision import DecisionKind
from app.models.relationship import Relationship
from app.models.role import MANAGER_ROLES

relationships = table_of(Relationship)

_day = sa.bindparam("today", type_=sa.Date)
INTENSITY = sa.select(clients.c.communication_intensity).where(clients.c.id == sa.bindparam("client_id"))
STRENGTHS = (
    sa.select(assignments.c.role, sa.func.max(relationships.c.strength).label("strength"))
    .select_from(assignments.join(relationships, relationships.c.person_id == assignments.c.person_id))
    .where(
        assignments.c.project_id == sa.bindparam("project_id"),
        relationships.c.client_id == sa.bindparam("client_id"),
        assignments.c.role.in_(MANAGER_ROLES),
        assignments.c.kind == AssignmentKind.HOLDER,
        in_force(assignments, _day),
    )
    .group_by(assignments.c.role)
)


def get_lead_role(conn: sa.Connection, caller: Caller, ref: UUID | str) -> dict[str, Any]:
    """The lead role of today, with its reason; where it is overridden, what would be derived stands beside it."""
    return _answer(conn, queries.read(conn, ref))


def set_lead_role(
    conn: sa.Connection, caller: Caller, ref: UUID | str, data: LeadRoleSet, expected: int | None
) -> dict[str, Any]:
    """Override the lead role, or (null) derive it again. Why is written to the decision log."""
    before = queries.lock(conn, ref)
    changes = {"lead_role": data.role, "lead_role_reason": data.reason if data.role is not None else None}
    row = records.change(conn, caller, projects, before, changes, expected, action="lead_role_set")
    if row is not before:
        what = f"The project is led by its {data.role}." if data.role else "The lead role is derived again."
        decisions.log(
            conn,
            caller,
            kind=DecisionKind.LEAD_ROLE,
            subject_type="project",
            subject_id=row.id,
            client_id=row.client_id,
            what=what,
            why=data.reason,
        )
        emit(conn, caller, events.lead_role_changed(row.id, data.role))
    return _answer(conn, row)


def _answer(conn: sa.Connection, project: Row) -> dict[str, Any]:
    intensity = project.communication_intensity
    default = conn.execute(INTENSITY, {"client_id": project.client_id}).scalar_one()
    who = {"project_id": project.id, "client_id": project.client_id, "today": clock.today()}
    strengths = {row.role: row.strength for row in conn.execute(STRENGTHS, who)}
    derived, why = rules.lead_role(default if intensity is None else intensity, project.technical_complexity, strengths)
    overridden = project.lead_role is not None
    return {
        "project_id": project.id,
        "role": project.lead_role if overridden else derived,
        "reason": (project.lead_role_reason or "") if overridden else why,
        "overridden": overridden,
        "derived_role": derived,
        "derived_reason": why,
    }
