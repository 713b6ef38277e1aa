"""What happens to the office calendar."""

from datetime import date
from uuid import UUID

from app.core.events import DomainEvent


def calendar_day_updated(id: UUID, day: date, is_working: bool) -> DomainEvent:
    return DomainEvent("calendar_day.updated", "calendar_day", id, {"day": day.isoformat(), "is_working": is_working})


def holidays_stored(id: UUID, first: date, last: date, days: int) -> DomainEvent:
    return DomainEvent(
        "calendar.holidays_stored",
        "calendar",
        id,
        {"from_on": first.isoformat(), "until_on": last.isoformat(), "days": days},
    )
