"""Which people know which clients: what a re-assignment should not break."""

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from app.db.record import Record
from app.db.types import text


class Relationship(Record, table=True):
    """How well a person and a client know each other, from 1 (have met) to 5 (trust)."""

    __tablename__ = "relationship"
    __table_args__ = (
        sa.UniqueConstraint("person_id", "client_id"),
        sa.CheckConstraint("strength BETWEEN 1 AND 5", name="strength"),
    )
    person_id: UUID = Field(foreign_key="person.id")
    client_id: UUID = Field(foreign_key="client.id", index=True)
    strength: int
    since_on: date | None = None
    note: str | None = Field(default=None, sa_type=text())
