"""Who knows whom, what people say to spend their time on, and the hand-overs by which seats moved."""

from datetime import timedelta
from decimal import Decimal

from app.demo.changes import contact_of
from app.demo.clients import CHARITY, OWN
from app.demo.people import JON, MARIA
from app.demo.projects import Plan
from app.demo.rows import Values, World, at_noon
from app.models.assignment import Assignment, AssignmentKind
from app.models.change_request import ChangeAsk, ChangeOption, ChangeRequest, ChangeStatus
from app.models.client import Client, ContactRole
from app.models.duty import DutyProfile, DutyRule
from app.models.handover import (
    Handover,
    HandoverMove,
    HandoverNotice,
    HandoverStatus,
    HandoverTask,
    NoticeAnswer,
)
from app.models.project import ProjectStatus
from app.models.quality import FeedbackRequest, FeedbackSubject
from app.models.relationship import Relationship
from app.models.role import MANAGER_ROLES

REASON = "Your work has grown: two people share it from now on, each doing what they do best."
BENEFIT = "You have one person for your goals, who is not busy with running the production."
TASKS = ("The successor has read scope, changes and open promises", "Both have gone through the project together")
SAID = ((MARIA, "client_relationship", 16), (MARIA, "task_assignment", 6), (JON, "task_assignment", 20))
RULES = (("Call", "client_relationship"), ("Bug", "testing"), ("Task", "task_assignment"))


def make_handovers(world: World, plans: list[Plan]) -> None:
    """Relationships, duties, and the hand-overs behind the seats that moved."""
    for client in world.of(Client):
        if client["code"] not in (OWN, CHARITY):
            _relationships(world, client)
    _duties(world)
    moved = [plan for plan in plans if plan.split_on is not None and plan.split_on > plan.start]
    for plan in moved[:6]:
        _handover(world, plan)
    _asks(world, plans)


def _relationships(world: World, client: Values) -> None:
    world.add(
        Relationship,
        max(client["since_on"], world.begins),
        person_id=client["account_manager_id"],
        client_id=client["id"],
        strength=world.rng.randint(3, 5),
        since_on=client["since_on"],
    )


def _duties(world: World) -> None:
    day = world.ago(300)
    for person_id, responsibility, hours in SAID:
        said = {"responsibility": responsibility, "weekly_hours": Decimal(hours)}
        world.add(DutyProfile, day, person_id=person_id, **said)
    for position, (issue_type, responsibility) in enumerate(RULES, start=1):
        rule = {"position": 10 * position, "source": "jira", "issue_type": issue_type}
        world.add(DutyRule, day, **rule, responsibility=responsibility)


def _handover(world: World, plan: Plan) -> None:
    """One that was completed on the day of the split, and whom the clients had heard of in time."""
    assert plan.split_on is not None
    taken = [
        row
        for row in world.of(Assignment)
        if row["project_id"] == plan.id
        and row["role"] in MANAGER_ROLES
        and row["kind"] == AssignmentKind.HOLDER
        and row["valid_from"] == plan.split_on
    ]
    if not taken:
        return
    told = plan.split_on - timedelta(14)
    handover = world.add(
        Handover,
        told,
        name=f"Two people for {plan.row['code']}",
        status=HandoverStatus.COMPLETED,
        reason=REASON,
        benefit=BENEFIT,
        effective_on=plan.split_on,
        scheduled_at=at_noon(told),
        completed_at=at_noon(plan.split_on),
    )
    handover["version"] = 3
    for row in taken:
        former = next(
            (
                one["person_id"]
                for one in world.of(Assignment)
                if one["project_id"] == plan.id
                and one["role"] == row["role"]
                and one["valid_to"] == plan.split_on
                and one["kind"] == AssignmentKind.HOLDER
            ),
            None,
        )
        world.add(
            HandoverMove,
            told,
            handover_id=handover["id"],
            project_id=plan.id,
            role=row["role"],
            from_person_id=former if former != row["person_id"] else None,
            to_person_id=row["person_id"],
            assignment_id=row["id"],
        )
    contact = contact_of(world, plan, ContactRole.SPONSOR)
    world.add(
        HandoverNotice,
        told,
        handover_id=handover["id"],
        client_id=plan.row["client_id"],
        contact_id=contact["id"],
        subject=f"Who looks after {plan.row['name']}",
        body=f"Dear {contact['name']},\n\n{REASON} {BENEFIT}",
        notified_at=at_noon(told),
        answer=NoticeAnswer.ACKNOWLEDGED,
        answered_at=at_noon(told + timedelta(2)),
    )
    for position, statement in enumerate(TASKS, start=1):
        done = at_noon(plan.split_on - timedelta(2))
        world.add(HandoverTask, told, handover_id=handover["id"], position=position, statement=statement, done_at=done)


def _asks(world: World, plans: list[Plan]) -> None:
    """A contact was asked to decide a change, another what they think; neither has answered yet."""
    by_id = {plan.id: plan for plan in plans}
    waiting = [row for row in world.of(ChangeRequest) if row["status"] == ChangeStatus.AWAITING_DECISION]
    for change in waiting[:1]:
        plan, day = by_id[change["project_id"]], world.ago(4)
        options = [row for row in world.of(ChangeOption) if row["change_request_id"] == change["id"]]
        shown = {
            "project": plan.row["name"],
            "title": change["title"],
            "value_statement": change["value_statement"],
            "decide_by": change["decide_by"].isoformat(),
            "options": [
                {
                    "number": option["number"],
                    "title": option["title"],
                    "kind": option["kind"],
                    "scope": None,
                    "value": option["value"],
                    "price": f"{option['price']:,.2f} {plan.row['currency']}",
                    "ready_on": None,
                    "sentence": f"Yes, and it costs {option['price']:,.2f} {plan.row['currency']}.",
                }
                for option in options
            ],
        }
        world.add(
            ChangeAsk,
            day,
            change_request_id=change["id"],
            contact_id=contact_of(world, plan, ContactRole.APPROVER)["id"],
            content_version="demo",
            shown=shown,
            asked_at=at_noon(day),
            expires_at=at_noon(day + timedelta(30)),
        )
    closed = [plan for plan in plans if plan.status == ProjectStatus.CLOSED]
    for plan in closed[-1:]:
        day = world.ago(8)
        world.add(
            FeedbackRequest,
            day,
            subject=FeedbackSubject.PROJECT,
            project_id=plan.id,
            client_id=plan.row["client_id"],
            contact_id=contact_of(world, plan, ContactRole.SPONSOR)["id"],
            question="How was the work for you?",
            asked_at=at_noon(day),
            expires_at=at_noon(day + timedelta(30)),
        )
