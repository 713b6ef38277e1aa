"""How the projects stand: estimates of what remains, weekly reports, and the goals that they serve."""

from datetime import date, timedelta
from decimal import Decimal

from app.demo.projects import ACME_WEB, Plan
from app.demo.rows import Values, World, month_start, quarter_hours
from app.models.assignment import Assignment, AssignmentKind
from app.models.delivery import HEALTH_DIMENSIONS, Estimate, Goal, GoalLink, Health, StatusReport
from app.models.project import Milestone, ProjectStatus
from app.models.role import ACCOUNT_MANAGER, PRODUCTION_MANAGER

LIVE = (ProjectStatus.ACTIVE, ProjectStatus.ON_HOLD, ProjectStatus.BACK_BURNER)
SHARES = (("developer", 0.55), ("designer", 0.25), (PRODUCTION_MANAGER, 0.2))
GOALS = (
    ("CARE", "Half of the revenue from care and retainers", "Share of retainers in revenue", 50),
    ("ACCESS", "Everything that we launch is accessible", "Audits passed at the first time", 95),
    ("COMMERCE", "Known for online stores", "Stores launched", 12),
    ("GROW", "Two more strategic clients", "Strategic clients", 5),
)
WEEKS = 8
SAID = {
    Health.ON_TRACK: ("Going as planned.", "Go on with the next stage."),
    Health.AT_RISK: ("The client's feedback comes late; the next stage may slip.", "Agree on fixed days for feedback."),
    Health.OFF_TRACK: ("The build takes more than we thought.", "Show the client two ways out this week."),
}


def make_delivery(world: World, plans: list[Plan]) -> None:
    """Estimates, status reports and goals of the projects that live."""
    goals = [_goal(world, *goal) for goal in GOALS]
    for plan in plans:
        if plan.status not in LIVE or plan.start > world.today:
            continue
        if plan.row["hours_budget"] is not None and plan.due is not None:
            _estimates(world, plan)
        if plan.status == ProjectStatus.ACTIVE and plan.due is not None:
            _reports(world, plan)
        if world.chance(0.7):
            made = max(plan.start, world.begins)
            world.add(GoalLink, made, project_id=plan.id, goal_id=world.rng.choice(goals)["id"], weight=Decimal(1))


def percent_complete(world: World, plan: Plan, day: date) -> Decimal:
    """The weights of the milestones reached by a day, of all, in percent."""
    mine = [row for row in world.of(Milestone) if row["project_id"] == plan.id]
    reached = [row for row in mine if row["reached_on"] is not None and row["reached_on"] <= day]
    done, whole = (sum((row["weight"] for row in rows), Decimal(0)) for rows in (reached, mine))
    return (Decimal(100) * done / whole).quantize(Decimal("0.01"))


def _goal(world: World, code: str, name: str, measure: str, target: int) -> Values:
    starts_on = month_start(world.today).replace(month=1)
    return world.add(
        Goal,
        max(starts_on, world.begins),
        code=code,
        name=name,
        measure=measure,
        target=Decimal(target),
        starts_on=starts_on,
        ends_on=starts_on.replace(month=12, day=31),
    )


def _estimates(world: World, plan: Plan) -> None:
    """At the start, and again a week ago, when some of it is done and some turns out to be more."""
    begun = max(plan.start, world.begins)
    done = float(percent_complete(world, plan, world.today)) / 100
    turned_out = world.rng.choice((0.85, 0.95, 1.0, 1.05, 1.2, 1.4))
    for role, share in SHARES:
        budget = quarter_hours(float(plan.row["hours_budget"]) * share)
        last = world.ago(7)
        if plan.start < last:
            left = quarter_hours(float(budget) * (1 - done) * turned_out)
            world.add(
                Estimate, last, project_id=plan.id, role=role, hours_budget=budget, hours_remaining=left, as_of=last
            )
        world.add(
            Estimate, begun, project_id=plan.id, role=role, hours_budget=budget, hours_remaining=budget, as_of=begun
        )


def _reports(world: World, plan: Plan) -> None:
    """One a week, with a trouble that comes and goes; of ACME-WEB, which has just begun, none yet."""
    if plan.id == ACME_WEB:
        return
    trouble = world.rng.choice(HEALTH_DIMENSIONS) if world.chance(0.45) else None
    begins = world.rng.randint(0, WEEKS - 1)
    silent = world.rng.choice((0, 0, 0, 0, 3))  # weeks in which nobody has written
    for ago in range(WEEKS - 1, silent - 1, -1):
        day = world.today - timedelta(7 * ago + 2)
        if day < plan.start or plan.status_on(day) != ProjectStatus.ACTIVE:
            continue
        week = WEEKS - 1 - ago
        worst = Health.ON_TRACK
        if trouble is not None and week >= begins:
            worst = Health.OFF_TRACK if week - begins in (2, 3) else Health.AT_RISK
        narrative, next_steps = SAID[worst]
        world.add(
            StatusReport,
            day,
            project_id=plan.id,
            reported_on=day,
            percent_complete=percent_complete(world, plan, day),
            narrative=narrative,
            next_steps=next_steps,
            author_id=holder(world, plan, PRODUCTION_MANAGER, day) or holder(world, plan, ACCOUNT_MANAGER, day),
            **({trouble: worst} if trouble is not None else {}),
        )


def holder(world: World, plan: Plan, role: str, day: date) -> object:
    """Who holds a seat of a project on a day."""
    return next(
        (
            row["person_id"]
            for row in world.of(Assignment)
            if row["project_id"] == plan.id
            and row["role"] == role
            and row["kind"] == AssignmentKind.HOLDER
            and row["valid_from"] <= day
            and (row["valid_to"] is None or day < row["valid_to"])
        ),
        None,
    )
