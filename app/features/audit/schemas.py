from typing import Any
from uuid import UUID

from pydantic import Field

from app.core.schema import Instant, Schema


class AuditEntryRead(Schema):
    """Who did what to which record, when, in which request, and what it changed."""

    id: UUID
    at: Instant
    action: str = Field(examples=["updated"])
    subject_type: str = Field(examples=["client"])
    subject_id: UUID
    key_id: UUID | None
    person_id: UUID | None
    request_id: str = Field(description="The `X-Request-Id` of the request that wrote.")
    before: dict[str, Any] | None = Field(description="The fields that the write changed, as they were.")
    after: dict[str, Any] | None = Field(description="The same fields, as they are since; null for a deletion.")
    etag: str = Field(examples=['"1"'])
