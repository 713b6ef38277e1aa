"""What the benchmark measures against: 200 projects of 20 clients, with milestones' dates and a manager."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa

from app.core.caller import SYSTEM
from app.db.record import table_of
from app.features.clients import service as clients
from app.features.clients.schemas import ClientCreate
from app.features.projects import service as projects
from app.features.projects.schemas import ProjectCreate
from app.messaging import records
from app.models.person import Person, PersonRate


def seed(conn: sa.Connection) -> tuple[UUID, UUID]:
    """Fill an empty database. Returns the ids of a project and of a person."""
    for number in range(20):
        client = clients.create_client(conn, SYSTEM, ClientCreate(code=f"CLIENT{number:02}", name=f"Client {number}"))
        for part in range(10):
            project = projects.create_project(
                conn,
                SYSTEM,
                ProjectCreate(
                    code=f"P{number:02}-{part:02}",
                    name=f"Project {part} of client {number}",
                    client_id=client.id,
                    status="active",
                    start_on=date(2026, 1, 5),
                    due_on=date(2026, 12, 18),
                    fee=Decimal(120_000),
                    cost_budget=Decimal(80_000),
                    hours_budget=Decimal(900),
                ),
            )
    mark = {
        "email": "bench@agency.example",
        "display_name": "Bench Mark",
        "search_text": "",
        "hired_on": date(2020, 1, 1),
    }
    person = records.add(conn, SYSTEM, table_of(Person), mark)
    rate = {"person_id": person.id, "cost_rate": Decimal(62), "currency": "EUR", "valid_from": date(2020, 1, 1)}
    records.record(conn, SYSTEM, table_of(PersonRate), rate)
    return project.id, person.id
