"""What is read of feedback, as it may be told, and of the requests for it."""

from typing import Any

import sqlalchemy as sa

from app.db.listing import Listing
from app.db.record import table_of
from app.measures.sources.base import TODAY
from app.measures.sources.feedback import TOLD
from app.models.client import Client, Contact
from app.models.person import Person
from app.models.project import Project
from app.models.quality import Feedback, FeedbackRequest, FeedbackSubject

feedback = table_of(Feedback)
requests = table_of(FeedbackRequest)
clients = table_of(Client)
contacts = table_of(Contact)
projects = table_of(Project)

REFERENCES = {
    "project_id": (projects, "id"),
    "client_id": (clients, "id"),
    "contact_id": (contacts, "id"),
    "person_id": (table_of(Person), "id"),
}
_which = sa.bindparam("which", type_=requests.c.id.type)
_inner = {"row_id", "recorded_at", "recorded_by", "superseded_at"}

FEEDBACK = Listing(
    name="feedback",
    columns={c.name: c for c in TOLD.c if c.name not in _inner} | {"updated_at": TOLD.c.recorded_at},
    source=TOLD,
    filters=(
        "subject",
        "project_id",
        "client_id",
        "team",
        "contact_id",
        "person_id",
        "anonymous",
        "given_on",
        "csat",
        "nps",
    ),
    sorts=("given_on", "csat", "nps", "created_at", "updated_at"),
    default_sort=(("given_on", True),),
)
REQUESTS = Listing(
    name="feedback-requests",
    columns={c.name: c for c in requests.c},
    source=requests,
    filters=("subject", "project_id", "client_id", "contact_id", "anonymous", "asked_at", "expires_at", "answered"),
    sorts=("asked_at", "expires_at", "created_at", "updated_at"),
    default_sort=(("asked_at", True),),
)
BY_ID = sa.select(TOLD, TOLD.c.recorded_at.label("updated_at")).where(TOLD.c.id == _which)

_project_id = sa.bindparam("project_id", type_=projects.c.id.type)
_contact_id = sa.bindparam("contact_id", type_=contacts.c.id.type)
_client_id = sa.bindparam("client_id", type_=clients.c.id.type)
CLIENTS_OF = sa.select(
    sa.select(projects.c.client_id).where(projects.c.id == _project_id).scalar_subquery().label("of_project"),
    sa.select(contacts.c.client_id).where(contacts.c.id == _contact_id).scalar_subquery().label("of_contact"),
)

# A request that has just been made, and its link, which is kept nowhere.
MADE = sa.select(
    requests,
    sa.bindparam("link", type_=sa.String).label("link"),
    requests.c.expires_at.label("link_expires_at"),
).where(requests.c.id == _which)
LOCK_REQUEST = sa.select(requests).where(requests.c.id == _which).with_for_update(key_share=True)
# What a link shows of a request: what it is about, and whether it is answered.
FOR_CLIENT = (
    sa.select(
        requests,
        sa.case(
            (requests.c.subject == FeedbackSubject.PROJECT, projects.c.name),
            (requests.c.subject == FeedbackSubject.CLIENT, clients.c.name),
        ).label("about"),
        sa.case((requests.c.answered, "given")).label("answer"),
    )
    .select_from(
        requests.join(clients, clients.c.id == requests.c.client_id).outerjoin(
            projects, projects.c.id == requests.c.project_id
        )
    )
    .where(requests.c.id == _which)
)


def _or_any(column: sa.ColumnElement[Any], value: sa.BindParameter[Any]) -> sa.ColumnElement[bool]:
    return sa.or_(value.is_(None), column == value)


def _counted(source: sa.FromClause, *where: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
    found = sa.select(sa.func.count()).select_from(source)
    columns = source.c
    return found.where(
        columns.anonymous, _or_any(columns.client_id, _client_id), _or_any(columns.project_id, _project_id), *where
    ).scalar_subquery()


# Of those that are in force.
WITHHELD = sa.select(
    _counted(feedback, feedback.c.superseded_at.is_(None)).label("answers"), _counted(TOLD).label("told")
)


def _same_thing(table: sa.FromClause) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        table.c.anonymous,
        table.c.subject == sa.bindparam("subject", type_=sa.String),
        table.c.client_id == _client_id,
        table.c.project_id.is_not_distinct_from(_project_id),
    )


_of_contact = (*_same_thing(requests), requests.c.contact_id == _contact_id)
# Whether a contact has been asked the same anonymously; whether they have yet to answer; and how many answers about it
# there are, of days that are over and of today.
ASKED_BEFORE = sa.select(
    sa.exists().where(*_of_contact).label("asked"),
    sa.exists().where(*_of_contact, sa.not_(requests.c.answered)).label("waiting"),
    sa.select(sa.func.count()).where(*_same_thing(feedback)).scalar_subquery().label("answers"),
    sa.exists().where(*_same_thing(feedback), feedback.c.given_on >= TODAY).label("fresh"),
)

_anonymous_of_client = (requests.c.client_id == _client_id, requests.c.anonymous)
LOCK_ANONYMOUS = sa.select(requests.c.id).where(*_anonymous_of_client).order_by(requests.c.id).with_for_update()
FLIP = sa.update(requests).where(requests.c.id == _which).values(answered=True, version=requests.c.version + 1)
ANSWERED = sa.select(requests.c.id).where(*_anonymous_of_client, requests.c.answered).order_by(requests.c.id)
# Changes nothing, but is a write.
TOUCH = sa.update(requests).where(requests.c.id == _which).values(answered=requests.c.answered)
TAKE_OF_DAY = (
    sa.delete(feedback)
    .where(
        feedback.c.client_id == _client_id,
        feedback.c.anonymous,
        feedback.c.given_on == sa.bindparam("given_on", type_=sa.Date),
    )
    .returning(*feedback.c)
)
PUT_DOWN = sa.insert(feedback)
