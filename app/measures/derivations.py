"""Figures that no ratio of sums is: pure functions over the sums of declared measures."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from app.measures.measure import Measure


class Basis(StrEnum):
    LOGGED = "logged"
    DECLARED = "declared"  # what people say of themselves stands in
    ESTIMATED = "estimated"  # the hours that remain, as people estimate them
    PERFORMANCE = "performance"  # as it went so far
    MIXED = "mixed"  # of several parts, some by the one and some by the other


@dataclass(frozen=True)
class Parts:
    """What a derivation makes of a cell: its value is numerator / denominator."""

    numerator: Fraction
    denominator: Fraction
    basis: Basis | None = None


@dataclass(frozen=True)
class Undefined:
    """There is no value, and why."""

    reason: str


@dataclass(frozen=True, eq=False)
class Derivation:
    """`derive` takes the sums of `inputs` by their names, for each key of `per` and month (in finer periods, for each
    of those). It answers nothing where there is nobody to speak of. Coarser cells and totals add up what it answers,
    numerators and denominators apart, as those of any ratio.

    Without `per` it takes the sums of each cell, and those of all for the total. `reasons` are those that it can give.
    """

    inputs: Mapping[str, Measure]
    derive: Callable[..., Parts | Undefined | None]
    numerator: str
    denominator: str
    per: tuple[str, ...] | None = None
    reasons: tuple[str, ...] = ()


def role_strain(
    *,
    tagged: Fraction,
    client: Fraction,
    project: Fraction,
    declared_client: Fraction,
    declared_project: Fraction,
    seat_days: Fraction,
    days: Fraction,
) -> Parts | None:
    """How torn somebody is between clients and projects: the lesser hours over the greater, times the mean load.

    Declared hours count where none at all are logged on a responsibility.
    """
    basis = Basis.LOGGED if tagged else Basis.DECLARED if declared_client + declared_project else None
    if not tagged:
        client, project = declared_client, declared_project
    if not seat_days and not client + project:
        return None
    load = seat_days / days if days else Fraction(0)
    return Parts(min(client, project) * load, max(client, project), basis)


NO_COSTS, NO_EARNED_VALUE, NO_BUDGET_LEFT = "no_costs", "no_earned_value", "no_budget_left"


def _cpi(ev: Fraction, ac: Fraction) -> Fraction | Undefined:
    if ac == 0:
        return Undefined(NO_COSTS)
    return ev / ac or Undefined(NO_EARNED_VALUE)


def estimate_at_completion(*, bac: Fraction, ev: Fraction, ac: Fraction) -> Parts | Undefined:
    """What it will have cost if it goes on as it went: BAC / CPI."""
    cpi = _cpi(ev, ac)
    return cpi if isinstance(cpi, Undefined) else Parts(bac, cpi)


def variance_at_completion(*, bac: Fraction, ev: Fraction, ac: Fraction) -> Parts | Undefined:
    """What will be left of the budget then: BAC − BAC / CPI."""
    cpi = _cpi(ev, ac)
    return cpi if isinstance(cpi, Undefined) else Parts(bac * (cpi - 1), cpi)


def to_complete(*, bac: Fraction, ev: Fraction, ac: Fraction) -> Parts | Undefined:
    """How much each unit of the remaining budget must earn: (BAC − EV) / (BAC − AC)."""
    return Parts(bac - ev, bac - ac) if bac > ac else Undefined(NO_BUDGET_LEFT)
