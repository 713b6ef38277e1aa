from enum import StrEnum
from uuid import UUID

from pydantic import ConfigDict, Field

from app.core.schema import Example, Instant, Read, Schema

ASK_EXAMPLE: Example = {"contact_id": "01890000-0000-7000-8000-000000000010"}


class AskAnswer(StrEnum):
    CHOSEN = "chosen"
    DECLINED = "declined"
    POSTPONED = "postponed"


class ChangeAskCreate(Schema):
    """Who is asked to decide."""

    model_config = ConfigDict(json_schema_extra={"examples": [ASK_EXAMPLE]})
    contact_id: UUID = Field(description="A contact of the project's client who may decide one of the options.")


class ChangeAskLink(Schema):
    """The link to send: with it the contact reads the options and decides, without an account."""

    ask_id: UUID
    link: str
    link_expires_at: Instant


class ChangeAskRead(Read):
    """A contact who was asked to decide: when, and when they answered what."""

    change_request_id: UUID
    contact_id: UUID
    asked_at: Instant
    expires_at: Instant
    answer: AskAnswer | None
    answer_option: int | None
    answer_text: str | None
    answered_at: Instant | None
