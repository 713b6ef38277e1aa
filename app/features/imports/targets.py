"""What can be imported: for each resource its table, its natural key, its schema, and how its rows are written."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol
from uuid import UUID

import sqlalchemy as sa

from app.core.caller import Caller
from app.core.errors import AppError, FieldError, invalid
from app.core.ids import new_id
from app.core.schema import Schema
from app.db.books import closed_labels, days_of
from app.db.record import table_of
from app.db.violations import PeriodClosed, explain
from app.features.assignments import service as assignments
from app.features.assignments.schemas import AssignmentCreate
from app.features.change_requests import service as change_requests
from app.features.change_requests.schemas import ChangeRequestCreate
from app.features.clients import service as clients
from app.features.clients.schemas import ClientCreate
from app.features.commitments import service as commitments
from app.features.commitments.schemas import CommitmentCreate
from app.features.finance import service as finance
from app.features.finance.schemas import ExpenseCreate, InvoiceCreate
from app.features.goals import service as goals
from app.features.goals.schemas import GoalCreate, GoalLinkCreate
from app.features.imports.schemas import Outcome
from app.features.people import service as people
from app.features.people.schemas import PersonCreate
from app.features.projects import service as projects
from app.features.projects.schemas import EstimateCreate, MilestoneCreate, ProjectCreate
from app.features.relationships import service as relationships
from app.features.relationships.schemas import RelationshipCreate
from app.features.risks import service as risks
from app.features.risks.schemas import RiskCreate
from app.features.status_reports import service as status_reports
from app.features.status_reports.schemas import StatusReportCreate
from app.features.time_entries import service as time_entries
from app.features.time_entries.schemas import TimeEntryCreate
from app.messaging.records import Row
from app.models.assignment import Assignment
from app.models.change_request import ChangeRequest
from app.models.client import Client
from app.models.commitment import Commitment
from app.models.delivery import Estimate, Goal, GoalLink, StatusReport
from app.models.finance import Expense, Invoice
from app.models.person import Person
from app.models.project import Milestone, Project
from app.models.relationship import Relationship
from app.models.risk import Risk
from app.models.time_entry import TimeEntry


@dataclass(slots=True)
class Line:
    """A row on its way: what it says, what is there already, and what becomes of it."""

    number: int
    key: tuple[Any, ...] | None = None  # as the file has it
    identity: tuple[Any, ...] | None = None  # as the database has it
    data: Any = None
    before: Row | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)
    errors: list[FieldError] = field(default_factory=list)
    # Until it is written a made-up id stands in, so that rows which refer to it can be checked.
    id: UUID = field(default_factory=new_id)

    @property
    def outcome(self) -> Outcome:
        if self.errors:
            return Outcome.FAILED
        if self.before is None:
            return Outcome.CREATED
        return Outcome.UPDATED if self.changes else Outcome.UNCHANGED


class Writer(Protocol):
    """Writes lines that are to be created or updated."""

    def __call__(self, conn: sa.Connection, caller: Caller, lines: Sequence[Line]) -> None: ...


def no_faults(data: Any) -> list[FieldError]:
    return []


def unnamed(data: AssignmentCreate) -> list[FieldError]:
    """Demand that bears no name has no natural key."""
    if data.person_id is not None:
        return []
    return [
        FieldError("/person_id", "name the person; demand without one is added by POST /v1/assignments", "required")
    ]


def keep_day(conn: sa.Connection, caller: Caller, id: UUID, changes: Mapping[str, Any], expected: int | None) -> Row:
    """A promise is what was said: a file may tell its first day again, and no other."""
    if "due_on" in changes:
        day = commitments.get_commitment(conn, caller, id).original_due_on
        detail = f"was promised for {day}: move it by POST /v1/commitments/{{id}}/renegotiate"
        raise invalid("/due_on", detail)
    return commitments.update_commitment(conn, caller, id, changes, expected)


@dataclass(frozen=True)
class Target:
    """A resource. `key` are the fields of its natural key, the last of which tells its rows apart in a file.

    Of `kept` fields an empty cell leaves what is there: something else than the file may have filled them.
    What a field says is compared with its column, or with the one that `first` names: the first that it said.
    """

    table: sa.Table
    key: tuple[str, ...]
    schema: type[Schema]
    write: Writer
    faults: Callable[[Any], list[FieldError]] = no_faults
    fold: Callable[[str], str] = str
    kept: frozenset[str] = frozenset()
    first: Mapping[str, str] = field(default_factory=dict)


def one_by_one(create: Callable[..., Row], update: Callable[..., Row]) -> Writer:
    """For resources of which there are few: each row by its own service, which may refuse it, as may the database."""

    def write(conn: sa.Connection, caller: Caller, lines: Sequence[Line]) -> None:
        for line in lines:
            try:
                with conn.begin_nested():
                    if line.before is None:
                        line.id = create(conn, caller, line.data).id
                    else:
                        update(conn, caller, line.before.id, line.changes, None)
            except AppError as refused:
                line.errors.extend(_told(refused))
            except sa.exc.IntegrityError as broken:
                if (problem := explain(broken)) is None:
                    raise
                line.errors.extend(_told(problem))

    return write


def _told(refused: AppError) -> Sequence[FieldError]:
    return refused.errors or [FieldError("", refused.detail, refused.code)]


def write_time_entries(conn: sa.Connection, caller: Caller, lines: Sequence[Line]) -> None:
    """For the many: all rows in a few statements. Nothing is written where a row lies in a closed month."""
    asked = [(line, days) for line in lines for days in _days(line)]
    for (line, _), label in zip(asked, closed_labels(conn, [days for _, days in asked]), strict=True):
        if label is not None and not line.errors:
            line.errors.extend(_told(PeriodClosed.of(label)))
    if any(line.errors for line in lines):
        return
    time_entries.record_time_entries(conn, caller, [line.data for line in lines if line.before is None])
    time_entries.correct_time_entries(
        conn, caller, [(line.before, line.changes) for line in lines if line.before is not None]
    )


def _days(line: Line) -> list[tuple[date, date]]:
    """The days of a time entry as it shall be, and as it was."""
    spans = [days_of("time_entry", line.data.model_dump(include={"worked_on", "worked_until"}))]
    if line.before is not None:
        spans.append(days_of("time_entry", line.before._mapping))
    return spans


TARGETS: Mapping[str, Target] = {
    "clients": Target(
        table_of(Client), ("code",), ClientCreate, one_by_one(clients.create_client, clients.update_client)
    ),
    "people": Target(
        table_of(Person),
        ("email",),
        PersonCreate,
        one_by_one(people.create_person, people.update_person),
        fold=str.lower,
    ),
    "projects": Target(
        table_of(Project), ("code",), ProjectCreate, one_by_one(projects.create_project, projects.update_project)
    ),
    "time_entries": Target(
        table_of(TimeEntry),
        ("source", "external_id"),
        TimeEntryCreate,
        write_time_entries,
        faults=time_entries.faults,
        kept=frozenset({"responsibility"}),
    ),
    "relationships": Target(
        table_of(Relationship),
        ("client_id", "person_id"),
        RelationshipCreate,
        one_by_one(relationships.create_relationship, relationships.update_relationship),
    ),
    "assignments": Target(
        table_of(Assignment),
        ("project_id", "role", "person_id", "valid_from"),
        AssignmentCreate,
        one_by_one(assignments.create_assignment, assignments.update_assignment),
        faults=unnamed,
        kept=frozenset({"valid_to"}),
    ),
    "expenses": Target(
        table_of(Expense),
        ("source", "external_id"),
        ExpenseCreate,
        one_by_one(finance.create_expense, finance.update_expense),
    ),
    "invoices": Target(
        table_of(Invoice),
        ("source", "external_id"),
        InvoiceCreate,
        one_by_one(finance.create_invoice, finance.update_invoice),
    ),
    "milestones": Target(
        table_of(Milestone),
        ("project_id", "name"),
        MilestoneCreate,
        one_by_one(projects.create_milestone, projects.update_milestone),
    ),
    "estimates": Target(
        table_of(Estimate),
        ("project_id", "role", "as_of"),
        EstimateCreate,
        one_by_one(projects.create_estimate, projects.update_estimate),
    ),
    "goals": Target(table_of(Goal), ("code",), GoalCreate, one_by_one(goals.create_goal, goals.update_goal)),
    "goal_links": Target(
        table_of(GoalLink),
        ("project_id", "goal_id"),
        GoalLinkCreate,
        one_by_one(goals.create_goal_link, goals.update_goal_link),
    ),
    "status_reports": Target(
        table_of(StatusReport),
        ("project_id", "reported_on"),
        StatusReportCreate,
        one_by_one(status_reports.create_status_report, status_reports.update_status_report),
    ),
    "commitments": Target(
        table_of(Commitment),
        ("promised_by_id", "promised_on", "statement"),
        CommitmentCreate,
        one_by_one(commitments.create_commitment, keep_day),
        first={"due_on": "original_due_on"},
    ),
    "risks": Target(
        table_of(Risk), ("project_id", "event"), RiskCreate, one_by_one(risks.create_risk, risks.update_risk)
    ),
    "change_requests": Target(
        table_of(ChangeRequest),
        ("project_id", "title"),
        ChangeRequestCreate,
        one_by_one(change_requests.create_change_request, change_requests.update_change_request),
    ),
}
