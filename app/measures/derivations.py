"""Figures that no ratio of sums is: pure functions over the sums of declared measures."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from app.measures.measure import Measure


class Basis(StrEnum):
    LOGGED = "logged"
    DECLARED = "declared"  # what people say of themselves stands in
    MIXED = "mixed"  # of several people or months, some by the one and some by the other


@dataclass(frozen=True)
class Parts:
    """What a derivation makes of a cell: its value is numerator / denominator."""

    numerator: Fraction
    denominator: Fraction
    basis: Basis | None = None


@dataclass(frozen=True, eq=False)
class Derivation:
    """`derive` takes the sums of `inputs` by their names, for each key of `per` and month (in finer periods, for each
    of those). It answers nothing where there is nobody to speak of. Coarser cells and totals add up what it answers,
    numerators and denominators apart, as those of any ratio.
    """

    inputs: Mapping[str, Measure]
    derive: Callable[..., Parts | None]
    per: tuple[str, ...]
    numerator: str
    denominator: str


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
