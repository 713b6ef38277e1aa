from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from app.core.schema import Example, FactDay, Read, RoleKey, Schema, Text, decimal_marks, partial
from app.features.capacity.schemas import OVERRIDE_HELP, OverrideReason
from app.models.assignment import AssignmentKind, Certainty

ASSIGNMENT_EXAMPLE: Example = {
    "project_id": "01890000-0000-7000-8000-000000000003",
    "role": "account_manager",
    "person_id": "01890000-0000-7000-8000-000000000002",
    "valid_from": "2026-02-02",
    "reason": "Knows the client since 2021.",
}

Percent = Annotated[Decimal, *decimal_marks(0, 100, 2)]


class AssignmentState(StrEnum):
    PLANNED = "planned"
    ACTIVE = "active"
    ENDED = "ended"


class AssignmentCreate(Schema):
    """A person takes a role on a project, from `valid_from` up to, and without, `valid_to`."""

    model_config = ConfigDict(json_schema_extra={"examples": [ASSIGNMENT_EXAMPLE]})
    project_id: UUID
    role: RoleKey
    person_id: UUID | None = Field(
        default=None, description="Null: demand not yet named, for roles that are not exclusive."
    )
    kind: AssignmentKind = AssignmentKind.HOLDER
    certainty: Certainty = Certainty.CONFIRMED
    valid_from: FactDay
    valid_to: FactDay | None = Field(default=None, description="The first day without it; null: open.")
    allocation_percent: Percent | None = None
    reason: Text | None = None
    override_reason: OverrideReason | None = Field(default=None, description=OVERRIDE_HELP)


AssignmentUpdate = partial(
    "AssignmentUpdate",
    AssignmentCreate,
    without=frozenset({"project_id", "role", "person_id"}),
    example={"valid_to": "2027-01-01"},
)


class PersonBrief(Schema):
    """Who is assigned."""

    id: UUID
    email: str
    display_name: str


class ProjectBrief(Schema):
    """What to."""

    id: UUID
    code: str
    name: str


class AssignmentRead(Read):
    """Who has which role on a project, when. `state` is that of today."""

    project_id: UUID
    role: RoleKey
    person_id: UUID | None
    kind: AssignmentKind
    certainty: Certainty
    valid_from: date
    valid_to: date | None
    state: AssignmentState
    allocation_percent: Percent | None
    reason: Text | None
    person: PersonBrief | None = None
    project: ProjectBrief | None = None
