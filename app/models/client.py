"""Clients and their contacts."""

from datetime import date
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from app.db.record import Record
from app.db.types import one_of, text


class ClientTier(StrEnum):
    STRATEGIC = "strategic"
    KEY = "key"
    STANDARD = "standard"


class ClientStatus(StrEnum):
    PROSPECT = "prospect"
    ACTIVE = "active"
    FORMER = "former"


class ContactRole(StrEnum):
    SPONSOR = "sponsor"
    APPROVER = "approver"
    USER = "user"
    BILLING = "billing"


class Client(Record, table=True):
    """Somebody whom the agency works for. `account_manager_id` owns the relationship, also without a live project."""

    __tablename__ = "client"
    __table_args__ = (
        one_of("client", "tier", ClientTier),
        one_of("client", "status", ClientStatus),
        sa.CheckConstraint("communication_intensity BETWEEN 1 AND 5", name="communication_intensity"),
    )
    code: str = Field(sa_type=text(60), unique=True)
    name: str = Field(sa_type=text(200), index=True)
    industry: str | None = Field(default=None, sa_type=text(200))
    tier: str = Field(default=ClientTier.STANDARD, sa_type=text(20))
    status: str = Field(default=ClientStatus.ACTIVE, sa_type=text(20))
    communication_intensity: int = 3
    since_on: date | None = None
    account_manager_id: UUID | None = Field(default=None, foreign_key="person.id", index=True)
    search_text: str = Field(sa_type=text(450))


class Contact(Record, table=True):
    """A person at the client's."""

    __tablename__ = "contact"
    __table_args__ = (one_of("contact", "role", ContactRole),)
    client_id: UUID = Field(foreign_key="client.id", index=True)
    name: str = Field(sa_type=text(200))
    email: str | None = Field(default=None, sa_type=text(200))
    role: str = Field(default=ContactRole.USER, sa_type=text(20))
    is_primary: bool = False
