"""Rows for tests, with as little said as the test needs."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.caller import AccessRole
from app.core.ids import new_id
from app.core.secrets import hash_secret, write_key
from app.db.record import table_of
from app.models.access import ApiKey
from app.models.person import Person


def make_key(conn: sa.Connection, role: AccessRole, *, person_id: UUID | None = None, **values: Any) -> str:
    """An API key, as its owner would send it."""
    id, now = new_id(), clock.now()
    row = {
        "id": id,
        "version": 1,
        "created_at": now,
        "updated_at": now,
        "name": f"test {role}",
        "role": role,
        "person_id": person_id,
        "secret_hash": hash_secret("secret"),
        **values,
    }
    conn.execute(sa.insert(table_of(ApiKey)), row)
    return write_key(id, "secret")


def make_person(conn: sa.Connection, email: str = "maria@agency.example", **values: Any) -> UUID:
    """A person of the agency; returns the id."""
    id, now = new_id(), clock.now()
    row = {
        "display_name": "Maria López",
        "weekly_hours": Decimal(40),
        "active_cap": Decimal(6),
        "back_burner_cap": Decimal(15),
        "search_text": f"maria lópez {email}",
        **values,
    }
    row |= {"id": id, "version": 1, "created_at": now, "updated_at": now, "email": email}
    conn.execute(sa.insert(table_of(Person)), row)
    return id
