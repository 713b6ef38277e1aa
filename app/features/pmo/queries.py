"""What the office's own records ask of the database."""

from typing import Any

import sqlalchemy as sa

from app.db.listing import Listing
from app.db.record import table_of
from app.models.calendar_day import CalendarDay
from app.models.person import Person, PersonRate, PersonSkill
from app.models.pmo import Charter, Development, SkillNeed
from app.models.project import Engagement, Project, ProjectStatus, ProjectStatusSpan
from app.models.time_entry import TimeEntry

needs = table_of(SkillNeed)
developments = table_of(Development)
charters = table_of(Charter)
people = table_of(Person)
skills = table_of(PersonSkill)
projects = table_of(Project)
spans = table_of(ProjectStatusSpan)
entries = table_of(TimeEntry)
rates = table_of(PersonRate)
calendar_days = table_of(CalendarDay)

SKILL_NEEDS = Listing(
    name="skill_needs",
    columns={column.name: column for column in needs.c},
    source=needs,
    filters=("project_id", "skill", "level", "from_on", "until_on"),
    sorts=("skill", "level", "weekly_hours", "from_on", "until_on", "created_at", "updated_at"),
    default_sort=(("from_on", False),),
)
DEVELOPMENTS = Listing(
    name="developments",
    columns={column.name: column for column in developments.c},
    source=developments,
    filters=("person_id", "skill", "kind", "mentor_id", "target_level", "starts_on", "ends_on", "completed_on"),
    sorts=("skill", "target_level", "starts_on", "ends_on", "completed_on", "created_at", "updated_at"),
    default_sort=(("starts_on", False),),
)

# Who of some people has a skill, at which level.
LEVELS: sa.Select[Any] = sa.select(skills.c.id, skills.c.person_id, skills.c.level).where(
    skills.c.skill == sa.bindparam("skill"), skills.c.person_id.in_(sa.bindparam("people", expanding=True))
)

# Who of some people is there.
KNOWN: sa.Select[Any] = sa.select(people.c.id).where(people.c.id.in_(sa.bindparam("people", expanding=True)))

_CHARTER = [column for column in charters.c if column.name != "recorded_by"]
_NEWEST = sa.select(sa.func.max(charters.c.number)).scalar_subquery()
# `If-Match` guards the newest number; which one is in force is a matter of the day.
_CHARTERS: sa.Select[Any] = sa.select(
    *_CHARTER,
    charters.c.created_at.label("updated_at"),
    _NEWEST.label("version"),
    sa.cast(charters.c.number, sa.String).label("state"),
)
CHARTER_OF: sa.Select[Any] = _CHARTERS.where(charters.c.number == sa.bindparam("number", type_=sa.Integer))
CHARTER_ON: sa.Select[Any] = (
    _CHARTERS.where(charters.c.valid_from <= sa.bindparam("day", type_=sa.Date))
    .order_by(charters.c.number.desc())
    .limit(1)
)
NEWEST_CHARTER: sa.Select[Any] = sa.select(charters).order_by(charters.c.number.desc()).limit(1)
# On Postgres: of two who adopt a charter at once, the second sees the number of the first.
LOCK_CHARTERS = sa.text("SELECT pg_advisory_xact_lock(7203394)")
ADD_CHARTER = sa.insert(charters).returning(*charters.c)

CHARTER_VERSIONS = Listing(
    name="charter_versions",
    columns={column.name: column for column in _CHARTER}
    | {"version": charters.c.number, "updated_at": charters.c.created_at},
    source=charters,
    filters=("number", "valid_from"),
    sorts=("number", "valid_from", "created_at"),
    default_sort=(("number", False),),
)

_START = sa.bindparam("start", type_=sa.Date)
_STOP = sa.bindparam("stop", type_=sa.Date)
_SKILLS: sa.BindParameter[Any] = sa.bindparam("skills", expanding=True)
COMING = (ProjectStatus.ACTIVE, ProjectStatus.BACK_BURNER, ProjectStatus.PIPELINE)
# What projects need in a window, once for each status that they have on some of its days.
NEEDS_IN: sa.Select[Any] = (
    sa.select(
        needs.c.skill,
        needs.c.level,
        needs.c.weekly_hours,
        needs.c.from_on,
        needs.c.until_on,
        projects.c.win_probability,
        spans.c.status,
        spans.c.valid_from,
        spans.c.valid_to,
    )
    .select_from(
        needs.join(projects, projects.c.id == needs.c.project_id).join(
            spans, sa.and_(spans.c.project_id == needs.c.project_id, spans.c.superseded_at.is_(None))
        )
    )
    .where(
        needs.c.from_on < _STOP,
        needs.c.until_on >= _START,
        spans.c.status.in_(COMING),
        spans.c.valid_from < _STOP,
        sa.or_(spans.c.valid_to.is_(None), spans.c.valid_to > _START),
    )
)
SKILLS_OF: sa.Select[Any] = sa.select(skills.c.person_id, skills.c.skill, skills.c.level).where(
    skills.c.skill.in_(_SKILLS)
)
UNDER_WAY: sa.Select[Any] = (
    sa.select(
        developments.c.id.label("development_id"),
        developments.c.person_id,
        developments.c.skill,
        developments.c.kind,
        developments.c.target_level,
        developments.c.ends_on,
    )
    .where(developments.c.skill.in_(_SKILLS), developments.c.completed_on.is_(None), developments.c.starts_on < _STOP)
    .order_by(developments.c.ends_on.is_(None), developments.c.ends_on, developments.c.id)
)

_MEMBERS: sa.BindParameter[Any] = sa.bindparam("members", expanding=True)
MEMBERS: sa.Select[Any] = (
    sa.select(people.c.id, people.c.display_name, people.c.weekly_hours, people.c.hired_on, people.c.left_on)
    .where(people.c.id.in_(_MEMBERS))
    .order_by(people.c.display_name, people.c.id)
)
# The hours that they logged on internal projects, by rate; lines of several days count by their first.
LOGGED: sa.Select[Any] = (
    sa.select(
        entries.c.person_id,
        entries.c.cost_rate,
        entries.c.cost_currency,
        sa.func.sum(sa.type_coerce(entries.c.hours, sa.BigInteger)).label("seconds"),
    )
    .select_from(entries.join(projects, projects.c.id == entries.c.project_id))
    .where(
        entries.c.person_id.in_(_MEMBERS),
        entries.c.superseded_at.is_(None),
        entries.c.worked_on >= _START,
        entries.c.worked_on < _STOP,
        projects.c.engagement == Engagement.INTERNAL,
    )
    .group_by(entries.c.person_id, entries.c.cost_rate, entries.c.cost_currency)
)
RATES_OF: sa.Select[Any] = (
    sa.select(rates.c.person_id, rates.c.valid_from, rates.c.cost_rate, rates.c.currency)
    .where(rates.c.person_id.in_(_MEMBERS), rates.c.superseded_at.is_(None), rates.c.valid_from < _STOP)
    .order_by(rates.c.person_id, rates.c.valid_from)
)
WORKING_DAYS: sa.Select[Any] = (
    sa.select(calendar_days.c.day)
    .where(calendar_days.c.day >= _START, calendar_days.c.day < _STOP, calendar_days.c.is_working.is_(True))
    .order_by(calendar_days.c.day)
)
