from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from app.core import clock
from app.core.schema import Bool, Example, FactDay, Key, Name, Read, Schema, Text, partial
from app.models.quality import ReviewOutcome, Severity

REVIEW_EXAMPLE: Example = {
    "project_id": "01890000-0000-7000-8000-000000000003",
    "deliverable": "Design of the product page",
    "reviewed_on": "2026-03-12",
    "reviewer_id": "01890000-0000-7000-8000-000000000002",
    "outcome": "rework",
    "defects_found": 3,
    "note": "The price is hard to find on a phone.",
}
DEFECT_EXAMPLE: Example = {
    "project_id": "01890000-0000-7000-8000-000000000003",
    "title": "The voucher is charged twice",
    "found_on": "2026-03-20",
    "escaped": True,
    "severity": "high",
    "found_by_contact_id": "01890000-0000-7000-8000-000000000010",
    "description": "Pay with a voucher, go back, and pay again.",
}

Count = Annotated[int, Field(strict=True, ge=0, le=100_000)]


class DeliverableReviewCreate(Schema):
    """Somebody looked at a deliverable and accepted it, or sent it back. Rounds are counted by its name."""

    model_config = ConfigDict(json_schema_extra={"examples": [REVIEW_EXAMPLE]})
    project_id: UUID
    milestone_id: UUID | None = Field(default=None, description="A milestone of the project.")
    deliverable: Name = Field(description="Reviews of the same name, in any case, are rounds of one deliverable.")
    reviewed_on: FactDay = Field(
        default_factory=clock.today, description="By default today; not in the future, nor before the last round."
    )
    reviewer_id: UUID | None = Field(default=None, description="By default the person of the caller's key.")
    outcome: ReviewOutcome
    defects_found: Count = 0
    note: Text | None = None


# What it is about, and so its round, stays: withdraw it, and record another.
DeliverableReviewUpdate = partial(
    "DeliverableReviewUpdate",
    DeliverableReviewCreate,
    without=frozenset({"project_id", "deliverable"}),
    example={"defects_found": 4},
)


class DeliverableReviewRead(Read):
    """A look at a deliverable. `round` counts the looks at the same one."""

    project_id: UUID
    milestone_id: UUID | None
    deliverable: Name
    round: int
    reviewed_on: date
    reviewer_id: UUID | None
    outcome: ReviewOutcome
    defects_found: int
    note: Text | None


class DefectCreate(Schema):
    """Something that does not work."""

    model_config = ConfigDict(json_schema_extra={"examples": [DEFECT_EXAMPLE]})
    project_id: UUID
    title: Name
    found_on: FactDay = Field(default_factory=clock.today, description="By default today; not in the future.")
    escaped: Bool = Field(default=False, description="It was found after delivery, by the client.")
    severity: Severity = Severity.MEDIUM
    resolved_on: FactDay | None = Field(default=None, description="Not before it was found, not in the future.")
    found_by_contact_id: UUID | None = Field(default=None, description="A contact of the project's client.")
    description: Text | None = None
    source: Key = "tandem"
    external_id: Name | None = None


DefectUpdate = partial("DefectUpdate", DefectCreate, example={"severity": "critical"})


class DefectResolve(Schema):
    """It works."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}]})
    on: FactDay | None = Field(default=None, description="By default today.")


class DefectRead(Read):
    """Something that does not work, or did not."""

    project_id: UUID
    title: Name
    found_on: date
    escaped: Bool
    severity: Severity
    resolved_on: date | None
    is_open: Bool = Field(description="Not resolved yet.")
    found_by_contact_id: UUID | None
    description: Text | None
    source: Key
    external_id: Name | None
