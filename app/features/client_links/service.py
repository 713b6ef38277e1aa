"""What a signed link opens: nothing but what is named here, whatever the record behind it holds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core.caller import Caller
from app.core.errors import FieldError, Invalid, invalid
from app.core.links import Link, LinkKind
from app.core.schema import Schema
from app.features.change_requests import service as change_requests
from app.features.client_links.schemas import LinkAnswer
from app.features.feedback import service as feedback
from app.features.feedback.schemas import FeedbackAnswer
from app.features.handovers import service as handovers
from app.messaging.records import Row
from app.models.handover import NoticeAnswer


def read_link(conn: sa.Connection, link: Link) -> dict[str, Any]:
    """What the link is about. Reading it, as mail scanners do, uses nothing up."""
    kind = KINDS[link.kind]
    return _shown(link, kind, kind.read(conn, link.subject_id, link.version))


def answer_link(conn: sa.Connection, caller: Caller, link: Link, data: Any) -> dict[str, Any]:
    """The one answer that a link takes, in the schema of its kind."""
    kind = KINDS[link.kind]
    if kind.answers:
        _check_offered(kind, data)
    return _shown(link, kind, kind.answer(conn, caller, link, data))


def schema_of(link: Link) -> type[Schema]:
    """How an answer to this link looks."""
    return KINDS[link.kind].schema


def _check_offered(kind: "Kind", data: LinkAnswer) -> None:
    errors = []
    if data.answer not in kind.answers:
        errors.append(FieldError("/answer", f"must be one of {', '.join(kind.answers)}"))
    errors += [
        FieldError(f"/{name}", f"must be left out with `{data.answer}`")
        for name, answer in (("option", "chosen"), ("until", "postponed"))
        if data.answer != answer and getattr(data, name) is not None
    ]
    if errors:
        raise Invalid("Choose one of the answers that are offered; `errors` says which.", errors=errors)


def _answer_notice(conn: sa.Connection, caller: Caller, link: Link, data: LinkAnswer) -> Row:
    answer = NoticeAnswer(data.answer)
    if answer is NoticeAnswer.CONCERN and not data.text:
        raise invalid("/text", "is required: tell us what worries you", "required")
    return handovers.answer_notice(conn, caller, link.subject_id, link.version, answer, data.text or None)


def _answer_ask(conn: sa.Connection, caller: Caller, link: Link, data: LinkAnswer) -> Row:
    if not data.text:
        raise invalid("/text", "is required: tell us why, in a few words", "required")
    if data.answer == "chosen" and data.option is None:
        raise invalid("/option", "is required: tell us which option you choose", "required")
    return change_requests.answer_ask(
        conn, caller, link.subject_id, link.version, data.answer, data.option, data.text, data.until
    )


def _answer_question(conn: sa.Connection, caller: Caller, link: Link, data: FeedbackAnswer) -> Row:
    return feedback.answer_request(conn, caller, link.subject_id, link.version, data)


def _notice(row: Row) -> dict[str, Any]:
    return {"subject": row.subject, "body": row.body, "change": None, "feedback": None, "option": None}


def _ask(row: Row) -> dict[str, Any]:
    view = change_requests.ClientView.model_validate(row.shown)
    return {
        "subject": view.title,
        "body": view.value_statement,
        "change": view,
        "feedback": None,
        "option": row.answer_option,
    }


def _question(row: Row) -> dict[str, Any]:
    view = feedback.view(row)
    return {"subject": view.about, "body": view.question, "change": None, "feedback": view, "option": None}


@dataclass(frozen=True)
class Kind:
    """How links of a kind are read, answered and shown. `answers` are those to choose from, where there are any."""

    answers: tuple[str, ...]
    read: Callable[[sa.Connection, UUID, str], Row]
    answer: Callable[[sa.Connection, Caller, Link, Any], Row]
    show: Callable[[Row], dict[str, Any]]
    schema: type[Schema] = LinkAnswer


KINDS: Mapping[LinkKind, Kind] = {
    LinkKind.HANDOVER_NOTICE: Kind(tuple(NoticeAnswer), handovers.notice_for_client, _answer_notice, _notice),
    LinkKind.CHANGE_DECISION: Kind(change_requests.ASK_ANSWERS, change_requests.ask_for_client, _answer_ask, _ask),
    LinkKind.FEEDBACK: Kind((), feedback.request_for_client, _answer_question, _question, FeedbackAnswer),
}


def _shown(link: Link, kind: Kind, row: Row) -> dict[str, Any]:
    return {
        "kind": link.kind,
        **kind.show(row),
        "answer": row.answer,
        "answered_at": row.answered_at,
        "expires_at": link.expires_at,
    }
