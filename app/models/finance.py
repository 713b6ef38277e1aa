"""Money beside hours: expenses, invoices, what is charged, and exchange rates."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from app.db.record import Fact, current
from app.db.types import Scaled, text

_IN_FORCE = sa.text("superseded_at IS NULL")


class Expense(Fact, table=True):
    """Money spent on a project. What is passed through to the client is not the agency's own cost."""

    __tablename__ = "expense"
    __table_args__ = (current("expense"), sa.Index("ix_expense_external", "source", "external_id"))
    project_id: UUID = Field(foreign_key="project.id", index=True)
    incurred_on: date = Field(index=True)
    amount: Decimal = Field(sa_type=Scaled)
    currency: str = Field(sa_type=text(3))
    pass_through: bool = False
    change_request_id: UUID | None = Field(default=None, foreign_key="change_request.id", index=True)
    description: str | None = Field(default=None, sa_type=text())
    source: str = Field(default="tandem", sa_type=text(60))
    external_id: str | None = Field(default=None, sa_type=text(200))


class Invoice(Fact, table=True):
    """Money charged to a client for a project; a credit note is negative."""

    __tablename__ = "invoice"
    __table_args__ = (current("invoice"), sa.Index("ix_invoice_external", "source", "external_id"))
    project_id: UUID = Field(foreign_key="project.id", index=True)
    number: str | None = Field(default=None, sa_type=text(60))
    invoiced_on: date = Field(index=True)
    amount: Decimal = Field(sa_type=Scaled)
    currency: str = Field(sa_type=text(3))
    source: str = Field(default="tandem", sa_type=text(60))
    external_id: str | None = Field(default=None, sa_type=text(200))


class RateCard(Fact, table=True):
    """What an hour in a role is charged at: for a project, else for its client, else by the standard (neither)."""

    __tablename__ = "rate_card"
    __table_args__ = (
        current("rate_card"),
        sa.CheckConstraint("client_id IS NULL OR project_id IS NULL", name="scope"),
    )
    client_id: UUID | None = Field(default=None, foreign_key="client.id", index=True)
    project_id: UUID | None = Field(default=None, foreign_key="project.id", index=True)
    role: str = Field(sa_type=text(60), foreign_key="role.key")
    rate: Decimal = Field(sa_type=Scaled)
    currency: str = Field(sa_type=text(3))
    valid_from: date


class ExchangeRate(Fact, table=True):
    """One unit of `base` is `rate` units of `quote`, from a day on."""

    __tablename__ = "exchange_rate"
    __table_args__ = (
        current("exchange_rate"),
        sa.Index(
            "uq_exchange_rate_pair",
            "base",
            "quote",
            "valid_from",
            unique=True,
            sqlite_where=_IN_FORCE,
            postgresql_where=_IN_FORCE,
        ),
        sa.CheckConstraint("base <> quote", name="pair"),
    )
    base: str = Field(sa_type=text(3))
    quote: str = Field(sa_type=text(3))
    rate: Decimal = Field(sa_type=Scaled(8))
    valid_from: date
