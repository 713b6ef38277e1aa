"""The office itself: its charter, templates, what projects need and people learn, and the months that are closed."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from app.demo.delivery import holder
from app.demo.people import HANNA
from app.demo.projects import ACME_WEB, STAGES, Plan
from app.demo.rows import Values, World, at_noon, month_start
from app.models.decision import Decision, DecisionKind, DecisionText
from app.models.period import Period, PeriodHistory, PeriodStatus, PeriodStep
from app.models.person import Person, PersonSkill
from app.models.playbook import Occasion
from app.models.pmo import Charter, Development, DevelopmentKind, SkillNeed
from app.models.project import ProjectStatus
from app.models.role import MANAGER_ROLES, PRODUCTION_MANAGER
from app.models.template import ProjectTask, ProjectTemplate

NEEDS = (("analytics", 3), ("accessibility", 3), ("testing", 4), ("planning", 4), ("workshops", 3))
TASKS = (
    ("The client knows who leads, who answers, and when they meet", True),
    ("Scope, budget and milestones are agreed in writing", True),
    ("Everybody of the team has access to tools and files", True),
    ("The risks of the first month have been talked through", False),
)


def make_pmo(world: World, plans: list[Plan]) -> None:
    """What the PMO works with, beside the projects."""
    _charter(world)
    _templates(world)
    for plan in plans:
        if plan.status == ProjectStatus.ACTIVE and plan.due is not None and plan.due > world.today:
            _needs(world, plan)
            _tasks(world, plan)
    _developments(world)
    _periods(world)


def _charter(world: World) -> None:
    day = world.ago(400)
    month = month_start(world.today)
    row = world.add(
        Charter,
        day,
        number=1,
        valid_from=day,
        purpose="Every project has two people who have time for it, and every client knows them.",
        value_proposition="Projects end when we said, cost what we said, and are used.",
        services=["Capacity and hand-overs", "Change control", "Reports and KPIs", "Rescue of troubled projects"],
        guiding_values=["We say it early", "Yes, and here is what it takes", "Results count"],
        success_measures=[
            {
                "kpi": kpi,
                "label": label,
                "baseline": baseline,
                "baseline_on": day.isoformat(),
                "target": target,
                "by": month.replace(month=12, day=31).isoformat(),
            }
            for kpi, label, baseline, target in (
                ("on_time", "Projects on time", "55", "80"),
                ("commitments_kept", "Promises kept", "60", "85"),
                ("role_strain", "How torn managers are", "2.4", "1"),
            )
        ],
        members=[str(HANNA)],
    )
    row["recorded_by"] = None


def _templates(world: World) -> None:
    for code, name, kind, days, share in (
        ("SITE", "Website", "website relaunch", 120, 1),
        ("STORE", "Online store", "online store", 180, 2),
    ):
        world.add(
            ProjectTemplate,
            world.ago(300),
            code=code,
            name=name,
            kind=kind,
            description="What most of them begin with; adapt it after the kick-off.",
            duration_days=days,
            seats=[{"role": role, "load_weight": "0.5"} for role in MANAGER_ROLES],
            milestones=[
                {"name": stage, "day": days * (number + 1) // len(STAGES), "weight": str(weight), "deliverable": None}
                for number, (stage, weight) in enumerate(STAGES)
            ],
            estimates=[
                {"role": "developer", "hours": str(160 * share)},
                {"role": "designer", "hours": str(80 * share)},
                {"role": PRODUCTION_MANAGER, "hours": str(60 * share)},
            ],
            skills=[{"skill": "testing", "level": 3, "weekly_hours": "4"}],
        )


def _needs(world: World, plan: Plan) -> None:
    for skill, level in world.rng.sample(NEEDS, world.rng.randint(1, 2)):
        world.add(
            SkillNeed,
            max(plan.start, world.begins),
            project_id=plan.id,
            skill=skill,
            level=level,
            weekly_hours=Decimal(world.rng.choice((4, 6, 8, 12))),
            from_on=plan.start,
            until_on=plan.due,
        )


def _tasks(world: World, plan: Plan) -> None:
    if plan.id == ACME_WEB or plan.start < world.begins:
        return
    for position, (statement, done) in enumerate(TASKS, start=1):
        by = holder(world, plan, PRODUCTION_MANAGER, plan.start)
        world.add(
            ProjectTask,
            plan.start,
            project_id=plan.id,
            occasion=Occasion.KICK_OFF,
            position=position,
            statement=statement,
            due_on=plan.start + timedelta(14),
            owner_id=by,
            done_at=at_noon(plan.start + timedelta(5)) if done and plan.start < world.ago(6) else None,
            done_by=by if done and plan.start < world.ago(6) else None,
        )


def _developments(world: World) -> None:
    skills = {(row["person_id"], row["skill"]): row["level"] for row in world.of(PersonSkill)}
    people = [row for row in world.of(Person) if row["home_role"] is not None]
    for number, (skill, level) in enumerate(NEEDS[:3]):
        learner = people[(number + 5) % len(people)]
        mentor = next((id for (id, known), has in skills.items() if known == skill and has >= level), None)
        if skills.get((learner["id"], skill), 0) >= level or mentor == learner["id"]:
            continue
        kind = DevelopmentKind.MENTORING if mentor is not None else DevelopmentKind.TRAINING
        starts_on = world.ago(40 - 10 * number)
        world.add(
            Development,
            starts_on,
            person_id=learner["id"],
            skill=skill,
            kind=kind,
            mentor_id=mentor,
            target_level=level,
            starts_on=starts_on,
            ends_on=starts_on + timedelta(90),
        )


def _periods(world: World) -> None:
    """Three months are closed, the one in the middle for the second time; last month waits for it."""
    for months in (-4, -3, -2):
        starts_on, ends_on = month_start(world.today, months), month_start(world.today, months + 1)
        closed = ends_on + timedelta(4)
        again = months == -3
        period = world.add(
            Period,
            closed,
            label=f"{starts_on:%Y-%m}",
            starts_on=starts_on,
            ends_on=ends_on,
            status=PeriodStatus.CLOSED,
            revision=2 if again else 1,
        )
        _step(world, period, PeriodStep.CLOSED, 1, 4)
        if again:
            why = "An invoice of the printer's had lain in the wrong tray."
            decision = world.add(
                Decision,
                closed + timedelta(3),
                kind=DecisionKind.REOPENING,
                subject_type="period",
                subject_id=period["id"],
                decided_on=closed + timedelta(3),
                request_id="demo",
            )
            said = f"The month {period['label']} is opened again."
            world.add(DecisionText, closed + timedelta(3), decision_id=decision["id"], what=said, why=why)
            _step(world, period, PeriodStep.REOPENED, 1, 7, decision["id"])
            _step(world, period, PeriodStep.CLOSED, 2, 8)
            period["version"] = 3


def _step(
    world: World, period: Values, step: PeriodStep, revision: int, days: int, decision_id: UUID | None = None
) -> None:
    day = period["ends_on"] + timedelta(days)
    row = world.add(PeriodHistory, day, period_id=period["id"], step=step, revision=revision, by_person_id=HANNA)
    row |= {"at": at_noon(min(day, world.ago(1))), "decision_id": decision_id}
