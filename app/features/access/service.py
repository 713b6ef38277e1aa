"""API keys, and who the caller is. Each function is one step of a transaction that the caller has opened."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.caller import RIGHTS, AccessRole, Caller, Right
from app.core.errors import NotFound, invalid
from app.core.ids import new_id
from app.core.secrets import hash_secret, new_secret, write_key
from app.db.listing import Listing, ListQuery, Page, page
from app.db.record import table_of
from app.features.access import events
from app.features.access.errors import KeyRevoked, LastKey
from app.features.access.schemas import ApiKeyCreate, ApiKeyRotate, KeyState, SeesMoney
from app.messaging import records
from app.messaging.outbox import emit
from app.messaging.records import Row
from app.models.access import ApiKey
from app.models.person import Person

keys = table_of(ApiKey)
people = table_of(Person)

REFERENCES = {"person_id": (people, "id")}
NOW = sa.bindparam("now", type_=keys.c.expires_at.type)
state = sa.case(
    (keys.c.revoked_at.is_not(None), KeyState.REVOKED.value),
    (keys.c.expires_at <= NOW, KeyState.EXPIRED.value),
    else_=KeyState.ACTIVE.value,
)
API_KEYS = Listing(
    name="api-keys",
    columns={
        **{column.name: column for column in keys.c if column.name not in ("secret_hash", "former_hash")},
        "state": state,
    },
    source=keys,
    filters=("name", "role", "person_id", "state", "expires_at"),
    sorts=("name", "role", "expires_at", "created_at", "updated_at"),
    default_sort=(("name", False),),
)
ONE = API_KEYS.select().where(keys.c.id == sa.bindparam("id"))
# Locked in one order, so that of two callers who revoke the last two keys the second sees what the first did.
ACTIVE_LEADS = (
    sa.select(keys.c.id, keys.c.expires_at)
    .where(keys.c.role == AccessRole.PMO_LEAD.value, state == KeyState.ACTIVE.value)
    .order_by(keys.c.id)
    .with_for_update()
)
KEY_NAME = sa.select(keys.c.name).where(keys.c.id == sa.bindparam("id"))
WHO = sa.select(people.c.id, people.c.email, people.c.display_name).where(people.c.id == sa.bindparam("id"))


@dataclass(frozen=True, slots=True)
class Issued:
    """A key as it is stored, and the text that its owner sends: the only time that it is known."""

    row: Row
    key: str


def list_keys(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, API_KEYS, query, {"now": clock.now()})


def get_key(conn: sa.Connection, caller: Caller, id: UUID) -> Row:
    row = conn.execute(ONE, {"id": id, "now": clock.now()}).one_or_none()
    if row is None:
        raise NotFound(f"There is no API key {str(id)!r}: look it up in the list.")
    return row


def create_key(conn: sa.Connection, caller: Caller, data: ApiKeyCreate) -> Issued:
    values = data.model_dump()
    records.check_references(conn, values, REFERENCES)
    _check_expiry(data.expires_at)
    id, secret = new_id(), new_secret()
    records.add(conn, caller, keys, {**values, "id": id, "secret_hash": hash_secret(secret)})
    emit(conn, caller, events.api_key_created(id, data.role))
    return Issued(get_key(conn, caller, id), write_key(id, secret))


def update_key(conn: sa.Connection, caller: Caller, id: UUID, changes: Mapping[str, Any], expected: int | None) -> Row:
    before = _unrevoked(conn, id)
    records.check_references(conn, changes, REFERENCES)
    _check_expiry(changes.get("expires_at"))
    if changes.get("role", AccessRole.PMO_LEAD) != AccessRole.PMO_LEAD:
        _keep_a_lead(conn, id)
    elif changes.get("expires_at") is not None:
        _keep_a_lead(conn, id, expiring=True)
    row = records.change(conn, caller, keys, before, changes, expected)
    if row is not before:
        emit(conn, caller, events.api_key_updated(id, sorted(changes)))
    return get_key(conn, caller, id)


def rotate_key(conn: sa.Connection, caller: Caller, id: UUID, data: ApiKeyRotate, expected: int | None) -> Issued:
    before = _unrevoked(conn, id)
    secret = new_secret()
    grace = timedelta(seconds=data.grace_seconds)
    values = {
        "secret_hash": hash_secret(secret),
        "former_hash": before.secret_hash if grace else None,
        "former_until": clock.now() + grace if grace else None,
    }
    records.change(conn, caller, keys, before, values, expected, "rotated")
    emit(conn, caller, events.api_key_rotated(id, data.grace_seconds))
    return Issued(get_key(conn, caller, id), write_key(id, secret))


def revoke_key(conn: sa.Connection, caller: Caller, id: UUID, expected: int | None) -> Row:
    before = _unrevoked(conn, id)
    _keep_a_lead(conn, id)
    records.change(conn, caller, keys, before, {"revoked_at": clock.now()}, expected, "revoked")
    emit(conn, caller, events.api_key_revoked(id))
    return get_key(conn, caller, id)


def get_me(conn: sa.Connection, caller: Caller) -> dict[str, Any]:
    """Who calls, and what they may do."""
    name = conn.execute(KEY_NAME, {"id": caller.key_id}).scalar_one_or_none() if caller.key_id else None
    person = conn.execute(WHO, {"id": caller.person_id}).one_or_none() if caller.person_id else None
    return {
        "role": caller.role,
        "rights": sorted(RIGHTS[caller.role]),
        "key_id": caller.key_id,
        "key_name": name,
        "person": person._asdict() if person is not None else None,
        "sees_money": _sees_money(caller),
    }


def _sees_money(caller: Caller) -> SeesMoney:
    if caller.sees_all_money:
        return SeesMoney.ALL
    return SeesMoney.OWN_PROJECTS if caller.may(Right.SEE_OWN_MONEY) else SeesMoney.NONE


def _check_expiry(expires_at: datetime | None) -> None:
    if expires_at is not None and expires_at <= clock.now():
        raise invalid("/expires_at", "must be in the future; revoke the key to end it now", "past")


def _unrevoked(conn: sa.Connection, id: UUID) -> Row:
    row = records.get(conn, keys, id)
    if row.revoked_at is not None:
        raise KeyRevoked("It has been revoked, which is final: create another key.")
    return row


def _keep_a_lead(conn: sa.Connection, id: UUID, *, expiring: bool = False) -> None:
    """409 when without `id` nobody could administer, now or once the other keys have expired.

    `expiring`: it stays for a while, until a day that it did not have.
    """
    expiries = {row.id: row.expires_at for row in conn.execute(ACTIVE_LEADS, {"now": clock.now()})}
    if id not in expiries:
        return
    lasting = expiries.pop(id) is None
    if (lasting and None not in expiries.values()) or not (expiries or expiring):
        raise LastKey(
            "Create another key with the role `pmo_lead` and without an expiry first; "
            "without one nobody could administer one day."
        )
