"""Says in sentences why a seat moves, and, where no plan fits, which caps and locks bind and by how much."""

from collections import defaultdict
from decimal import Decimal
from uuid import UUID

from app.core.money import format_plain
from app.features.split_plans.milp import Programme
from app.features.split_plans.model import (
    LOAD_SCALE,
    POINT,
    Binding,
    Bucket,
    Holders,
    Person,
    Plan,
    Problem,
    Seat,
    SeatKey,
    SeatLock,
)
from app.features.split_plans.objective import DUTY, comfortable, lead_role, loads, pair_cost, skill
from app.models.role import ACCOUNT_MANAGER, PRODUCTION_MANAGER
from app.models.split_plan import PlanStatus

NAMES = {ACCOUNT_MANAGER: "account manager", PRODUCTION_MANAGER: "production manager"}
OTHER = {ACCOUNT_MANAGER: PRODUCTION_MANAGER, PRODUCTION_MANAGER: ACCOUNT_MANAGER}
# What setting a rule aside costs, where one must be: a lock as much as a cap raised by one project, and the rule that
# two people manage a project, or a seat left empty, only as the very last.
CAP, LOCK, TWO_PEOPLE = POINT / LOAD_SCALE, POINT, POINT * 1_000


def amount(load: int) -> str:
    """A load as people say it: 45000 is 4.5."""
    return format_plain(Decimal(load) / LOAD_SCALE)


def words(bucket: Bucket) -> str:
    return bucket.replace("_", " ")


def over_caps(problem: Problem, holders: Holders) -> list[Binding]:
    """The caps that a plan breaks. Whoever is above theirs by seats outside the plan may not get more."""
    found = []
    for id, carried in sorted(loads(problem, holders).items()):
        person = problem.people[id]
        for bucket, load in carried.items():
            cap, held = person.caps[bucket], person.fixed.get(bucket, 0)
            if load > max(cap, held):
                by = load - max(cap, held)
                what = f"{words(bucket)} projects: it is {amount(cap)}, and {amount(load)} would be held"
                aside = f", {amount(held)} of them outside the plan" if held else ""
                sentence = f"Raise the person's cap on {what}{aside}; {amount(by)} more makes room."
                found.append(Binding("cap", by, sentence, person_id=id, bucket=bucket, limit=cap))
    return found


def broken_locks(problem: Problem, holders: Holders) -> list[Binding]:
    """The locks that a plan does not keep, each with the number of its seats."""
    found = []
    for lock in problem.locks:
        broken = [seat for seat in problem.seats_under(lock) if holders.get(seat.key) != lock.person_id]
        if not broken:
            continue
        if isinstance(lock, SeatLock):
            sentence = f"Take back the lock of this person to the {NAMES[lock.seat.role]}'s seat of the project."
            at = lock.seat
            found.append(Binding("seat_lock", 1, sentence, lock.person_id, project_id=at.project_id, role=at.role))
        else:
            sentence = (
                f"Take back the lock of this person as {NAMES[lock.role]} of the client: "
                f"{len(broken)} of {len(problem.seats_under(lock))} seats would have to go to somebody else."
            )
            found.append(
                Binding(
                    "relationship_lock", len(broken), sentence, lock.person_id, client_id=lock.client_id, role=lock.role
                )
            )
    return found


def violations(problem: Problem, holders: Holders) -> list[Binding]:
    """All that forbids a plan: caps, locks, one person in both seats of a project, seats that nobody takes."""
    found = [*over_caps(problem, holders), *broken_locks(problem, holders)]
    for one, other in problem.pairs():
        id = holders.get(one.key)
        if id is not None and id == holders.get(other.key):
            sentence = "Let somebody else take one of the project's seats: this person would hold both."
            found.append(Binding("two_people", 1, sentence, id, project_id=one.key.project_id))
    empty: dict[str, int] = defaultdict(int)
    for seat in problem.seats:
        empty[seat.key.role] += seat.key not in holders
    for role, count in sorted(empty.items()):
        if count:
            sentence = f"Name more people who may be {NAMES[role]}: {count} seats would stay empty."
            found.append(Binding("candidates", count, sentence, role=role))
    return found


def what_binds(problem: Problem, seconds: float, proven: bool) -> Plan:
    """The plan that sets the least aside, told by what it sets aside: raise the caps or drop the locks, and it fits."""
    programme = Programme()
    columns: dict[SeatKey, dict[UUID, int]] = {}
    for seat in problem.sorted_seats():
        columns[seat.key] = {id: programme.choice(0.0) for id in problem.candidates_of(seat)}
        if people := columns[seat.key]:
            programme.row(dict.fromkeys(people.values(), 1.0), 1.0, 1.0)
    for lock in problem.locks:
        for seat in problem.seats_under(lock):
            programme.row({columns[seat.key][lock.person_id]: 1.0, programme.amount(LOCK): 1.0}, lower=1.0)
    for one, other in problem.pairs():
        for id, column in columns[one.key].items():
            if id in columns[other.key]:
                both = {column: 1.0, columns[other.key][id]: 1.0, programme.amount(TWO_PEOPLE): -1.0}
                programme.row(both, upper=1.0)
    _caps_that_give(problem, programme, columns)
    answer = programme.solve(max(1.0, problem.time_limit - seconds))
    if answer.values is None:
        holders = {key: min(people) for key, people in columns.items() if people}
    else:
        values = answer.values
        holders = {k: max(people, key=lambda who: values[people[who]]) for k, people in columns.items() if people}
    binding = tuple(violations(problem, holders))
    seconds += answer.seconds
    if not binding and not proven:  # the time was up before the solver had found one, and this is one
        return Plan(PlanStatus.FEASIBLE, holders, 1.0, seconds)
    return Plan(PlanStatus.INFEASIBLE, {}, None if proven else 1.0, seconds, binding)


def _caps_that_give(problem: Problem, programme: Programme, columns: dict[SeatKey, dict[UUID, int]]) -> None:
    weighed: dict[tuple[UUID, Bucket], dict[int, float]] = defaultdict(dict)
    for seat in problem.sorted_seats():
        if seat.bucket is not None and seat.weight:
            for id, column in columns[seat.key].items():
                weighed[id, seat.bucket][column] = float(seat.weight)
    for (id, bucket), load in sorted(weighed.items()):
        person = problem.people[id]
        room = max(0, person.caps[bucket] - person.fixed.get(bucket, 0))
        programme.row({**load, programme.amount(CAP): -1.0}, upper=float(room))


def reason(problem: Problem, seat: Seat, to: UUID, holders: Holders) -> str:
    """Why `to` takes the seat in the plan that `holders` says, in a sentence without anybody's name."""
    return f"{_why_it_moves(problem, seat, to, holders)}; {_why_there(problem, seat, to, holders)}."


def _why_it_moves(problem: Problem, seat: Seat, to: UUID, holders: Holders) -> str:
    role, holder = seat.key.role, seat.holder
    if holder is None:
        return f"The {NAMES[role]}'s seat is vacant"
    if problem.locked_to(seat) == [to]:
        return f"A lock gives the {NAMES[role]}'s seat to this person"
    if holders.get(SeatKey(seat.key.project_id, OTHER[role])) == holder:
        return f"Two people manage a project, and its holder is its {NAMES[OTHER[role]]}"
    if holder not in problem.candidates.get(role, frozenset()):
        return f"Its holder is not among those who may be {NAMES[role]} in this plan"
    before, person = loads(problem, problem.holders())[holder], problem.people[holder]
    if seat.bucket is not None and before[seat.bucket] > comfortable(problem, person, seat.bucket):
        load, cap = amount(before[seat.bucket]), amount(person.caps[seat.bucket])
        return f"Its holder carries {load} of {cap} {words(seat.bucket)} projects"
    if role == ACCOUNT_MANAGER and any(
        holders.get(other.key) == to for other in problem.seats if other.client_id == seat.client_id and other != seat
    ):
        return "The client has fewer account managers"
    if pair_cost(problem, seat, to).misfit < pair_cost(problem, seat, holder).misfit:
        return f"It suits another better as {NAMES[role]}"
    return "It makes room for the other moves"


def _why_there(problem: Problem, seat: Seat, to: UUID, holders: Holders) -> str:
    person, role = problem.people[to], seat.key.role
    merits = _merits(problem, seat, person)
    leads = ", and it is the project's lead role" if lead_role(seat) == role else ""
    fit = f"the successor {', '.join(merits)}{leads}" if merits else f"the successor has room{leads}"
    if seat.bucket is None:
        return fit
    load, cap = loads(problem, holders)[to][seat.bucket], person.caps[seat.bucket]
    return f"{fit}, with {amount(load)} of {amount(cap)} {words(seat.bucket)} projects afterwards"


def _merits(problem: Problem, seat: Seat, person: Person) -> list[str]:
    role = seat.key.role
    merits = []
    if person.home_role == role:
        merits.append(f"is {NAMES[role]} by home role")
    if person.preferred_duty == DUTY[role]:
        merits.append(f"prefers {DUTY[role]} duties")
    if (level := skill(seat, person, problem.duty_skills.get(role, frozenset()))) > 0:
        merits.append(f"has the skill at level {level}")
    if (bond := person.bonds.get(seat.client_id)) is not None:
        merits.append(f"knows the client (strength {bond.strength})")
    return merits
