"""What change requests ask of the database."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core.errors import NotFound
from app.db.listing import Listing, columns_of
from app.db.record import table_of
from app.db.types import Moves
from app.features.change_requests.rules import STATES
from app.messaging.records import Row
from app.models.change_request import ChangeAuthority, ChangeImpact, ChangeOption, ChangeRequest
from app.models.client import Contact
from app.models.finance import Expense
from app.models.project import Project
from app.models.risk import Risk, RiskStatus
from app.models.role import Role
from app.models.time_entry import TimeEntry

requests = table_of(ChangeRequest)
options = table_of(ChangeOption)
authorities = table_of(ChangeAuthority)
impacts = table_of(ChangeImpact)
entries = table_of(TimeEntry)
expenses = table_of(Expense)
projects = table_of(Project)
contacts = table_of(Contact)
risks = table_of(Risk)
roles = table_of(Role)


def options_of_all(conn: sa.Connection, rows: Sequence[Row]) -> Mapping[UUID, Any]:
    """The options of change requests, without their money."""
    found: dict[UUID, list[Any]] = {row.id: [] for row in rows}
    for option in conn.execute(BRIEFS, {"ids": list(found)}):
        brief = option._asdict()
        found[brief.pop("change_request_id")].append(brief)
    return found


_BRIEF = ("change_request_id", "id", "number", "kind", "title", "value", "value_points", "starts_on", "hours")
BRIEFS = (
    sa.select(*(options.c[name] for name in _BRIEF))
    .where(options.c.change_request_id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(options.c.number)
)
REQUESTS = Listing(
    name="change-requests",
    columns={
        **columns_of(requests),
        "allowed_transitions": sa.type_coerce(requests.c.status, Moves(STATES.moves)),
    },
    source=requests,
    filters=(
        "project_id",
        "status",
        "kind",
        "charge",
        "requested_by_id",
        "urgency",
        "decide_by",
        "merged_into_id",
        "within_allowance",
    ),
    sorts=("number", "decide_by", "urgency", "submitted_at", "decided_at", "created_at", "updated_at"),
    default_sort=(("created_at", True),),
    includes={"options": options_of_all},
)
BY_ID = REQUESTS.select().where(requests.c.id == sa.bindparam("which"))
OPTIONS = Listing(
    name="change-options",
    columns={**columns_of(options), "project_id": requests.c.project_id},
    source=options.join(requests, requests.c.id == options.c.change_request_id),
    filters=("change_request_id", "project_id", "kind"),
    sorts=("number", "created_at", "updated_at"),
    default_sort=(("created_at", True), ("number", False)),
)
OPTION_BY_ID = OPTIONS.select().where(options.c.id == sa.bindparam("which"))
AUTHORITIES = Listing(
    name="change-authorities",
    columns=columns_of(authorities),
    source=authorities,
    filters=("kind", "charge", "contact_role", "access_role"),
    sorts=("above_amount", "created_at", "updated_at"),
    default_sort=(("above_amount", False),),
)

# Locks leave those who only refer to the row alone. SQLite has one writer at a time and needs none.
LOCK = sa.select(requests).where(requests.c.id == sa.bindparam("which")).with_for_update(key_share=True)
OPTIONS_OF = sa.select(options).where(options.c.change_request_id == sa.bindparam("which")).order_by(options.c.number)
LAST_NUMBER = sa.select(sa.func.max(requests.c.number)).where(requests.c.project_id == sa.bindparam("project"))
LAST_OPTION = sa.select(sa.func.max(options.c.number)).where(options.c.change_request_id == sa.bindparam("which"))
PROJECT_SHOWN: sa.Select[Any] = sa.select(projects.c.client_id, projects.c.currency).where(
    projects.c.id == sa.bindparam("which")
)
CLIENT_OF = sa.select(projects.c.client_id).where(projects.c.id == sa.bindparam("project"))
CONTACT = sa.select(contacts).where(contacts.c.id == sa.bindparam("which"))
CONTACTS_OF = (
    sa.select(contacts.c.id, contacts.c.name, contacts.c.role)
    .where(contacts.c.client_id == sa.bindparam("client"), contacts.c.role.in_(sa.bindparam("roles", expanding=True)))
    .order_by(contacts.c.name, contacts.c.id)
)
ALL_AUTHORITIES = sa.select(authorities)
SMALL_HOURS = (
    sa.select(options.c.hours)
    .join_from(requests, options, options.c.id == requests.c.option_id)
    .where(requests.c.project_id == sa.bindparam("project"), requests.c.within_allowance)
)
CHOSEN_IMPACT = sa.select(impacts).where(impacts.c.change_request_id == sa.bindparam("which"), impacts.c.chosen)
VALUE_POINTS = sa.select(options.c.value_points).where(options.c.id == sa.bindparam("which"))
ENTRIES_OF: sa.Select[Any] = sa.select(
    entries.c.hours, entries.c.cost_rate, entries.c.cost_currency, entries.c.worked_on
).where(entries.c.change_request_id == sa.bindparam("which"), entries.c.superseded_at.is_(None))
EXPENSES_OF: sa.Select[Any] = sa.select(expenses.c.amount, expenses.c.currency, expenses.c.incurred_on).where(
    expenses.c.change_request_id == sa.bindparam("which"),
    expenses.c.superseded_at.is_(None),
    expenses.c.pass_through.is_(False),
)
# Shared locks: whoever deletes or renames a role waits, and then sees the option that names it.
ROLES = (
    sa.select(roles.c.key)
    .where(roles.c.key.in_(sa.bindparam("keys", expanding=True)))
    .order_by(roles.c.key)
    .with_for_update(read=True, key_share=True)
)
OPEN_RISKS = sa.select(risks.c.id).where(
    risks.c.id.in_(sa.bindparam("ids", expanding=True)),
    risks.c.project_id == sa.bindparam("project"),
    risks.c.status == RiskStatus.OPEN,
)


def read(conn: sa.Connection, id: UUID) -> Row:
    """A change request as the API shows it."""
    return found(conn.execute(BY_ID, {"which": id}).one_or_none(), "change request", id)


def lock(conn: sa.Connection, id: UUID) -> Row:
    """The row of a change request, locked until the transaction ends: after its project."""
    return found(conn.execute(LOCK, {"which": id}).one_or_none(), "change request", id)


def read_option(conn: sa.Connection, id: UUID) -> Row:
    """An option with its project."""
    return found(conn.execute(OPTION_BY_ID, {"which": id}).one_or_none(), "change option", id)


def options_of(conn: sa.Connection, id: UUID) -> Sequence[Row]:
    """The options of one change request, in their order."""
    return conn.execute(OPTIONS_OF, {"which": id}).all()


def found(row: Row | None, noun: str, id: UUID) -> Row:
    if row is None:
        raise NotFound(f"There is no {noun} {str(id)!r}: look it up in the list.")
    return row
