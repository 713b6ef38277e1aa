"""Who sits where: both manager seats within everybody's caps, and the team."""

from datetime import date, timedelta
from decimal import Decimal

from app.demo.projects import ACME_WEB, Plan
from app.demo.rows import HISTORY_DAYS, Values, World
from app.models.assignment import Assignment, AssignmentKind, Certainty
from app.models.client import Client
from app.models.project import Engagement, ProjectStatus
from app.models.role import ACCOUNT_MANAGER, PRODUCTION_MANAGER

ACTIVE_CAP, BACK_BURNER_CAP = 6.0, 15.0
CAPS = {ProjectStatus.ACTIVE: ACTIVE_CAP, ProjectStatus.BACK_BURNER: BACK_BURNER_CAP}
Loads = dict[ProjectStatus, list[float]]


class Managers:
    """The managers with the load of each on every day, so that no seat takes one over a cap."""

    def __init__(self, world: World, people: list[Values]) -> None:
        self._begins = world.begins
        self._today = world.today
        self._loads: dict[str, Loads] = {}
        self.by_role: dict[str, list[Values]] = {ACCOUNT_MANAGER: [], PRODUCTION_MANAGER: []}
        for person in people:
            if person["home_role"] in self.by_role:
                self.by_role[person["home_role"]].append(person)
                self._loads[person["email"]] = {status: [0.0] * (HISTORY_DAYS + 1) for status in CAPS}

    def choose(self, candidates: list[Values], plan: Plan, first: date, until: date | None, weight: float) -> Values:
        """The first candidate whom it leaves clearly within the caps, else whoever has most room."""
        days = {status: self._days(plan, status, first, until) for status in CAPS}
        peaks = [
            max(
                (self._loads[one["email"]][status][day] + weight) / CAPS[status]
                for status in CAPS
                for day in days[status]
            )
            if any(days.values())
            else 0.0
            for one in candidates
        ]
        comfortable = (number for number, peak in enumerate(peaks) if peak <= 0.7)
        chosen = candidates[next(comfortable, peaks.index(min(peaks)))]
        for status in CAPS:
            for day in days[status]:
                self._loads[chosen["email"]][status][day] += weight
        return chosen

    def _days(self, plan: Plan, status: ProjectStatus, first: date, until: date | None) -> list[int]:
        last = until or self._today + timedelta(1)
        found = plan.days_in(status, self._today + timedelta(1))
        return [(day - self._begins).days for day in found if first <= day < last and day >= self._begins]


def make_assignments(world: World, plans: list[Plan], people: list[Values]) -> None:
    """Everybody's assignments. A few seats are left vacant, so that there is something to see to."""
    managers = Managers(world, people)
    owners = {row["id"]: row["account_manager_id"] for row in world.of(Client)}
    vacated = next(plan for plan in reversed(plans) if _is_ordinary(plan) and plan.split_on and not plan.ended_on)
    for plan in plans:
        if plan.status in (ProjectStatus.PIPELINE, ProjectStatus.LOST):
            _bid(world, plan, owners)
        elif plan.engagement == Engagement.INTERNAL:
            head = next(person for person in people if person["home_role"] is None)
            for role in (ACCOUNT_MANAGER, PRODUCTION_MANAGER):
                _hold(world, plan, role, head, plan.start, None)
        elif plan.id != ACME_WEB:
            _manage(world, plan, managers, owners, world.ago(20) if plan is vacated else None)
        if plan.status not in (ProjectStatus.PIPELINE, ProjectStatus.LOST):
            _team(world, plan, people)


def _is_ordinary(plan: Plan) -> bool:
    return plan.status == ProjectStatus.ACTIVE and plan.id != ACME_WEB and plan.due is not None


def _manage(world: World, plan: Plan, managers: Managers, owners: dict[object, object], leaves_on: date | None) -> None:
    """One person alone before the split, two from then on; whoever ran it alone keeps one of the seats."""
    until = plan.ended_on
    everybody = [*managers.by_role[ACCOUNT_MANAGER], *managers.by_role[PRODUCTION_MANAGER]]
    if plan.split_on is None:
        world.rng.shuffle(everybody)
        one = managers.choose(everybody, plan, plan.start, until, 1.0)
        _hold(world, plan, ACCOUNT_MANAGER, one, plan.start, until)
        _hold(world, plan, PRODUCTION_MANAGER, one, plan.start, until)
        return
    split = plan.split_on
    by_owner = sorted(managers.by_role[ACCOUNT_MANAGER], key=lambda one: one["id"] != owners[plan.row["client_id"]])
    account = managers.choose(by_owner, plan, split, until, 0.5)
    production = managers.choose(
        sorted(managers.by_role[PRODUCTION_MANAGER], key=lambda _: world.rng.random()), plan, split, until, 0.5
    )
    alone = managers.choose([production, account], plan, plan.start, split, 1.0) if plan.start < split else None
    late = timedelta(10 if alone and world.chance(0.2) else 0)
    for role, person in ((ACCOUNT_MANAGER, account), (PRODUCTION_MANAGER, production)):
        ends = leaves_on if leaves_on and role == PRODUCTION_MANAGER else until
        if alone is person:
            _hold(world, plan, role, person, plan.start, ends)
            continue
        if alone:
            _hold(world, plan, role, alone, plan.start, split)
            _shadow(world, plan, role, person, split)
        _hold(world, plan, role, person, split + late, ends)


def _bid(world: World, plan: Plan, owners: dict[object, object]) -> None:
    """Before a project is won the client's account manager looks after it; a developer is asked for, not yet named."""
    owner = {"id": owners[plan.row["client_id"]]}
    _hold(world, plan, ACCOUNT_MANAGER, owner, plan.spans[0][1], plan.ended_on)
    if plan.status == ProjectStatus.PIPELINE:
        world.add(
            Assignment,
            plan.spans[0][1],
            project_id=plan.id,
            role="developer",
            certainty=Certainty.TENTATIVE,
            valid_from=plan.start,
            valid_to=plan.due,
            allocation_percent=Decimal(50),
        )


def _hold(world: World, plan: Plan, role: str, person: Values, first: date, until: date | None) -> None:
    if until is not None and until <= first:
        return
    world.add(
        Assignment,
        max(first, world.begins),
        project_id=plan.id,
        role=role,
        person_id=person["id"],
        valid_from=first,
        valid_to=until,
    )


def _shadow(world: World, plan: Plan, role: str, person: Values, split: date) -> None:
    """Who takes over looks over the shoulder for two weeks."""
    first = max(plan.start, split - timedelta(14))
    world.add(
        Assignment,
        first,
        project_id=plan.id,
        role=role,
        person_id=person["id"],
        kind=AssignmentKind.SHADOW,
        valid_from=first,
        valid_to=split,
        reason="Overlap before the seat changes hands.",
    )


def _team(world: World, plan: Plan, people: list[Values]) -> None:
    """A designer or two, and a developer or up to three, from the day that they are there; each is on many projects."""
    if plan.engagement == Engagement.INTERNAL:
        return
    for role, least, most in (("designer", 1, 2), ("developer", 1, 3)):
        able = [person for person in people if person["home_role"] == role]
        for person in world.rng.sample(able, world.rng.randint(least, most)):
            first = max(plan.start, person["hired_on"])
            if plan.ended_on is not None and plan.ended_on <= first:
                continue
            world.add(
                Assignment,
                max(first, world.begins),
                project_id=plan.id,
                role=role,
                person_id=person["id"],
                valid_from=first,
                valid_to=plan.ended_on,
                allocation_percent=Decimal(world.rng.choice((3, 4, 5, 5, 8))),
            )
