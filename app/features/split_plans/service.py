"""Split plans: kept, edited by hand, compared, and turned into hand-overs. Solving lies between a read and a write."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.caller import Caller
from app.core.errors import FieldError, Invalid
from app.core.ids import new_id
from app.db.listing import Listing, ListQuery, Page, columns_of, page
from app.db.record import table_of
from app.features.handovers import service as handovers_service
from app.features.split_plans import events, rules
from app.features.split_plans.errors import AlreadyHandedOver, MoveBreaksRule, NothingToHandOver, PlanOutdated
from app.features.split_plans.explain import reason, violations
from app.features.split_plans.model import Holders, Plan, Problem, SeatKey
from app.features.split_plans.objective import evaluate
from app.features.split_plans.queries import Loaded, load_problem
from app.features.split_plans.schemas import PlanHandovers, PlanRequest, ReplaceMove, SplitPlanCreate
from app.features.split_plans.solver import present_plan, solve
from app.messaging import records
from app.messaging.audit import audit_all
from app.messaging.outbox import emit
from app.messaging.records import Row
from app.models.client import Client
from app.models.handover import Handover, HandoverStatus
from app.models.project import Project
from app.models.split_plan import PlanStatus, SplitPlan, SplitPlanMove

plans, moves = table_of(SplitPlan), table_of(SplitPlanMove)
projects, clients, handovers = table_of(Project), table_of(Client), table_of(Handover)

MOVE_COLUMNS = ("project_id", "role", "from_person_id", "to_person_id", "reason", "by_hand")
MOVES_OF: sa.Select[Any] = (
    sa.select(moves.c.id, moves.c.plan_id, moves.c.version, *(moves.c[name] for name in MOVE_COLUMNS))
    .where(moves.c.plan_id.in_(sa.bindparam("plans", expanding=True)))
    .order_by(moves.c.project_id, moves.c.role)
)


def moves_of(conn: sa.Connection, rows: Any) -> dict[UUID, list[dict[str, Any]]]:
    """The moves of each plan; one statement."""
    found: dict[UUID, list[dict[str, Any]]] = {row.id: [] for row in rows}
    for row in conn.execute(MOVES_OF, {"plans": list(found)}) if found else ():
        found[row.plan_id].append({name: row._mapping[name] for name in MOVE_COLUMNS})
    return found


PLANS = Listing(
    name="split_plans",
    columns={
        **columns_of(plans, "result"),
        **{
            name: plans.c.result[name]
            for name in ("objective", "baseline_objective", "gap", "seconds", "loads", "binding")
        },
    },
    source=plans,
    filters=("status", "on"),
    sorts=("name", "on", "status", "created_at", "updated_at"),
    default_sort=(("created_at", True),),
    includes={"moves": moves_of},
)
MOVES = Listing(
    name="split_plan_moves",
    columns=columns_of(moves),
    source=moves,
    filters=("plan_id", "project_id", "role", "from_person_id", "to_person_id", "by_hand"),
    sorts=("role", "created_at", "updated_at"),
    default_sort=(("created_at", False),),
)
BY_ID = PLANS.select().where(plans.c.id == sa.bindparam("which"))
DELETE_MOVES = sa.delete(moves).where(moves.c.plan_id == sa.bindparam("which"))
HANDED_OVER = sa.select(sa.func.count()).where(
    handovers.c.split_plan_id == sa.bindparam("which"), handovers.c.status != HandoverStatus.CANCELLED
)
BURDENS: sa.Select[Any] = (
    sa.select(projects.c.client_id, projects.c.id, clients.c.code, clients.c.tier, clients.c.communication_intensity)
    .select_from(moves.join(projects, projects.c.id == moves.c.project_id))
    .join(clients, clients.c.id == projects.c.client_id)
    .where(moves.c.plan_id == sa.bindparam("which"))
)


@dataclass(frozen=True)
class Draft:
    """A plan that is computed, told and not yet kept."""

    day: date
    status: PlanStatus
    request: dict[str, Any]
    result: dict[str, Any]
    moves: list[dict[str, Any]]


@dataclass(frozen=True)
class Edit:
    """A plan as it was read, to be edited: its row, its moves, and the problem as it is now."""

    row: Row
    moves: dict[SeatKey, Row]
    problem: Problem


def list_split_plans(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, PLANS, query)


def get_split_plan(conn: sa.Connection, caller: Caller, id: UUID) -> tuple[Row, list[dict[str, Any]]]:
    """A plan and its moves."""
    records.get(conn, plans, id)
    row = conn.execute(BY_ID, {"which": id}).one()
    return row, moves_of(conn, [row])[id]


def list_split_plan_moves(conn: sa.Connection, caller: Caller, query: ListQuery) -> Page:
    return page(conn, MOVES, query)


def get_split_plan_move(conn: sa.Connection, caller: Caller, id: UUID) -> Row:
    return records.get(conn, moves, id)


def load(conn: sa.Connection, data: SplitPlanCreate, day: date) -> Loaded:
    """What a new plan is computed from."""
    return load_problem(conn, data, day)


def draft(loaded: Loaded, day: date) -> Draft:
    """Solve and tell it: seconds of computing, without a database."""
    problem, plan = loaded.problem, solve(loaded.problem)
    request = loaded.request.model_dump(mode="json", include=set(PlanRequest.model_fields))
    told = [_move(problem, key, plan.holders) for key in _moved(problem, plan.holders)]
    return Draft(day, plan.status, request, _result(problem, plan), told)


def create_split_plan(
    conn: sa.Connection, caller: Caller, data: SplitPlanCreate, draft: Draft
) -> tuple[Row, list[dict[str, Any]]]:
    """Keep a plan that has been solved."""
    values = {"name": data.name, "on": draft.day, "status": str(draft.status), "request": draft.request}
    row = records.add(conn, caller, plans, {**values, "result": draft.result})
    now = clock.now()
    stamps = {"plan_id": row.id, "version": 1, "created_at": now, "updated_at": now}
    made = [{"id": new_id(), **stamps, **move} for move in draft.moves]
    if made:
        conn.execute(sa.insert(moves), made)
        audit_all(conn, caller, "created", moves.name, [(move["id"], None, move) for move in made])
    emit(conn, caller, events.split_plan_created(row.id, row.status, len(made)))
    return get_split_plan(conn, caller, row.id)


def delete_split_plan(conn: sa.Connection, caller: Caller, id: UUID, expected: int | None) -> None:
    before = records.get(conn, plans, id)
    records.check_version(before, expected)
    conn.execute(DELETE_MOVES, {"which": id})
    records.remove(conn, caller, plans, before, expected)
    emit(conn, caller, events.split_plan_deleted(id))


def _moved(problem: Problem, holders: Holders) -> list[SeatKey]:
    """The seats that somebody else holds in the plan than now."""
    return [seat.key for seat in problem.sorted_seats() if holders.get(seat.key, seat.holder) != seat.holder]


def _move(problem: Problem, key: SeatKey, holders: Holders) -> dict[str, Any]:
    seat = next(seat for seat in problem.seats if seat.key == key)
    return {
        "project_id": key.project_id,
        "role": str(key.role),
        "from_person_id": seat.holder,
        "to_person_id": holders[key],
        "reason": reason(problem, seat, holders[key], holders),
        "by_hand": False,
    }


def _result(problem: Problem, plan: Plan) -> dict[str, Any]:
    present = present_plan(problem)
    fits = plan.status != PlanStatus.INFEASIBLE
    return {
        "objective": rules.objective_json(evaluate(problem, plan.holders) if fits else None),
        "baseline_objective": rules.objective_json(evaluate(problem, present) if present is not None else None),
        "gap": plan.gap,
        "seconds": round(plan.seconds, 3),
        "loads": rules.loads_json(problem, plan.holders if fits else problem.holders()),
        "binding": [rules.binding_json(binding) for binding in plan.binding],
    }


def load_edit(conn: sa.Connection, caller: Caller, id: UUID, expected: int | None) -> Edit:
    """A plan, and the problem that it solves as it stands now."""
    row = records.get(conn, plans, id)
    records.check_version(row, expected)
    loaded = load_problem(conn, PlanRequest.model_validate(row.request), row.on, refer=False)
    found = {SeatKey(move.project_id, move.role): move for move in conn.execute(MOVES_OF, {"plans": [id]})}
    return Edit(row, found, loaded.problem)


def replace_move(
    conn: sa.Connection, caller: Caller, data: ReplaceMove, edit: Edit
) -> tuple[Row, list[dict[str, Any]]]:
    """Put somebody else into a seat of the plan, by hand, and score it again."""
    problem, row, key = edit.problem, edit.row, SeatKey(data.project_id, data.role)
    holders = _edited(edit, key, data.to_person_id)
    seat = next(seat for seat in problem.seats if seat.key == key)
    plan = Plan(PlanStatus.EDITED, holders, None, 0.0)
    values = {"status": str(PlanStatus.EDITED), "result": _result(problem, plan)}
    records.change(conn, caller, plans, records.get(conn, plans, row.id), values, row.version)
    before = edit.moves.get(key)
    if seat.holder == data.to_person_id:
        if before is not None:
            records.remove(conn, caller, moves, records.get(conn, moves, before.id), before.version)
    else:
        change = {"to_person_id": data.to_person_id, "by_hand": True}
        told = {**change, "reason": reason(problem, seat, data.to_person_id, holders)}
        if before is not None:
            records.change(conn, caller, moves, records.get(conn, moves, before.id), told, before.version)
        else:
            records.add(conn, caller, moves, {**_move(problem, key, holders), **told, "plan_id": row.id})
    emit(conn, caller, events.split_plan_edited(row.id, data.project_id, data.role, data.to_person_id))
    return get_split_plan(conn, caller, row.id)


def _edited(edit: Edit, key: SeatKey, to: UUID) -> dict[SeatKey, UUID]:
    """Who holds each seat with the move in it; 409 where the plan is outdated or the move breaks a rule of it."""
    problem = edit.problem
    seats = {seat.key: seat for seat in problem.seats}
    if edit.row.status == PlanStatus.INFEASIBLE:
        raise PlanOutdated("Nothing fits in this plan: relax what `binding` names in a new one.")
    if any(at not in seats or seats[at].holder != move.from_person_id for at, move in edit.moves.items()):
        raise PlanOutdated("Make a new plan: some of its seats have changed hands, or left its scope, since.")
    errors = []
    if key not in seats:
        errors.append(FieldError("/project_id", "the project has no such seat in the plan's scope", "out-of-scope"))
    if to not in problem.people:
        errors.append(FieldError("/to_person_id", "there is nobody employed of this id", "unknown-reference"))
    if errors:
        raise Invalid("Choose a seat of the plan, and somebody employed on its day.", errors=errors)
    planned = problem.holders() | {at: move.to_person_id for at, move in edit.moves.items()}
    broken = [found for found in violations(problem, planned | {key: to}) if found.kind != "candidates"]
    if broken:
        raise MoveBreaksRule(
            " ".join(binding.sentence for binding in broken),
            extra={"binding": [rules.binding_json(binding) for binding in broken]},
        )
    return planned | {key: to}


def compare_split_plans(conn: sa.Connection, caller: Caller, id: UUID, other: UUID) -> dict[str, Any]:
    """Where two plans differ: their moves, and their scores."""
    one, with_ = records.get(conn, plans, id), records.get(conn, plans, other)
    sides: dict[UUID, dict[SeatKey, Row]] = {id: {}, other: {}}
    for row in conn.execute(MOVES_OF, {"plans": sorted({id, other})}):
        sides[row.plan_id][SeatKey(row.project_id, row.role)] = row
    found = []
    for key in sorted(sides[id].keys() | sides[other].keys()):
        mine, theirs = sides[id].get(key), sides[other].get(key)
        to = mine.to_person_id if mine is not None else None
        with_to = theirs.to_person_id if theirs is not None else None
        if to != with_to:
            known = mine if mine is not None else theirs
            assert known is not None
            seat = {"project_id": key.project_id, "role": key.role, "from_person_id": known.from_person_id}
            found.append({**seat, "to_person_id": to, "with_to_person_id": with_to})
    scores = one.result["objective"], with_.result["objective"]
    return {
        "plan_id": id,
        "with_id": other,
        "moves": found,
        "objective": scores[0],
        "with_objective": scores[1],
        "objective_difference": rules.difference(*scores),
    }


def hand_over(conn: sa.Connection, caller: Caller, id: UUID, data: PlanHandovers, expected: int | None) -> list[Row]:
    """Draft a hand-over a wave. A client is never cut; those with little to hand over come first."""
    if (data.waves is None) == (data.max_clients_per_wave is None):
        raise Invalid("Say either `waves` or `max_clients_per_wave`.", errors=[FieldError("/waves", "or the other")])
    row = records.get(conn, plans, id)
    records.check_version(row, expected)
    if conn.execute(HANDED_OVER, {"which": id}).scalar_one():
        raise AlreadyHandedOver("Cancel the hand-overs that were made of it, or go on with them.")
    by_client = _by_client(conn, id)
    if not by_client:
        raise NothingToHandOver("Choose a plan that moves a seat; where nothing fits, relax what `binding` names.")
    waves = rules.cut(list(by_client), data.waves, data.max_clients_per_wave)
    made = []
    for number, group in enumerate(waves, 1):
        handover = handovers_service.draft(
            conn,
            caller,
            name=f"{row.name[:180]}, wave {number}",
            reason=data.reason,
            benefit=data.benefit,
            effective_on=data.first_effective_on + timedelta(data.days_between * (number - 1)),
            moves=[
                (move.project_id, move.role, move.from_person_id, move.to_person_id)
                for client in group
                for move in by_client[client]
            ],
            split_plan_id=id,
            wave=number,
        )
        days = {name: getattr(data, name) for name in ("overlap_days", "notice_days")}
        if changes := {name: value for name, value in days.items() if value is not None}:
            handover = handovers_service.update_handover(conn, caller, handover.id, changes, None)
        made.append(handover)
    emit(conn, caller, events.split_plan_waves_drafted(id, len(made), sum(map(len, by_client.values()))))
    return made


def _by_client(conn: sa.Connection, id: UUID) -> Mapping[UUID, list[Row]]:
    """The moves of a plan by client, small and simple clients first."""
    client_of = {row.id: row for row in conn.execute(BURDENS, {"which": id})}
    found: dict[UUID, list[Row]] = defaultdict(list)
    known: dict[UUID, Row] = {}
    for move in conn.execute(MOVES_OF, {"plans": [id]}):
        client = client_of[move.project_id]
        found[client.client_id].append(move)
        known[client.client_id] = client

    def rank(client_id: UUID) -> tuple[float, str]:
        client = known[client_id]
        return rules.burden(client.tier, client.communication_intensity, len(found[client_id])), client.code

    return {client_id: found[client_id] for client_id in sorted(found, key=rank)}
