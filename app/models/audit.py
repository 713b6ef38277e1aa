"""The audit of every write: append-only ids, and apart from them what changed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Field, SQLModel

from app.db.types import Instant, Json, text


class AuditEntry(SQLModel, table=True):
    """Who did what to which record, when, in which request. No row is ever changed or deleted (trigger)."""

    __tablename__ = "audit_entry"
    id: UUID = Field(primary_key=True)
    at: datetime = Field(sa_type=Instant, index=True)
    action: str = Field(sa_type=text(60))
    subject_type: str = Field(sa_type=text(60))
    subject_id: UUID = Field(index=True)
    key_id: UUID | None = None
    person_id: UUID | None = Field(default=None, index=True)
    request_id: str = Field(sa_type=text(200))


class AuditChange(SQLModel, table=True):
    """The fields that a write changed, before and after. Can be deleted, to forget a person; the entry stays."""

    __tablename__ = "audit_change"
    entry_id: UUID = Field(primary_key=True, foreign_key="audit_entry.id")
    before: dict[str, Any] | None = Field(default=None, sa_type=Json)
    after: dict[str, Any] | None = Field(default=None, sa_type=Json)
