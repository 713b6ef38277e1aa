"""How long split plans take, and how near to the optimum they come: `python -m tests.load.split_plans [seconds]`."""

import random
import sys
from uuid import UUID

from app.features.split_plans.model import Bond, Bucket, Person, Problem, Seat, SeatKey
from app.features.split_plans.objective import evaluate
from app.features.split_plans.solver import solve
from app.models.role import ACCOUNT_MANAGER, MANAGER_ROLES, PRODUCTION_MANAGER

SIZES = ((50, 8), (200, 20), (500, 40))
DUTIES = ("client", "project", None)


def agency(projects: int, people: int, time_limit: float = 10.0, seed: int = 1) -> Problem:
    """An agency in which everybody may hold either seat, most projects are run by one person, and caps are tight."""
    chance = random.Random(seed)
    clients = [UUID(int=(1 << 100) + number) for number in range(max(1, projects // 3))]
    tiers = {client: chance.choice(("standard", "standard", "key", "strategic")) for client in clients}
    ids = [UUID(int=(1 << 101) + number) for number in range(people)]
    share = projects / people
    caps = {
        Bucket.ACTIVE: round(share * 0.35 * 1.25) * 10_000 + 10_000,
        Bucket.BACK_BURNER: round(share * 0.9) * 10_000,
    }
    bonds: dict[UUID, dict[UUID, Bond]] = {id: {} for id in ids}
    seats = []
    for number in range(projects):
        client, runner = chance.choice(clients), chance.choice(ids)
        bucket = Bucket.ACTIVE if chance.random() < 0.35 else Bucket.BACK_BURNER
        bonds[runner].setdefault(client, Bond(chance.randint(1, 5), chance.random() * 8))
        for role in MANAGER_ROLES:
            holder = runner if chance.random() < 0.9 else None if chance.random() < 0.3 else chance.choice(ids)
            seats.append(
                Seat(
                    SeatKey(UUID(int=(1 << 102) + number), role),
                    client,
                    chance.choice((5_000, 5_000, 5_000, 6_000, 7_500)),
                    bucket,
                    holder,
                    tiers[client],
                    chance.randint(1, 5),
                    chance.randint(1, 5),
                    days_to_milestone=chance.choice((None, None, None, 12)),
                )
            )
    managers = {
        id: Person(
            id,
            caps,
            home_role=chance.choice((ACCOUNT_MANAGER, PRODUCTION_MANAGER, None)),
            preferred_duty=chance.choice(DUTIES),
            skills={chance.choice(("account manager", "production manager")): chance.randint(1, 5)},
            bonds=bonds[id],
        )
        for id in ids
    }
    everybody = frozenset(ids)
    return Problem(tuple(seats), managers, dict.fromkeys(MANAGER_ROLES, everybody), time_limit=time_limit)


def main() -> None:
    limit = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    print("projects  people  status      seconds     gap   score  changes")
    for projects, people in SIZES:
        problem = agency(projects, people, limit)
        plan = solve(problem)
        total = evaluate(problem, plan.holders).total / 1000
        changes = sum(plan.holders.get(seat.key) != seat.holder for seat in problem.seats)
        gap = "-" if plan.gap is None else f"{plan.gap:.4%}"
        print(f"{projects:8}  {people:6}  {plan.status:10}  {plan.seconds:7.2f}  {gap:>7}  {total:7.1f}  {changes:5}")


if __name__ == "__main__":
    main()
