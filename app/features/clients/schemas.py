from datetime import date
from uuid import UUID

from pydantic import ConfigDict

from app.core.schema import Bool, Day, Email, Example, Key, Name, Read, Scale5, Schema, partial
from app.models.client import ClientStatus, ClientTier, ContactRole

CLIENT_EXAMPLE: Example = {
    "code": "NORTHWIND",
    "name": "Northwind Traders",
    "industry": "Retail",
    "tier": "key",
    "communication_intensity": 4,
    "since_on": "2021-03-01",
}
CONTACT_EXAMPLE: Example = {
    "client_id": "01890000-0000-7000-8000-000000000001",
    "name": "Ada Keller",
    "email": "ada.keller@northwind.example",
    "role": "sponsor",
    "is_primary": True,
}


class ClientCreate(Schema):
    """A new client."""

    model_config = ConfigDict(json_schema_extra={"examples": [CLIENT_EXAMPLE]})
    code: Key
    name: Name
    industry: Name | None = None
    tier: ClientTier = ClientTier.STANDARD
    status: ClientStatus = ClientStatus.ACTIVE
    communication_intensity: Scale5 = 3
    since_on: Day | None = None
    account_manager_id: UUID | None = None


ClientUpdate = partial("ClientUpdate", ClientCreate, example={"tier": "strategic"})


class ClientRead(Read):
    """Somebody whom the agency works for."""

    code: Key
    name: Name
    industry: Name | None
    tier: ClientTier
    status: ClientStatus
    communication_intensity: Scale5
    since_on: date | None
    account_manager_id: UUID | None


class ContactCreate(Schema):
    """A new contact of a client."""

    model_config = ConfigDict(json_schema_extra={"examples": [CONTACT_EXAMPLE]})
    client_id: UUID
    name: Name
    email: Email | None = None
    role: ContactRole = ContactRole.USER
    is_primary: Bool = False


ContactUpdate = partial("ContactUpdate", ContactCreate, without=frozenset({"client_id"}), example={"role": "approver"})


class ContactRead(Read):
    """A person at the client's."""

    client_id: UUID
    name: Name
    email: Email | None
    role: ContactRole
    is_primary: bool
