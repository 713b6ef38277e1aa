from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from app.core.schema import Day, Example, Key, Name, Read, Schema, Text, decimal_marks, partial

GOAL_EXAMPLE: Example = {
    "code": "SHOPS-2027",
    "name": "Known for shops",
    "description": "Half of what we sell is shops and what belongs to them.",
    "measure": "Share of the fees of new projects that are shops, in per cent",
    "target": "50",
    "starts_on": "2026-01-01",
    "ends_on": "2027-12-31",
    "owner_id": "01890000-0000-7000-8000-000000000002",
}
LINK_EXAMPLE: Example = {
    "project_id": "01890000-0000-7000-8000-000000000003",
    "goal_id": "01890000-0000-7000-8000-000000000402",
    "weight": "2",
}

Target = Annotated[Decimal, *decimal_marks(-99_999_999_999, 99_999_999_999, 4)]
LinkWeight = Annotated[Decimal, *decimal_marks(0, 100, 4), Field(gt=0)]


class GoalCreate(Schema):
    """A new strategic objective."""

    model_config = ConfigDict(json_schema_extra={"examples": [GOAL_EXAMPLE]})
    code: Key
    name: Name
    description: Text | None = None
    measure: Name | None = Field(default=None, description="What `target` is a figure of.")
    target: Target | None = None
    starts_on: Day | None = None
    ends_on: Day | None = Field(default=None, description="The last day of its period.")
    owner_id: UUID | None = Field(default=None, description="Who answers for it.")


GoalUpdate = partial("GoalUpdate", GoalCreate, example={"target": "60"})


class GoalRead(Read):
    """A strategic objective of the agency, with what is to be reached until when."""

    code: Key
    name: Name
    description: Text | None
    measure: Name | None
    target: Target | None
    starts_on: date | None
    ends_on: date | None
    owner_id: UUID | None


class GoalLinkCreate(Schema):
    """A project serves a goal."""

    model_config = ConfigDict(json_schema_extra={"examples": [LINK_EXAMPLE]})
    project_id: UUID
    goal_id: UUID
    weight: LinkWeight = Field(default=Decimal(1), description="How much, against the project's other goals.")


GoalLinkUpdate = partial(
    "GoalLinkUpdate", GoalLinkCreate, without=frozenset({"project_id", "goal_id"}), example={"weight": "3"}
)


class Linked(Schema):
    """The project or the goal of a link."""

    id: UUID
    code: str
    name: str


class GoalLinkRead(Read):
    """A project serves a goal, by a weight among its goals."""

    project_id: UUID
    goal_id: UUID
    weight: LinkWeight
    project: Linked | None = None
    goal: Linked | None = None


class UnalignedProject(Schema):
    """A project without a goal."""

    project_id: UUID
    code: str


class GoalAlignment(Schema):
    """How many of the live projects serve a goal of that day, and which serve none."""

    on: date
    projects: Annotated[int, Field(ge=0)]
    aligned: Annotated[int, Field(ge=0)]
    unaligned: list[UnalignedProject]
