"""Reads what a split plan is computed from: the seats, people and relationships of one day, in as many statements for
any number of rows."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core.errors import FieldError, Invalid
from app.core.money import to_units
from app.db.record import table_of
from app.features.split_plans.model import (
    Bond,
    Bucket,
    Lock,
    Person,
    Problem,
    RelationshipLock,
    Seat,
    SeatKey,
    SeatLock,
    Weights,
)
from app.features.split_plans.objective import MILESTONE_DAYS, plain
from app.features.split_plans.schemas import PlanRequest
from app.messaging.records import Row
from app.models.assignment import Assignment, AssignmentKind, Certainty
from app.models.client import Client
from app.models.person import Person as PersonTable
from app.models.person import PersonSkill
from app.models.project import Milestone, Project, ProjectStatusSpan
from app.models.project import Seat as SeatTable
from app.models.relationship import Relationship
from app.models.role import MANAGER_ROLES, Responsibility, Role

projects, clients, spans = table_of(Project), table_of(Client), table_of(ProjectStatusSpan)
seats, assignments, roles = table_of(SeatTable), table_of(Assignment), table_of(Role)
people, skills, relationships = table_of(PersonTable), table_of(PersonSkill), table_of(Relationship)
milestones, responsibilities = table_of(Milestone), table_of(Responsibility)

DAY = sa.bindparam("day", type_=sa.Date)


def _on_day(table: sa.Table) -> sa.ColumnElement[bool]:
    return sa.and_(
        table.c.superseded_at.is_(None),
        table.c.valid_from <= DAY,
        sa.or_(table.c.valid_to.is_(None), table.c.valid_to > DAY),
    )


SEATS: sa.Select[Any] = (
    sa.select(
        seats.c.project_id,
        seats.c.role,
        seats.c.load_weight,
        projects.c.client_id,
        projects.c.technical_complexity,
        sa.func.coalesce(projects.c.communication_intensity, clients.c.communication_intensity).label("communication"),
        projects.c.lead_role,
        projects.c.kind,
        clients.c.tier,
        spans.c.status,
        assignments.c.person_id,
    )
    .select_from(
        seats.join(roles, sa.and_(roles.c.key == seats.c.role, roles.c.exclusive))
        .join(projects, projects.c.id == seats.c.project_id)
        .join(clients, clients.c.id == projects.c.client_id)
        .join(spans, sa.and_(spans.c.project_id == projects.c.id, _on_day(spans)))
        .outerjoin(
            assignments,
            sa.and_(
                assignments.c.project_id == seats.c.project_id,
                assignments.c.role == seats.c.role,
                assignments.c.kind == AssignmentKind.HOLDER,
                assignments.c.certainty == Certainty.CONFIRMED,
                _on_day(assignments),
            ),
        )
    )
    .order_by(seats.c.project_id, seats.c.role)
)
PEOPLE: sa.Select[Any] = sa.select(
    people.c.id,
    people.c.home_role,
    people.c.preferred_duty,
    people.c.active_cap,
    people.c.back_burner_cap,
    people.c.hired_on,
    people.c.left_on,
)
SKILLS: sa.Select[Any] = sa.select(skills.c.person_id, skills.c.skill, skills.c.level)
BONDS: sa.Select[Any] = sa.select(
    relationships.c.person_id, relationships.c.client_id, relationships.c.strength, relationships.c.since_on
)
NEXT_DAY = sa.func.coalesce(milestones.c.forecast_on, milestones.c.planned_on)
MILESTONES: sa.Select[Any] = (
    sa.select(milestones.c.project_id, sa.type_coerce(sa.func.min(NEXT_DAY), sa.Date).label("next_on"))
    .where(milestones.c.reached_on.is_(None), NEXT_DAY.between(DAY, sa.bindparam("until", type_=sa.Date)))
    .group_by(milestones.c.project_id)
)
DUTIES: sa.Select[Any] = sa.select(responsibilities.c.role, responsibilities.c.key, responsibilities.c.name).where(
    responsibilities.c.role.in_(MANAGER_ROLES)
)
PROJECT_IDS = sa.select(projects.c.id).where(projects.c.id.in_(sa.bindparam("ids", expanding=True)))
CLIENT_IDS = sa.select(clients.c.id).where(clients.c.id.in_(sa.bindparam("ids", expanding=True)))


@dataclass(frozen=True)
class Loaded:
    """A problem, and the request with its people resolved."""

    problem: Problem
    request: PlanRequest


def load_problem(conn: sa.Connection, request: PlanRequest, day: date, refer: bool = True) -> Loaded:
    """What is to be solved. 422 where the request refers to what is not there (unless it was checked, `refer`)."""
    rows = conn.execute(SEATS, {"day": day}).all()
    found = {row.id: row for row in conn.execute(PEOPLE)}
    employed = {id for id, row in found.items() if _employed(row, day)}
    scope = [row for row in rows if row.role in MANAGER_ROLES and _in_scope(row, request)]
    if refer:
        _check(conn, request, employed, {SeatKey(row.project_id, row.role) for row in scope})
    candidates = _candidates(request, found, employed, scope)
    inside = {(row.project_id, row.role) for row in scope}
    fixed: dict[UUID, dict[Bucket, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        if row.person_id is not None and (row.project_id, row.role) not in inside and row.status in list(Bucket):
            fixed[row.person_id][Bucket(row.status)] += to_units(row.load_weight)
    until = {"day": day, "until": day + timedelta(MILESTONE_DAYS)}
    near = {row.project_id: (row.next_on - day).days for row in conn.execute(MILESTONES, until)}
    problem = Problem(
        seats=tuple(_seat(row, near.get(row.project_id)) for row in scope),
        people=_people(conn, found, employed | {row.person_id for row in scope if row.person_id}, fixed, request, day),
        candidates=candidates,
        weights=Weights(**request.weights.model_dump()),
        comfortable_share=request.comfortable_share,
        locks=_locks(request),
        duty_skills=_duty_skills(conn),
        time_limit=float(request.time_limit_seconds),
    )
    chosen = {f"{role}s": sorted(candidates[role]) for role in MANAGER_ROLES}
    resolved = request.model_copy(update={"people": request.people.model_copy(update=chosen)})
    return Loaded(problem, resolved)


def _employed(person: Row, day: date) -> bool:
    return (person.hired_on is None or person.hired_on <= day) and (person.left_on is None or person.left_on >= day)


def _in_scope(row: Row, request: PlanRequest) -> bool:
    scope = request.scope
    return (
        row.status in scope.statuses
        and (scope.project_ids is None or row.project_id in scope.project_ids)
        and (scope.client_ids is None or row.client_id in scope.client_ids)
    )


def _candidates(
    request: PlanRequest, found: Mapping[UUID, Row], employed: set[UUID], scope: Iterable[Row]
) -> dict[str, frozenset[UUID]]:
    holders = {row.person_id for row in scope} & employed
    named = {role: getattr(request.people, f"{role}s") for role in MANAGER_ROLES}
    at_home = {role: {id for id in employed if found[id].home_role == role} for role in MANAGER_ROLES}
    return {
        role: frozenset(named[role] if named[role] is not None else at_home[role] or holders) for role in MANAGER_ROLES
    }


def _seat(row: Row, days_to_milestone: int | None) -> Seat:
    return Seat(
        key=SeatKey(row.project_id, row.role),
        client_id=row.client_id,
        weight=to_units(row.load_weight),
        bucket=Bucket(row.status) if row.status in list(Bucket) else None,
        holder=row.person_id,
        tier=row.tier,
        communication=row.communication,
        complexity=row.technical_complexity,
        lead_role=row.lead_role,
        kind=row.kind,
        days_to_milestone=days_to_milestone,
    )


def _people(
    conn: sa.Connection,
    found: Mapping[UUID, Row],
    wanted: set[UUID],
    fixed: Mapping[UUID, Mapping[Bucket, int]],
    request: PlanRequest,
    day: date,
) -> dict[UUID, Person]:
    levels: dict[UUID, dict[str, int]] = defaultdict(dict)
    for row in conn.execute(SKILLS):
        levels[row.person_id][plain(row.skill)] = row.level
    bonds: dict[UUID, dict[UUID, Bond]] = defaultdict(dict)
    for row in conn.execute(BONDS):
        years = max(0, (day - row.since_on).days) / 365.25 if row.since_on is not None else 0.0
        bonds[row.person_id][row.client_id] = Bond(row.strength, years)
    made = {}
    for id in sorted(wanted):
        row, caps = found[id], request.caps.get(id)
        active = row.active_cap if caps is None or caps.active_cap is None else caps.active_cap
        resting = row.back_burner_cap if caps is None or caps.back_burner_cap is None else caps.back_burner_cap
        made[id] = Person(
            id=id,
            caps={Bucket.ACTIVE: to_units(active), Bucket.BACK_BURNER: to_units(resting)},
            fixed=dict(fixed.get(id, {})),
            home_role=row.home_role,
            preferred_duty=row.preferred_duty,
            skills=levels[id],
            bonds=bonds[id],
        )
    return made


def _locks(request: PlanRequest) -> tuple[Lock, ...]:
    of_seats = [SeatLock(SeatKey(lock.project_id, lock.role), lock.person_id) for lock in request.locks.seats]
    of_clients = [RelationshipLock(lock.client_id, lock.role, lock.person_id) for lock in request.locks.relationships]
    return (*of_seats, *of_clients)


def _duty_skills(conn: sa.Connection) -> dict[str, frozenset[str]]:
    found = {role: {plain(role)} for role in MANAGER_ROLES}
    for row in conn.execute(DUTIES):
        found[row.role] |= {plain(row.key), plain(row.name)}
    return {role: frozenset(names) for role, names in found.items()}


def _check(conn: sa.Connection, request: PlanRequest, employed: set[UUID], scope: set[SeatKey]) -> None:
    """422 naming each id of the request that is not there, and each lock that no seat in scope answers to."""
    named = {
        "/people/account_managers": request.people.account_managers or [],
        "/people/production_managers": request.people.production_managers or [],
        "/caps": list(request.caps),
        "/locks/seats": [lock.person_id for lock in request.locks.seats],
        "/locks/relationships": [lock.person_id for lock in request.locks.relationships],
    }
    errors = _unknown(named, employed, "there is nobody employed on the day with the id")
    asked = {"/scope/project_ids": request.scope.project_ids or []}
    errors += _unknown(asked, _existing(conn, PROJECT_IDS, asked), "there is no project")
    asked = {
        "/scope/client_ids": request.scope.client_ids or [],
        "/locks/relationships": [lock.client_id for lock in request.locks.relationships],
    }
    errors += _unknown(asked, _existing(conn, CLIENT_IDS, asked), "there is no client")
    errors += [
        FieldError(f"/locks/seats/{index}", "the project has no such seat in the plan's scope", "out-of-scope")
        for index, lock in enumerate(request.locks.seats)
        if SeatKey(lock.project_id, lock.role) not in scope
    ]
    if errors:
        raise Invalid("Correct what `errors` names: look up the ids in the lists.", errors=errors[:20])


def _existing(conn: sa.Connection, statement: sa.Select[Any], asked: Mapping[str, list[UUID]]) -> set[UUID]:
    ids = sorted({id for several in asked.values() for id in several})
    return set(conn.execute(statement, {"ids": ids}).scalars()) if ids else set()


def _unknown(asked: Mapping[str, list[UUID]], known: set[UUID], what: str) -> list[FieldError]:
    return [
        FieldError(pointer, f"{what} {str(id)!r}", "unknown-reference")
        for pointer, several in asked.items()
        for id in several
        if id not in known
    ]
