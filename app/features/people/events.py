"""What happens to people. Rates are told without their figures: events are read without the right to see money."""

from datetime import date
from uuid import UUID

from app.core.events import DomainEvent


def person_created(id: UUID) -> DomainEvent:
    return DomainEvent("person.created", "person", id)


def person_updated(id: UUID, fields: list[str]) -> DomainEvent:
    return DomainEvent("person.updated", "person", id, {"fields": fields})


def person_deleted(id: UUID) -> DomainEvent:
    return DomainEvent("person.deleted", "person", id)


def rate_created(id: UUID, person_id: UUID, valid_from: date) -> DomainEvent:
    return DomainEvent("rate.created", "person_rate", id, _from(person_id, valid_from))


def rate_updated(id: UUID, person_id: UUID, valid_from: date) -> DomainEvent:
    return DomainEvent("rate.updated", "person_rate", id, _from(person_id, valid_from))


def rate_deleted(id: UUID, person_id: UUID, valid_from: date) -> DomainEvent:
    return DomainEvent("rate.deleted", "person_rate", id, _from(person_id, valid_from))


def time_off_created(id: UUID, person_id: UUID, from_on: date, until_on: date) -> DomainEvent:
    return DomainEvent("time_off.created", "time_off", id, _days(person_id, from_on, until_on))


def time_off_updated(id: UUID, person_id: UUID, from_on: date, until_on: date) -> DomainEvent:
    return DomainEvent("time_off.updated", "time_off", id, _days(person_id, from_on, until_on))


def time_off_deleted(id: UUID, person_id: UUID, from_on: date, until_on: date) -> DomainEvent:
    return DomainEvent("time_off.deleted", "time_off", id, _days(person_id, from_on, until_on))


def _from(person_id: UUID, valid_from: date) -> dict[str, str]:
    return {"person_id": str(person_id), "valid_from": valid_from.isoformat()}


def _days(person_id: UUID, from_on: date, until_on: date) -> dict[str, str]:
    return {"person_id": str(person_id), "from_on": from_on.isoformat(), "until_on": until_on.isoformat()}
