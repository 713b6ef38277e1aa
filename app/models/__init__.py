"""Tables, and nothing but tables. Importing this package registers all of them with the metadata."""

from app.models import (
    access,
    assignment,
    audit,
    calendar_day,
    client,
    decision,
    finance,
    idempotency,
    outbox_event,
    person,
    project,
    role,
    time_entry,
)

__all__ = [
    "access",
    "assignment",
    "audit",
    "calendar_day",
    "client",
    "decision",
    "finance",
    "idempotency",
    "outbox_event",
    "person",
    "project",
    "role",
    "time_entry",
]
