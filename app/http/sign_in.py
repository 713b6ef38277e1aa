"""Who is calling: an API key as Bearer token or as Basic password (for BI tools), or an OIDC token."""

import base64
import hashlib
import hmac
import time
from typing import Any, Protocol
from uuid import UUID

import sqlalchemy as sa
from starlette.requests import Request

from app.core import clock
from app.core.caller import AccessRole, Caller, Right
from app.core.errors import NotSignedIn
from app.core.secrets import hash_secret, read_key
from app.db.dispatcher import Database
from app.db.record import table_of
from app.models.access import ApiKey
from app.models.assignment import Assignment, AssignmentKind, Certainty
from app.models.audit import AuditEntry
from app.models.person import Person
from app.models.role import Role

# A revoked key stops within this many seconds.
REMEMBERED_SECONDS = 5.0
REMEMBERED_AT_MOST = 10_000
# Compared with where there is no such key, so that it takes as long.
NO_HASH = "0" * 64

keys = table_of(ApiKey)
people = table_of(Person)
assignments = table_of(Assignment)
roles = table_of(Role)
audit = table_of(AuditEntry)

FIND_KEY = sa.select(keys).where(keys.c.id == sa.bindparam("id"))
FIND_PERSON = sa.select(people.c.id).where(people.c.email == sa.bindparam("email"))
# A seat that somebody has recorded for themselves shows them no money: a manager could look anywhere.
BY_OWN_KEY = assignments.c.recorded_by.in_(
    sa.select(keys.c.id).where(keys.c.person_id == sa.bindparam("person_id"), keys.c.role != AccessRole.PMO_LEAD.value)
)
BY_OWN_TOKEN = sa.exists().where(
    audit.c.subject_id == assignments.c.id,
    audit.c.person_id == sa.bindparam("person_id"),
    audit.c.key_id.is_(None),
    audit.c.at >= assignments.c.recorded_at,
)
OWN_PROJECTS = sa.select(assignments.c.project_id).where(
    assignments.c.person_id == sa.bindparam("person_id"),
    assignments.c.superseded_at.is_(None),
    assignments.c.certainty == Certainty.CONFIRMED.value,
    assignments.c.kind.in_((AssignmentKind.HOLDER.value, AssignmentKind.COVER.value)),
    assignments.c.role.in_(sa.select(roles.c.key).where(roles.c.exclusive.is_(True))),
    sa.or_(assignments.c.recorded_by.is_(None), sa.not_(BY_OWN_KEY)),
    sa.not_(BY_OWN_TOKEN),
    assignments.c.valid_from <= sa.bindparam("today", type_=sa.Date),
    sa.or_(assignments.c.valid_to.is_(None), assignments.c.valid_to > sa.bindparam("today", type_=sa.Date)),
)


class Tokens(Protocol):
    """Verifies OIDC tokens: the e-mail and access role that one vouches for, `None` when it is not to be trusted."""

    async def verify(self, token: str) -> tuple[str, AccessRole] | None: ...


class SignIn:
    """Finds the caller of a request, remembered for a few seconds."""

    def __init__(self, database: Database, tokens: Tokens | None = None) -> None:
        self._database = database
        self._tokens = tokens
        self._remembered: dict[bytes, tuple[Caller, float]] = {}

    async def caller(self, request: Request) -> Caller:
        """The caller of `request`; 401 when there is none."""
        credential = _credential(request.headers.get("authorization"))
        digest = hashlib.sha256(credential.encode("utf-8", "surrogateescape")).digest()
        found = self._remembered.get(digest)
        now = time.monotonic()
        if found is not None and found[1] > now:
            return found[0]
        caller = await self._look_up(credential)
        if len(self._remembered) >= REMEMBERED_AT_MOST:
            self._remembered.clear()
        self._remembered[digest] = (caller, now + REMEMBERED_SECONDS)
        return caller

    async def _look_up(self, credential: str) -> Caller:
        if (key := read_key(credential)) is not None:
            caller = await self._database.read(key_caller, *key)
        elif self._tokens is not None and (claims := await self._tokens.verify(credential)) is not None:
            caller = await self._database.read(token_caller, *claims)
        else:
            caller = None
        if caller is None:
            raise NotSignedIn("This key is unknown, expired or revoked: ask a PMO lead for another.")
        return caller


def key_caller(conn: sa.Connection, id: UUID, secret: str) -> Caller | None:
    """The caller whose API key this is. One look-up by id, then a comparison in constant time."""
    row = conn.execute(FIND_KEY, {"id": id}).one_or_none()
    given = hash_secret(secret)
    now = clock.now()
    stored, former = (row.secret_hash, row.former_hash) if row is not None else (NO_HASH, None)
    genuine = hmac.compare_digest(given, stored)
    if former is not None and row is not None and row.former_until is not None and row.former_until > now:
        genuine |= hmac.compare_digest(given, former)
    if row is None or not genuine or row.revoked_at is not None:
        return None
    if row.expires_at is not None and row.expires_at <= now:
        return None
    return _caller(conn, AccessRole(row.role), row.id, row.person_id)


def token_caller(conn: sa.Connection, email: str, role: AccessRole) -> Caller | None:
    """The caller whose e-mail an OIDC token vouches for; a person who is not in the portfolio is nobody here."""
    person_id = conn.execute(FIND_PERSON, {"email": email.lower()}).scalar_one_or_none()
    return None if person_id is None else _caller(conn, role, None, person_id)


def _caller(conn: sa.Connection, role: AccessRole, key_id: UUID | None, person_id: UUID | None) -> Caller:
    caller = Caller(role, key_id=key_id, person_id=person_id)
    if person_id is None or not caller.may(Right.SEE_OWN_MONEY):
        return caller
    own: Any = conn.execute(OWN_PROJECTS, {"person_id": person_id, "today": clock.today()}).scalars()
    return Caller(role, key_id=key_id, person_id=person_id, own_projects=frozenset(own))


def _credential(header: str | None) -> str:
    if not header:
        raise NotSignedIn("Send `Authorization: Bearer <API key>`; `tandem keys create` makes one.")
    scheme, _, value = header.partition(" ")
    match scheme.lower():
        case "bearer" if value.strip():
            return value.strip()
        case "basic":
            try:
                return base64.b64decode(value.strip(), validate=True).decode().partition(":")[2]
            except ValueError:  # no base64, no UTF-8, or no ASCII to begin with
                pass
    raise NotSignedIn("Send `Authorization: Bearer <API key>`, or Basic with the key as password.")
