from datetime import date
from uuid import UUID

from pydantic import ConfigDict, Field

from app.core.schema import Day, Example, Read, Scale5, Schema, Text, partial

RELATIONSHIP_EXAMPLE: Example = {
    "person_id": "01890000-0000-7000-8000-000000000004",
    "client_id": "01890000-0000-7000-8000-000000000001",
    "strength": 4,
    "since_on": "2021-03-01",
    "note": "Ran their first two campaigns.",
}
OF_RELATIONSHIP = frozenset({"person_id", "client_id"})


class RelationshipCreate(Schema):
    """A person and a client know each other."""

    model_config = ConfigDict(json_schema_extra={"examples": [RELATIONSHIP_EXAMPLE]})
    person_id: UUID
    client_id: UUID
    strength: Scale5 = Field(description="From 1 (have met) to 5 (trust).")
    since_on: Day | None = None
    note: Text | None = None


RelationshipUpdate = partial("RelationshipUpdate", RelationshipCreate, without=OF_RELATIONSHIP, example={"strength": 5})


class KnownPerson(Schema):
    """Who knows the client."""

    id: UUID
    email: str
    display_name: str


class KnownClient(Schema):
    """Whom the person knows."""

    id: UUID
    code: str
    name: str


class RelationshipRead(Read):
    """How well a person and a client know each other: what a re-assignment should not break."""

    person_id: UUID
    client_id: UUID
    strength: Scale5
    since_on: date | None
    note: Text | None
    person: KnownPerson | None = None
    client: KnownClient | None = None
