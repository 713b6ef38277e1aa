from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from app.core.schema import (
    Amount,
    Bool,
    Currency,
    Example,
    FactDay,
    Key,
    Name,
    Read,
    RoleKey,
    Schema,
    Text,
    hours_marks,
    partial,
)
from app.models.time_entry import Approval

EXAMPLE: Example = {
    "project_id": "01890000-0000-7000-8000-000000000003",
    "person_id": "01890000-0000-7000-8000-000000000002",
    "worked_on": "2026-03-02",
    "hours": "6.5",
    "billable": True,
    "note": "Reviewed the deliverables of the landing page",
}
BATCH_EXAMPLE: Example = {
    "entries": [EXAMPLE, {**EXAMPLE, "worked_on": "2026-03-09", "worked_until": "2026-03-13", "hours": "32"}]
}
MOST_ENTRIES = 1000

HOURS_A_DAY = 24
MOST_DAYS = 31
EntryHours = Annotated[Decimal, *hours_marks(MOST_DAYS * HOURS_A_DAY)]


class TimeEntryCreate(Schema):
    """Hours of a person on a project: of one day, or (to `worked_until`) of several."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})
    project_id: UUID
    person_id: UUID
    worked_on: FactDay
    worked_until: FactDay | None = Field(None, description="The last day, for a line that covers several (31 at most).")
    hours: EntryHours = Field(description="At most 24 for each day.")
    billable: Bool = True
    responsibility: RoleKey | None = Field(
        None, description="The key of the responsibility that they served. Without one, the first duty rule decides."
    )
    issue_type: Name | None = Field(None, description="What duty rules look at, as are the next two and `source`.")
    component: Name | None = None
    activity: Name | None = None
    is_rework: Bool = False
    change_request_id: UUID | None = Field(None, description="The change of the same project that they were spent on.")
    approval: Approval = Approval.SUBMITTED
    note: Text | None = None
    source: Key = Field("tandem", description="The system that they come from; `external_id` is unique within it.")
    external_id: Name | None = None


TimeEntryUpdate = partial("TimeEntryUpdate", TimeEntryCreate, example={"approval": "approved"})


class TimeEntryBatch(Schema):
    """Several new time entries: all or none."""

    model_config = ConfigDict(json_schema_extra={"examples": [BATCH_EXAMPLE]})
    entries: Annotated[list[TimeEntryCreate], Field(min_length=1, max_length=MOST_ENTRIES)]


class EntryPerson(Schema):
    """Who worked."""

    id: UUID
    email: str
    display_name: str


class EntryProject(Schema):
    """What they worked on."""

    id: UUID
    code: str
    name: str


class TimeEntryRead(Read):
    """Hours of a person on a project. `cost_rate` is what an hour of theirs cost on `worked_on`."""

    project_id: UUID
    person_id: UUID
    worked_on: date
    worked_until: date | None
    hours: EntryHours
    billable: bool
    responsibility: RoleKey | None
    issue_type: Name | None
    component: Name | None
    activity: Name | None
    is_rework: bool
    change_request_id: UUID | None
    approval: Approval
    note: Text | None
    source: Key
    external_id: Name | None
    cost_rate: Amount | None = None
    cost_currency: Currency | None = None
    person: EntryPerson | None = None
    project: EntryProject | None = None
