"""A small portfolio put straight into the tables, for tests of what stands on it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.ids import new_id
from app.db.dispatcher import Database
from app.db.record import table_of
from app.models.assignment import Assignment
from app.models.client import Client
from app.models.person import Person, PersonRate
from app.models.project import Project


def _stamps() -> dict[str, Any]:
    now = clock.now()
    return {"id": new_id(), "version": 1, "created_at": now, "updated_at": now}


def _fact() -> dict[str, Any]:
    now, id = clock.now(), new_id()
    return {"row_id": id, "id": id, "version": 1, "created_at": now, "recorded_at": now}


def _add(conn: sa.Connection, model: Any, row: dict[str, Any]) -> UUID:
    conn.execute(sa.insert(table_of(model)), row)
    id: UUID = row["id"]
    return id


def add_client(conn: sa.Connection, code: str = "ACME") -> UUID:
    return _add(conn, Client, {**_stamps(), "code": code, "name": code.title(), "search_text": code.casefold()})


def add_person(conn: sa.Connection, email: str = "maria.lopez@agency.example") -> UUID:
    name = email.partition("@")[0]
    return _add(conn, Person, {**_stamps(), "email": email, "display_name": name, "search_text": name})


def add_project(conn: sa.Connection, client_id: UUID, code: str = "ACME-WEB") -> UUID:
    values = {"code": code, "name": code.title(), "client_id": client_id, "search_text": code.casefold()}
    return _add(conn, Project, {**_stamps(), **values})


def add_rate(conn: sa.Connection, person_id: UUID, rate: str, valid_from: str, currency: str = "EUR") -> UUID:
    values = {"person_id": person_id, "cost_rate": Decimal(rate), "currency": currency}
    return _add(conn, PersonRate, {**_fact(), **values, "valid_from": date.fromisoformat(valid_from)})


def seat(conn: sa.Connection, project_id: UUID, person_id: UUID) -> UUID:
    values = {"project_id": project_id, "role": "account_manager", "person_id": person_id}
    return _add(conn, Assignment, {**_fact(), **values, "valid_from": date(2020, 1, 1)})


@dataclass(frozen=True)
class Portfolio:
    """A client with a project, and two people; Maria costs 50 from 2026 on, and 60 from July on."""

    client: UUID
    project: UUID
    maria: UUID
    jon: UUID


async def make_portfolio(database: Database) -> Portfolio:
    def add(conn: sa.Connection) -> Portfolio:
        client, maria, jon = add_client(conn), add_person(conn), add_person(conn, "jon.berg@agency.example")
        add_rate(conn, maria, "50", "2026-01-01")
        add_rate(conn, maria, "60", "2026-07-01")
        return Portfolio(client, add_project(conn, client), maria, jon)

    return await database.write(add)
