"""What a signed link opens: nothing but what is named here, whatever the record behind it holds."""

from typing import Any

import sqlalchemy as sa

from app.core.caller import Caller
from app.core.errors import invalid
from app.core.links import Link
from app.features.client_links.schemas import LinkAnswer
from app.features.handovers import service as handovers
from app.messaging.records import Row
from app.models.handover import NoticeAnswer


def read_link(conn: sa.Connection, link: Link) -> dict[str, Any]:
    """What the link is about. Reading it, as mail scanners do, uses nothing up."""
    return _shown(link, handovers.notice_for_client(conn, link.subject_id, link.version))


def answer_link(conn: sa.Connection, caller: Caller, link: Link, data: LinkAnswer) -> dict[str, Any]:
    """The one answer that a link takes."""
    answer = NoticeAnswer(data.answer)
    if answer is NoticeAnswer.CONCERN and not data.text:
        raise invalid("/text", "is required: tell us what worries you", "required")
    row = handovers.answer_notice(conn, caller, link.subject_id, link.version, answer, data.text or None)
    return _shown(link, row)


def _shown(link: Link, notice: Row) -> dict[str, Any]:
    return {
        "kind": link.kind,
        "subject": notice.subject,
        "body": notice.body,
        "answer": notice.answer,
        "answered_at": notice.answered_at,
        "expires_at": link.expires_at,
    }
