"""Expenses, invoices, rate cards and exchange rates. Each function is one step of a transaction that is open."""

import functools
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core.caller import Caller
from app.core.errors import FieldError, Invalid
from app.db.listing import Listing, ListQuery, Page, columns_of, page
from app.db.record import table_of
from app.features.finance import events, rules
from app.features.finance.errors import RateCardTaken
from app.features.finance.schemas import ExchangeRateCreate, ExpenseCreate, InvoiceCreate, RateCardCreate
from app.messaging import records
from app.messaging.outbox import emit
from app.messaging.records import Row
from app.messaging.references import changes_elsewhere
from app.models.client import Client
from app.models.finance import ExchangeRate, Expense, Invoice, RateCard
from app.models.project import Project
from app.models.role import Role

expenses = table_of(Expense)
invoices = table_of(Invoice)
rate_cards = table_of(RateCard)
exchange_rates = table_of(ExchangeRate)

REFERENCES = {
    "project_id": (table_of(Project), "id"),
    "client_id": (table_of(Client), "id"),
    "role": (table_of(Role), "key"),
}

EXPENSES = Listing(
    name="expenses",
    columns=columns_of(expenses),
    source=expenses,
    where=(expenses.c.superseded_at.is_(None),),
    filters=(
        "project_id",
        "change_request_id",
        "incurred_on",
        "amount",
        "currency",
        "pass_through",
        "source",
        "external_id",
    ),
    sorts=("incurred_on", "amount", "created_at", "updated_at"),
    default_sort=(("incurred_on", True),),
)
INVOICES = Listing(
    name="invoices",
    columns=columns_of(invoices),
    source=invoices,
    where=(invoices.c.superseded_at.is_(None),),
    filters=("project_id", "number", "invoiced_on", "amount", "currency", "source", "external_id"),
    sorts=("invoiced_on", "number", "amount", "created_at", "updated_at"),
    default_sort=(("invoiced_on", True),),
)
RATE_CARDS = Listing(
    name="rate_cards",
    columns=columns_of(rate_cards),
    source=rate_cards,
    where=(rate_cards.c.superseded_at.is_(None),),
    filters=("client_id", "project_id", "role", "rate", "currency", "valid_from"),
    sorts=("role", "rate", "valid_from", "created_at", "updated_at"),
    default_sort=(("role", False), ("valid_from", True)),
)
EXCHANGE_RATES = Listing(
    name="exchange_rates",
    columns=columns_of(exchange_rates),
    source=exchange_rates,
    where=(exchange_rates.c.superseded_at.is_(None),),
    filters=("base", "quote", "rate", "valid_from"),
    sorts=("base", "quote", "rate", "valid_from", "created_at", "updated_at"),
    default_sort=(("valid_from", True), ("base", False), ("quote", False)),
)


def list_expenses(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, EXPENSES, query)


def get_expense(conn: sa.Connection, caller: Caller, id: UUID) -> Row:
    return records.get(conn, expenses, id)


def create_expense(conn: sa.Connection, caller: Caller, data: ExpenseCreate) -> Row:
    values = data.model_dump()
    records.check_references(conn, values, REFERENCES)
    _check_change(conn, values)
    row = records.record(conn, caller, expenses, values)
    emit(conn, caller, events.expense_created(row.id, row.project_id))
    return row


def update_expense(
    conn: sa.Connection, caller: Caller, id: UUID, changes: Mapping[str, Any], expected: int | None
) -> Row:
    before = get_expense(conn, caller, id)
    rules.check_may_change(caller, before.project_id, changes)
    records.check_references(conn, changes, REFERENCES)
    if changes.keys() & {"project_id", "change_request_id"}:
        _check_change(conn, {**before._mapping, **changes})
    row = records.correct(conn, caller, expenses, before, changes, expected)
    if row is not before:
        emit(conn, caller, events.expense_updated(row.id, row.project_id, sorted(changes)))
    return row


def delete_expense(conn: sa.Connection, caller: Caller, id: UUID, expected: int | None) -> None:
    before = get_expense(conn, caller, id)
    rules.check_may_delete(caller, before.project_id)
    records.withdraw(conn, caller, expenses, before, expected)
    emit(conn, caller, events.expense_deleted(before.id, before.project_id))


def _check_change(conn: sa.Connection, expense: Mapping[str, Any]) -> None:
    """422 where an expense names a change of another project."""
    errors = changes_elsewhere(conn, [expense])
    if errors:
        raise Invalid("Name a change request of the expense's own project, or none.", errors=errors)


def list_invoices(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, INVOICES, query)


def get_invoice(conn: sa.Connection, caller: Caller, id: UUID) -> Row:
    return records.get(conn, invoices, id)


def create_invoice(conn: sa.Connection, caller: Caller, data: InvoiceCreate) -> Row:
    values = data.model_dump()
    records.check_references(conn, values, REFERENCES)
    row = records.record(conn, caller, invoices, values)
    emit(conn, caller, events.invoice_created(row.id, row.project_id))
    return row


def update_invoice(
    conn: sa.Connection, caller: Caller, id: UUID, changes: Mapping[str, Any], expected: int | None
) -> Row:
    before = get_invoice(conn, caller, id)
    rules.check_may_change(caller, before.project_id, changes)
    records.check_references(conn, changes, REFERENCES)
    row = records.correct(conn, caller, invoices, before, changes, expected)
    if row is not before:
        emit(conn, caller, events.invoice_updated(row.id, row.project_id, sorted(changes)))
    return row


def delete_invoice(conn: sa.Connection, caller: Caller, id: UUID, expected: int | None) -> None:
    before = get_invoice(conn, caller, id)
    rules.check_may_delete(caller, before.project_id)
    records.withdraw(conn, caller, invoices, before, expected)
    emit(conn, caller, events.invoice_deleted(before.id, before.project_id))


def list_rate_cards(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, RATE_CARDS, query)


def get_rate_card(conn: sa.Connection, caller: Caller, id: UUID) -> Row:
    return records.get(conn, rate_cards, id)


def create_rate_card(conn: sa.Connection, caller: Caller, data: RateCardCreate) -> Row:
    values = data.model_dump()
    rules.check_scope(values)
    records.check_references(conn, values, REFERENCES)
    _check_free(conn, values)
    row = records.record(conn, caller, rate_cards, values)
    emit(conn, caller, events.rate_card_created(row.id))
    return row


def update_rate_card(
    conn: sa.Connection, caller: Caller, id: UUID, changes: Mapping[str, Any], expected: int | None
) -> Row:
    before = get_rate_card(conn, caller, id)
    after = {**before._mapping, **changes}
    rules.check_scope(after)
    records.check_references(conn, changes, REFERENCES)
    _check_free(conn, after)
    row = records.correct(conn, caller, rate_cards, before, changes, expected)
    if row is not before:
        emit(conn, caller, events.rate_card_updated(row.id, sorted(changes)))
    return row


def delete_rate_card(conn: sa.Connection, caller: Caller, id: UUID, expected: int | None) -> None:
    before = get_rate_card(conn, caller, id)
    records.withdraw(conn, caller, rate_cards, before, expected)
    emit(conn, caller, events.rate_card_deleted(before.id))


def list_exchange_rates(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, EXCHANGE_RATES, query)


def get_exchange_rate(conn: sa.Connection, caller: Caller, id: UUID) -> Row:
    return records.get(conn, exchange_rates, id)


def create_exchange_rate(conn: sa.Connection, caller: Caller, data: ExchangeRateCreate) -> Row:
    values = data.model_dump()
    rules.check_pair(values)
    row = records.record(conn, caller, exchange_rates, values)
    emit(conn, caller, events.exchange_rate_created(row.id))
    return row


def update_exchange_rate(
    conn: sa.Connection, caller: Caller, id: UUID, changes: Mapping[str, Any], expected: int | None
) -> Row:
    before = get_exchange_rate(conn, caller, id)
    rules.check_pair({**before._mapping, **changes})
    row = records.correct(conn, caller, exchange_rates, before, changes, expected)
    if row is not before:
        emit(conn, caller, events.exchange_rate_updated(row.id, sorted(changes)))
    return row


def delete_exchange_rate(conn: sa.Connection, caller: Caller, id: UUID, expected: int | None) -> None:
    before = get_exchange_rate(conn, caller, id)
    records.withdraw(conn, caller, exchange_rates, before, expected)
    emit(conn, caller, events.exchange_rate_deleted(before.id))


SCOPE = ("client_id", "project_id", "role", "valid_from")


@functools.cache
def _same_scope(given: frozenset[str]) -> sa.Select[Any]:
    columns = [rate_cards.c[name] for name in SCOPE]
    same = [c == sa.bindparam(c.name, type_=c.type) if c.name in given else c.is_(None) for c in columns]
    return sa.select(rate_cards.c.id).where(*same, rate_cards.c.superseded_at.is_(None))


def _check_free(conn: sa.Connection, values: Mapping[str, Any]) -> None:
    """409 where another rate of the same scope and role begins on the same day: which of them would count?"""
    given = {name: values[name] for name in SCOPE if values[name] is not None}
    if set(conn.execute(_same_scope(frozenset(given)), given).scalars()) - {values.get("id")}:
        raise RateCardTaken(
            "Change that one, or choose another `valid_from`.",
            errors=[FieldError("/valid_from", "is taken for this role and scope", "duplicate")],
        )
