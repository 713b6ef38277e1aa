"""Taking an anonymous answer: the one write without audit and event, since these tell the instant.

docs/adr/0008-anonymous-feedback.md says what is kept, and from whom.
"""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from app.core import clock
from app.core.ids import timeless_id
from app.features.feedback import queries
from app.features.feedback.schemas import FeedbackAnswer
from app.messaging.records import Row


def keep(conn: sa.Connection, request: Row, answer: FeedbackAnswer) -> None:
    """Keep an answer, and that the request has had one.

    Both rows are written in one transaction, whose number Postgres keeps on each, and in an order that the files of
    both databases keep. So all answered requests of the client are written with it, in the order in which they were
    asked, and the day's answers are laid down anew in the order of their ids, which are random: neither tells which
    belongs to which.
    """
    conn.execute(queries.FLIP, {"which": request.id})
    answered = conn.execute(queries.ANSWERED, {"client_id": request.client_id}).scalars().all()
    conn.execute(queries.TOUCH, [{"which": id} for id in answered])
    today = clock.today()
    taken = conn.execute(queries.TAKE_OF_DAY, {"client_id": request.client_id, "given_on": today}).all()
    rows = [dict(row._mapping) for row in taken] + [_row(request, answer)]
    conn.execute(queries.PUT_DOWN, sorted(rows, key=lambda row: row["row_id"].int))


def _row(request: Row, answer: FeedbackAnswer) -> dict[str, Any]:
    id, today = timeless_id(), clock.today()
    midnight = datetime.combine(today, time(), UTC)
    return {
        "row_id": id,
        "id": id,
        "version": 1,
        "created_at": midnight,
        # Not before it can be told: whoever reads what is new by `updated_since` misses none.
        "recorded_at": clock.start_of(today + timedelta(1)),
        "recorded_by": None,
        "superseded_at": None,
        "subject": request.subject,
        "project_id": request.project_id,
        "client_id": request.client_id,
        "team": None,
        "contact_id": None,
        "person_id": None,
        "anonymous": True,
        "given_on": today,
        **answer.model_dump(),
    }
