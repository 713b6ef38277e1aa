"""What was promised, what may go wrong, what has, and how troubled projects were rescued."""

from datetime import date, timedelta
from decimal import Decimal

from app.demo.delivery import LIVE, holder
from app.demo.people import HANNA
from app.demo.projects import ACME_WEB, Plan
from app.demo.rows import Values, World, at_noon, monday
from app.models.client import Contact, ContactRole
from app.models.commitment import (
    Commitment,
    CommitmentRenegotiation,
    CommitmentRenegotiationText,
    CommitmentStatus,
    VarianceReason,
)
from app.models.decision import Decision, DecisionKind, DecisionOutcome, DecisionOutcomeText, DecisionText
from app.models.project import Engagement, ProjectStatus
from app.models.rescue import Course, Rescue, RescueAction, RescueStatus
from app.models.risk import Issue, IssueStatus, Risk, RiskStatus, Strategy
from app.models.role import ACCOUNT_MANAGER, PRODUCTION_MANAGER

OPEN, KEPT, LATE, BROKEN, WITHDRAWN = CommitmentStatus
RESULTS = (
    "The new start page is live",
    "The search finds every article",
    "Orders arrive in the client's warehouse system",
    "The accessibility report is with the client",
    "Editors can publish without our help",
    "The campaign's landing page is live",
    "Payments by invoice work",
    "The offer for the next phase is with the client",
)
RISKS = (
    ("The payment provider changes its interface", "payments fail after the launch", "orders are lost", 2, 5),
    ("Texts come from three departments", "they arrive late", "the launch slips by weeks", 4, 3),
    ("One developer alone knows the import", "they fall ill", "nobody can mend it", 2, 4),
    ("The old data has no owner", "half of it is wrong", "it is moved by hand", 3, 3),
    ("The sponsor changes jobs", "the goals are put in question", "the scope is opened again", 2, 4),
)


def make_promises(world: World, plans: list[Plan]) -> None:
    """Promises of the last half year, risks of the projects that live, and two rescues."""
    live = [plan for plan in plans if plan.status in LIVE and plan.start <= world.today]
    for plan in live:
        if plan.engagement != Engagement.INTERNAL and plan.id != ACME_WEB:
            _commitments(world, plan)
            _risks(world, plan)
    troubled = [
        plan
        for plan in live
        if plan.status == ProjectStatus.ACTIVE and plan.row["fee"] is not None and plan.start < world.ago(60)
    ]
    if troubled:
        _running_rescue(world, troubled[0])
    closed = [plan for plan in plans if plan.status == ProjectStatus.CLOSED and plan.ended_on is not None]
    if closed:
        _past_rescue(world, closed[-1])


def _commitments(world: World, plan: Plan) -> None:
    contact = next(
        row
        for row in world.of(Contact)
        if row["client_id"] == plan.row["client_id"] and row["role"] != ContactRole.BILLING
    )
    for _ in range(world.rng.randint(1, 4)):
        due = monday(world.day_between(max(world.ago(180), plan.start + timedelta(15)), world.today + timedelta(25)))
        promised = due - timedelta(world.rng.randint(5, 14))
        by = holder(world, plan, world.rng.choice((ACCOUNT_MANAGER, PRODUCTION_MANAGER)), promised)
        if by is None or promised >= world.today or due <= promised:
            continue
        row = world.add(
            Commitment,
            promised,
            project_id=plan.id,
            client_id=plan.row["client_id"],
            promised_by_id=by,
            promised_to_contact_id=contact["id"],
            statement=world.rng.choice(RESULTS) + ".",
            promised_on=promised,
            original_due_on=due,
            due_on=due,
        )
        if world.chance(0.15) and due - timedelta(3) < world.today:
            _renegotiate(world, row, due)
        _end(world, row)


def _renegotiate(world: World, row: Values, due: date) -> None:
    day = due - timedelta(3)
    row |= {"due_on": monday(due + timedelta(7)), "renegotiations": 1, "version": 2}
    made = world.add(
        CommitmentRenegotiation,
        day,
        commitment_id=row["id"],
        former_due_on=due,
        due_on=row["due_on"],
        renegotiated_on=day,
        variance_reason=VarianceReason.CLIENT_LATE,
    )
    reason = "Their texts come a week later; they would rather have it whole than in time."
    world.add(CommitmentRenegotiationText, day, renegotiation_id=made["id"], reason=reason)


def _end(world: World, row: Values) -> None:
    """Most are kept; some come late, a few never. Two in three of those due in the last days are still open."""
    due = row["due_on"]
    if due >= world.today or (due > world.ago(10) and world.chance(0.66)):
        return
    roll = world.rng.random()
    achieved = max(due - timedelta(world.rng.randint(0, 2)), row["promised_on"])
    if roll < 0.78:
        row |= {"status": KEPT}
    elif roll < 0.92:
        achieved = min(due + timedelta(world.rng.randint(1, 6)), world.ago(1))
        row |= {"status": LATE, "variance_reason": world.rng.choice((VarianceReason.CAPACITY, VarianceReason.REWORK))}
    elif roll < 0.97:
        row |= {"status": BROKEN, "closed_on": due, "variance_reason": VarianceReason.UNDERESTIMATED}
        return
    else:
        row |= {"status": WITHDRAWN, "closed_on": due, "variance_note": "They no longer need it."}
        return
    at = at_noon(achieved)
    row |= {"action_done_at": at, "result_achieved_at": at, "result_achieved_on": achieved, "closed_on": achieved}


def _risks(world: World, plan: Plan) -> None:
    chosen = world.rng.sample(RISKS, world.rng.randint(1, 3))
    for number, (cause, event, effect, likelihood, impact) in enumerate(chosen, start=1):
        found = max(plan.start, world.ago(world.rng.randint(10, 150)))
        texts = {"cause": f"{cause}.", "event": event.capitalize() + ".", "effect": effect.capitalize() + "."}
        row = world.add(
            Risk,
            found,
            project_id=plan.id,
            number=number,
            **texts,
            likelihood=likelihood,
            impact=impact,
            strategy=world.rng.choice((Strategy.REDUCE, Strategy.AVOID, Strategy.ACCEPT)),
            owner_id=holder(world, plan, PRODUCTION_MANAGER, found),
            response="Talked through with the client, and looked at weekly.",
            due_on=found + timedelta(world.rng.randint(20, 120)),
            identified_on=found,
        )
        ended = min(found + timedelta(30), world.ago(1))
        if world.chance(0.25):
            row |= {"status": RiskStatus.CLOSED, "closed_on": ended, "version": 2}
        elif world.chance(0.12):
            row |= {"status": RiskStatus.OCCURRED, "closed_on": ended, "version": 2}
            _issue(world, plan, row, ended)


def _issue(world: World, plan: Plan, risk: Values, day: date) -> None:
    resolved = world.chance(0.5) and day < world.ago(5)
    world.add(
        Issue,
        day,
        project_id=plan.id,
        number=1 + sum(row["project_id"] == plan.id for row in world.of(Issue)),
        risk_id=risk["id"],
        **{name: risk[name] for name in ("cause", "event", "effect", "likelihood", "impact", "owner_id")},
        due_on=day + timedelta(14),
        raised_on=day,
        status=IssueStatus.RESOLVED if resolved else IssueStatus.IN_PROGRESS,
        resolved_on=min(day + timedelta(5), world.ago(1)) if resolved else None,
        resolution="Mended, and watched for a week." if resolved else None,
    )


def _running_rescue(world: World, plan: Plan) -> None:
    opened = world.ago(9)
    rescue = world.add(
        Rescue,
        opened,
        project_id=plan.id,
        rescuer_id=HANNA,
        opened_on=opened,
        trigger="Three reports in a row off track, and the budget is nearly spent.",
        assessment="The scope has grown by small favours; the team is sound.",
    )
    for statement, days in (("Write down what is in scope, and have it signed", 5), ("Re-estimate what remains", -3)):
        due, done = opened + timedelta(9 + days), days < 0
        world.add(
            RescueAction,
            opened,
            rescue_id=rescue["id"],
            statement=statement,
            owner_id=HANNA,
            due_on=due,
            done_at=at_noon(due - timedelta(1)) if done else None,
        )


def _past_rescue(world: World, plan: Plan) -> None:
    """One that ended well: decided, followed, and held against its forecast."""
    assert plan.ended_on is not None
    decided = max(plan.ended_on - timedelta(40), plan.start + timedelta(5))
    decision = log(
        world,
        plan,
        decided,
        DecisionKind.RESCUE,
        ("rescue", None),
        "The project is recovered: a smaller first release, the rest later.",
        "What is still to come is worth more than what it still takes.",
    )
    rescue = world.add(
        Rescue,
        max(decided - timedelta(5), plan.start),
        project_id=plan.id,
        rescuer_id=HANNA,
        status=RescueStatus.CLOSED,
        opened_on=max(decided - timedelta(5), plan.start),
        trigger="The launch had slipped twice.",
        assessment="Too much in one release.",
        course=Course.RECOVER,
        course_reason="What is still to come is worth more than what it still takes.",
        decided_on=decided,
        decision_id=decision["id"],
        forecast_finish_on=plan.ended_on + timedelta(3),
        forecast_cost_to_complete=Decimal(9000),
        closed_on=plan.ended_on,
        actual_finish_on=plan.ended_on,
        actual_cost_to_complete=Decimal(8600),
        met_forecast=True,
        outcome="Launched in the week that was forecast.",
    )
    decision["subject_id"] = rescue["id"]
    outcome = world.add(
        DecisionOutcome, plan.ended_on, decision_id=decision["id"], found_on=plan.ended_on, as_expected=True
    )
    said = "Launched in the week that was forecast."
    world.add(DecisionOutcomeText, plan.ended_on, outcome_id=outcome["id"], statement=said)


def log(
    world: World, plan: Plan, day: date, kind: DecisionKind, subject: tuple[str, object], what: str, why: str
) -> Values:
    """An entry of the decision log about a project, or something of it."""
    decision = world.add(
        Decision,
        day,
        kind=kind,
        subject_type=subject[0],
        subject_id=subject[1],
        project_id=plan.id,
        client_id=plan.row["client_id"],
        decided_on=day,
        request_id="demo",
    )
    world.add(DecisionText, day, decision_id=decision["id"], what=what, why=why)
    return decision
