"""Whether somebody sits on each seat that a template asks for, and who could where nobody does."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.features.capacity import service as capacity
from app.features.templates import queries, rules
from app.features.templates.errors import SeatsUnfilled
from app.messaging.records import Row
from app.models.role import MANAGER_ROLES

MOST = 3


def check_filled(
    conn: sa.Connection,
    project: Row,
    asked: Sequence[Mapping[str, Any]],
    named: Sequence[tuple[str, UUID]],
    exclusive: Mapping[str, bool],
    weights: Mapping[str, Decimal],
    start: date,
) -> None:
    """409 where a role that a template asks for has nobody on the first day: neither named now nor assigned before."""
    coming = {(project.id, role): weight for role, weight in weights.items() if exclusive[role]}
    wanted = {(project.id, role) for role in {*(seat["role"] for seat in asked), *(role for role, _ in named)}}
    field = capacity.read_field(conn, wanted, start, coming)
    for role, person_id in named:
        seat = (project.id, role)
        if seat in field.seats and person_id in field.burdens:
            field.take(seat, person_id)
    filled = {role for role, _ in named}
    vacant = [
        seat["role"]
        for seat in asked
        if seat["role"] not in filled and not field.holders.get((project.id, seat["role"]))
    ]
    if vacant:
        unfilled = [_offer(field, (project.id, role), exclusive[role]) for role in vacant]
        nobody = [offer["role"] for offer in unfilled if not offer["candidates"]]
        detail = f"Name somebody in `seats` for {', '.join(vacant)}."
        if nobody:
            detail += f" There is no candidate for {', '.join(nobody)}; `unfilled` says why."
        raise SeatsUnfilled(detail, extra={"unfilled": unfilled})


def _offer(field: Any, seat: tuple[UUID, str], exclusive: bool) -> dict[str, Any]:
    """Up to three people for a seat, the best first, or why there is nobody."""
    role = seat[1]
    by_home_role = role not in MANAGER_ROLES
    if exclusive:
        suited = [
            (id, judged.fits, judged.reason)
            for id, judged in field.candidates(seat)
            if not by_home_role or field.staff[id].home_role == role
        ]
    else:
        plain = f"Is {role.replace('_', ' ')} by home role."
        suited = [(id, True, plain) for id, person in field.staff.items() if person.home_role == role]
    candidates = [
        {
            "person_id": id,
            "email": field.staff[id].email,
            "display_name": field.staff[id].display_name,
            "reason": reason,
        }
        for id, fits, reason in suited
        if fits
    ][:MOST]
    why = None if candidates else rules.why_nobody(role, len(suited), field.start, by_home_role)
    return {"role": role, "candidates": candidates, "reason": why}


def roles_and_people(
    conn: sa.Connection, asked: Sequence[Mapping[str, Any]], named: Sequence[tuple[str, UUID]]
) -> tuple[dict[str, bool], set[UUID]]:
    """Of the roles and people that are spoken of, those that there are."""
    exclusive = queries.exclusive(conn, [*(seat["role"] for seat in asked), *(role for role, _ in named)])
    found = conn.execute(queries.PEOPLE, {"ids": sorted({person_id for _, person_id in named})}).scalars()
    return exclusive, set(found)
