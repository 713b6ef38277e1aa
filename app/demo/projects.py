"""Sixty projects in every status and engagement: their dated status and milestones. Their money comes later."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from app.demo.clients import ACCOUNTS, CHARITY, OWN, currency_of
from app.demo.rows import Values, World, monday
from app.messaging.records import search_text
from app.models.decision import Decision, DecisionKind, DecisionText
from app.models.project import Engagement, Management, Milestone, Project, ProjectStatus, ProjectStatusSpan, Seat
from app.models.role import MANAGER_ROLES

PIPELINE, ACTIVE, BACK_BURNER, ON_HOLD, CLOSED, CANCELLED, LOST = ProjectStatus
FIXED_FEE, TIME_AND_MATERIALS, RETAINER, PRO_BONO, INTERNAL = Engagement
ACME_WEB = UUID("01890000-0000-7000-8000-000000000003")

# How many end up in which status today: per manager about six active projects and ten on the back burner.
PORTFOLIO = (
    *[ACTIVE] * 20,
    *[BACK_BURNER] * 22,
    *[CLOSED] * 11,
    *[PIPELINE] * 3,
    *[ON_HOLD] * 2,
    CANCELLED,
    LOST,
)
# The split of the managers' roles began so many days ago; projects that ended before were run by one person alone.
SPLIT_BEGAN = 270

KINDS = (
    ("SITE", "website relaunch", 4),
    ("STORE", "online store", 5),
    ("BRAND", "brand refresh", 2),
    ("PORTAL", "customer portal", 5),
    ("APP", "mobile app", 4),
    ("CAMPAIGN", "campaign pages", 2),
    ("CMS", "move to a new CMS", 3),
    ("INTRANET", "intranet", 3),
    ("BOOKING", "booking engine", 5),
    ("REPORT", "annual report", 2),
    ("ACCESS", "accessibility audit", 3),
    ("DATA", "analytics set-up", 3),
)
REOPENED = 8  # the number of a project that was closed too early
STAGES = (
    ("Concept is agreed", 1),
    ("Design is accepted", 2),
    ("Build is complete", 4),
    ("Tests are passed", 2),
    ("Launch", 1),
)


@dataclass
class Plan:
    """A project with its history, as far as the other modules need it. `spans` are (status, first day, day after)."""

    row: Values
    engagement: Engagement
    status: ProjectStatus
    start: date
    due: date | None
    split_on: date | None
    spans: list[tuple[ProjectStatus, date, date | None]] = field(default_factory=list)

    @property
    def id(self) -> UUID:
        found: UUID = self.row["id"]
        return found

    @property
    def ended_on(self) -> date | None:
        """The day from which it is over."""
        status, first, _ = self.spans[-1]
        return first if status in (CLOSED, CANCELLED, LOST) else None

    def status_on(self, day: date) -> ProjectStatus | None:
        return next(
            (status for status, first, until in self.spans if first <= day and (until is None or day < until)), None
        )

    def days_in(self, status: ProjectStatus, today: date) -> Iterator[date]:
        for one, first, until in self.spans:
            if one == status:
                for number in range(((until or today) - first).days):
                    yield first + timedelta(number)


def make_projects(world: World, clients: dict[str, Values]) -> list[Plan]:
    """The projects with status, seats and milestones, by the day on which they start."""
    plans = [_plan(world, number, status, clients) for number, status in enumerate(PORTFOLIO)]
    plans.sort(key=lambda plan: (plan.start, plan.row["code"]))
    for plan in plans:
        _write_history(world, plan)
        for role in MANAGER_ROLES:
            world.add(Seat, plan.spans[0][1], project_id=plan.id, role=role, load_weight=Decimal("0.5"))
        _milestones(world, plan)
    return plans


def _plan(world: World, number: int, status: ProjectStatus, clients: dict[str, Values]) -> Plan:
    engagement = _engagement(number, status)
    account = ACCOUNTS[number % (len(ACCOUNTS) - 2)].code  # the last two are for pro-bono and internal work
    account = {PRO_BONO: CHARITY, INTERNAL: OWN}.get(engagement, account)
    start, due = _dates(world, status, engagement, clients[account])
    code, name, complexity = _named(world, number, engagement, account)
    plan = Plan({}, engagement, status, start, due, None)
    if number == 0:  # the one that the documentation speaks of: just begun, its manager seats still to be filled
        code, name, account, plan.start, plan.due = (
            "ACME-WEB",
            "Acme's web shop",
            "ACME",
            world.ago(14),
            world.ago(-180),
        )
    plan.spans = _spans(world, plan)
    if number == REOPENED:
        plan.start = world.ago(200)
        plan.spans = [
            (PIPELINE, world.ago(230), world.ago(200)),
            (ACTIVE, world.ago(200), world.ago(60)),
            (CLOSED, world.ago(60), world.ago(45)),
            (ACTIVE, world.ago(45), None),
        ]
    plan.split_on = _split_on(world, number, plan)
    plan.row = world.add(
        Project,
        max(plan.spans[0][1], world.begins),
        **({"id": ACME_WEB} if number == 0 else {}),
        code=code,
        name=f"{clients[account]['name']}: {name}" if number else name,
        client_id=clients[account]["id"],
        kind=name if engagement in (FIXED_FEE, TIME_AND_MATERIALS) else None,
        engagement=engagement,
        period_hours=Decimal(world.rng.choice((60, 80, 120))) if engagement == RETAINER else None,
        rollover=engagement == RETAINER and number % 2 == 0,
        cause="Fighting hunger" if engagement == PRO_BONO else None,
        declared_impact="Volunteers plan their shifts by themselves." if engagement == PRO_BONO else None,
        management=Management.SPLIT if plan.split_on else Management.COMBINED,
        split_on=plan.split_on,
        technical_complexity=complexity,
        communication_intensity=world.rng.choice((None, None, 2, 3, 4)),
        start_on=plan.start,
        due_on=plan.due,
        closed_on=plan.ended_on if status == CLOSED else None,
        currency=currency_of(account),
        change_allowance_hours=Decimal(16) if engagement == FIXED_FEE else None,
        priority=world.rng.randint(1, 5),
        win_probability=Decimal("0.4") if status == PIPELINE else None,
        search_text=search_text(code, f"{clients[account]['name']}: {name}" if number else name),
    )
    return plan


def _split_on(world: World, number: int, plan: Plan) -> date | None:
    """The day from which two people manage it; some are still to come, and what ended earlier never was split."""
    still_to_come = number % 5 == 4 or (number % 5 == 3 and plan.status == ACTIVE)
    if plan.engagement == INTERNAL or still_to_come:
        return None
    day = max(plan.start, world.day_between(world.ago(SPLIT_BEGAN), world.ago(40)))
    return day if plan.ended_on is None or day < plan.ended_on else None


def _engagement(number: int, status: ProjectStatus) -> Engagement:
    if status in (ACTIVE, BACK_BURNER):
        special = {
            1: INTERNAL,
            2: RETAINER,
            3: RETAINER,
            4: RETAINER,
            5: RETAINER,
            6: PRO_BONO,
            20: PRO_BONO,
            21: RETAINER,
        }
        if number in special:
            return special[number]
    return TIME_AND_MATERIALS if number % 4 == 3 else FIXED_FEE


def _named(world: World, number: int, engagement: Engagement, account: str) -> tuple[str, str, int]:
    if engagement == INTERNAL:
        return "AGENCY-OPS", "running the office", 1
    if engagement == RETAINER:
        return f"{account}-CARE", "care and support", 2
    if engagement == PRO_BONO:
        code, name = (("SHIFTS", "shift planner"), ("DONATE", "donation pages"))[number > 6]
        return f"{account}-{code}", name, 3
    used = {row["code"] for row in world.of(Project)}
    offset = number + world.rng.randrange(len(KINDS))
    for step in range(len(KINDS)):
        short, name, complexity = KINDS[(offset + step) % len(KINDS)]
        if f"{account}-{short}" not in used:
            return f"{account}-{short}", name, complexity
    raise AssertionError("a client has more projects than there are kinds")


def _dates(world: World, status: ProjectStatus, engagement: Engagement, client: Values) -> tuple[date, date | None]:
    if engagement in (INTERNAL, RETAINER):
        return monday(max(world.begins, client["since_on"])), None
    first, last, length = {
        ACTIVE: (240, 30, (120, 420)),
        BACK_BURNER: (700, 200, (90, 240)),
        CLOSED: (710, 260, (70, 230)),
        PIPELINE: (-20, -70, (80, 200)),
        ON_HOLD: (330, 200, (200, 300)),
        CANCELLED: (400, 350, (120, 160)),
        LOST: (150, 120, (90, 150)),
    }[status]
    start = monday(max(world.day_between(world.ago(first), world.ago(last)), client["since_on"]))
    length_days = world.rng.randint(*length)
    if status == ACTIVE:  # most are due ahead, some are late
        return start, max(start + timedelta(length_days), world.today + timedelta(world.rng.randint(-15, 60)))
    return start, start + timedelta(length_days)


def _spans(world: World, plan: Plan) -> list[tuple[ProjectStatus, date, date | None]]:
    """The history: legal moves, each span beginning where the one before it ends."""
    start, due = plan.start, plan.due or plan.start
    sold = (PIPELINE, start - timedelta(world.rng.randint(14, 60)), start)
    match plan.status:
        case ProjectStatus.PIPELINE:
            return [(PIPELINE, world.ago(world.rng.randint(5, 40)), None)]
        case ProjectStatus.LOST:
            return [sold, (LOST, start, None)]
        case ProjectStatus.ACTIVE:
            if plan.due is None or (world.today - start).days < 100 or world.chance(0.7):
                return [sold, (ACTIVE, start, None)]
            pause = start + timedelta(40)
            resume = pause + timedelta(world.rng.randint(15, 45))
            return [sold, (ACTIVE, start, pause), (ON_HOLD, pause, resume), (ACTIVE, resume, None)]
        case ProjectStatus.CLOSED:
            late = world.rng.choice((-8, -3, 0, 0, 0, 0, 0, 12, 20, 35))
            closed = min(max(due + timedelta(late), start + timedelta(40)), world.ago(10))
            return [sold, (ACTIVE, start, closed), (CLOSED, closed, None)]
        case ProjectStatus.BACK_BURNER:
            parked = min(start + timedelta(world.rng.randint(60, 200)), world.ago(world.rng.randint(20, 90)))
            return [sold, (ACTIVE, start, parked), (BACK_BURNER, parked, None)]
        case _:
            stopped = start + timedelta(world.rng.randint(60, 110))
            return [sold, (ACTIVE, start, stopped), (plan.status, stopped, None)]


REASONS = {
    BACK_BURNER: "Launched; small changes follow now and then.",
    ON_HOLD: "The client decides on next year's budget first.",
    CLOSED: "Accepted and handed over.",
    CANCELLED: "The client merges with another and stops all projects.",
    LOST: "The client chose another agency, by price.",
}


REOPENING = "The client found that the search misses half of the articles."


def _write_history(world: World, plan: Plan) -> None:
    for number, (status, first, until) in enumerate(plan.spans):
        row = world.add(
            ProjectStatusSpan,
            max(first, world.begins),
            project_id=plan.id,
            status=status,
            valid_from=first,
            valid_to=until,
            reason=_reason(plan, number),
        )
        row["transition_id"] = row["id"]
        if is_reopening(plan, number):
            _log_reopening(world, plan, first)


def is_reopening(plan: Plan, number: int) -> bool:
    return number > 0 and plan.spans[number - 1][0] == CLOSED


def _reason(plan: Plan, number: int) -> str | None:
    if is_reopening(plan, number):
        return REOPENING
    return REASONS.get(plan.spans[number][0]) if number else None


def _log_reopening(world: World, plan: Plan, day: date) -> None:
    decision = world.add(
        Decision,
        day,
        kind=DecisionKind.REOPENING,
        subject_type="project",
        subject_id=plan.id,
        project_id=plan.id,
        client_id=plan.row["client_id"],
        decided_on=day,
        request_id="demo",
    )
    world.add(DecisionText, day, decision_id=decision["id"], what="The project is opened again.", why=REOPENING)


def _milestones(world: World, plan: Plan) -> None:
    """Stages between start and due, reached as far as the project has come, now and then late."""
    if plan.due is None:
        return
    length = (plan.due - plan.start).days
    for number, (name, weight) in enumerate(STAGES):
        planned_on = plan.start + timedelta(length * (number + 1) // len(STAGES))
        actual = planned_on + timedelta(world.rng.choice((-4, -1, 0, 0, 0, 3, 9, 16)))
        if plan.status in (CLOSED, BACK_BURNER):
            actual = min(actual, plan.spans[-1][1])
        worked = plan.status in (ACTIVE, CLOSED, BACK_BURNER) and plan.id != ACME_WEB
        reached = actual < world.today and worked and (plan.status != ACTIVE or number < len(STAGES) - 1)
        world.add(
            Milestone,
            max(plan.start, world.begins),
            project_id=plan.id,
            name=name,
            planned_on=planned_on,
            forecast_on=None if reached else max(actual, world.today + timedelta(5)),
            reached_on=actual if reached else None,
            weight=Decimal(weight),
        )
