"""Who could take which seat: all that is needed for any number of seats is read once, and judged in memory."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.caller import Caller
from app.core.errors import NotFound
from app.features.capacity import queries, scoring
from app.features.capacity.rules import Burden, Days
from app.features.capacity.scoring import Candidate, Judgement, SeatOffered
from app.messaging import records
from app.messaging.records import Row
from app.models.project import Management
from app.models.role import ACCOUNT_MANAGER, MANAGER_ROLES, PRODUCTION_MANAGER

OTHER_SEAT = {ACCOUNT_MANAGER: PRODUCTION_MANAGER, PRODUCTION_MANAGER: ACCOUNT_MANAGER}

Seat = tuple[UUID, str]  # a project and a role


@dataclass
class Field:
    """The people and the seats of some projects, from a day on."""

    start: date
    staff: Mapping[UUID, Row]
    burdens: dict[UUID, Burden]
    projects: Mapping[UUID, Row]
    seats: Mapping[Seat, SeatOffered]
    holders: Mapping[Seat, set[UUID]]
    strengths: Mapping[tuple[UUID, UUID], int]
    days_away: Mapping[UUID, int]
    taken: dict[Seat, UUID] = field(default_factory=dict)

    def candidates(self, seat: Seat) -> list[tuple[UUID, Judgement]]:
        """Everybody who is employed, has it not yet, and has not the other manager seat; the best first."""
        project, offered = self.projects[seat[0]], self.seats[seat]
        barred = set(self.holders.get(seat, ()))
        other = (seat[0], OTHER_SEAT.get(seat[1], ""))
        if project.management == Management.SPLIT and (project.split_on is None or project.split_on <= self.start):
            barred |= {self.taken[other]} if other in self.taken else self.holders.get(other, set())
        judged = [
            (id, scoring.judge(self._candidate(person, project.client_id), offered))
            for id, person in self.staff.items()
            if id not in barred
        ]
        return sorted(judged, key=lambda item: (*scoring.order(item[1]), item[0]))

    def take(self, seat: Seat, person_id: UUID) -> None:
        """From now on count the seat as this person's, so that one person is not suggested for everything."""
        self.taken[seat] = person_id
        self.burdens[person_id] = scoring.taking(self.burdens[person_id], self.seats[seat])

    def without(self, person_id: UUID) -> "Field":
        """The same without somebody who goes."""
        return replace(self, staff={id: row for id, row in self.staff.items() if id != person_id})

    def _candidate(self, person: Row, client_id: UUID) -> Candidate:
        return Candidate(
            person.id,
            person.home_role,
            person.preferred_duty,
            person.left_on,
            self.strengths.get((person.id, client_id)),
            self.days_away.get(person.id, 0),
            self.burdens[person.id],
        )


def read_field(
    conn: sa.Connection, seats: Iterable[Seat], start: date, coming: Mapping[Seat, Decimal] | None = None
) -> Field:
    """All that is to be known to find people for these seats; the same few statements for any number of them.

    `coming` are the weights that exclusive seats are about to have, also those that their projects have not yet.
    """
    wanted = sorted(set(seats))
    about = {"projects": sorted({project_id for project_id, _ in wanted}), "day": start}
    soon = {"start": start, "stop": start + timedelta(scoring.SOON)}
    projects = {row.id: row for row in conn.execute(queries.PROJECTS, {"projects": about["projects"]})}
    spans: dict[UUID, list[tuple[str, Days]]] = defaultdict(list)
    for row in conn.execute(queries.SPANS, {"projects": about["projects"]}):
        if row.valid_to is None or row.valid_from < row.valid_to:
            spans[row.project_id].append((row.status, Days(row.valid_from, row.valid_to)))
    weights = {
        (row.project_id, row.role): row.load_weight
        for row in conn.execute(queries.EXCLUSIVE_SEATS, {"projects": about["projects"]})
    } | dict(coming or {})
    holders: dict[Seat, set[UUID]] = defaultdict(set)
    for row in conn.execute(queries.HOLDERS_ON, about):
        holders[row.project_id, row.role].add(row.person_id)
    staff = {row.id: row for row in conn.execute(queries.STAFF, {"start": start, "stop": start + timedelta(1)})}
    known = conn.execute(queries.STRENGTHS, {"clients": sorted({row.client_id for row in projects.values()})})
    working = set(conn.execute(queries.WORKING_DAYS, soon).scalars())
    away: dict[UUID, set[date]] = defaultdict(set)
    for row in conn.execute(queries.TIME_OFF, soon):
        if row.hours_per_day is None:
            away[row.person_id] |= {day for day in working if row.from_on <= day <= row.until_on}
    return Field(
        start,
        staff,
        queries.burdens(conn, staff),
        projects,
        {seat: scoring.offered(seat[1], start, weights[seat], spans[seat[0]]) for seat in wanted if seat in weights},
        holders,
        {(row.person_id, row.client_id): row.strength for row in known},
        {id: len(days) for id, days in away.items()},
    )


def list_seat_candidates(
    conn: sa.Connection, caller: Caller, ref: UUID | str, role: str, start: date | None
) -> dict[str, Any]:
    """Who could take a seat of a project from a day on, today unless told otherwise; the best first."""
    project = records.get(conn, queries.projects, ref, "code")
    seat = (project.id, role)
    found = read_field(conn, [seat], start or clock.today())
    if seat not in found.seats:
        also = "" if role in MANAGER_ROLES else ", or ask for a role that has one"
        raise NotFound(f"{project.code} has no exclusive seat {role!r}: add it by POST /v1/seats{also}.")
    offered = found.seats[seat]
    return {
        "items": [
            {
                "person_id": id,
                "email": found.staff[id].email,
                "display_name": found.staff[id].display_name,
                "score": judged.score,
                "fits": judged.fits,
                "portfolio": offered.portfolio,
                "load_before": judged.before,
                "load_after": judged.after,
                "cap": judged.cap,
                "relationship_strength": found.strengths.get((id, project.client_id)),
                "days_away": found.days_away.get(id, 0),
                "reason": judged.reason,
            }
            for id, judged in found.candidates(seat)
        ],
        "next_cursor": None,
    }
