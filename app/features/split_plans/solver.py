"""Finds who holds every seat at the least cost, by mixed-integer programming; says what binds where nothing fits."""

import math
from collections import defaultdict
from uuid import UUID

from app.features.split_plans.explain import violations, what_binds
from app.features.split_plans.greedy import first_plan
from app.features.split_plans.milp import Programme
from app.features.split_plans.model import POINT, Bucket, Holders, Plan, Problem, SeatKey
from app.features.split_plans.objective import comfortable, evaluate, overload_rate, pair_cost
from app.models.role import ACCOUNT_MANAGER
from app.models.split_plan import PlanStatus

Choices = dict[SeatKey, dict[UUID, int]]


def solve(problem: Problem) -> Plan:
    """The best plan, the best that was found in time with its gap, or what stands in its way."""
    programme = Programme()
    choices = _choices(problem, programme)
    if any(not people for people in choices.values()):
        return what_binds(problem, 0.0, proven=True)
    _one_each(programme, choices)
    _two_people(problem, programme, choices)
    _caps(problem, programme, choices)
    _account_managers(problem, programme, choices)
    present = present_plan(problem)
    begun = present if present is not None else first_plan(problem)
    start = {choices[key][id]: 1.0 for key, id in begun.items()} if begun is not None else None
    answer = programme.solve(problem.time_limit, start)
    if answer.values is None:
        return what_binds(problem, answer.seconds, answer.proven)
    values = answer.values
    holders: Holders = {key: max(people, key=lambda who: values[people[who]]) for key, people in choices.items()}
    if present is not None and evaluate(problem, holders).total >= evaluate(problem, present).total:
        holders = present
    status = PlanStatus.OPTIMAL if answer.proven else PlanStatus.FEASIBLE
    return Plan(status, holders, answer.gap, answer.seconds)


def present_plan(problem: Problem) -> Holders | None:
    """Leaving everything as it is, where that keeps to all the rules and people of the plan; else None."""
    holders = problem.holders()
    allowed = all(holders.get(seat.key) in problem.candidates_of(seat) for seat in problem.seats)
    return holders if allowed and not violations(problem, holders) else None


def _choices(problem: Problem, programme: Programme) -> Choices:
    """A choice for each seat and each who may take it; a locked seat has one, contradicting locks leave none."""
    choices: Choices = {}
    for seat in problem.sorted_seats():
        locked = problem.locked_to(seat)
        people = problem.candidates_of(seat) if not locked else locked if len(locked) == 1 else []
        choices[seat.key] = {id: programme.choice(pair_cost(problem, seat, id).total) for id in people}
    return choices


def _one_each(programme: Programme, choices: Choices) -> None:
    for people in choices.values():
        programme.row(dict.fromkeys(people.values(), 1.0), 1.0, 1.0)


def _two_people(problem: Problem, programme: Programme, choices: Choices) -> None:
    for client_side, project_side in problem.pairs():
        one, other = choices[client_side.key], choices[project_side.key]
        for id in one:
            if id in other:
                programme.row({one[id]: 1.0, other[id]: 1.0}, upper=1.0)


def _caps(problem: Problem, programme: Programme, choices: Choices) -> None:
    """Bound the loads, and let overload cost. Whoever is above their cap by seats outside the plan gets no more.

    Loads move in steps (the greatest common divisor of the weights), so caps are rounded down to a step, and the cost
    of overload is a straight line between the two steps around the comfortable load: that is the same for whole plans
    and much tighter for the fractions of them by which the solver bounds.
    """
    weighed: dict[tuple[UUID, Bucket], dict[int, int]] = defaultdict(dict)
    for seat in problem.sorted_seats():
        if seat.bucket is not None and seat.weight:
            for id, column in choices[seat.key].items():
                weighed[id, seat.bucket][column] = seat.weight
    for (id, bucket), columns in sorted(weighed.items()):
        person = problem.people[id]
        held = person.fixed.get(bucket, 0)
        step = math.gcd(*columns.values())
        room = max(0, person.caps[bucket] - held) // step
        terms = {column: weight // step for column, weight in columns.items()}
        load = {column: float(weight) for column, weight in terms.items()}
        programme.row(load, upper=float(room))
        _overload(problem, programme, load, float(comfortable(problem, person, bucket) - held) / step, room, step)


def _overload(
    problem: Problem, programme: Programme, load: dict[int, float], ease: float, room: int, step: int
) -> None:
    """`ease` is the room below the comfortable load, in steps; it is below 0 where that is passed already."""
    rate = float(overload_rate(problem)) * step
    if rate == 0 or ease >= room:
        return
    over = programme.amount(rate)
    minus = {column: -weight for column, weight in load.items()}
    programme.row({over: 1.0, **minus}, lower=-ease)
    below = math.floor(ease)
    if 0 <= below < ease:
        slope = below + 1 - ease
        programme.row({over: 1.0, **{c: slope * weight for c, weight in minus.items()}}, lower=-slope * below)


def _account_managers(problem: Problem, programme: Programme, choices: Choices) -> None:
    """Each account manager of a client costs; that the first is free is the same for all plans."""
    cost = float(problem.weights.fragmentation * POINT)
    by_client: dict[UUID, list[SeatKey]] = defaultdict(list)
    for seat in problem.sorted_seats():
        if seat.key.role == ACCOUNT_MANAGER:
            by_client[seat.client_id].append(seat.key)
    for _, keys in sorted(by_client.items()):
        if len(keys) < 2 or not cost:
            continue
        sits: dict[UUID, int] = {}
        for key in keys:
            for id, column in choices[key].items():
                if id not in sits:
                    sits[id] = programme.amount(cost, 1.0)
                programme.row({sits[id]: 1.0, column: -1.0}, lower=0.0)
