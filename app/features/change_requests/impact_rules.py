"""What an option takes and leaves: cost, margin, dates, exposure, estimate at completion. Pure functions, exact.

Amounts are rounded half-up to the cent line by line, and totals are sums of rounded lines, so that what is shown adds
up. What can't be known is null, with its reason.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from app.core.hours import SECONDS, from_seconds
from app.measures.figures import rounded
from app.measures.role_rates import Rate
from app.models.change_request import Charge, OptionKind

CENTS = 2
PERCENT = 100
ZERO = Decimal(0)

NO_PRICE = "no_price"
NOTHING_TO_DIVIDE_BY = "no_denominator"
NO_FEE = "no_fee"
REMAINING_UNKNOWN = "remaining_unknown"

RateOn = Callable[[str | None, date], Rate]
Worked = Mapping[date, int]  # seconds by day


@dataclass(frozen=True, slots=True)
class LabourLine:
    """The hours of a role and what they cost; `from_on` and `until_on` are the days whose rates count."""

    role: str | None
    hours: Decimal
    cost: Decimal | None
    from_on: date
    until_on: date
    reason: str | None = None


@dataclass(frozen=True)
class Basis:
    """How the project stands without the change, on which every option is held. Money in the project's currency."""

    today: date
    charge: str
    due_on: date | None
    fee: Decimal | None
    actual_cost: Decimal | None
    actual_cost_reason: str | None
    remaining_known: bool
    remaining: Sequence[LabourLine]
    risks: Mapping[str, int]  # the exposure of each open risk
    start_on: date | None = None

    @property
    def exposure(self) -> int:
        return sum(self.risks.values())


@dataclass(frozen=True)
class Option:
    """What an option says that it takes. `added` are seconds by role; negative ones are saved."""

    id: UUID
    number: int
    kind: str
    price: Decimal | None
    starts_on: date | None
    added: Mapping[str | None, int]
    purchases: Sequence[Decimal]
    risk_changes: Sequence[Mapping[str, Any]]

    @property
    def declines(self) -> bool:
        return self.kind == OptionKind.DECLINED

    @property
    def net(self) -> int:
        return 0 if self.declines else sum(self.added.values())


@dataclass(frozen=True)
class Scheduled:
    """When a plan is done, or why that is not known; the days on which the added work of each role is done, and what is
    left of it beyond the last day that is looked at.
    """

    finish_on: date | None
    reason: str | None
    added: Mapping[str | None, Worked] = field(default_factory=dict)
    left: Mapping[str | None, int] = field(default_factory=dict)
    last_on: date | None = None  # the last day with any work


@dataclass(frozen=True)
class OptionImpact:
    """What an option takes and what it leaves; `reasons` says of each null figure why it is not known."""

    option_id: UUID
    number: int
    hours: Decimal
    lines: Sequence[LabourLine]
    purchases: Decimal
    cost: Decimal | None
    price: Decimal | None
    margin: Decimal | None
    margin_percent: Decimal | None
    finish_on: date | None
    finish_reason: str | None
    due_on: date | None
    exposure_before: int
    exposure: int
    eac_before: Decimal | None
    eac: Decimal | None
    fee: Decimal | None
    forecast_margin: Decimal | None
    reasons: Mapping[str, str]


def read_option(row: Any) -> Option:
    """An option as its row holds it: decimals of its lists are text."""
    added: dict[str | None, int] = defaultdict(int)
    for line in row.hours:
        added[line["role"]] += int(Decimal(line["hours"]) * SECONDS)
    purchases = [Decimal(line["amount"]) for line in row.purchases]
    return Option(row.id, row.number, row.kind, row.price, row.starts_on, added, purchases, row.risk_changes)


def labour(role: str | None, worked: Worked, rate: RateOn) -> LabourLine | None:
    """What the hours of a role cost at the rates of their days; null where one of these is not known."""
    days = sorted(day for day, seconds in worked.items() if seconds)
    if not days:
        return None
    total, reason = Fraction(0), None
    for day in days:
        found = rate(role, day)
        if found.value is None:
            reason = reason or found.reason
        else:
            total += Fraction(worked[day], SECONDS) * found.value
    hours = from_seconds(sum(worked.values()))
    cost = rounded(total, CENTS) if reason is None else None
    return LabourLine(role, hours, cost, days[0], days[-1], reason)


def remaining_lines(
    remaining: Mapping[str | None, int], worked: Mapping[str | None, Worked], last_on: date, rate: RateOn
) -> list[LabourLine]:
    """What the remaining hours cost: those that no day was found for at the rate of the last day that is known."""
    found = (labour(role, spread(seconds, worked.get(role, {}), last_on), rate) for role, seconds in remaining.items())
    return [line for line in found if line is not None]


def spread(seconds: int, worked: Worked, otherwise: date) -> Worked:
    """The days of so many hours: as planned, and what is not planned on another day."""
    days = dict(worked)
    days[otherwise] = days.get(otherwise, 0) + seconds - sum(worked.values())
    return days


def total(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """The sum; unknown as soon as one of them is."""
    found = ZERO
    for amount in amounts:
        if amount is None:
            return None
        found += amount
    return found


def exposure_after(open_risks: Mapping[str, int], changes: Iterable[Mapping[str, Any]]) -> int:
    """The exposure when some open risks are rated anew and new ones come; one that is over by now stays over."""
    rated, added = dict(open_risks), 0
    for change in changes:
        exposure = change["likelihood"] * change["impact"]
        if change["risk_id"] is None:
            added += exposure
        elif change["risk_id"] in rated:
            rated[change["risk_id"]] = exposure
    return sum(rated.values()) + added


def price_of(option: Option, charge: str) -> Decimal | None:
    """What the client pays: nothing for what is declined or not billable, whatever its price was; null where nobody has
    said."""
    if option.declines or charge != Charge.BILLABLE:
        return ZERO
    return option.price


def labour_lines(basis: Basis, option: Option, plan: Scheduled, rate: RateOn) -> list[LabourLine]:
    """The added hours at the rates of the days on which they are worked, the saved ones at today's.

    Hours that others' savings make up for are exchanged today. Those beyond a missing finish count at the rate of the
    last day with work.
    """
    if option.declines:
        return []
    found = []
    for role, seconds in option.added.items():
        days = dict(plan.added.get(role, {})) if seconds > 0 else {}
        last_on = plan.last_on or basis.today
        days[last_on] = days.get(last_on, 0) + plan.left.get(role, 0)
        found.append(labour(role, spread(seconds, days, basis.today), rate))
    return [line for line in found if line is not None]


def due_on(basis: Basis, option: Option, finish_on: date | None) -> date | None:
    """The day that would be promised: none before the work is done or the project begins, and no other where the work
    does not grow."""
    if option.net <= 0:
        return basis.due_on
    if finish_on is None:
        return None
    return max(day for day in (finish_on, basis.due_on, basis.start_on) if day is not None)


def assess_option(basis: Basis, option: Option, plan: Scheduled, rate: RateOn) -> OptionImpact:
    """All figures of one option. `plan` is the work with the option; for `declined`, the work without it."""
    reasons: dict[str, str] = {}
    lines = labour_lines(basis, option, plan, rate)
    purchases = ZERO if option.declines else sum((cents(amount) for amount in option.purchases), ZERO)
    cost = total([*(line.cost for line in lines), purchases])
    if cost is None:
        reasons["cost"] = next(line.reason for line in lines if line.reason is not None)
    price = price_of(option, basis.charge)
    if price is None:
        reasons["price"] = NO_PRICE
    margin = None if price is None or cost is None else price - cost
    margin_percent = percent(margin, price)
    _explain(reasons, "margin", margin, ("price", "cost"))
    _explain(reasons, "margin_percent", margin_percent, ("price", "cost"))
    before = eac_before(basis, reasons)
    eac = total((before, cost))
    _explain(reasons, "eac", eac, ("eac_before", "cost"))
    fee = total((basis.fee, price))
    if basis.fee is None:
        reasons["fee"] = NO_FEE
    _explain(reasons, "fee", fee, ("price",))
    forecast = percent(None if fee is None or eac is None else fee - eac, fee)
    _explain(reasons, "forecast_margin", forecast, ("fee", "eac"))
    finish_on = plan.finish_on if basis.remaining_known else None
    finish_reason = plan.reason if basis.remaining_known else REMAINING_UNKNOWN
    promised = due_on(basis, option, finish_on)
    if finish_reason is not None:
        reasons["finish_on"] = finish_reason
    if promised is None:
        reasons["due_on"] = finish_reason or "no_due_day"
    return OptionImpact(
        option_id=option.id,
        number=option.number,
        hours=from_seconds(option.net),
        lines=lines,
        purchases=purchases,
        cost=cost,
        price=price,
        margin=margin,
        margin_percent=margin_percent,
        finish_on=finish_on,
        finish_reason=finish_reason,
        due_on=promised,
        exposure_before=basis.exposure,
        exposure=basis.exposure if option.declines else exposure_after(basis.risks, option.risk_changes),
        eac_before=before,
        eac=eac,
        fee=fee,
        forecast_margin=forecast,
        reasons=reasons,
    )


def eac_before(basis: Basis, reasons: dict[str, str]) -> Decimal | None:
    """What the project costs in the end without the change: what was spent, and the remaining hours."""
    remaining = total(line.cost for line in basis.remaining) if basis.remaining_known else None
    found = total((basis.actual_cost, remaining))
    if found is None:
        if basis.actual_cost is None:
            reasons["eac_before"] = basis.actual_cost_reason or "unknown"
        else:
            missing = (line.reason for line in basis.remaining if line.reason is not None)
            reasons["eac_before"] = next(missing, REMAINING_UNKNOWN)
    return found


def percent(part: Decimal | None, whole: Decimal | None) -> Decimal | None:
    """`part` in percent of `whole`, to two places; null without a whole."""
    return rounded(Fraction(part) / Fraction(whole) * PERCENT, CENTS) if part is not None and whole else None


def cents(amount: Decimal) -> Decimal:
    return rounded(Fraction(amount), CENTS)


def _explain(reasons: dict[str, str], name: str, value: Any, causes: Sequence[str]) -> None:
    """Why a figure is null: as the first of what it is made of, else because there is nothing to divide by."""
    if value is None and name not in reasons:
        reasons[name] = next((reasons[cause] for cause in causes if cause in reasons), NOTHING_TO_DIVIDE_BY)
