"""What has happened, to be told to others once the transaction has committed."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.db.types import Instant, Json, text


class OutboxEvent(SQLModel, table=True):
    """An event, written in the transaction of what it tells of. The worker numbers it, in commit order."""

    __tablename__ = "outbox_event"
    __table_args__ = (sa.Index("ix_outbox_event_project", "project_id", "occurred_at"),)
    id: UUID = Field(primary_key=True)
    position: int | None = Field(default=None, unique=True)
    type: str = Field(sa_type=text(80))
    subject_type: str = Field(sa_type=text(60))
    subject_id: UUID = Field(index=True)
    project_id: UUID | None = None  # the one that it is about, where `data` or the subject says so
    occurred_at: datetime = Field(sa_type=Instant)
    data: dict[str, Any] = Field(sa_type=Json)
    key_id: UUID | None = None
    person_id: UUID | None = None
    request_id: str = Field(sa_type=text(200))
