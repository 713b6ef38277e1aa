"""Contacts who are asked what they think: the link that opens the question, and their one answer."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.caller import Caller
from app.core.ids import new_id
from app.core.links import AlreadyAnswered, LinkGone, LinkKind, Signer, version_of
from app.db.listing import ListQuery, Page, page
from app.features.feedback import anonymous, events, queries, rules
from app.features.feedback.errors import AlreadyGiven, AskedAnonymously
from app.features.feedback.queries import feedback, requests
from app.features.feedback.schemas import FeedbackAnswer, FeedbackRequestCreate, FeedbackView
from app.measures.sources.feedback import GROUP_SIZE
from app.messaging import records
from app.messaging.outbox import emit
from app.messaging.records import Row

QUESTION = "What do you think of our work?"
OUR_SERVICE = "Our project management"


def list_feedback_requests(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, queries.REQUESTS, query)


def get_feedback_request(conn: sa.Connection, caller: Caller, id: UUID) -> Row:
    return records.get(conn, requests, id)


def create_feedback_request(conn: sa.Connection, caller: Caller, data: FeedbackRequestCreate, signer: Signer) -> Row:
    """The request, with the link to send."""
    values = data.model_dump()
    rules.check_subject(values)
    records.check_references(conn, values, queries.REFERENCES)
    values["client_id"] = client_of(conn, values)
    if data.anonymous:
        _check_may_be_asked(conn, values)
    id = new_id()
    link, expires_at = _sign(signer, id)
    row = records.add(conn, caller, requests, {"id": id, **values, "asked_at": clock.now(), "expires_at": expires_at})
    emit(conn, caller, events.request_sent(id, row.subject, row.project_id, row.client_id))
    return conn.execute(queries.MADE, {"which": id, "link": link}).one()


def renew_link(conn: sa.Connection, caller: Caller, id: UUID, expected: int | None, signer: Signer) -> dict[str, Any]:
    """A link that holds anew, while the request waits for its answer."""
    before = _waiting(conn, id, expected)
    link, expires_at = _sign(signer, id)
    if expires_at != before.expires_at:
        records.change(conn, caller, requests, before, {"expires_at": expires_at}, None, "renewed")
        emit(conn, caller, events.request_renewed(id, before.project_id))
    return {"request_id": id, "link": link, "link_expires_at": expires_at}


def delete_feedback_request(conn: sa.Connection, caller: Caller, id: UUID, expected: int | None) -> None:
    """Withdraw a request that waits: its link opens nothing any more."""
    before = _waiting(conn, id, expected)
    records.remove(conn, caller, requests, before, expected)
    emit(conn, caller, events.request_withdrawn(id, before.project_id))


def request_for_client(conn: sa.Connection, id: UUID, version: str) -> Row:
    """The request as its link shows it; 410 where it was withdrawn. Reading it uses nothing up."""
    request = conn.execute(queries.FOR_CLIENT, {"which": id}).one_or_none()
    if request is None or version != _version(id):
        raise LinkGone("We have withdrawn the question: there is nothing to answer any more.")
    return request


def answer_request(conn: sa.Connection, caller: Caller, id: UUID, version: str, answer: FeedbackAnswer) -> Row:
    """The contact's one answer. Sent twice, one that is not anonymous counts once."""
    rules.check_says_something(answer.model_dump())
    request = request_for_client(conn, id, version)
    if request.anonymous:  # whoever answers anonymously at the client's waits for the others
        conn.execute(queries.LOCK_ANONYMOUS, {"client_id": request.client_id})
    conn.execute(queries.LOCK_REQUEST, {"which": id})
    request = request_for_client(conn, id, version)
    if request.answered:
        if not _is_same(conn, request, answer):
            raise AlreadyAnswered("Your answer has reached us. Call your contact at the agency to tell us more.")
        return request
    if request.anonymous:
        anonymous.keep(conn, request, answer)
    else:
        _keep(conn, caller, request, answer)
    return request_for_client(conn, id, version)


def view(request: Row) -> FeedbackView:
    """All that a link shows of a request."""
    return FeedbackView(
        about=request.about or OUR_SERVICE, question=request.question or QUESTION, anonymous=request.anonymous
    )


def client_of(conn: sa.Connection, values: dict[str, Any]) -> UUID | None:
    """The client that project or contact belong to, else the one that is given."""
    which = {"project_id": values.get("project_id"), "contact_id": values.get("contact_id")}
    found = conn.execute(queries.CLIENTS_OF, which).one()
    return rules.client_of(values, found.of_project, found.of_contact)


def _keep(conn: sa.Connection, caller: Caller, request: Row, answer: FeedbackAnswer) -> None:
    said = {
        "subject": request.subject,
        "project_id": request.project_id,
        "client_id": request.client_id,
        "contact_id": request.contact_id,
        "given_on": clock.today(),
        **answer.model_dump(),
    }
    row = records.record(conn, caller, feedback, {"anonymous": False, **said})
    before = records.get(conn, requests, request.id)
    values = {"answered": True, "answered_at": clock.now(), "feedback_id": row.id}
    records.change(conn, caller, requests, before, values, None, "answered")
    emit(conn, caller, events.feedback_received(row.id, request.id, row.subject, row.project_id, row.client_id))


def _is_same(conn: sa.Connection, request: Row, answer: FeedbackAnswer) -> bool:
    if request.feedback_id is None:
        return False
    given = conn.execute(queries.BY_ID, {"which": request.feedback_id, "today": clock.today()}).one_or_none()
    return given is not None and all(given._mapping[name] == value for name, value in answer.model_dump().items())


def _check_may_be_asked(conn: sa.Connection, values: dict[str, Any]) -> None:
    """409 where the contact could stand twice in a group of anonymous answers, which then hid fewer people."""
    which = {name: values[name] for name in ("subject", "client_id", "project_id", "contact_id")}
    before = conn.execute(queries.ASKED_BEFORE, {**which, "today": clock.today()}).one()
    if before.waiting:
        raise AskedAnonymously("They have not answered yet: send them a new link of that request.")
    if before.asked and (before.fresh or before.answers % GROUP_SIZE):
        raise AskedAnonymously("Ask others first: their answer waits until it can be told together with those.")


def _waiting(conn: sa.Connection, id: UUID, expected: int | None) -> Row:
    before = records.get(conn, requests, id)
    conn.execute(queries.LOCK_REQUEST, {"which": id})
    before = records.get(conn, requests, id)
    records.check_version(before, expected)
    if before.answered:
        raise AlreadyGiven("Leave it as it is, and ask anew to hear more.")
    return before


def _sign(signer: Signer, id: UUID) -> tuple[str, Any]:
    return signer.sign(LinkKind.FEEDBACK, id, _version(id))


def _version(id: UUID) -> str:
    return version_of(str(id))
