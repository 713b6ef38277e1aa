"""Answers kept so that a request which is sent again gets the same one."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.db.types import Instant, Json, text


class IdempotencyRecord(SQLModel, table=True):
    """The answer to the first request with this key, by this caller; kept in that request's transaction."""

    __tablename__ = "idempotency_record"
    caller: str = Field(primary_key=True, sa_type=text(80))
    key: str = Field(primary_key=True, sa_type=text(200))
    request_hash: str = Field(sa_type=text(64))
    status: int
    headers: dict[str, Any] = Field(sa_type=Json)
    body: bytes = Field(sa_type=sa.LargeBinary)
    created_at: datetime = Field(sa_type=Instant, index=True)
