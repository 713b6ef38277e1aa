"""What a person in a seat costs, and a whole plan. See docs/split-plans.md for the formulas."""

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple
from uuid import UUID

from app.features.split_plans.model import LOAD_SCALE, POINT, Bond, Bucket, Holders, Objective, Person, Problem, Seat
from app.models.client import ClientTier
from app.models.person import Duty
from app.models.role import ACCOUNT_MANAGER, PRODUCTION_MANAGER

TIER = {ClientTier.STANDARD: 1.0, ClientTier.KEY: 1.5, ClientTier.STRATEGIC: 2.0}
DUTY = {ACCOUNT_MANAGER: Duty.CLIENT, PRODUCTION_MANAGER: Duty.PROJECT}
# The account manager is whom the client knows: of the production manager's relationship half counts.
BOND_SHARE = {ACCOUNT_MANAGER: 1.0, PRODUCTION_MANAGER: 0.5}
STRENGTHS = 5
YEARS_THAT_COUNT = 5.0
AGE_SHARE = 0.5
MILESTONE_DAYS = 30
MILESTONE_FACTOR = 1.5
HOME_SHARE, DUTY_SHARE, SKILL_SHARE = 0.4, 0.3, 0.3
LEAD_FACTOR = 1.5
STRANGERS = Bond(0)


class PairCost(NamedTuple):
    """Weighted thousandths of a point for one person in one seat."""

    disruption: int
    misfit: int

    @property
    def total(self) -> int:
        return self.disruption + self.misfit


def disruption(seat: Seat, holder: Person | None, taker: UUID) -> float:
    """Points that it costs to take the seat from who holds it; nothing where they stay, or nobody sits there."""
    if seat.holder is None or seat.holder == taker:
        return 0.0
    bond = STRANGERS if holder is None else holder.bonds.get(seat.client_id, STRANGERS)
    trust = bond.strength / STRENGTHS + AGE_SHARE * min(bond.years, YEARS_THAT_COUNT) / YEARS_THAT_COUNT
    points = TIER[ClientTier(seat.tier)] * (1 + BOND_SHARE[seat.key.role] * trust)
    return points * MILESTONE_FACTOR if near_milestone(seat) else points


def near_milestone(seat: Seat) -> bool:
    return seat.days_to_milestone is not None and 0 <= seat.days_to_milestone <= MILESTONE_DAYS


def lead_role(seat: Seat) -> str | None:
    """Whose project it is: as overridden, else by communication against complexity; None where they are level."""
    if seat.lead_role is not None or seat.communication == seat.complexity:
        return seat.lead_role
    return ACCOUNT_MANAGER if seat.communication > seat.complexity else PRODUCTION_MANAGER


def misfit(seat: Seat, person: Person, duty_skills: frozenset[str]) -> float:
    """Points from 0 (made for it) to 1, or 1.5 in the seat of the project's lead role."""
    role = seat.key.role
    home = 0.0 if person.home_role == role else 0.5 if person.home_role is None else 1.0
    duty = 0.0 if person.preferred_duty == DUTY[role] else 0.5 if person.preferred_duty is None else 1.0
    points = HOME_SHARE * home + DUTY_SHARE * duty + SKILL_SHARE * (1 - skill(seat, person, duty_skills) / STRENGTHS)
    return points * LEAD_FACTOR if lead_role(seat) == role else points


def skill(seat: Seat, person: Person, duty_skills: frozenset[str]) -> int:
    """The best level among the skills named like the role, one of its responsibilities, or the project's kind."""
    wanted = duty_skills | ({plain(seat.kind)} if seat.kind else set())
    return max((level for name, level in person.skills.items() if name in wanted), default=0)


def plain(name: str) -> str:
    """How names of skills, responsibilities and kinds are compared."""
    return name.casefold().replace("_", " ").replace("-", " ").strip()


def pair_cost(problem: Problem, seat: Seat, person_id: UUID) -> PairCost:
    """What one person in one seat adds to the score."""
    holder = problem.people.get(seat.holder) if seat.holder is not None else None
    person = problem.people[person_id]
    unfit = misfit(seat, person, problem.duty_skills.get(seat.key.role, frozenset()))
    return PairCost(
        round(float(problem.weights.disruption) * POINT * disruption(seat, holder, person_id)),
        round(float(problem.weights.misfit) * POINT * unfit),
    )


def comfortable(problem: Problem, person: Person, bucket: Bucket) -> Decimal:
    """The load up to which nothing is overload."""
    return problem.comfortable_share * person.caps[bucket]


def overload_rate(problem: Problem) -> Decimal:
    """Thousandths of a point for a ten-thousandth of load."""
    return problem.weights.overload * POINT / LOAD_SCALE


def loads(problem: Problem, holders: Holders) -> dict[UUID, dict[Bucket, int]]:
    """What everybody carries, inside and outside the plan."""
    found = {id: {bucket: person.fixed.get(bucket, 0) for bucket in Bucket} for id, person in problem.people.items()}
    for seat in problem.seats:
        holder = holders.get(seat.key)
        if seat.bucket is not None and holder in found:
            found[holder][seat.bucket] += seat.weight
    return found


def evaluate(problem: Problem, holders: Holders) -> Objective:
    """The score of a plan, by its parts."""
    costs = [pair_cost(problem, seat, holders[seat.key]) for seat in problem.seats if seat.key in holders]
    over = Decimal(0)
    for id, carried in loads(problem, holders).items():
        for bucket, load in carried.items():
            over += max(Decimal(0), load - comfortable(problem, problem.people[id], bucket))
    managers: dict[UUID, set[UUID]] = defaultdict(set)
    for seat in problem.seats:
        if seat.key.role == ACCOUNT_MANAGER and seat.key in holders:
            managers[seat.client_id].add(holders[seat.key])
    extra = sum(len(found) - 1 for found in managers.values())
    return Objective(
        sum(cost.disruption for cost in costs),
        _whole(over * overload_rate(problem)),
        sum(cost.misfit for cost in costs),
        _whole(extra * problem.weights.fragmentation * POINT),
    )


def _whole(value: Decimal) -> int:
    return int(value.to_integral_value(ROUND_HALF_UP))
