from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from app.core.caller import AccessRole, Right
from app.core.schema import Email, Example, Instant, Name, Read, Schema, partial

KEY_EXAMPLE: Example = {
    "name": "Nightly BI extract",
    "role": "analyst",
    "person_id": "01890000-0000-7000-8000-000000000002",
    "expires_at": "2099-12-31T23:59:59Z",
}
ROTATE_EXAMPLE: Example = {"grace_seconds": 3600}
DAY_SECONDS = 86_400
WEEK_SECONDS = 7 * DAY_SECONDS


class KeyState(StrEnum):
    """Derived: `expired` once `expires_at` has come, `revoked` for good."""

    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"


class SeesMoney(StrEnum):
    """Whose rates, costs and margins a caller sees."""

    ALL = "all"
    OWN_PROJECTS = "own_projects"
    NONE = "none"


class ApiKeyCreate(Schema):
    """A new key. `person_id` is its owner, whose own hours and projects it stands for."""

    model_config = ConfigDict(json_schema_extra={"examples": [KEY_EXAMPLE]})
    name: Name
    role: AccessRole
    person_id: UUID | None = None
    expires_at: Instant | None = None


ApiKeyUpdate = partial("ApiKeyUpdate", ApiKeyCreate, example={"name": "Weekly BI extract"})


class ApiKeyRotate(Schema):
    """A new secret for a key. The former one works for `grace_seconds` more; one before that stops at once."""

    model_config = ConfigDict(json_schema_extra={"examples": [ROTATE_EXAMPLE]})
    grace_seconds: Annotated[int, Field(strict=True, ge=0, le=WEEK_SECONDS)] = DAY_SECONDS


class ApiKeyRead(Read):
    """Who may call, as what, until when. Neither the secret nor its hash is ever shown again."""

    name: Name
    role: AccessRole
    person_id: UUID | None
    state: KeyState
    expires_at: Instant | None
    former_until: Instant | None = Field(description="Until when the secret before the last rotation works.")
    revoked_at: Instant | None


class ApiKeyIssued(ApiKeyRead):
    """A key with its secret: the only time that it is shown."""

    key: str = Field(description="Keep it: it is shown this once.", examples=["tdm_<id>_<secret>"])


class MePerson(Schema):
    """The person whom the key belongs to."""

    id: UUID
    email: Email
    display_name: Name


class Me(Schema):
    """Who the caller is, and what they may do."""

    role: AccessRole
    rights: list[Right]
    key_id: UUID | None = Field(description="Null when signed in by a token of the identity provider.")
    key_name: Name | None
    person: MePerson | None
    sees_money: SeesMoney
