"""A first plan, seat by seat: what the solver begins with, so that it has one to better when time is short."""

from collections import Counter, defaultdict
from uuid import UUID

from app.features.split_plans.model import POINT, Bucket, Holders, Problem, Seat, SeatKey
from app.features.split_plans.objective import comfortable, overload_rate, pair_cost
from app.models.role import ACCOUNT_MANAGER

PASSES = 8


def first_plan(problem: Problem) -> Holders | None:
    """The heaviest seats first, each to whom it costs least among those who have room; None where one finds nobody.

    Then each seat is given again, knowing the others, until nothing changes.
    """
    table = _Table(problem)
    for seat in table.order:
        if not table.give(seat):
            return None
    for _ in range(PASSES):
        before = dict(table.holders)
        for seat in table.order:
            table.take(seat)
            table.give(seat)
        if table.holders == before:
            break
    return table.holders


class _Table:
    """Who sits where so far, with the loads and the clients' account managers."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        locked = {seat.key: problem.locked_to(seat)[:1] for seat in problem.seats}
        self.order = sorted(problem.sorted_seats(), key=lambda seat: (not locked[seat.key], -seat.weight))
        self.costs = {
            seat.key: {id: pair_cost(problem, seat, id).total for id in locked[seat.key] or problem.candidates_of(seat)}
            for seat in self.order
        }
        self.beside = {one.key: other.key for pair in problem.pairs() for one, other in (pair, pair[::-1])}
        self.holders: dict[SeatKey, UUID] = {}
        self.carried = {(id, b): p.fixed.get(b, 0) for id, p in problem.people.items() for b in Bucket}
        self.ease = {(id, b): float(comfortable(problem, p, b)) for id, p in problem.people.items() for b in Bucket}
        self.managers: dict[UUID, Counter[UUID]] = defaultdict(Counter)
        self.rate = float(overload_rate(problem))
        self.stranger = float(problem.weights.fragmentation * POINT)

    def give(self, seat: Seat) -> bool:
        """Seat the best of those who may; False where there is none."""
        other = self.holders.get(self.beside.get(seat.key, seat.key))
        costs = {
            id: cost + self._added(seat, id)
            for id, cost in self.costs[seat.key].items()
            if id != other and self._has_room(seat, id)
        }
        if not costs:
            return False
        self._seat(seat, min(costs, key=lambda who: (costs[who], who)), 1)
        return True

    def take(self, seat: Seat) -> None:
        self._seat(seat, self.holders[seat.key], -1)

    def _seat(self, seat: Seat, id: UUID, sign: int) -> None:
        if sign > 0:
            self.holders[seat.key] = id
        else:
            del self.holders[seat.key]
        if seat.bucket is not None:
            self.carried[id, seat.bucket] += sign * seat.weight
        if seat.key.role == ACCOUNT_MANAGER:
            self.managers[seat.client_id][id] += sign

    def _has_room(self, seat: Seat, id: UUID) -> bool:
        if seat.bucket is None or seat.weight == 0:
            return True
        return self.carried[id, seat.bucket] + seat.weight <= self.problem.people[id].caps[seat.bucket]

    def _added(self, seat: Seat, id: UUID) -> float:
        """What overload and fragmentation grow by."""
        added = 0.0
        if seat.bucket is not None:
            above = self.carried[id, seat.bucket] + seat.weight - self.ease[id, seat.bucket]
            added += self.rate * min(max(above, 0.0), seat.weight)
        if seat.key.role == ACCOUNT_MANAGER:
            known = self.managers[seat.client_id]
            if known[id] == 0 and known.total():
                added += self.stranger
        return added
