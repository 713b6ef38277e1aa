"""Facts for tests of KPIs: rows as the services would have left them."""

import functools
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import SQLModel

from app.core.ids import new_id
from app.db.record import table_of
from app.models.assignment import Assignment
from app.models.client import Client
from app.models.commitment import Commitment
from app.models.finance import ExchangeRate, Expense, Invoice
from app.models.person import Person, TimeOff
from app.models.project import Baseline, Project, ProjectStatusSpan, Seat
from app.models.quality import Feedback, FeedbackSubject
from app.models.time_entry import TimeEntry

MADE_AT = datetime(2026, 1, 1, tzinfo=UTC)


@functools.cache
def _defaults(model: type[SQLModel]) -> dict[str, Any]:
    return {name: field.default for name, field in model.model_fields.items() if not field.is_required()}


def add_all(conn: sa.Connection, model: type[SQLModel], rows: list[dict[str, Any]]) -> list[UUID]:
    """Insert rows with as little said as a test needs; returns their ids."""
    made = []
    for values in rows:
        id = new_id()
        row = _defaults(model) | {"id": id, "row_id": id, "version": 1, "search_text": ""}
        row |= dict.fromkeys(("created_at", "updated_at", "recorded_at"), MADE_AT)
        made.append({name: value for name, value in (row | values).items() if name in model.model_fields})
    if made:
        conn.execute(sa.insert(table_of(model)), made)
    return [row["id"] for row in made]


def add(conn: sa.Connection, model: type[SQLModel], **values: Any) -> UUID:
    return add_all(conn, model, [values])[0]


def client(conn: sa.Connection, code: str = "ACME") -> UUID:
    return add(conn, Client, code=code, name=f"{code} Inc.")


def project(conn: sa.Connection, client_id: UUID, code: str = "ACME-WEB", **values: Any) -> UUID:
    return add(conn, Project, client_id=client_id, code=code, name=code, **values)


def person(conn: sa.Connection, email: str = "maria@agency.example", **values: Any) -> UUID:
    return add(conn, Person, email=email, display_name=email, **values)


def hours(
    conn: sa.Connection, project_id: UUID, person_id: UUID, day: date, amount: str | int | Decimal, **values: Any
) -> UUID:
    said = {"hours": Decimal(amount), "worked_on": day, "project_id": project_id, "person_id": person_id}
    if "cost_rate" in values:
        said["cost_currency"] = "EUR"
    return add(conn, TimeEntry, **said | values)


def invoice(conn: sa.Connection, project_id: UUID, day: date, amount: str, currency: str = "EUR") -> UUID:
    return add(conn, Invoice, project_id=project_id, invoiced_on=day, amount=Decimal(amount), currency=currency)


def expense(conn: sa.Connection, project_id: UUID, day: date, amount: str, **values: Any) -> UUID:
    said = {"project_id": project_id, "incurred_on": day, "amount": Decimal(amount), "currency": "EUR"}
    return add(conn, Expense, **said | values)


def rate(conn: sa.Connection, base: str, quote: str, amount: str, day: date) -> UUID:
    return add(conn, ExchangeRate, base=base, quote=quote, rate=Decimal(amount), valid_from=day)


def status(conn: sa.Connection, project_id: UUID, status: str, start: date, end: date | None = None) -> UUID:
    return add(
        conn,
        ProjectStatusSpan,
        project_id=project_id,
        status=status,
        valid_from=start,
        valid_to=end,
        transition_id=new_id(),
    )


def seat(conn: sa.Connection, project_id: UUID, role: str = "account_manager", weight: str = "0.5") -> UUID:
    return add(conn, Seat, project_id=project_id, role=role, load_weight=Decimal(weight))


def holder(
    conn: sa.Connection,
    project_id: UUID,
    person_id: UUID | None,
    start: date,
    end: date | None = None,
    role: str = "account_manager",
    **values: Any,
) -> UUID:
    said = {"project_id": project_id, "person_id": person_id, "role": role, "valid_from": start, "valid_to": end}
    return add(conn, Assignment, **said | values)


def away(conn: sa.Connection, person_id: UUID, first: date, last: date, a_day: str | None = None) -> UUID:
    hours_per_day = Decimal(a_day) if a_day is not None else None
    return add(conn, TimeOff, person_id=person_id, from_on=first, until_on=last, hours_per_day=hours_per_day)


def baseline(conn: sa.Connection, project_id: UUID, number: int = 1, **values: Any) -> UUID:
    said = {"number": number, "cause": "activation", "valid_from": date(2026, 1, 1), "currency": "EUR"}
    return add(conn, Baseline, project_id=project_id, **said | values)


def commitment(conn: sa.Connection, person_id: UUID, due_on: date, status: str = "open", **values: Any) -> UUID:
    said = {"promised_by_id": person_id, "due_on": due_on, "original_due_on": due_on, "status": status}
    said |= {"promised_on": date(2026, 1, 1), "statement": "The texts are there."}
    return add(conn, Commitment, **said | values)


def feedback(conn: sa.Connection, project_id: UUID, client_id: UUID, day: date, csat: int, nps: int) -> UUID:
    said = {"subject": FeedbackSubject.PROJECT, "project_id": project_id, "client_id": client_id}
    return add(conn, Feedback, **said, given_on=day, csat=csat, nps=nps)
