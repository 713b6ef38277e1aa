"""API keys. The secret itself is shown once and never stored."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from app.core.caller import AccessRole
from app.db.record import Record
from app.db.types import Instant, one_of, text


class ApiKey(Record, table=True):
    """Who may call, as what, until when. While rotating, the former secret works until `former_until`."""

    __tablename__ = "api_key"
    __table_args__ = (one_of("api_key", "role", AccessRole),)
    name: str = Field(sa_type=text(200))
    role: str = Field(sa_type=text(20))
    person_id: UUID | None = Field(default=None, foreign_key="person.id", index=True)
    secret_hash: str = Field(sa_type=text(64))
    former_hash: str | None = Field(default=None, sa_type=text(64))
    former_until: datetime | None = Field(default=None, sa_type=Instant)
    expires_at: datetime | None = Field(default=None, sa_type=Instant)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)
