from datetime import date
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, Field

from app.core.schema import Bool, Example, Instant, Name, RoleKey, Schema, Words
from app.models.decision import DecisionKind

DECISION_EXAMPLE: Example = {
    "kind": "other",
    "subject_type": "project",
    "subject_id": "01890000-0000-7000-8000-000000000003",
    "what": "The shop is launched in two steps: the catalogue first, paying in June.",
    "why": "The payment provider's contract is signed in May at the earliest.",
    "impact": {"finish_weeks": 3},
}

Figure = Bool | Annotated[int, Field(strict=True, ge=-(10**12), le=10**12)] | Name


class DecisionSubject(StrEnum):
    PROJECT = "project"
    CLIENT = "client"
    PERSON = "person"
    ASSIGNMENT = "assignment"


class DecisionCreate(Schema):
    """A decision to be kept for good: by whom and when is taken from the call."""

    model_config = ConfigDict(json_schema_extra={"examples": [DECISION_EXAMPLE]})
    kind: DecisionKind = Field(
        DecisionKind.OTHER, description="`other` alone: the service writes the other kinds itself, with what they say."
    )
    subject_type: DecisionSubject
    subject_id: UUID
    what: Words
    why: Words
    project_id: UUID | None = None
    client_id: UUID | None = None
    person_id: UUID | None = None
    impact: Annotated[dict[RoleKey, Figure], Field(max_length=50)] | None = Field(
        default=None, description="Figures that everybody may see: hours, days, points; no money."
    )
    supersedes_id: UUID | None = None


class DecisionRead(Schema):
    """What was decided about a subject, by whom, when and why. It is never changed or deleted."""

    id: UUID
    kind: DecisionKind
    subject_type: str
    subject_id: UUID
    project_id: UUID | None
    client_id: UUID | None
    person_id: UUID | None
    what: str
    why: str
    impact: dict[str, Any] | None
    decided_on: date
    decided_at: Instant
    decided_by: UUID | None
    supersedes_id: UUID | None
    etag: str = Field(examples=['"1"'])
