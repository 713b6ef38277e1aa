"""The playbook: a checklist for each occasion, copied when the occasion comes."""

from enum import StrEnum
from uuid import UUID

from sqlmodel import Field

from app.db.record import Record
from app.db.types import one_of, text


class Occasion(StrEnum):
    KICK_OFF = "kick_off"
    HANDOVER = "handover"
    CHANGE = "change"
    RESCUE = "rescue"
    CLOSING = "closing"


class Checklist(Record, table=True):
    """What is to be done on an occasion. One of those for an occasion is the default."""

    __tablename__ = "checklist"
    __table_args__ = (one_of("checklist", "occasion", Occasion),)
    occasion: str = Field(sa_type=text(20), index=True)
    name: str = Field(sa_type=text(200), unique=True)
    is_default: bool = False


class ChecklistItem(Record, table=True):
    """A line of a checklist."""

    __tablename__ = "checklist_item"
    checklist_id: UUID = Field(foreign_key="checklist.id", index=True)
    position: int = 0
    statement: str = Field(sa_type=text(500))
