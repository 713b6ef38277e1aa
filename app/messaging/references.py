"""What a record may refer to beyond that it is there: the changes of its own project."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from app.core.errors import FieldError
from app.db.record import table_of
from app.messaging.records import IDS_AT_ONCE
from app.models.change_request import ChangeRequest

change_requests = table_of(ChangeRequest)

CHANGES = sa.select(change_requests.c.id, change_requests.c.project_id).where(
    change_requests.c.id.in_(sa.bindparam("ids", type_=sa.Uuid, expanding=True))
)


def changes_elsewhere(conn: sa.Connection, many: Sequence[Mapping[str, Any]], pointer: str = "") -> list[FieldError]:
    """Which of these records name a change request that their project does not have; `pointer` takes their place."""
    asked = sorted({values["change_request_id"] for values in many if values["change_request_id"] is not None})
    if not asked:
        return []
    project_of: dict[Any, Any] = {}
    for start in range(0, len(asked), IDS_AT_ONCE):
        found = conn.execute(CHANGES, {"ids": asked[start : start + IDS_AT_ONCE]})
        project_of |= {row.id: row.project_id for row in found}
    return [
        FieldError(
            f"{pointer.format(index)}/change_request_id",
            "must be a change request of the same project: GET /v1/change-requests?project_id= lists them",
            "unknown-reference",
        )
        for index, values in enumerate(many)
        if values["change_request_id"] is not None
        and project_of.get(values["change_request_id"]) != values["project_id"]
    ]
