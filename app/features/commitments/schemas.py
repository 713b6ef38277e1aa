from datetime import date
from uuid import UUID

from pydantic import ConfigDict, Field

from app.core.schema import Bool, Example, FactDay, Instant, Read, Schema, Words, partial
from app.models.commitment import CommitmentStatus, VarianceReason

COMMITMENT_EXAMPLE: Example = {
    "project_id": "01890000-0000-7000-8000-000000000003",
    "promised_by_id": "01890000-0000-7000-8000-000000000002",
    "promised_to_contact_id": "01890000-0000-7000-8000-000000000010",
    "statement": "The new checkout runs on the test system, with all means of payment.",
    "promised_on": "2026-05-04",
    "due_on": "2026-06-12",
}
RENEGOTIATE_EXAMPLE: Example = {
    "due_on": "2027-07-15",
    "reason": "The payment provider's contract comes two weeks later than planned.",
    "variance_reason": "prerequisite_missing",
}


class CommitmentCreate(Schema):
    """A promise: a result that will be there by a day. Ask POST /v1/commitments/check before you give it."""

    model_config = ConfigDict(json_schema_extra={"examples": [COMMITMENT_EXAMPLE]})
    project_id: UUID | None = None
    client_id: UUID | None = Field(default=None, description="Filled from the project; one of the two is needed.")
    promised_by_id: UUID | None = Field(default=None, description="By default the person of the caller's key.")
    promised_to_contact_id: UUID | None = Field(default=None, description="A contact of the client.")
    promised_to_person_id: UUID | None = Field(default=None, description="Or somebody of ours.")
    statement: Words = Field(description="The result, so that both sides can tell whether it is there.")
    promised_on: FactDay | None = Field(default=None, description="By default today; not in the future.")
    due_on: FactDay = Field(description="The last day on which it is kept. It moves by `renegotiate` alone.")


CommitmentUpdate = partial(
    "CommitmentUpdate",
    CommitmentCreate,
    without=frozenset({"promised_by_id", "promised_on", "due_on"}),
    example={"statement": "The new checkout runs on the test system, with cards and invoices."},
)


class RenegotiationShown(Schema):
    """A promise was moved to another day, before its own."""

    id: UUID
    former_due_on: date
    due_on: date
    renegotiated_on: date
    variance_reason: VarianceReason
    reason: str


class CommitmentRead(Read):
    """A promise: what was intended, whether we acted (`action_done_at`), and the result, which alone counts."""

    project_id: UUID | None
    client_id: UUID | None
    promised_by_id: UUID
    promised_to_contact_id: UUID | None
    promised_to_person_id: UUID | None
    statement: str
    promised_on: date
    original_due_on: date = Field(description="Never changes.")
    due_on: date
    status: CommitmentStatus
    allowed_transitions: list[CommitmentStatus]
    overdue: Bool = Field(description="Open, and its day has passed.")
    days_late: int | None = Field(description="Days from its day to the result, where that came late.")
    action_done_at: Instant | None
    result_achieved_at: Instant | None
    result_achieved_on: date | None = Field(description="The office's day of that instant.")
    closed_on: date | None
    variance_reason: VarianceReason | None
    variance_note: str | None
    renegotiation_count: int = Field(description="How often it was moved.")
    renegotiations: list[RenegotiationShown] | None = Field(default=None, description="Only if included; oldest first.")


class RenegotiationRead(Schema):
    """A promise was moved to another day, before its own. It is never changed or deleted."""

    id: UUID
    commitment_id: UUID
    former_due_on: date
    due_on: date
    renegotiated_on: date
    variance_reason: VarianceReason
    reason: str
    recorded_at: Instant
    recorded_by: UUID | None = Field(description="The person.")
    etag: str = Field(examples=['"1"'])


class CommitmentRenegotiate(Schema):
    """Move a promise to another day, agreed with the one it was given to before its own day."""

    model_config = ConfigDict(json_schema_extra={"examples": [RENEGOTIATE_EXAMPLE]})
    due_on: FactDay = Field(description="Later or earlier, not before today.")
    reason: Words
    variance_reason: VarianceReason


class CommitmentAct(Schema):
    """We did our part. The action is not the result: the promise stays open."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}]})
    done_at: Instant | None = Field(default=None, description="By default now.")


class CommitmentAchieve(Schema):
    """The result is there: kept by its day, late after it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}]})
    achieved_at: Instant | None = Field(default=None, description="By default now. The office's day of it counts.")
    variance_reason: VarianceReason | None = Field(default=None, description="Needed where it is late, and only there.")
    note: Words | None = None


class CommitmentBreak(Schema):
    """The promise is given up: the result won't come."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"variance_reason": "capacity", "note": "We lost our only Java developer."}]}
    )
    variance_reason: VarianceReason
    note: Words


class CommitmentWithdraw(Schema):
    """The one it was given to has released us from it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"note": "Acme sells the shop and needs it no more."}]})
    note: Words
