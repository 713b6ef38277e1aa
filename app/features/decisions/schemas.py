from datetime import date
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, Field

from app.core.schema import Bool, Example, FactDay, Instant, Name, RoleKey, Schema, Words
from app.models.decision import DecisionKind

DECISION_EXAMPLE: Example = {
    "kind": "other",
    "subject_type": "project",
    "subject_id": "01890000-0000-7000-8000-000000000003",
    "what": "The shop is launched in two steps: the catalogue first, paying in June.",
    "why": "The payment provider's contract is signed in May at the earliest.",
    "impact": {"finish_weeks": 3},
}

OUTCOME_EXAMPLE: Example = {
    "found_on": "2026-04-01",
    "statement": "The catalogue is live as promised; paying follows a week later.",
    "as_expected": True,
    "figures": {"finish_weeks": 4},
}

Figure = Bool | Annotated[int, Field(strict=True, ge=-(10**12), le=10**12)] | Name

Figures = Annotated[dict[RoleKey, Figure], Field(max_length=50)]
FIGURES_HELP = "Figures that everybody may see: hours, days, points; no money."


class DecisionSubject(StrEnum):
    PROJECT = "project"
    CLIENT = "client"
    PERSON = "person"
    ASSIGNMENT = "assignment"
    CHANGE_REQUEST = "change_request"
    COMMITMENT = "commitment"
    RISK = "risk"
    ISSUE = "issue"
    RESCUE = "rescue"


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
    impact: Figures | None = Field(default=None, description=FIGURES_HELP)
    supersedes_id: UUID | None = Field(
        default=None, description="The decision in force before; only one may follow it."
    )


class OutcomeCreate(Schema):
    """What came of a decision, as it is found now: by whom is taken from the call."""

    model_config = ConfigDict(json_schema_extra={"examples": [OUTCOME_EXAMPLE]})
    found_on: FactDay | None = Field(default=None, description="By default today; not before the decision.")
    statement: Words
    as_expected: Bool | None = Field(default=None, description="Leave it out where nothing was expected.")
    figures: Figures | None = Field(default=None, description=FIGURES_HELP)


class OutcomeRead(Schema):
    """What came of a decision, as somebody found it later. It is never changed or deleted."""

    id: UUID
    decision_id: UUID
    found_on: date
    statement: str
    as_expected: bool | None
    figures: dict[str, Any] | None
    recorded_at: Instant
    recorded_by: UUID | None
    etag: str = Field(examples=['"1"'])


class DecisionOutcome(Schema):
    """An outcome beside its decision."""

    id: UUID
    found_on: date
    statement: str
    as_expected: bool | None
    figures: dict[str, Any] | None


class DecisionRead(Schema):
    """What was decided about a subject, by whom, when and why. It is never changed or deleted; what came of it, and the
    decision that superseded it, link back to it.
    """

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
    superseded_by_id: UUID | None = Field(description="The decision that took its place.")
    outcome_count: int
    outcomes: list[DecisionOutcome] | None = None
    etag: str = Field(examples=['"1"'])
