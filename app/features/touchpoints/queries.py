"""What touchpoints ask of the database."""

from typing import Any

import sqlalchemy as sa

from app.db.listing import Listing, columns_of
from app.db.record import table_of
from app.models.client import Client, ClientStatus, Contact
from app.models.outcome import Touchpoint, TouchpointKind
from app.models.person import Person
from app.models.project import Project

touchpoints = table_of(Touchpoint)
clients = table_of(Client)
contacts = table_of(Contact)
projects = table_of(Project)
people = table_of(Person)

REFERENCES = {
    "client_id": (clients, "id"),
    "project_id": (projects, "id"),
    "person_id": (people, "id"),
    "contact_id": (contacts, "id"),
}

TOUCHPOINTS = Listing(
    name="touchpoints",
    columns=columns_of(touchpoints),
    source=touchpoints,
    where=(touchpoints.c.superseded_at.is_(None),),
    filters=("client_id", "project_id", "person_id", "contact_id", "kind", "happened_on", "next_on"),
    sorts=("happened_on", "next_on", "created_at", "updated_at"),
    default_sort=(("happened_on", True),),
)
_PROJECT, _CONTACT = sa.bindparam("project_id", type_=sa.Uuid), sa.bindparam("contact_id", type_=sa.Uuid)
# Whose the project and the contact are; null where none is named.
WHOSE = sa.select(
    sa.select(projects.c.client_id).where(projects.c.id == _PROJECT).scalar_subquery().label("project_id"),
    sa.select(contacts.c.client_id).where(contacts.c.id == _CONTACT).scalar_subquery().label("contact_id"),
)

_ON = sa.bindparam("on", type_=sa.Date)
_MANAGER = sa.bindparam("account_manager_id", type_=sa.Uuid)
_RECENT = touchpoints.c.happened_on > sa.bindparam("recent_after", type_=sa.Date)
_ranked = (
    sa.select(
        touchpoints.c.id,
        touchpoints.c.client_id,
        touchpoints.c.kind,
        touchpoints.c.happened_on,
        touchpoints.c.next_on,
        sa.func.row_number()
        .over(
            partition_by=touchpoints.c.client_id,
            order_by=(touchpoints.c.happened_on.desc(), touchpoints.c.created_at.desc(), touchpoints.c.id.desc()),
        )
        .label("place"),
        sa.func.sum(sa.case((_RECENT, 1), else_=0)).over(partition_by=touchpoints.c.client_id).label("recent"),
        sa.func.sum(sa.case((sa.and_(_RECENT, touchpoints.c.kind == TouchpointKind.PROACTIVE), 1), else_=0))
        .over(partition_by=touchpoints.c.client_id)
        .label("proactive"),
    )
    .where(touchpoints.c.superseded_at.is_(None), touchpoints.c.happened_on <= _ON)
    .subquery("ranked")
)
# The active clients, with the latest touchpoint of each and the counts of the recent ones.
GAPS: sa.Select[Any] = (
    sa.select(
        clients.c.id,
        clients.c.code,
        clients.c.name,
        clients.c.tier,
        clients.c.account_manager_id,
        people.c.email,
        people.c.display_name,
        _ranked.c.id.label("touchpoint_id"),
        _ranked.c.kind,
        _ranked.c.happened_on,
        _ranked.c.next_on,
        sa.func.coalesce(_ranked.c.recent, 0).label("recent"),
        sa.func.coalesce(_ranked.c.proactive, 0).label("proactive"),
    )
    .select_from(
        clients.outerjoin(people, people.c.id == clients.c.account_manager_id).outerjoin(
            _ranked, sa.and_(_ranked.c.client_id == clients.c.id, _ranked.c.place == 1)
        )
    )
    .where(
        clients.c.status == ClientStatus.ACTIVE,
        sa.or_(_MANAGER.is_(None), clients.c.account_manager_id == _MANAGER),
        sa.or_(
            _ranked.c.happened_on.is_(None),
            _ranked.c.happened_on <= sa.bindparam("not_after", type_=sa.Date),
        ),
    )
    # Those with whom nobody has ever been in touch come first.
    .order_by(_ranked.c.happened_on.is_not(None), _ranked.c.happened_on, clients.c.code)
    .limit(sa.bindparam("most", type_=sa.Integer))
)
