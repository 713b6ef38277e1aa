"""Somebody leaves: what they hold, who should take it, and the hand-overs drafted for that."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.caller import Caller, Right
from app.features.capacity import service as capacity
from app.features.handovers import service as handovers
from app.features.offboarding import queries
from app.features.offboarding.schemas import OffboardingCreate
from app.messaging import records
from app.messaging.records import Row
from app.models.project import ProjectStatus

OVER = frozenset({ProjectStatus.CLOSED, ProjectStatus.CANCELLED, ProjectStatus.LOST})
BENEFIT = "You keep one person whom you know for every question: we introduce them to you before anything changes."
LONGEST_NAME = 200


def offboard_person(conn: sa.Connection, caller: Caller, ref: UUID | str, data: OffboardingCreate) -> dict[str, Any]:
    """All that somebody holds after a day; drafts a hand-over for each client whose seats have a successor.

    Seats that an open hand-over moves already are left to that one, so that it may be asked again.
    """
    person = records.get(conn, queries.people, ref.lower() if isinstance(ref, str) else ref, "email")
    gone = data.left_on + timedelta(1)
    rows = conn.execute(queries.SEATS_AFTER, {"person_id": person.id, "day": gone}).all()
    moving = {(row.project_id, row.role): row for row in conn.execute(queries.OPEN_MOVES, {"person_id": person.id})}
    seats = [_listed(row) for row in rows]
    _advise(conn, person.id, seats, rows, moving, gone)
    drafted = _draft(conn, caller, person, seats, rows, data, gone)
    return {
        "person_id": person.id,
        "left_on": data.left_on,
        "seats": seats,
        "relationships": _relationships(conn, person.id, data.left_on),
        **{name: conn.execute(query, {"person_id": person.id}).all() for name, query in queries.OPEN_AND_THEIRS},
        "api_keys": _keys(conn, caller, person.id),
        "handovers": drafted,
    }


def _listed(row: Row) -> dict[str, Any]:
    left_out = ("client_name", "exclusive")
    return {
        **{name: value for name, value in row._mapping.items() if name not in left_out},
        "successor_id": None,
        "handover_id": None,
        "advice": "",
    }


def _advise(
    conn: sa.Connection,
    person_id: UUID,
    seats: list[dict[str, Any]],
    rows: Sequence[Row],
    moving: dict[tuple[UUID, str], Row],
    gone: date,
) -> None:
    """Say of each seat who should take it, or what else to do. Each successor counts as such for the seats behind."""
    end = f"End it by PATCH /v1/assignments/{{id}} with `valid_to` {gone}"
    wanted = [(row.project_id, row.role) for row in rows if row.exclusive and row.status not in OVER]
    field = capacity.read_field(conn, wanted, gone).without(person_id)
    for seat, row in zip(seats, rows, strict=True):
        key = (row.project_id, row.role)
        if key in moving:
            seat["handover_id"], seat["successor_id"] = moving[key].handover_id, moving[key].to_person_id
            seat["advice"] = "An open hand-over moves it: complete that one."
        elif row.status in OVER:
            seat["advice"] = f"{end}: the project is {row.status}."
        elif not row.exclusive:
            seat["advice"] = f"{end}: the role has room for several, and needs no hand-over."
        elif row.valid_from > clock.today():
            seat["advice"] = "It has not begun: DELETE /v1/assignments/{id}, and assign somebody else."
        else:
            best = next((item for item in field.candidates(key) if item[1].fits), None)
            if best is None:
                seat["advice"] = "Nobody has room: GET /v1/projects/{id}/seat-candidates says by how much."
            else:
                seat["successor_id"], seat["advice"] = best[0], best[1].reason
                field.take(key, best[0])


def _draft(
    conn: sa.Connection,
    caller: Caller,
    person: Row,
    seats: list[dict[str, Any]],
    rows: Sequence[Row],
    data: OffboardingCreate,
    gone: date,
) -> list[dict[str, Any]]:
    """One hand-over for each client, of the seats that have a successor and are not on their way already."""
    names = {row.client_id: row.client_name for row in rows}
    by_client: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for seat in seats:
        if seat["successor_id"] is not None and seat["handover_id"] is None:
            by_client[seat["client_id"]].append(seat)
    drafted = []
    for client_id, theirs in by_client.items():
        made = handovers.draft(
            conn,
            caller,
            name=f"{names[client_id]}: from {person.display_name}"[:LONGEST_NAME],
            reason=data.reason or f"{person.display_name} works with us until {data.left_on}.",
            benefit=data.benefit or BENEFIT,
            effective_on=gone,
            moves=[(seat["project_id"], seat["role"], person.id, seat["successor_id"]) for seat in theirs],
        )
        for seat in theirs:
            seat["handover_id"] = made.id
        drafted.append(
            {
                "id": made.id,
                "client_id": client_id,
                "name": made.name,
                "effective_on": made.effective_on,
                "moves": len(theirs),
            }
        )
    return drafted


def _relationships(conn: sa.Connection, person_id: UUID, left_on: date) -> list[dict[str, Any]]:
    """The clients whom they know or own, each with who of those that stay knows them best."""
    found: dict[UUID, dict[str, Any]] = {}
    for row in conn.execute(queries.RELATIONSHIPS, {"person_id": person_id}):
        told = found.setdefault(
            row.client_id,
            {
                "client_id": row.client_id,
                "client_code": row.client_code,
                "strength": 0,
                "owns": row.account_manager_id == person_id,
                "next_person_id": None,
            },
        )
        if row.person_id == person_id:
            told["strength"] = row.strength
        elif told["next_person_id"] is None and row.person_id and (row.left_on is None or row.left_on > left_on):
            told["next_person_id"] = row.person_id
    return list(found.values())


def _keys(conn: sa.Connection, caller: Caller, person_id: UUID) -> list[dict[str, Any]]:
    """Their keys in force; names only for those who administer keys."""
    named = caller.may(Right.ADMINISTER)
    found = conn.execute(queries.KEYS, {"person_id": person_id, "now": clock.now()})
    return [{"id": row.id, "role": row.role, **({"name": row.name} if named else {})} for row in found]
