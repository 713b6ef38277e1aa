"""What came of an approved change, beside what was estimated when it was decided."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.caller import Caller
from app.core.errors import invalid
from app.features.change_requests import events, queries, rules
from app.features.change_requests.comparison import Bought, Compared, Figures, Worked, labour_of, purchases_of
from app.features.change_requests.errors import NotApproved
from app.features.change_requests.queries import requests
from app.features.change_requests.schemas import ChangeImplement
from app.features.decisions import service as decisions
from app.measures.rates import Rates, rates_to
from app.messaging import records
from app.messaging.outbox import emit
from app.messaging.records import Row
from app.models.change_request import ChangeStatus


def implement(conn: sa.Connection, caller: Caller, id: UUID, data: ChangeImplement, expected: int | None) -> Row:
    """It is done; what came of it is held against the decision."""
    change = queries.lock(conn, id)
    records.check_version(change, expected)
    rules.STATES.check(ChangeStatus(change.status), ChangeStatus.IMPLEMENTED)
    today, decided_on = clock.today(), clock.day_of(change.decided_at)
    on = data.implemented_on or today
    if not decided_on <= on <= today:
        raise invalid("/implemented_on", f"must lie between the decision, {decided_on}, and today, {today}")
    values = {
        "status": ChangeStatus.IMPLEMENTED,
        "implemented_on": on,
        "actual_value_points": data.actual_value_points,
    }
    done = records.change(conn, caller, requests, change, values, None, "implemented")
    found = _compared(conn, done)
    decisions.record_outcome(
        conn,
        caller,
        change.decision_id,
        found_on=on,
        statement=f"Change request {change.number} was implemented on {on}.",
        as_expected=found.as_expected,
        figures=found.figures(),
    )
    emit(conn, caller, events.change_implemented(id, change.project_id, on))
    return queries.read(conn, id)


def get_change_outcome(conn: sa.Connection, caller: Caller, id: UUID) -> dict[str, Any]:
    """Estimated beside actual; so far, where it is not implemented yet."""
    change = queries.read(conn, id)
    if change.status not in (ChangeStatus.APPROVED, ChangeStatus.IMPLEMENTED):
        raise NotApproved(f"It is `{change.status}`: what came of it is known once it is approved.")
    return _compared(conn, change).plain(id, caller.sees_money_of(change.project_id))


def _compared(conn: sa.Connection, change: Row) -> Compared:
    chosen = conn.execute(queries.CHOSEN_IMPACT, {"which": change.id}).one()
    value_points = conn.execute(queries.VALUE_POINTS, {"which": change.option_id}).scalar_one()
    entries = conn.execute(queries.ENTRIES_OF, {"which": change.id}).all()
    expenses = conn.execute(queries.EXPENSES_OF, {"which": change.id}).all()
    rates, currency = rates_to(conn, chosen.currency), chosen.currency
    labour, no_labour = labour_of(
        Worked(entry.hours, entry.cost_rate, _factor(rates, currency, entry.cost_currency, entry.worked_on))
        for entry in entries
    )
    purchases, no_purchases = purchases_of(
        Bought(expense.amount, _factor(rates, currency, expense.currency, expense.incurred_on)) for expense in expenses
    )
    hours = sum((entry.hours for entry in entries), Decimal(0))
    return Compared(
        currency=currency,
        estimated=Figures(chosen.hours, *_estimated(chosen), chosen.finish_on, value_points),
        actual=Figures(hours, labour, purchases, change.implemented_on, change.actual_value_points),
        reasons=tuple(sorted({reason for reason in (no_labour, no_purchases) if reason is not None})),
    )


def _estimated(chosen: Row) -> tuple[Decimal | None, Decimal]:
    """The labour and the purchases of the option that was chosen, as they were frozen."""
    purchases = Decimal(chosen.figures["purchases"])
    return None if chosen.cost is None else chosen.cost - purchases, purchases


def _factor(rates: Rates, currency: str, given: str | None, on: date) -> Fraction | None:
    """What a unit of the given currency was worth on a day."""
    return Fraction(1) if given in (None, currency) else rates.on(given, on)
