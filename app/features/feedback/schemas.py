from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from app.core.schema import Bool, Example, FactDay, Instant, Name, Read, Scale5, Schema, Words, partial
from app.models.quality import FeedbackSubject

CLIENT_ID = "01890000-0000-7000-8000-000000000001"
PROJECT_ID = "01890000-0000-7000-8000-000000000003"
CONTACT_ID = "01890000-0000-7000-8000-000000000010"
EXAMPLE: Example = {
    "subject": "project",
    "project_id": PROJECT_ID,
    "contact_id": CONTACT_ID,
    "given_on": "2026-03-02",
    "csat": 4,
    "nps": 9,
    "comment": "We always know where we stand.",
}
REQUEST_EXAMPLE: Example = {
    "subject": "project",
    "project_id": PROJECT_ID,
    "contact_id": CONTACT_ID,
    "anonymous": False,
    "question": "How was the work on your shop for you?",
}
ANSWER_EXAMPLE: Example = {"csat": 5, "nps": 9, "comment": "We always know where we stand."}

Recommendation = Annotated[int, Field(strict=True, ge=0, le=10)]
Csat = Annotated[Scale5 | None, Field(description="How satisfied they are, from 1 to 5.")]
Nps = Annotated[Recommendation | None, Field(description="How likely they are to recommend us, from 0 to 10.")]
Comment = Annotated[Words, Field(max_length=4000)]
Question = Annotated[Name, Field(max_length=500)]


class AskedSubject(StrEnum):
    """What a contact can be asked about."""

    PROJECT = "project"
    CLIENT = "client"
    PMO_SERVICE = "pmo_service"


class FeedbackCreate(Schema):
    """What somebody said; at least one of `csat`, `nps` and `comment`."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})
    subject: FeedbackSubject
    project_id: UUID | None = Field(None, description="Of a `project`.")
    client_id: UUID | None = Field(None, description="Of a `client`; of others it follows from project or contact.")
    team: Name | None = Field(None, description="Of a `team`.")
    contact_id: UUID | None = Field(None, description="Who said it, at the client's.")
    person_id: UUID | None = Field(None, description="Who said it, of ours.")
    given_on: FactDay | None = Field(None, description="By default today; never ahead.")
    csat: Csat = None
    nps: Nps = None
    comment: Comment | None = None


FeedbackUpdate = partial("FeedbackUpdate", FeedbackCreate, example={"comment": "We nearly always know."})


class FeedbackRead(Read):
    """What somebody said. The anonymous is told in groups of three about the same thing, on the day of the last."""

    subject: FeedbackSubject
    project_id: UUID | None
    client_id: UUID | None
    team: Name | None
    contact_id: UUID | None
    person_id: UUID | None
    anonymous: bool
    given_on: date
    csat: int | None
    nps: int | None
    comment: str | None


class WithheldFeedback(Schema):
    """How many anonymous answers there are, and how many of them wait for others to be told with."""

    answers: int
    told: int
    withheld: int


class FeedbackRequestCreate(Schema):
    """Whom to ask about what. The answer holds the link to send."""

    model_config = ConfigDict(json_schema_extra={"examples": [REQUEST_EXAMPLE]})
    subject: AskedSubject
    project_id: UUID | None = Field(None, description="Of a `project`.")
    client_id: UUID | None = Field(None, description="Of a `client`; of others it follows from project or contact.")
    contact_id: UUID
    anonymous: Bool = Field(False, description="The answer is kept without anything that tells who gave it.")
    question: Question | None = Field(None, description="By default, what they think of our work.")


class FeedbackRequestRead(Read):
    """A contact who was asked. Of an anonymous answer it is known that it was given, not when nor which it is."""

    subject: AskedSubject
    project_id: UUID | None
    client_id: UUID
    contact_id: UUID
    anonymous: bool
    question: str | None
    asked_at: Instant
    expires_at: Instant
    answered: bool
    answered_at: Instant | None
    feedback_id: UUID | None


class FeedbackRequestMade(FeedbackRequestRead):
    """A contact who is asked, and the link to send."""

    link: str
    link_expires_at: Instant


class FeedbackLink(Schema):
    """The link to send: with it the contact answers, without an account."""

    request_id: UUID
    link: str
    link_expires_at: Instant


class FeedbackAnswer(Schema):
    """What a contact says; at least one of the three."""

    model_config = ConfigDict(json_schema_extra={"examples": [ANSWER_EXAMPLE]})
    csat: Csat = None
    nps: Nps = None
    comment: Comment | None = None


class FeedbackView(Schema):
    """What a contact is asked."""

    about: str = Field(description="The name of what it is about.")
    question: str
    anonymous: bool
