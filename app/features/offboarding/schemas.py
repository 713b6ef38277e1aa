from datetime import date
from uuid import UUID

from pydantic import ConfigDict, Field

from app.core.caller import AccessRole
from app.core.schema import Example, FactDay, RoleKey, Schema, Words
from app.models.project import ProjectStatus

OFFBOARDING_EXAMPLE: Example = {"left_on": "2027-03-31"}


class OffboardingCreate(Schema):
    """Somebody is going to leave: draft the hand-overs of what they hold. `?dry_run=true` shows them only."""

    model_config = ConfigDict(json_schema_extra={"examples": [OFFBOARDING_EXAMPLE]})
    left_on: FactDay = Field(description="The last day of employment. The hand-overs take effect on the day after it.")
    reason: Words | None = Field(default=None, description="Why, as clients read it. Default: a sentence that says so.")
    benefit: Words | None = Field(default=None, description="How it benefits them. Default: a sentence.")


class SeatLeft(Schema):
    """A role that they hold after that day, and who should take it."""

    assignment_id: UUID
    project_id: UUID
    project_code: str
    client_id: UUID
    role: RoleKey
    status: ProjectStatus | None
    valid_from: date
    valid_to: date | None
    successor_id: UUID | None = Field(description="Null: see `advice`.")
    handover_id: UUID | None = Field(description="The open hand-over that moves it.")
    advice: str


class RelationshipLeft(Schema):
    """A client whom they know, and who else knows them best."""

    client_id: UUID
    client_code: str
    strength: int = Field(description="0: none is noted.")
    owns: bool = Field(description="They are the client's `account_manager_id`: give that to somebody else.")
    next_person_id: UUID | None


class CommitmentLeft(Schema):
    """An open promise of theirs: see it kept before they go, or let somebody else promise it anew."""

    id: UUID
    project_id: UUID | None
    client_id: UUID | None
    statement: str
    due_on: date


class RiskLeft(Schema):
    """An open risk, or an issue, that they own: give it to another owner."""

    id: UUID
    project_id: UUID
    number: int
    event: str
    due_on: date | None


class RescueActionLeft(Schema):
    """Something that they are to do for a rescue under way, and have not done."""

    id: UUID
    rescue_id: UUID
    project_id: UUID
    statement: str
    due_on: date


class KeyLeft(Schema):
    """An API key of theirs that is in force: revoke it on the day. Its name shows to those who administer."""

    id: UUID
    role: AccessRole
    name: str | None = None


class HandoverDrafted(Schema):
    """A hand-over that has been drafted: one for each client."""

    id: UUID
    client_id: UUID
    name: str
    effective_on: date
    moves: int


class OffboardingRead(Schema):
    """All that somebody holds after the day on which they leave, and the hand-overs drafted for it."""

    person_id: UUID
    left_on: date
    seats: list[SeatLeft]
    relationships: list[RelationshipLeft]
    commitments: list[CommitmentLeft]
    risks: list[RiskLeft]
    issues: list[RiskLeft]
    rescue_actions: list[RescueActionLeft]
    api_keys: list[KeyLeft]
    handovers: list[HandoverDrafted]
