"""What happens to hours."""

from uuid import UUID

from app.core.events import DomainEvent


def time_entry_created(id: UUID, project_id: UUID, person_id: UUID) -> DomainEvent:
    return DomainEvent("time_entry.created", "time_entry", id, _about(project_id, person_id))


def time_entry_updated(id: UUID, project_id: UUID, person_id: UUID, fields: list[str]) -> DomainEvent:
    return DomainEvent("time_entry.updated", "time_entry", id, {**_about(project_id, person_id), "fields": fields})


def time_entry_deleted(id: UUID, project_id: UUID, person_id: UUID) -> DomainEvent:
    return DomainEvent("time_entry.deleted", "time_entry", id, _about(project_id, person_id))


def time_entries_repriced(person_id: UUID, entries: int, in_closed_periods: int) -> DomainEvent:
    data = {"time_entries": entries, "in_closed_periods": in_closed_periods}
    return DomainEvent("time_entries.repriced", "person", person_id, data)


def time_entries_tagged(tagging_id: UUID, entries: int, in_closed_periods: int) -> DomainEvent:
    data = {"time_entries": entries, "in_closed_periods": in_closed_periods}
    return DomainEvent("time_entries.tagged", "tagging", tagging_id, data)


def _about(project_id: UUID, person_id: UUID) -> dict[str, str]:
    return {"project_id": str(project_id), "person_id": str(person_id)}
