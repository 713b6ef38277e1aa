from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from app.core.schema import Bool, Example, Name, Read, Schema, Words, partial
from app.models.playbook import Occasion

CHECKLIST_EXAMPLE: Example = {"occasion": "handover", "name": "Hand-over of a retainer"}
ITEM_EXAMPLE: Example = {
    "checklist_id": "01890000-0000-7000-8000-000000000040",
    "position": 7,
    "statement": "The successor has met the client's editors",
}

Statement = Annotated[Words, Field(max_length=500)]
Position = Annotated[int, Field(strict=True, ge=0, le=10_000)]


class ChecklistCreate(Schema):
    """What is to be done on an occasion. Being made the default, it takes the former one's place."""

    model_config = ConfigDict(json_schema_extra={"examples": [CHECKLIST_EXAMPLE]})
    occasion: Occasion
    name: Name
    is_default: Bool = False


ChecklistUpdate = partial(
    "ChecklistUpdate", ChecklistCreate, without=frozenset({"occasion"}), example={"is_default": True}
)


class ChecklistRead(Read):
    """What is to be done on an occasion, as `checklist-items`. The default of an occasion is copied when it comes."""

    occasion: Occasion
    name: Name
    is_default: bool


class ChecklistItemCreate(Schema):
    """A line of a checklist. Copies that were made before stay as they are."""

    model_config = ConfigDict(json_schema_extra={"examples": [ITEM_EXAMPLE]})
    checklist_id: UUID
    position: Position = 0
    statement: Statement


ChecklistItemUpdate = partial(
    "ChecklistItemUpdate", ChecklistItemCreate, without=frozenset({"checklist_id"}), example={"position": 2}
)


class ChecklistItemRead(Read):
    """A line of a checklist."""

    checklist_id: UUID
    position: int
    statement: str
