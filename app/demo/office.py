"""How good the work is, what came of it, and how clients are kept in touch with."""

from datetime import date, timedelta
from decimal import Decimal

from app.demo.clients import CHARITY, OWN
from app.demo.delivery import LIVE, holder
from app.demo.projects import ACME_WEB, Plan
from app.demo.rows import Values, World, monday
from app.models.client import Client, Contact, ContactRole
from app.models.outcome import Outcome, Touchpoint, TouchpointKind
from app.models.project import Engagement, Milestone, ProjectStatus
from app.models.quality import Defect, DeliverableReview, Feedback, FeedbackSubject, ReviewOutcome, Severity
from app.models.role import ACCOUNT_MANAGER, PRODUCTION_MANAGER

DEFECTS = (
    ("The form loses its answers on going back", Severity.MEDIUM),
    ("Prices show without tax to visitors from abroad", Severity.HIGH),
    ("The menu covers the logo on small screens", Severity.LOW),
    ("Newsletter sign-up fails for addresses with a plus", Severity.MEDIUM),
    ("Search finds nothing in the first minute after publishing", Severity.MEDIUM),
    ("Card payments are booked twice on a slow line", Severity.CRITICAL),
)
MEASURES = (
    ("Orders a month", "orders", 400, 520),
    ("Editors who publish by themselves", "people", 2, 8),
    ("Calls to the hotline a week", "calls", 90, 50),
    ("Visitors who come back within a month", "percent", 18, 25),
)
COMMENTS = (
    "They answered before we had finished asking.",
    "Good work; the start was slow.",
    "We always knew what comes next.",
    "The hand-over went smoothly.",
    None,
    None,
)
SILENT = "IRONWOOD"  # nobody has called them for weeks


def make_office(world: World, plans: list[Plan]) -> None:
    """Reviews, defects, feedback, outcomes and touchpoints."""
    for plan in plans:
        if plan.id == ACME_WEB or plan.engagement == Engagement.INTERNAL:
            continue
        if plan.due is not None and plan.status in (*LIVE, ProjectStatus.CLOSED):
            _reviews(world, plan)
            _defects(world, plan)
        if plan.status == ProjectStatus.CLOSED and plan.ended_on is not None:
            _outcome(world, plan, plan.ended_on)
            _feedback(world, plan, plan.ended_on)
        elif plan.status == ProjectStatus.ACTIVE and plan.due is not None and world.chance(0.5):
            _plan_outcome(world, plan, plan.due + timedelta(180))
    for client in world.of(Client):
        if client["code"] not in (OWN, CHARITY):
            _touchpoints(world, client)


def _reviews(world: World, plan: Plan) -> None:
    """Each stage that was reached was reviewed before; about one in five came back once."""
    reviewer = holder(world, plan, PRODUCTION_MANAGER, plan.start + timedelta(30))
    for milestone in world.of(Milestone):
        day = milestone["reached_on"]
        if milestone["project_id"] != plan.id or day is None or day < world.begins + timedelta(10):
            continue
        rounds = 2 if world.chance(0.2) else 1
        for number in range(1, rounds + 1):
            last = number == rounds
            on = day if last else day - timedelta(4)
            world.add(
                DeliverableReview,
                on,
                project_id=plan.id,
                milestone_id=milestone["id"],
                deliverable=milestone["name"],
                round=number,
                reviewed_on=on,
                reviewer_id=reviewer,
                outcome=ReviewOutcome.ACCEPTED if last else ReviewOutcome.REWORK,
                defects_found=world.rng.randint(0, 2) if last else world.rng.randint(2, 6),
            )


def _defects(world: World, plan: Plan) -> None:
    first, last = max(plan.start + timedelta(20), world.begins), (plan.ended_on or world.today) - timedelta(1)
    if first >= last:
        return
    for title, severity in world.rng.sample(DEFECTS, world.rng.randint(0, 3)):
        found = world.day_between(first, last)
        resolved = found + timedelta(world.rng.randint(1, 12))
        world.add(
            Defect,
            found,
            project_id=plan.id,
            title=title,
            found_on=found,
            escaped=world.chance(0.25),
            severity=severity,
            resolved_on=resolved if resolved < world.today else None,
        )


def _outcome(world: World, plan: Plan, ended: date) -> None:
    """Reviewed half a year after closing; not every system is used as was hoped."""
    row = _plan_outcome(world, plan, ended + timedelta(180))
    if row["review_on"] < world.today:
        low, target = row["baseline"], row["target"]
        share = Decimal(world.rng.choice((0, 70, 105, 120))) / 100
        row |= {
            "actual": (low + (target - low) * share).quantize(Decimal(1)),
            "reviewed_on": min(monday(row["review_on"]), world.ago(1)),
            "evidence": "Counted by the client's own reports." if share else "Nobody uses it: they went back to mail.",
            "version": 2,
        }


def _plan_outcome(world: World, plan: Plan, review_on: date) -> Values:
    measure, unit, baseline, target = world.rng.choice(MEASURES)
    return world.add(
        Outcome,
        max(plan.start, world.begins),
        project_id=plan.id,
        measure=measure,
        unit=unit,
        baseline=Decimal(baseline),
        target=Decimal(target),
        lower_is_better=target < baseline,
        review_on=review_on,
        owner_id=holder(world, plan, ACCOUNT_MANAGER, plan.start + timedelta(30)),
    )


def _feedback(world: World, plan: Plan, ended: date) -> None:
    for contact in world.of(Contact):
        if contact["client_id"] != plan.row["client_id"] or contact["role"] == ContactRole.BILLING:
            continue
        if ended + timedelta(5) < world.today and world.chance(0.7):
            csat = world.rng.choice((3, 4, 4, 5, 5))
            world.add(
                Feedback,
                ended + timedelta(5),
                subject=FeedbackSubject.PROJECT,
                project_id=plan.id,
                client_id=plan.row["client_id"],
                contact_id=contact["id"],
                given_on=ended + timedelta(5),
                csat=csat,
                nps=min(10, csat * 2 + world.rng.randint(-1, 1)),
                comment=world.rng.choice(COMMENTS),
            )


def _touchpoints(world: World, client: Values) -> None:
    """Every one to two weeks of the last half year, more often with those who talk more."""
    day = world.ago(180)
    last = world.ago(24 if client["code"] == SILENT else 2)
    while day < last:
        on = monday(day)
        following = on + timedelta(world.rng.randint(6, 21 - 2 * client["communication_intensity"]))
        if on < last:
            kind = world.rng.choice(
                (TouchpointKind.SCHEDULED,) * 3 + (TouchpointKind.PROACTIVE, TouchpointKind.REACTIVE)
            )
            world.add(
                Touchpoint,
                on,
                client_id=client["id"],
                person_id=client["account_manager_id"],
                kind=kind,
                happened_on=on,
                next_on=monday(following) if kind == TouchpointKind.SCHEDULED else None,
            )
        day = following
