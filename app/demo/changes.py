"""What clients asked for, in every state: decided and done, waiting for an answer, postponed, a small favour."""

from datetime import date, timedelta
from decimal import Decimal

from app.demo.delivery import LIVE, holder
from app.demo.finances import COST, HOUR
from app.demo.projects import ACME_WEB, Plan
from app.demo.promises import log
from app.demo.rows import Values, World, at_noon, rounded
from app.features.change_requests.impact import STORED
from app.features.change_requests.impact_rules import LabourLine, OptionImpact, percent
from app.models.change_request import (
    ChangeImpact,
    ChangeKind,
    ChangeOption,
    ChangeRequest,
    ChangeStatus,
    Charge,
    OptionKind,
)
from app.models.client import Contact, ContactRole
from app.models.decision import DecisionKind, DecisionOutcome, DecisionOutcomeText
from app.models.project import Baseline, BaselineCause, Engagement
from app.models.role import ACCOUNT_MANAGER
from app.models.time_entry import TimeEntry

IDEAS = (
    ("Gift cards", "Christmas sales begin two weeks earlier.", 64),
    ("A second language", "Half of the guests read no English.", 80),
    ("Search by pictures", "Buyers find what they can't name.", 96),
    ("Invoices as a download", "Forty calls a month fall away.", 24),
    ("A calendar of events", "Regulars come once more a year.", 40),
    ("Sign-in with the bank's app", "Nobody forgets a password any more.", 56),
)
OPEN_STATES = (
    ChangeStatus.AWAITING_DECISION,
    ChangeStatus.AWAITING_DECISION,
    ChangeStatus.ASSESSING,
    ChangeStatus.SUBMITTED,
    ChangeStatus.POSTPONED,
    ChangeStatus.REJECTED,
    ChangeStatus.DRAFT,
)
WHY = "It pays for itself within the first season."
WHY_NOT = "Our own people can do this later, by hand."


def make_changes(world: World, plans: list[Plan]) -> None:
    """A change behind every second baseline, and on some projects one that is still open."""
    by_project = {plan.id: plan for plan in plans}
    for baseline in world.of(Baseline):
        if baseline["cause"] == BaselineCause.CHANGE:
            _decided(world, by_project[baseline["project_id"]], baseline)
    live = [
        plan
        for plan in plans
        if plan.status in LIVE and plan.engagement == Engagement.FIXED_FEE and plan.start < world.ago(40)
    ]
    for plan, status in zip(live, OPEN_STATES, strict=False):
        if plan.id != ACME_WEB:
            _open(world, plan, status)
    for plan in live[: len(live) // 2]:
        _favour(world, plan)


def _file(world: World, plan: Plan, day: date, idea: tuple[str, str, int], **more: object) -> Values:
    title, value, _ = idea
    mine = [row for row in world.of(ChangeRequest) if row["project_id"] == plan.id]
    requester = contact_of(world, plan, ContactRole.SPONSOR)
    return world.add(
        ChangeRequest,
        day,
        project_id=plan.id,
        number=len(mine) + 1,
        title=title,
        value_statement=value,
        kind=ChangeKind.NEW_SCOPE,
        requested_by_id=requester["id"],
        urgency=world.rng.randint(2, 5),
        impact_of_not_doing="It stays as it is, and they ask again next year.",
        decide_by=day + timedelta(21),
        **more,
    )


def contact_of(world: World, plan: Plan, role: ContactRole) -> Values:
    """Somebody of this role at a project's client, else anybody."""
    mine = [row for row in world.of(Contact) if row["client_id"] == plan.row["client_id"]]
    return next((row for row in mine if row["role"] == role), mine[0])


def _options(world: World, change: Values, day: date, idea: tuple[str, str, int]) -> list[Values]:
    """As asked, and in a later phase; each with what it takes."""
    _, value, hours = idea
    made = []
    for number, (kind, title, share, later) in enumerate(
        ((OptionKind.AS_ASKED, "With the present release", 1.0, None), (OptionKind.LATER_PHASE, "Later", 0.9, 60)), 1
    ):
        worked = Decimal(round(hours * share))
        made.append(
            world.add(
                ChangeOption,
                day,
                change_request_id=change["id"],
                number=number,
                kind=kind,
                title=title,
                value=value,
                value_points=8 if number == 1 else 6,
                price=rounded(float(worked) * HOUR, 100),
                starts_on=None if later is None else world.today + timedelta(later),
                hours=[{"role": "developer", "hours": str(worked)}],
                purchases=[],
                risk_changes=[],
            )
        )
    return made


def _decided(world: World, plan: Plan, baseline: Values) -> None:
    """The change that moved a baseline: approved, done since, and held against its estimate."""
    day: date = baseline["valid_from"]
    idea = world.rng.choice(IDEAS)
    asked, approver = max(day - timedelta(12), plan.start), contact_of(world, plan, ContactRole.APPROVER)
    change = _file(world, plan, asked, idea, status=ChangeStatus.IMPLEMENTED)
    options = _options(world, change, asked, idea)
    subject = ("change_request", change["id"])
    decision = log(world, plan, day, DecisionKind.CHANGE, subject, f"Change 1 is approved: {idea[0]}.", WHY)
    baseline["change_request_id"] = change["id"]
    done = min(day + timedelta(40), world.ago(1))
    for option in options:
        _freeze(world, plan, change, option, baseline, chosen=option is options[0])
    change |= {
        "submitted_at": at_noon(asked),
        "decided_at": at_noon(min(day, world.ago(1))),
        "decided_by_contact_id": approver["id"],
        "decision_reason": WHY,
        "decision_id": decision["id"],
        "option_id": options[0]["id"],
        "baseline_id": baseline["id"],
        "implemented_on": done,
        "actual_value_points": 7,
        "version": 5,
    }
    outcome = world.add(DecisionOutcome, done, decision_id=decision["id"], found_on=done, as_expected=True)
    said = "Live since then; used more than we thought."
    world.add(DecisionOutcomeText, done, outcome_id=outcome["id"], statement=said)
    _hours(world, plan, change, day, done, idea[2])


def _hours(world: World, plan: Plan, change: Values, first: date, last: date, estimated: int) -> None:
    """Some of the developers' hours of these weeks were spent on it."""
    left = estimated * world.rng.uniform(0.8, 1.2)
    for row in world.of(TimeEntry):
        within = row["project_id"] == plan.id and first <= row["worked_on"] <= last
        if within and row["superseded_at"] is None and row["responsibility"] == "development_work" and left > 0:
            row["change_request_id"] = change["id"]
            left -= float(row["hours"])


def _freeze(world: World, plan: Plan, change: Values, option: Values, baseline: Values, chosen: bool) -> None:
    hours = Decimal(option["hours"][0]["hours"])
    cost, day = hours * COST, baseline["valid_from"]
    eac_before = plan.row["cost_budget"] or Decimal(0)
    fee = (plan.row["fee"] or Decimal(0)) + option["price"]
    impact = OptionImpact(
        option_id=option["id"],
        number=option["number"],
        hours=hours,
        lines=[LabourLine("developer", hours, cost, day, day + timedelta(20))],
        purchases=Decimal(0),
        cost=cost,
        price=option["price"],
        margin=option["price"] - cost,
        margin_percent=percent(option["price"] - cost, option["price"]),
        finish_on=day + timedelta(20),
        finish_reason=None,
        due_on=baseline["due_on"],
        exposure_before=6,
        exposure=6,
        eac_before=eac_before,
        eac=eac_before + cost,
        fee=fee,
        forecast_margin=percent(fee - eac_before - cost, fee),
        reasons={},
    )
    row = world.add(
        ChangeImpact,
        day,
        change_request_id=change["id"],
        option_id=option["id"],
        chosen=chosen,
        hours=hours,
        cost=cost,
        price=option["price"],
        currency=plan.row["currency"],
        finish_on=impact.finish_on,
        due_on=impact.due_on,
        figures=STORED.dump_python(impact, mode="json"),
        inputs={"today": day.isoformat(), "charge": str(Charge.BILLABLE), "demo": True},
    )
    row["computed_at"] = at_noon(min(day, world.ago(1)))


def _open(world: World, plan: Plan, status: ChangeStatus) -> None:
    idea = world.rng.choice(IDEAS)
    asked = world.ago(world.rng.randint(6, 18))
    change = _file(world, plan, asked, idea, status=status)
    if status == ChangeStatus.DRAFT:
        return
    change |= {"submitted_at": at_noon(asked), "version": 2}
    if status == ChangeStatus.SUBMITTED:
        return
    _options(world, change, asked + timedelta(2), idea)
    if status in (ChangeStatus.POSTPONED, ChangeStatus.REJECTED):
        decided = asked + timedelta(4)
        subject = ("change_request", change["id"])
        said = f"Change {change['number']} is {status}: {idea[0]}."
        decision = log(world, plan, decided, DecisionKind.CHANGE, subject, said, WHY_NOT)
        change |= {
            "decided_at": at_noon(decided),
            "decided_by_contact_id": contact_of(world, plan, ContactRole.APPROVER)["id"],
            "decision_reason": WHY_NOT,
            "decision_id": decision["id"],
            "postponed_until": world.today + timedelta(60) if status == ChangeStatus.POSTPONED else None,
            "version": 4,
        }


def _favour(world: World, plan: Plan) -> None:
    """Two hours out of the allowance."""
    day = world.ago(world.rng.randint(20, 35))
    change = _file(world, plan, day, ("A second colour for the button", "Buyers find the till.", 2))
    option = world.add(
        ChangeOption,
        day,
        change_request_id=change["id"],
        number=1,
        kind=OptionKind.AS_ASKED,
        title=change["title"],
        hours=[{"role": "developer", "hours": "2"}],
        purchases=[],
        risk_changes=[],
    )
    why = "Small, and dear to the client."
    said = f"Change {change['number']} is approved within the allowance, which has 14 of 16 hours left."
    decision = log(world, plan, day, DecisionKind.CHANGE, ("change_request", change["id"]), said, why)
    change |= {
        "status": ChangeStatus.APPROVED,
        "charge": Charge.INCLUDED,
        "within_allowance": True,
        "submitted_at": at_noon(day),
        "decided_at": at_noon(day),
        "decided_by_person_id": holder(world, plan, ACCOUNT_MANAGER, day),
        "decision_reason": why,
        "decision_id": decision["id"],
        "option_id": option["id"],
        "version": 2,
    }
