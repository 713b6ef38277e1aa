"""Sources that are rows of a table: hours, invoices, expenses and closed projects."""

from datetime import date
from typing import Any

import sqlalchemy as sa

from app.db.record import table_of
from app.measures.sources.base import (
    FROM_DAY,
    IS_WORKING,
    ONE,
    SECONDS_AN_HOUR,
    TODAY,
    UNTIL_DAY,
    Join,
    Source,
    calendar,
    extent,
    of_project,
    people,
    projects,
    whole,
)
from app.models.finance import Expense, Invoice
from app.models.person import Duty
from app.models.project import Baseline
from app.models.role import Responsibility
from app.models.time_entry import TimeEntry

baselines = table_of(Baseline)
time_entries = table_of(TimeEntry)
responsibilities = table_of(Responsibility)
expenses = table_of(Expense)
invoices = table_of(Invoice)

# A budget times this is what still counts as on budget: 10,000 and the tolerance in ten-thousandths.
TOLERATED = sa.bindparam("tolerated", type_=sa.BigInteger)

# Products that could leave 64 bits: exact on Postgres; on SQLite doubles, which keep the order of what they compare.
Wide: sa.types.TypeEngine[Any] = sa.Numeric().with_variant(sa.REAL(), "sqlite")


def _hours(lines: sa.FromClause, day: sa.ColumnElement[date], seconds: sa.ColumnElement[int], **more: Any) -> Source:
    shared = of_project(lines.c.project_id)
    return Source(
        "time_entry",
        lines,
        "worked_on",
        day,
        columns={
            "id": lines.c.id,
            "worked_on": lines.c.worked_on,
            "worked_until": lines.c.worked_until,
            "project_id": lines.c.project_id,
            "person_id": lines.c.person_id,
            "seconds": seconds,
            "billable": lines.c.billable,
            "responsibility": lines.c.responsibility,
            "tagged": lines.c.responsibility.is_not(None),
            "client_duty": responsibilities.c.duty == Duty.CLIENT,
            "project_duty": responsibilities.c.duty == Duty.PROJECT,
            "cost_rate": whole(lines.c.cost_rate),
            "has_cost_rate": lines.c.cost_rate.is_not(None),
            # Hours without a rate are counted with those in the project's currency.
            "cost_currency": sa.func.coalesce(lines.c.cost_currency, projects.c.currency),
        },
        dimensions={**shared["dimensions"], "person": lines.c.person_id, "role": people.c.home_role},
        joins=(
            *shared["joins"],
            Join(people, people.c.id == lines.c.person_id),
            Join(responsibilities, responsibilities.c.key == lines.c.responsibility, outer=True),
        ),
        **more,
    )


_in_force = time_entries.c.superseded_at.is_(None)
_last_day = sa.func.coalesce(time_entries.c.worked_until, time_entries.c.worked_on)


def _spread() -> Source:
    """Lines over several days as a row for each working day, whose whole seconds add up to the line's."""
    seconds = whole(time_entries.c.hours)
    number = sa.func.row_number().over(partition_by=time_entries.c.row_id, order_by=calendar.c.day)
    days = sa.func.count(calendar.c.day).over(partition_by=time_entries.c.row_id)
    worked = sa.and_(
        IS_WORKING,
        calendar.c.day >= time_entries.c.worked_on,
        calendar.c.day <= time_entries.c.worked_until,
    )
    numbered = (
        sa.select(
            *(column for column in time_entries.c if column.name != "note"),
            sa.func.coalesce(calendar.c.day, time_entries.c.worked_on).label("counted_on"),
            number.label("number"),
            days.label("days"),
            seconds.label("line_seconds"),
        )
        .select_from(time_entries.outerjoin(calendar, worked))
        .where(_in_force, time_entries.c.worked_on < UNTIL_DAY, _last_day >= FROM_DAY)
        .subquery("line_day")
    )
    line = numbered.c
    share = line.line_seconds * line.number // line.days - line.line_seconds * (line.number - 1) // line.days
    return _hours(
        numbered,
        line.counted_on,
        sa.case((line.days == 0, line.line_seconds), else_=share),
        extent=extent(time_entries.c.worked_on, _last_day, _in_force),
    )


TIME_ENTRY = _hours(
    time_entries,
    time_entries.c.worked_on,
    whole(time_entries.c.hours),
    where=(_in_force,),
    extent=extent(time_entries.c.worked_on, time_entries.c.worked_on, _in_force),
)
TIME_ENTRY_SPREAD = _spread()

INVOICE = Source(
    "invoice",
    invoices,
    "invoiced_on",
    invoices.c.invoiced_on,
    columns={
        "id": invoices.c.id,
        "invoiced_on": invoices.c.invoiced_on,
        "project_id": invoices.c.project_id,
        "number": invoices.c.number,
        "amount": whole(invoices.c.amount),
        "currency": invoices.c.currency,
    },
    where=(invoices.c.superseded_at.is_(None),),
    extent=extent(invoices.c.invoiced_on, invoices.c.invoiced_on, invoices.c.superseded_at.is_(None)),
    **of_project(invoices.c.project_id),
)
EXPENSE = Source(
    "expense",
    expenses,
    "incurred_on",
    expenses.c.incurred_on,
    columns={
        "id": expenses.c.id,
        "incurred_on": expenses.c.incurred_on,
        "project_id": expenses.c.project_id,
        "amount": whole(expenses.c.amount),
        "currency": expenses.c.currency,
        "own": sa.not_(expenses.c.pass_through),
    },
    where=(expenses.c.superseded_at.is_(None),),
    extent=extent(expenses.c.incurred_on, expenses.c.incurred_on, expenses.c.superseded_at.is_(None)),
    **of_project(expenses.c.project_id),
)


def _closed_project() -> Source:
    """Closed projects against their current baseline and their first or, where that says nothing, their own dates and
    budget.
    """
    latest = (
        sa.select(baselines.c.project_id, sa.func.max(baselines.c.number).label("number"))
        .group_by(baselines.c.project_id)
        .subquery("latest")
    )
    baseline = (
        sa.select(baselines)
        .join(latest, sa.and_(latest.c.project_id == baselines.c.project_id, latest.c.number == baselines.c.number))
        .subquery("current_baseline")
    )
    original = baselines.alias("original_baseline")
    closed = sa.select(projects.c.id).where(projects.c.closed_on >= FROM_DAY, projects.c.closed_on < UNTIL_DAY)
    labour = _costs(
        "labour",
        time_entries,
        sa.cast(whole(time_entries.c.hours), Wide) * sa.cast(whole(time_entries.c.cost_rate), Wide),
        time_entries.c.cost_currency,
        time_entries.c.project_id.in_(closed),
        sa.func.count(sa.case((time_entries.c.cost_rate.is_(None), 1))).label("unrated"),
    )
    spent = _costs(
        "spent",
        expenses,
        sa.cast(whole(expenses.c.amount), Wide) * SECONDS_AN_HOUR,
        expenses.c.currency,
        sa.and_(expenses.c.project_id.in_(closed), sa.not_(expenses.c.pass_through)),
    )

    def agreed(name: str) -> sa.ColumnElement[Any]:
        return sa.func.coalesce(baseline.c[name], projects.c[name])

    def in_currency(costs: sa.Subquery) -> sa.ColumnElement[bool]:
        both = sa.and_(costs.c.least_currency == agreed("currency"), costs.c.most_currency == agreed("currency"))
        return sa.or_(costs.c.least_currency.is_(None), both)

    original_due_on = sa.func.coalesce(original.c.due_on, projects.c.due_on)
    due_on, budget = agreed("due_on"), agreed("cost_budget")
    cost = sa.func.coalesce(labour.c.cost, 0) + sa.func.coalesce(spent.c.cost, 0)
    shared = of_project(projects.c.id)
    return Source(
        "closed_project",
        projects,
        "closed_on",
        projects.c.closed_on,
        columns={
            "id": projects.c.id,
            "code": projects.c.code,
            "closed_on": projects.c.closed_on,
            "projects": ONE,
            "due_on": due_on,
            "has_due_on": due_on.is_not(None),
            "on_time": projects.c.closed_on <= due_on,
            "original_due_on": original_due_on,
            "has_original_due_on": original_due_on.is_not(None),
            "on_time_original": projects.c.closed_on <= original_due_on,
            "cost_budget": budget,
            "has_budget": budget.is_not(None),
            "has_cost_rates": sa.func.coalesce(labour.c.unrated, 0) == 0,
            "has_one_currency": sa.and_(in_currency(labour), in_currency(spent)),
            "on_budget": cost * 10_000 <= sa.cast(whole(budget), Wide) * (TOLERATED * SECONDS_AN_HOUR),
        },
        dimensions=shared["dimensions"],
        where=(projects.c.closed_on <= TODAY,),
        joins=(
            Join(baseline, baseline.c.project_id == projects.c.id, outer=True),
            Join(original, sa.and_(original.c.project_id == projects.c.id, original.c.number == 1), outer=True),
            Join(labour, labour.c.project_id == projects.c.id, outer=True),
            Join(spent, spent.c.project_id == projects.c.id, outer=True),
        ),
        extent=extent(projects.c.closed_on, projects.c.closed_on, projects.c.closed_on <= TODAY),
    )


def _costs(
    name: str,
    table: sa.Table,
    cost: sa.ColumnElement[Any],
    currency: sa.ColumnElement[str],
    where: sa.ColumnElement[bool],
    *more: sa.ColumnElement[Any],
) -> sa.Subquery:
    """What each project cost, in ten-thousandths × seconds as hours × rate are, and in which currencies."""
    return (
        sa.select(
            table.c.project_id,
            sa.func.sum(cost).label("cost"),
            sa.func.min(currency).label("least_currency"),
            sa.func.max(currency).label("most_currency"),
            *more,
        )
        .where(table.c.superseded_at.is_(None), where)
        .group_by(table.c.project_id)
        .subquery(name)
    )


CLOSED_PROJECT = _closed_project()
