"""Who must decide a change: the rules, and who they mean in a case."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.caller import Caller
from app.core.errors import FieldError, Invalid, invalid
from app.db.listing import ListQuery, Page, page
from app.features.change_requests import events, queries, rules
from app.features.change_requests.errors import NotTheirs
from app.features.change_requests.queries import authorities, contacts
from app.features.change_requests.rules import Rule
from app.features.change_requests.schemas import ChangeAuthorityCreate
from app.measures.rates import rates_to
from app.messaging import records
from app.messaging.outbox import emit
from app.messaging.records import Row

CONTACT = {"contact_id": (contacts, "id")}


def list_change_authorities(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, queries.AUTHORITIES, query)


def get_change_authority(conn: sa.Connection, caller: Caller, id: UUID) -> Row:
    return records.get(conn, authorities, id)


def create_change_authority(conn: sa.Connection, caller: Caller, data: ChangeAuthorityCreate) -> Row:
    values = data.model_dump()
    _check_one_decider(values)
    row = records.add(conn, caller, authorities, values)
    emit(conn, caller, events.authority_created(row.id))
    return row


def update_change_authority(
    conn: sa.Connection, caller: Caller, id: UUID, changes: Mapping[str, Any], expected: int | None
) -> Row:
    before = get_change_authority(conn, caller, id)
    _check_one_decider({**before._asdict(), **changes})
    row = records.change(conn, caller, authorities, before, changes, expected)
    if row is not before:
        emit(conn, caller, events.authority_updated(id, sorted(changes)))
    return row


def delete_change_authority(conn: sa.Connection, caller: Caller, id: UUID, expected: int | None) -> None:
    before = get_change_authority(conn, caller, id)
    records.remove(conn, caller, authorities, before, expected)
    emit(conn, caller, events.authority_deleted(id))


def known_rules(conn: sa.Connection, currency: str) -> list[Rule]:
    """All rules, with their amounts in a project's currency by today's exchange rates."""
    rates, today = rates_to(conn, currency), clock.today()

    def rule(row: Row) -> Rule:
        factor = Fraction(1) if row.currency == currency else rates.on(row.currency, today)
        above = Fraction(row.above_amount)
        threshold = None if factor is None else above * factor
        return Rule(row.id, row.kind, row.charge, above, threshold, row.contact_role, row.access_role)

    return [rule(row) for row in conn.execute(queries.ALL_AUTHORITIES)]


def fraction_of(amount: Decimal | None) -> Fraction | None:
    return None if amount is None else Fraction(amount)


def rule_for(conn: sa.Connection, change: Row, currency: str, amount: Decimal | None) -> Rule | None:
    """The rule that says who decides a change of this amount."""
    return rules.deciding(known_rules(conn, currency), change.kind, change.charge, fraction_of(amount))


def check(conn: sa.Connection, caller: Caller, rule: Rule | None, client_id: UUID, contact_id: UUID | None) -> None:
    """403 that says who must decide; 422 for a contact of somebody else."""
    records.check_references(conn, {"contact_id": contact_id}, CONTACT)
    contact = None if contact_id is None else conn.execute(queries.CONTACT, {"which": contact_id}).one()
    theirs = contact is not None and contact.client_id == client_id
    if not rules.may_decide(rule, contact.role if contact is not None and theirs else None, caller.role):
        raise _refusal(rule)
    if contact is not None and not theirs:
        raise invalid("/contact_id", "must be a contact of the project's client")


def contacts_for(conn: sa.Connection, client_id: UUID, rule: Rule | None) -> list[dict[str, Any]]:
    """The contacts of a client who may decide what a rule speaks of."""
    if rule is None or rule.contact_role is None:
        return []
    found = conn.execute(queries.CONTACTS_OF, {"client": client_id, "roles": rules.who_may(rule.contact_role)})
    return [row._asdict() for row in found]


def _refusal(rule: Rule | None) -> NotTheirs:
    assert rule is not None  # without a rule everybody may decide
    # Not which rule: its amount would tell between which sums the change lies.
    extra = {"contact_role": rule.contact_role, "access_role": rule.access_role}
    if rule.contact_role is not None:
        roles = " or ".join(f"`{role}`" for role in rules.who_may(rule.contact_role))
        return NotTheirs(
            f"A contact of the client with the role {roles} must decide: send their `contact_id`.", extra=extra
        )
    roles = " or ".join(f"`{role}`" for role in rules.who_may(str(rule.access_role)))
    return NotTheirs(f"Somebody of ours with the access role {roles} must decide this, not a contact.", extra=extra)


def _check_one_decider(values: Mapping[str, Any]) -> None:
    if (values["contact_role"] is None) == (values["access_role"] is None):
        detail = "send exactly one of `contact_role` and `access_role`, and null for the other"
        errors = [FieldError("/contact_role", detail), FieldError("/access_role", detail)]
        raise Invalid(f"One of them decides: {detail}.", errors=errors)
