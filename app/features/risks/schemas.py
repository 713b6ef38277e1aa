from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from app.core.schema import Day, Example, FactDay, Read, Scale5, Schema, Words, partial
from app.models.risk import IssueStatus, RiskStatus, Strategy

RISK_EXAMPLE: Example = {
    "project_id": "01890000-0000-7000-8000-000000000003",
    "cause": "The stock system's interface is undocumented.",
    "event": "The import of the catalogue needs to be rebuilt.",
    "effect": "The launch moves by three weeks.",
    "likelihood": 3,
    "impact": 4,
    "strategy": "reduce",
    "owner_id": "01890000-0000-7000-8000-000000000004",
    "response": "Import a hundred articles in the first week, and see.",
    "due_on": "2027-02-12",
}
ISSUE_EXAMPLE: Example = {
    "project_id": "01890000-0000-7000-8000-000000000003",
    "cause": "The test server has too little memory.",
    "event": "The search index can't be built there.",
    "effect": "The client can't accept the search.",
    "likelihood": 4,
    "impact": 3,
    "strategy": "avoid",
    "owner_id": "01890000-0000-7000-8000-000000000004",
    "due_on": "2027-02-05",
}

Exposure = Annotated[int, Field(ge=1, le=25, description="likelihood × impact.")]
Number = Annotated[int, Field(ge=1, le=1_000_000, description="Counted within its project.")]


class RiskCreate(Schema):
    """A new risk: because of a cause, an event may happen, with an effect."""

    model_config = ConfigDict(json_schema_extra={"examples": [RISK_EXAMPLE]})
    project_id: UUID
    cause: Words
    event: Words
    effect: Words
    likelihood: Scale5
    impact: Scale5
    strategy: Strategy = Strategy.REDUCE
    owner_id: UUID | None = Field(default=None, description="The person who watches it.")
    response: Words | None = Field(default=None, description="What is done about it.")
    due_on: Day | None = Field(default=None, description="Until when the response is done.")
    identified_on: FactDay | None = Field(default=None, description="By default today.")


class _RiskChange(RiskCreate):
    identified_on: FactDay = Field()


RiskUpdate = partial(
    "RiskUpdate", _RiskChange, without=frozenset({"project_id"}), example={"likelihood": 2, "due_on": "2027-02-26"}
)


class RiskRead(Read):
    """What may go wrong on a project. `overdue`: it is open, and its `due_on` has passed."""

    project_id: UUID
    number: Number
    cause: str
    event: str
    effect: str
    likelihood: Scale5
    impact: Scale5
    exposure: Exposure
    strategy: Strategy
    owner_id: UUID | None
    response: str | None
    due_on: date | None
    overdue: bool
    status: RiskStatus
    allowed_transitions: list[RiskStatus]
    identified_on: date
    closed_on: date | None


class IssueCreate(Schema):
    """A new issue: because of a cause, an event has happened, with an effect."""

    model_config = ConfigDict(json_schema_extra={"examples": [ISSUE_EXAMPLE]})
    project_id: UUID
    cause: Words
    event: Words
    effect: Words
    likelihood: Scale5 = Field(description="That it gets worse, or comes again.")
    impact: Scale5
    strategy: Strategy = Strategy.REDUCE
    owner_id: UUID | None = Field(default=None, description="The person who sees to it.")
    response: Words | None = Field(default=None, description="What is done about it.")
    due_on: Day | None = Field(default=None, description="Until when it is to be resolved.")
    raised_on: FactDay | None = Field(default=None, description="By default today.")


class _IssueChange(IssueCreate):
    raised_on: FactDay = Field()


IssueUpdate = partial(
    "IssueUpdate", _IssueChange, without=frozenset({"project_id"}), example={"impact": 4, "due_on": "2027-02-19"}
)


class IssueRead(Read):
    """What has gone wrong on a project; `risk_id` is the risk that it was. `overdue`: it waits, and its `due_on` has
    passed.
    """

    project_id: UUID
    number: Number
    risk_id: UUID | None
    cause: str
    event: str
    effect: str
    likelihood: Scale5
    impact: Scale5
    exposure: Exposure
    strategy: Strategy
    owner_id: UUID | None
    response: str | None
    due_on: date | None
    overdue: bool
    status: IssueStatus
    allowed_transitions: list[IssueStatus]
    raised_on: date
    resolved_on: date | None
    resolution: str | None


class RiskClose(Schema):
    """Why a risk needs no watching any more."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "The catalogue is imported."}]})
    reason: Words | None = Field(default=None, description="It goes to the decision log.")


class RiskOccur(Schema):
    """When a risk occurred, and how it turned out."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"effect": "The launch moves by two weeks."}]})
    on: FactDay | None = Field(default=None, description="By default today; never ahead.")
    effect: Words | None = Field(default=None, description="By default the one that was expected.")


class Reopen(Schema):
    """Why it is opened again."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "It is back since the last update."}]})
    reason: Words = Field(description="It goes to the decision log.")


class IssueResolve(Schema):
    """How an issue was resolved."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"resolution": "The server has twice the memory."}]})
    resolution: Words
    on: FactDay | None = Field(default=None, description="By default today; never ahead.")


class IssueWithdraw(Schema):
    """Why an issue was none."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "It was raised twice."}]})
    reason: Words = Field(description="It becomes the issue's `resolution`.")
