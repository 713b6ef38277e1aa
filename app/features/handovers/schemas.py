from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from app.core.schema import Bool, Example, FactDay, Instant, Name, Read, RoleKey, Schema, Words, decimal_marks, partial
from app.features.capacity.schemas import OVERRIDE_HELP, OverrideReason
from app.models.handover import HandoverStatus, NoticeAnswer

HANDOVER_EXAMPLE: Example = {
    "name": "Acme's account goes to Jon",
    "reason": "The work has grown: from now on two people share it, each doing what they do best.",
    "benefit": "You have one person for your goals, who is not busy with running the production.",
    "effective_on": "2027-03-01",
    "overlap_days": 5,
    "notice_days": 10,
    "contact_guide": "Jon Berg for anything about your goals, budget and plans.",
    "introduction_on": "2027-02-22",
    "moves": [
        {
            "project_id": "01890000-0000-7000-8000-000000000003",
            "role": "account_manager",
            "to_person_id": "01890000-0000-7000-8000-000000000004",
        }
    ],
}

Days = Annotated[int, Field(strict=True, ge=0, le=365)]
Wave = Annotated[int, Field(strict=True, ge=1, le=1000)]
Percent = Annotated[Decimal, *decimal_marks(0, 100, 1)]


class HandoverState(StrEnum):
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    NOTIFIED = "notified"
    OVERLAPPING = "overlapping"
    LATE = "late"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class MoveCreate(Schema):
    """One seat that changes hands."""

    project_id: UUID
    role: RoleKey
    from_person_id: UUID | None = Field(default=None, description="By default whoever holds the seat now.")
    to_person_id: UUID


class HandoverCreate(Schema):
    """Seats that are to change hands together, and what the clients are told of it."""

    model_config = ConfigDict(json_schema_extra={"examples": [HANDOVER_EXAMPLE]})
    name: Name
    reason: Words = Field(description="Why; the clients read it.")
    benefit: Words = Field(description="How it benefits the client; they read it.")
    effective_on: FactDay = Field(description="The first day on which it may be completed.")
    overlap_days: Days = Field(default=5, description="Calendar days before that on which the successor sits beside.")
    notice_days: Days = Field(default=10, description="Calendar days that lie between telling a client and completing.")
    urgent: Bool = Field(default=False, description="Notices may follow afterwards.")
    urgent_reason: Words | None = None
    contact_guide: Words | None = Field(default=None, description="Whom to ask for what; by default from the moves.")
    introduction_on: FactDay | None = Field(default=None, description="When the client meets the successor.")
    checklist_id: UUID | None = Field(default=None, description="By default the playbook's for hand-overs.")
    split_plan_id: UUID | None = None
    wave: Wave | None = None
    moves: Annotated[list[MoveCreate], Field(min_length=1, max_length=200)]


HandoverUpdate = partial("HandoverUpdate", HandoverCreate, example={"introduction_on": "2027-02-23"})


class HandoverRead(Read):
    """Seats that change hands together. `state` is that of today: where the hand-over is `scheduled` it is `notified`
    once every contact is told, `overlapping` while a successor sits beside a holder; `late` after `effective_on`.
    """

    name: Name
    status: HandoverStatus
    state: HandoverState
    reason: str
    benefit: str
    effective_on: date
    overlap_days: int
    notice_days: int
    urgent: bool
    urgent_reason: str | None
    contact_guide: str | None
    introduction_on: date | None
    checklist_id: UUID | None
    split_plan_id: UUID | None
    wave: int | None
    scheduled_at: Instant | None
    completed_at: Instant | None
    cancelled_at: Instant | None
    cancel_reason: str | None


class HandoverMoveRead(Read):
    """One seat that changes hands; `from_person_id` is null where it was vacant."""

    handover_id: UUID
    project_id: UUID
    role: RoleKey
    from_person_id: UUID | None
    to_person_id: UUID
    shadow_id: UUID | None
    assignment_id: UUID | None


class HandoverNoticeRead(Read):
    """What one contact of an affected client is told, when, and what they answered."""

    handover_id: UUID
    client_id: UUID
    contact_id: UUID
    subject: str
    body: str
    notified_at: Instant | None
    answer: NoticeAnswer | None
    answer_text: str | None
    answered_at: Instant | None
    resolution: str | None
    resolved_at: Instant | None
    waived_at: Instant | None
    waiver_reason: str | None


class HandoverTaskRead(Read):
    """A line of the checklist, copied from the playbook."""

    handover_id: UUID
    position: int
    statement: str
    done: bool
    done_at: Instant | None
    done_by: UUID | None


class HandoverTaskUpdate(Schema):
    """Tick a task, or take the tick away."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"done": True}]})
    done: Bool

    @property
    def changes(self) -> dict[str, bool]:
        return {"done": self.done}


class HandoverComplete(Schema):
    """How to complete a hand-over."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}]})
    override_reason: OverrideReason | None = Field(default=None, description=OVERRIDE_HELP)


class HandoverCancel(Schema):
    """Why a hand-over is called off."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "The successor leaves us."}]})
    reason: Words


class NoticeWaive(Schema):
    """Why a contact need not be told beforehand."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "Told in person by the managing director."}]})
    reason: Words


class NoticeResolve(Schema):
    """How a concern was met."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"resolution": "Maria stays for the launch in May."}]})
    resolution: Words


class NoticeLink(Schema):
    """A notice that counts as told, and the link to send: with it the contact reads and answers, without an account."""

    notice_id: UUID
    notified_at: Instant
    link: str
    link_expires_at: Instant


class HandoverProgress(Schema):
    """Of the seats that split plans move, where each stands: `seats` is the sum of the other four."""

    seats: int
    done: int
    under_way: int = Field(description="Scheduled.")
    late: int = Field(description="Not completed, though its day has passed.")
    open: int = Field(description="Drafted, or not begun.")
    done_percent: Percent | None = Field(description="Null where no seat moves.")
