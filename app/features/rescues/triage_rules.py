"""How troubled a project looks, and what to do with it: pure functions of figures and of the office's settings.

What has been spent does not count: a project is placed by what is still to come.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from app.features.rescues.schemas import Part
from app.models.rescue import Course

ZERO, ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True, slots=True)
class Scale:
    """What a part weighs, and between which values it goes from good (0) to bad (1), in a straight line."""

    weight: Fraction
    good: Fraction
    bad: Fraction

    def badness(self, value: Fraction) -> Fraction:
        return min(ONE, max(ZERO, (self.good - value) / (self.good - self.bad)))


@dataclass(frozen=True, slots=True)
class Weighing:
    """The office's settings. Below `continue_below` nothing is done; a project whose forward value is lost can be cut
    to a smaller one where what remains is worth at least `re_scope_share` of what it costs to complete.
    """

    scales: Mapping[Part, Scale]
    continue_below: Fraction
    re_scope_share: Fraction


@dataclass(frozen=True, slots=True)
class Finding:
    """What is known of a part: its value, or why there is none; `n` is what it is counted from, `basis` where an
    estimate is from.
    """

    value: Fraction | None
    reason: str | None = None
    n: int | None = None
    basis: str | None = None


@dataclass(frozen=True, slots=True)
class Scored:
    """A part of a score. `contribution` is its share of the score; both are null where the part is missing."""

    badness: Fraction | None
    contribution: Fraction | None


@dataclass(frozen=True, slots=True)
class Forward:
    """What is still to come: its value, less what it takes to complete, less what it costs to leave."""

    remaining_value: Fraction | None
    estimate_to_complete: Fraction | None
    basis: str | None
    exit_cost: Fraction
    exit_cost_assumed: bool
    value: Fraction | None
    reason: str | None


def score(findings: Mapping[Part, Finding], scales: Mapping[Part, Scale]) -> tuple[Fraction | None, dict[Part, Scored]]:
    """The weighted mean of the badness of the parts that are there, from 0 to 1; a missing part counts for nothing."""
    bad = {part: scales[part].badness(f.value) for part, f in findings.items() if f.value is not None}
    weight = sum((scales[part].weight for part in bad), ZERO)
    if not weight:
        return None, {part: Scored(bad.get(part), None) for part in findings}
    shares = {part: scales[part].weight * badness / weight for part, badness in bad.items()}
    return sum(shares.values(), ZERO), {part: Scored(bad.get(part), shares.get(part)) for part in findings}


def forward(remaining_value: Fraction | None, to_complete: Finding, exit_cost: Fraction | None) -> Forward:
    """The forward value. An exit cost that nobody has given is taken for none, and said to be."""
    value, reason = None, None
    if remaining_value is None:
        reason = "no_remaining_value"
    elif to_complete.value is None:
        reason = to_complete.reason
    else:
        value = remaining_value - to_complete.value - (exit_cost or ZERO)
    return Forward(
        remaining_value,
        to_complete.value,
        to_complete.basis,
        exit_cost or ZERO,
        exit_cost is None,
        value,
        reason,
    )


def place(score: Fraction | None, forward: Forward, weighing: Weighing) -> tuple[Course | None, str | None]:
    """What becomes of a project, or why that can't be said.

    A low score: continue. Else, by what is still to come: recover what is worth more than it takes; stop what is not
    worth more than leaving it costs; re-scope what could pay if it were smaller; pause the rest, which is worth keeping
    but not worth going on with now.
    """
    if score is None:
        return None, "no_data"
    if score < weighing.continue_below:
        return Course.CONTINUE, None
    if forward.value is None or forward.remaining_value is None or forward.estimate_to_complete is None:
        return None, forward.reason
    if forward.value > 0:
        return Course.RECOVER, None
    if forward.remaining_value <= forward.exit_cost:
        return Course.STOP, None
    if forward.remaining_value >= weighing.re_scope_share * forward.estimate_to_complete:
        return Course.RE_SCOPE, None
    return Course.PAUSE, None
