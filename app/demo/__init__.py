"""A lifelike portfolio to try things on: an agency half-way through splitting its managers' role in two.

The same seed on the same day gives the same rows. They obey every rule that the services keep.
"""

from datetime import date
from random import Random
from uuid import UUID

import sqlalchemy as sa

from app.core.caller import Caller
from app.db.record import table_of
from app.demo.changes import make_changes
from app.demo.clients import make_clients
from app.demo.delivery import make_delivery
from app.demo.finances import make_finances
from app.demo.handovers import make_handovers
from app.demo.office import make_office
from app.demo.people import HANNA, make_people
from app.demo.pmo import make_pmo
from app.demo.projects import make_projects
from app.demo.promises import make_promises
from app.demo.rows import World, insert_all
from app.demo.seats import make_assignments
from app.demo.work import make_hours
from app.messaging.audit import audit
from app.models.assignment import Assignment
from app.models.audit import AuditEntry
from app.models.change_request import ChangeAsk, ChangeImpact, ChangeOption, ChangeRequest
from app.models.client import Client, Contact
from app.models.commitment import Commitment, CommitmentRenegotiation, CommitmentRenegotiationText
from app.models.decision import Decision, DecisionOutcome, DecisionOutcomeText, DecisionText
from app.models.delivery import Estimate, Goal, GoalLink, StatusReport
from app.models.duty import DutyProfile, DutyRule
from app.models.finance import ExchangeRate, Expense, Invoice, RateCard
from app.models.handover import Handover, HandoverMove, HandoverNotice, HandoverTask
from app.models.outcome import Outcome, Touchpoint
from app.models.period import Period, PeriodHistory
from app.models.person import Person, PersonRate, PersonSkill, TimeOff
from app.models.pmo import Charter, Development, SkillNeed
from app.models.project import Baseline, BaselineMilestone, Milestone, Project, ProjectStatusSpan, Seat
from app.models.quality import Defect, DeliverableReview, Feedback, FeedbackRequest
from app.models.relationship import Relationship
from app.models.rescue import Rescue, RescueAction
from app.models.risk import Issue, Risk
from app.models.role import Responsibility, Role
from app.models.template import ProjectTask, ProjectTemplate
from app.models.time_entry import TimeEntry

__all__ = ["HANNA", "has_data", "is_demo", "load", "make_world"]

SEED = 2
LOADED = "demo loaded"
PORTFOLIO = UUID("01890000-0000-7000-8000-0000000000fe")
# In this order each row finds what it refers to.
MODELS = (
    Role,
    Responsibility,
    Person,
    PersonSkill,
    PersonRate,
    TimeOff,
    Client,
    Contact,
    Project,
    ProjectStatusSpan,
    Seat,
    Milestone,
    Baseline,
    BaselineMilestone,
    Assignment,
    RateCard,
    ExchangeRate,
    Decision,
    DecisionText,
    DecisionOutcome,
    DecisionOutcomeText,
    ChangeRequest,
    ChangeOption,
    ChangeImpact,
    ChangeAsk,
    Relationship,
    DutyProfile,
    DutyRule,
    Handover,
    HandoverMove,
    HandoverNotice,
    HandoverTask,
    TimeEntry,
    Expense,
    Invoice,
    Estimate,
    StatusReport,
    Goal,
    GoalLink,
    Commitment,
    CommitmentRenegotiation,
    CommitmentRenegotiationText,
    Risk,
    Issue,
    Rescue,
    RescueAction,
    DeliverableReview,
    Defect,
    Feedback,
    FeedbackRequest,
    Outcome,
    Touchpoint,
    Charter,
    ProjectTemplate,
    ProjectTask,
    SkillNeed,
    Development,
    Period,  # behind the facts of its month, which are closed by it
    PeriodHistory,
)
TABLES = tuple(table_of(model) for model in MODELS)
entries = table_of(AuditEntry)
WAS_LOADED = sa.select(sa.exists().where(entries.c.action == LOADED))
HAS_DATA = sa.select(
    sa.or_(*(sa.exists(sa.select(sa.literal(1)).select_from(table_of(model))) for model in (Client, Person, Project)))
)


def make_world(today: date, seed: int = SEED) -> World:
    """All rows of the demo, not yet in a database."""
    world = World(Random(seed), today)  # noqa: S311  chance, not secrecy
    people = make_people(world)
    clients = make_clients(world, people)
    plans = make_projects(world, clients)
    make_assignments(world, plans, people)
    make_hours(world, plans, people)
    make_finances(world, plans)
    make_delivery(world, plans)
    make_promises(world, plans)
    make_changes(world, plans)
    make_office(world, plans)
    make_pmo(world, plans)
    make_handovers(world, plans)
    return world


def load(conn: sa.Connection, caller: Caller, world: World) -> dict[str, int]:
    """Insert the demo into an empty portfolio, with one line in the audit. Returns the number of rows by table."""
    counts = insert_all(conn, world, TABLES)
    audit(conn, caller, LOADED, "portfolio", PORTFOLIO, None, counts)
    return counts


def has_data(conn: sa.Connection) -> bool:
    """Whether there is a portfolio already."""
    return bool(conn.execute(HAS_DATA).scalar_one())


def is_demo(conn: sa.Connection) -> bool:
    """Whether the portfolio is the demo's."""
    return bool(conn.execute(WAS_LOADED).scalar_one())
