"""An example world: the rows that the examples of the contract speak of, and one row of every other table."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core.secrets import hash_secret
from app.db.record import metadata


def fixed(number: int) -> UUID:
    """The id that ends in this number."""
    return UUID(f"01890000-0000-7000-8000-{number:012d}")


ACME, MARIA, ACME_WEB, JON = fixed(1), fixed(2), fixed(3), fixed(4)
MADE_AT = datetime(2026, 1, 1, 9, tzinfo=UTC)
START = date(2026, 1, 1)

# Tables in an order in which each row finds what it refers to; `facts` are those that are never overwritten.
WORLD: tuple[tuple[str, UUID, Mapping[str, Any]], ...] = (
    (
        "person",
        MARIA,
        {
            "email": "maria.lopez@agency.example",
            "display_name": "María López",
            "home_role": "account_manager",
            "preferred_duty": "client",
            "hired_on": date(2020, 2, 1),
            "search_text": "maria.lopez@agency.example maría lópez",
        },
    ),
    (
        "person",
        JON,
        {
            "email": "jon.berg@agency.example",
            "display_name": "Jon Berg",
            "home_role": "production_manager",
            "team": "Web",
            "hired_on": date(2021, 5, 1),
            "search_text": "jon.berg@agency.example jon berg",
        },
    ),
    ("client", ACME, {"code": "ACME", "name": "Acme", "account_manager_id": MARIA, "search_text": "acme acme"}),
    ("contact", fixed(10), {"client_id": ACME, "name": "Wile E. Coyote", "role": "approver", "is_primary": True}),
    ("person_skill", fixed(11), {"person_id": MARIA, "skill": "negotiation", "level": 4}),
    (
        "person_rate",
        fixed(12),
        {"person_id": MARIA, "cost_rate": Decimal(60), "currency": "EUR", "valid_from": date(2020, 2, 1)},
    ),
    ("time_off", fixed(13), {"person_id": MARIA, "from_on": date(2026, 8, 3), "until_on": date(2026, 8, 14)}),
    (
        "project",
        ACME_WEB,
        {
            "code": "ACME-WEB",
            "name": "Acme's shop",
            "client_id": ACME,
            "start_on": START,
            "due_on": date(2027, 6, 30),
            "fee": Decimal(120_000),
            "cost_budget": Decimal(80_000),
            "hours_budget": Decimal(1_200),
            "search_text": "acme-web acme's shop",
        },
    ),
    (
        "project_status",
        fixed(14),
        {"transition_id": fixed(14), "project_id": ACME_WEB, "status": "active", "valid_from": START},
    ),
    ("seat", fixed(15), {"project_id": ACME_WEB, "role": "account_manager"}),
    ("seat", fixed(16), {"project_id": ACME_WEB, "role": "production_manager"}),
    (
        "milestone",
        fixed(17),
        {"project_id": ACME_WEB, "name": "Launch", "planned_on": date(2027, 5, 1), "forecast_on": date(2027, 5, 15)},
    ),
    (
        "baseline",
        fixed(18),
        {
            "project_id": ACME_WEB,
            "number": 1,
            "cause": "activation",
            "valid_from": START,
            "currency": "EUR",
            "fee": Decimal(120_000),
            "cost_budget": Decimal(80_000),
            "hours_budget": Decimal(1_200),
            "start_on": START,
            "due_on": date(2027, 6, 30),
        },
    ),
    (
        "baseline_milestone",
        fixed(19),
        {
            "baseline_id": fixed(18),
            "milestone_id": fixed(17),
            "name": "Launch",
            "planned_on": date(2027, 5, 1),
            "weight": Decimal(1),
        },
    ),
    ("role", fixed(20), {"key": "illustrator", "name": "Illustrator"}),
    (
        "responsibility",
        fixed(21),
        {"role": "illustrator", "key": "illustration", "name": "Draw", "duty": "craft", "rasci": "R"},
    ),
    (
        "assignment",
        fixed(22),
        {"project_id": ACME_WEB, "role": "illustrator", "person_id": JON, "valid_from": START},
    ),
    (
        "time_entry",
        fixed(23),
        {
            "project_id": ACME_WEB,
            "person_id": MARIA,
            "worked_on": date(2026, 3, 2),
            "hours": Decimal("7.5"),
            "responsibility": "client_relationship",
            "cost_rate": Decimal(60),
            "cost_currency": "EUR",
        },
    ),
    (
        "expense",
        fixed(24),
        {"project_id": ACME_WEB, "incurred_on": date(2026, 3, 3), "amount": Decimal("99.90"), "currency": "EUR"},
    ),
    (
        "invoice",
        fixed(25),
        {
            "project_id": ACME_WEB,
            "number": "2026-001",
            "invoiced_on": date(2026, 3, 31),
            "amount": Decimal(10_000),
            "currency": "EUR",
        },
    ),
    (
        "rate_card",
        fixed(26),
        {"client_id": ACME, "role": "illustrator", "rate": Decimal(110), "currency": "EUR", "valid_from": START},
    ),
    ("exchange_rate", fixed(27), {"base": "CHF", "quote": "EUR", "rate": Decimal("1.05"), "valid_from": START}),
    (
        "api_key",
        fixed(28),
        {"name": "A spare key", "role": "viewer", "person_id": JON, "secret_hash": hash_secret("spare")},
    ),
    (
        "decision",
        fixed(29),
        {
            "kind": "override",
            "subject_type": "project",
            "subject_id": ACME_WEB,
            "project_id": ACME_WEB,
            "client_id": ACME,
            "decided_on": date(2026, 2, 1),
            "decided_at": MADE_AT,
            "decided_by": MARIA,
            "request_id": "example",
        },
    ),
    ("decision_text", fixed(29), {"what": "A seventh project", "why": "The client is strategic"}),
    (
        "audit_entry",
        fixed(30),
        {
            "at": MADE_AT,
            "action": "created",
            "subject_type": "project",
            "subject_id": ACME_WEB,
            "person_id": MARIA,
            "request_id": "example",
        },
    ),
    ("audit_change", fixed(30), {"after": {"code": "ACME-WEB"}}),
    (
        "outbox_event",
        fixed(31),
        {
            "position": 1,
            "type": "project.created",
            "subject_type": "project",
            "subject_id": ACME_WEB,
            "occurred_at": MADE_AT,
            "data": {},
            "request_id": "example",
        },
    ),
    (
        "duty_rule",
        fixed(32),
        {"position": 100, "source": "jira", "issue_type": "Bug", "responsibility": "testing"},
    ),
    (
        "duty_profile",
        fixed(33),
        {"person_id": MARIA, "responsibility": "client_relationship", "weekly_hours": Decimal(12)},
    ),
)
KEYS = {"decision_text": "decision_id", "audit_change": "entry_id"}


def make_world(conn: sa.Connection) -> None:
    """Insert the example world."""
    for name, id, values in WORLD:
        table = metadata.tables[name]
        given = {KEYS.get(name, "id"): id, "version": 1, "row_id": id, **values}
        given |= dict.fromkeys(("created_at", "updated_at", "recorded_at"), MADE_AT)
        conn.execute(sa.insert(table).values({column: v for column, v in given.items() if column in table.c}))


# What the parameters of a path mean in this world: by the collection that the path begins with, else by name.
IDS: Mapping[str, str] = {
    "clients": "ACME",
    "people": "maria.lopez@agency.example",
    "projects": "ACME-WEB",
    "roles": "illustrator",
    "contacts": str(fixed(10)),
    "person-skills": str(fixed(11)),
    "skills": str(fixed(11)),
    "person-rates": str(fixed(12)),
    "rates": str(fixed(12)),
    "time-off": str(fixed(13)),
    "seats": str(fixed(15)),
    "milestones": str(fixed(17)),
    "baselines": str(fixed(18)),
    "responsibilities": str(fixed(21)),
    "assignments": str(fixed(22)),
    "time-entries": str(fixed(23)),
    "expenses": str(fixed(24)),
    "invoices": str(fixed(25)),
    "rate-cards": str(fixed(26)),
    "exchange-rates": str(fixed(27)),
    "keys": str(fixed(28)),
    "api-keys": str(fixed(28)),
    "decisions": str(fixed(29)),
    "audit": str(fixed(30)),
    "audit-entries": str(fixed(30)),
    "events": str(fixed(31)),
    "duty-rules": str(fixed(32)),
    "duty-profiles": str(fixed(33)),
    "kpis": "billable_share",
}
PARAMETERS: Mapping[str, str] = {
    "transition_id": str(fixed(14)),
    "code": "not-found",
    "role": "account_manager",
    "name": "billable_share",
    "day": "2026-03-02",
}


def value_of(path: str, name: str) -> str:
    """What the parameter `name` of `path` is in the world."""
    collection = path.split("/")[2] if path.startswith("/v1/") else ""
    value = IDS.get(collection) if name == "id" else PARAMETERS.get(name, IDS.get(collection))
    assert value is not None, f"world.py knows no value for {name!r} of {path}: add one"
    return value


def filled(path: str, names: list[str]) -> str:
    """`path` with its parameters, `names`, filled from the world."""
    for name in names:
        path = path.replace(f"{{{name}}}", value_of(path, name))
    return path
