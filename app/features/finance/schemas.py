from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from app.core.schema import (
    Amount,
    Bool,
    Currency,
    Example,
    FactDay,
    Key,
    Money,
    Name,
    Read,
    RoleKey,
    Schema,
    Text,
    decimal_marks,
    partial,
)

EXPENSE_EXAMPLE: Example = {
    "project_id": "01890000-0000-7000-8000-000000000003",
    "incurred_on": "2026-03-02",
    "amount": "420.00",
    "currency": "EUR",
    "pass_through": True,
    "description": "Stock photography",
}
INVOICE_EXAMPLE: Example = {
    "project_id": "01890000-0000-7000-8000-000000000003",
    "number": "2026-0117",
    "invoiced_on": "2026-03-31",
    "amount": "12500.00",
    "currency": "EUR",
}
RATE_CARD_EXAMPLE: Example = {
    "client_id": "01890000-0000-7000-8000-000000000001",
    "role": "production_manager",
    "rate": "135.00",
    "currency": "EUR",
    "valid_from": "2026-01-01",
}
EXCHANGE_RATE_EXAMPLE: Example = {"base": "USD", "quote": "EUR", "rate": "0.9213", "valid_from": "2026-03-02"}

Factor = Annotated[Decimal, *decimal_marks(0, 1_000_000_000, 8)]


class ExpenseCreate(Schema):
    """Money spent on a project."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXPENSE_EXAMPLE]})
    project_id: UUID
    incurred_on: FactDay
    amount: Amount
    currency: Currency
    pass_through: Bool = Field(False, description="Charged on to the client as it is: no cost of the agency's own.")
    change_request_id: UUID | None = Field(default=None, description="The change of the same project that it was for.")
    description: Text | None = None
    source: Key = "tandem"
    external_id: Name | None = None


ExpenseUpdate = partial("ExpenseUpdate", ExpenseCreate, example={"amount": "380.00"})


class ExpenseRead(Read):
    """Money spent on a project."""

    project_id: UUID
    incurred_on: date
    amount: Amount | None = None
    currency: Currency
    pass_through: bool
    change_request_id: UUID | None
    description: Text | None
    source: Key
    external_id: Name | None


class InvoiceCreate(Schema):
    """Money charged for a project; a credit note is negative."""

    model_config = ConfigDict(json_schema_extra={"examples": [INVOICE_EXAMPLE]})
    project_id: UUID
    number: Annotated[Name, Field(max_length=60)] | None = None
    invoiced_on: FactDay
    amount: Money
    currency: Currency
    source: Key = "tandem"
    external_id: Name | None = None


InvoiceUpdate = partial("InvoiceUpdate", InvoiceCreate, example={"number": "2026-0117-A"})


class InvoiceRead(Read):
    """Money charged for a project; a credit note is negative."""

    project_id: UUID
    number: Name | None
    invoiced_on: date
    amount: Money | None = None
    currency: Currency
    source: Key
    external_id: Name | None


class RateCardCreate(Schema):
    """What an hour in a role is charged at, from a day on: for a project, else for its client, else by the standard."""

    model_config = ConfigDict(json_schema_extra={"examples": [RATE_CARD_EXAMPLE]})
    client_id: UUID | None = None
    project_id: UUID | None = None
    role: RoleKey
    rate: Amount
    currency: Currency
    valid_from: FactDay


RateCardUpdate = partial("RateCardUpdate", RateCardCreate, example={"rate": "140.00"})


class RateCardRead(Read):
    """What an hour in a role is charged at."""

    client_id: UUID | None
    project_id: UUID | None
    role: RoleKey
    rate: Amount | None = None
    currency: Currency
    valid_from: date


class ExchangeRateCreate(Schema):
    """One unit of `base` is `rate` units of `quote`, from a day on."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXCHANGE_RATE_EXAMPLE]})
    base: Currency
    quote: Currency
    rate: Factor
    valid_from: FactDay


ExchangeRateUpdate = partial("ExchangeRateUpdate", ExchangeRateCreate, example={"rate": "0.92"})


class ExchangeRateRead(Read):
    """One unit of `base` is `rate` units of `quote`, from a day on."""

    base: Currency
    quote: Currency
    rate: Factor
    valid_from: date
