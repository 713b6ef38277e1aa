from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from app.core.links import LinkKind
from app.core.schema import Day, Example, Instant, Schema, Text
from app.features.change_requests.service import ClientView
from app.features.feedback.schemas import FeedbackView

ANSWER_EXAMPLE: Example = {"answer": "concern", "text": "Who knows our shop as Maria does?"}

Answer = Literal["acknowledged", "concern", "chosen", "declined", "postponed"]
Given = Literal["acknowledged", "concern", "chosen", "declined", "postponed", "given"]


class LinkAnswer(Schema):
    """What somebody at a client's answers. To a notice: `acknowledged`, or `concern` with what it is. To a change
    request: `chosen` with the option, `declined` or `postponed`, each with why.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [ANSWER_EXAMPLE]})
    answer: Answer
    text: Annotated[Text, StringConstraints(strip_whitespace=True, max_length=4000)] | None = None
    option: Annotated[int, Field(strict=True, ge=1, le=10_000)] | None = Field(
        default=None, description="The number of the option that is `chosen`."
    )
    until: Day | None = Field(default=None, description="When to come back to what is `postponed`.")


class ClientLinkRead(Schema):
    """All that somebody at a client's may see of what their link is about."""

    kind: LinkKind
    subject: str
    body: str
    change: ClientView | None = Field(description="What there is to decide on; null where it is about something else.")
    feedback: FeedbackView | None = Field(description="What is asked; null where it is about something else.")
    answer: Given | None = Field(description="Null until it is answered, which happens once.")
    option: int | None = Field(description="The number of the option that was chosen.")
    answered_at: Instant | None = Field(description="Null also where the answer was anonymous.")
    expires_at: Instant
