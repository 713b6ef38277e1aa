from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from app.core import clock
from app.core.schema import Bool, Example, FactDay, Key, Name, Read, Schema, Text, decimal_marks, partial
from app.models.client import ClientTier
from app.models.outcome import TouchpointKind

EXAMPLE: Example = {
    "client_id": "01890000-0000-7000-8000-000000000001",
    "project_id": "01890000-0000-7000-8000-000000000003",
    "person_id": "01890000-0000-7000-8000-000000000002",
    "contact_id": "01890000-0000-7000-8000-000000000010",
    "kind": "proactive",
    "happened_on": "2026-03-05",
    "next_on": "2026-03-19",
    "note": "They think of a shop for resellers.",
}

Share = Annotated[Decimal, *decimal_marks(0, 1, 4)]


class TouchpointCreate(Schema):
    """Somebody of ours spoke with a client: as scheduled, by our own impulse, or in answer."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})
    client_id: UUID
    project_id: UUID | None = Field(default=None, description="A project of the client.")
    person_id: UUID | None = Field(default=None, description="By default the person of the caller's key.")
    contact_id: UUID | None = Field(default=None, description="A contact of the client.")
    kind: TouchpointKind
    happened_on: FactDay = Field(default_factory=clock.today, description="By default today; not in the future.")
    next_on: FactDay | None = Field(default=None, description="When to be in touch again.")
    note: Text | None = None


# Who spoke with whom stays: withdraw it, and record another.
TouchpointUpdate = partial(
    "TouchpointUpdate",
    TouchpointCreate,
    without=frozenset({"client_id", "person_id"}),
    example={"next_on": "2026-03-26"},
)


class TouchpointRead(Read):
    """Somebody of ours spoke with a client."""

    client_id: UUID
    project_id: UUID | None
    person_id: UUID
    contact_id: UUID | None
    kind: TouchpointKind
    happened_on: date
    next_on: date | None
    note: Text | None


class GapReason(StrEnum):
    """Why there are no days to count."""

    NEVER = "never"


class GapClient(Schema):
    """A client."""

    id: UUID
    code: Key
    name: Name
    tier: ClientTier


class GapManager(Schema):
    """Whoever owns the relationship."""

    id: UUID
    email: str
    display_name: Name


class LastTouchpoint(Schema):
    """The latest touchpoint with a client."""

    id: UUID
    kind: TouchpointKind
    happened_on: date


class Recently(Schema):
    """The touchpoints of the last 90 days, and how many of them were by our own impulse."""

    touchpoints: Annotated[int, Field(ge=0)]
    proactive: Annotated[int, Field(ge=0)]
    proactive_share: Share | None = Field(description="Null where there were none.")


class TouchpointGap(Schema):
    """How long a client has been left alone."""

    client: GapClient
    account_manager: GapManager | None
    last_touchpoint: LastTouchpoint | None
    days: int | None = Field(description="Since the last touchpoint; null where there never was one.")
    reason: GapReason | None = Field(description="Why `days` is null.")
    allowed_days: int = Field(description="By the client's tier; the settings say so.")
    next_on: date | None = Field(description="When to be in touch again, as the last touchpoint says.")
    overdue: Bool = Field(description="`next_on` has passed, `days` are more than `allowed_days`, or nobody ever was.")
    last_90_days: Recently


class TouchpointGaps(Schema):
    """The active clients, those left alone for longest first."""

    on: date
    items: list[TouchpointGap]
