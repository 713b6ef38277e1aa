"""The kick-off: seats, people, milestones, estimates, tasks and the first baseline, in one transaction."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.calendar import CALENDAR_FIRST, CALENDAR_LAST
from app.core.caller import Caller
from app.core.errors import Invalid, NotFound, invalid
from app.core.schema import Schema
from app.features.assignments import service as assignments
from app.features.assignments.schemas import AssignmentCreate
from app.features.capacity import service as capacity
from app.features.playbook import service as playbook
from app.features.pmo import service as pmo
from app.features.pmo.schemas import SkillNeedCreate
from app.features.projects import service as projects
from app.features.projects.schemas import EstimateCreate, MilestoneCreate, SeatCreate
from app.features.templates import events, queries, rules, seating, service, tasks
from app.features.templates.errors import AlreadyKickedOff, NothingToKickOff
from app.features.templates.schemas import (
    BaselineBrief,
    EstimateBrief,
    KickOff,
    MilestoneBrief,
    ProjectBrief,
    SkillNeedBrief,
    TaskBrief,
)
from app.messaging import records
from app.messaging.outbox import emit
from app.messaging.records import Row
from app.models.playbook import Occasion
from app.models.project import ProjectStatus

BEHIND = timedelta(60)  # a working day comes within that


def kick_off(
    conn: sa.Connection, caller: Caller, ref: UUID | str, data: KickOff, expected: int | None
) -> dict[str, Any]:
    """Begin a project. All that can refuse it is asked before the first write, but for the rules of capacity and seats:
    those are the owners', and undo the whole.
    """
    capacity.check_override(caller, data.override_reason)
    template = _template(conn, caller, data.template)
    asked: Sequence[Mapping[str, Any]] = template.seats if template is not None else ()
    named = [(seat.role, seat.person_id) for seat in data.seats]
    exclusive, people = seating.roles_and_people(conn, asked, named)
    _refuse_seats(asked, named, exclusive, people)
    project = _locked(conn, caller, ref, people, expected)
    start = _start(project, data.start_on)
    known = {row.role: row for row in conn.execute(queries.SEATS_OF, {"project_id": project.id})}
    weights = rules.new_weights(asked, {role: row.load_weight for role, row in known.items()}, projects.MANAGER_LOAD)
    seating.check_filled(conn, project, asked, named, exclusive, weights, start)

    warnings: list[str] = []
    project = _dated(conn, caller, project, template, start)
    _add_seats(conn, caller, project.id, asked, known, weights, data.override_reason, warnings)
    milestones = _add_milestones(conn, caller, project, template, start, warnings)
    estimates = _add_estimates(conn, caller, project.id, template, warnings)
    needs = _add_skill_needs(conn, caller, project, template, start, warnings)
    for seat in data.seats:
        assignment = AssignmentCreate(
            project_id=project.id,
            role=seat.role,
            person_id=seat.person_id,
            valid_from=start,
            allocation_percent=seat.allocation_percent,
            override_reason=data.override_reason,
        )
        assignments.create_assignment(conn, caller, assignment)
    made = _copy_tasks(conn, caller, project.id, template, start, warnings)
    baseline = projects.kick_off(conn, caller, project.id, start, data.override_reason)
    after = projects.get_project(conn, caller, project.id)
    seats = projects.seats_on_day(conn, caller, project.id, start)["items"]
    emit(
        conn,
        caller,
        events.project_kicked_off(
            project.id, template.id if template is not None else None, baseline.id, start, len(seats), len(made)
        ),
    )
    return {
        "project": brief(ProjectBrief, after._asdict()),
        "baseline": brief(BaselineBrief, baseline._asdict()),
        "seats": seats,
        "milestones": [brief(MilestoneBrief, row._asdict()) for row in milestones],
        "estimates": [brief(EstimateBrief, row._asdict()) for row in estimates],
        "skill_needs": [brief(SkillNeedBrief, row._asdict()) for row in needs],
        "tasks": [brief(TaskBrief, row) for row in made],
        "warnings": warnings,
    }


def brief(schema: type[Schema], values: Mapping[str, Any]) -> dict[str, Any]:
    """What a schema shows of a row."""
    return {name: values[name] for name in schema.model_fields}


def _template(conn: sa.Connection, caller: Caller, ref: str | None) -> Row | None:
    if ref is None:
        return None
    try:
        return service.get_template(conn, caller, rules.template_ref(ref))
    except NotFound as error:
        raise invalid("/template", f"there is no project template {ref!r}", "unknown-reference") from error


def _refuse_seats(
    asked: Sequence[Mapping[str, Any]],
    named: Sequence[tuple[str, UUID]],
    exclusive: Mapping[str, bool],
    people: set[UUID],
) -> None:
    if errors := rules.seat_errors(named, exclusive, people):
        fields = ", ".join(error.pointer for error in errors[:5])
        raise Invalid(f"Correct {fields}; `errors` says what is allowed.", errors=errors)
    if gone := sorted({seat["role"] for seat in asked} - exclusive.keys()):
        raise invalid("/template", f"asks for roles that are gone: {', '.join(gone)}. Change the template first.")


def _locked(conn: sa.Connection, caller: Caller, ref: UUID | str, people: set[UUID], expected: int | None) -> Row:
    """The project's row, locked behind the people who sit there and who shall; 409 where it can't be kicked off."""
    id = projects.get_project(conn, caller, ref).id
    capacity.lock(conn, {*people, *capacity.holders(conn, id)})
    project = projects.lock(conn, id)
    records.check_version(project, expected)
    if projects.has_baseline(conn, id):
        raise AlreadyKickedOff("It has its baseline: file a change request for what comes on top.")
    status = projects.get_project(conn, caller, id).status
    if status not in (ProjectStatus.PIPELINE, ProjectStatus.ACTIVE):
        raise NothingToKickOff(f"It is `{status}`: move it by POST …/transitions, which freezes its first baseline.")
    return project


def _start(project: Row, start_on: date | None) -> date:
    start: date = start_on or project.start_on or clock.today()
    if not CALENDAR_FIRST <= start <= CALENDAR_LAST:
        raise invalid("/start_on", f"is required: the project's own, {start}, lies outside the calendar", "required")
    if project.due_on is not None and project.due_on < start:
        raise invalid("/start_on", f"must not lie after the project's due_on, {project.due_on}")
    return start


def _dated(conn: sa.Connection, caller: Caller, project: Row, template: Row | None, start: date) -> Row:
    """The project with its first day and, where it has none, the last that the template gives it."""
    dates: dict[str, date] = {}
    if project.start_on != start:
        dates["start_on"] = start
    if project.due_on is None and template is not None and template.duration_days is not None:
        dates["due_on"] = start + timedelta(template.duration_days)
    return projects.update_project(conn, caller, project.id, dates, None) if dates else project


def _add_seats(
    conn: sa.Connection,
    caller: Caller,
    project_id: UUID,
    asked: Sequence[Mapping[str, Any]],
    known: Mapping[str, Row],
    weights: Mapping[str, Decimal],
    override_reason: str | None,
    warnings: list[str],
) -> None:
    for seat in asked:
        role = seat["role"]
        if role not in known:
            given = SeatCreate(project_id=project_id, role=role, load_weight=weights[role])
            projects.create_seat(conn, caller, given)
        elif role in weights:
            changes = {"load_weight": weights[role], "override_reason": override_reason}
            projects.update_seat(conn, caller, known[role].id, changes, None)
        elif known[role].load_weight != Decimal(seat["load_weight"]):
            warnings.append(f"The seat {role} keeps its load weight: change it by PATCH /v1/seats/{{id}}.")


def _add_milestones(
    conn: sa.Connection, caller: Caller, project: Row, template: Row | None, start: date, warnings: list[str]
) -> list[Row]:
    if template is None or not template.milestones:
        return []
    planned = {item["name"]: start + timedelta(item["day"]) for item in template.milestones}
    span = {"first": start, "last": max(planned.values()) + BEHIND}
    working = conn.execute(queries.WORKING_DAYS, span).scalars().all()
    known = set(conn.execute(queries.MILESTONES_OF, {"project_id": project.id}).scalars())
    made = []
    for item in template.milestones:
        if item["name"] in known:
            warnings.append(f"The project keeps its own milestone {item['name']!r}.")
            continue
        milestone = MilestoneCreate(
            project_id=project.id,
            name=item["name"],
            planned_on=rules.working_day(planned[item["name"]], working),
            weight=Decimal(item["weight"]),
            deliverable=item["deliverable"],
        )
        made.append(projects.create_milestone(conn, caller, milestone))
    late = [row.name for row in made if project.due_on is not None and row.planned_on > project.due_on]
    if late:
        warnings.append(f"Planned after the project's due_on: {', '.join(late)}.")
    return made


def _add_estimates(
    conn: sa.Connection, caller: Caller, project_id: UUID, template: Row | None, warnings: list[str]
) -> list[Row]:
    if template is None or not template.estimates:
        return []
    known = set(conn.execute(queries.ESTIMATED_ROLES, {"project_id": project_id}).scalars())
    made = []
    for item in template.estimates:
        if item["role"] in known:
            warnings.append(f"The project keeps its own estimate for {item['role']}.")
            continue
        hours = Decimal(item["hours"])
        estimate = EstimateCreate(project_id=project_id, role=item["role"], hours_budget=hours, hours_remaining=hours)
        made.append(projects.create_estimate(conn, caller, estimate))
    return made


def _add_skill_needs(
    conn: sa.Connection, caller: Caller, project: Row, template: Row | None, start: date, warnings: list[str]
) -> list[Row]:
    if template is None or not template.skills:
        return []
    if project.due_on is None or project.due_on > CALENDAR_LAST:
        warnings.append("The skills that the template names are not planned: the project has no due_on.")
        return []
    return [
        pmo.create_skill_need(
            conn,
            caller,
            SkillNeedCreate(
                project_id=project.id,
                skill=item["skill"],
                level=item["level"],
                weekly_hours=Decimal(item["weekly_hours"]),
                from_on=start,
                until_on=project.due_on,
            ),
        )
        for item in template.skills
    ]


def _copy_tasks(
    conn: sa.Connection, caller: Caller, project_id: UUID, template: Row | None, start: date, warnings: list[str]
) -> list[dict[str, Any]]:
    checklist_id = template.checklist_id if template is not None else None
    checklist_id = checklist_id or playbook.default_for(conn, Occasion.KICK_OFF)
    if checklist_id is None:
        warnings.append("The playbook has no default checklist for a kick-off: no task was copied.")
        return []
    return tasks.copy_checklist(conn, caller, project_id, checklist_id, Occasion.KICK_OFF, start)
