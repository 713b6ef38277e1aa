from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from app.core.links import LinkKind
from app.core.schema import Example, Instant, Schema, Text

ANSWER_EXAMPLE: Example = {"answer": "concern", "text": "Who knows our shop as Maria does?"}

Answer = Literal["acknowledged", "concern"]


class LinkAnswer(Schema):
    """What somebody at a client's answers; a concern says which."""

    model_config = ConfigDict(json_schema_extra={"examples": [ANSWER_EXAMPLE]})
    answer: Answer
    text: Annotated[Text, StringConstraints(strip_whitespace=True, max_length=4000)] | None = None


class ClientLinkRead(Schema):
    """All that somebody at a client's may see of what their link is about."""

    kind: LinkKind
    subject: str
    body: str
    answer: Answer | None = Field(description="Null until it is answered, which happens once.")
    answered_at: Instant | None
    expires_at: Instant
