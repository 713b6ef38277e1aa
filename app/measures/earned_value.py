"""Earned value by pure functions: what a plan holds for each working day, and what that makes of the work done.

Time is counted in working days from the morning of a project's first day, at the end of each: on the first working
day one has passed. Shares are those of the whole, from 0 to 1.
"""

import bisect
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from itertools import accumulate

Curve = tuple[tuple[int, Fraction], ...]  # the share planned after so many working days; straight in between
START = (0, Fraction(0))


class WorkingDays:
    """The days on which the office works, in order."""

    def __init__(self, days: Sequence[date]) -> None:
        self._days = days

    def between(self, first: date, last: date) -> int:
        """How many there are from `first` to `last`, both included."""
        return max(0, bisect.bisect_right(self._days, last) - bisect.bisect_left(self._days, first))


def planned_curve(milestones: Iterable[tuple[int, Fraction]]) -> Curve:
    """The curve through (0, 0) and what is to be reached by each milestone, given by its working day and weight.

    What weighs nothing says nothing about progress; those of one day are one point, so that the curve has no steps.
    Nothing is planned to be reached before the first day has passed.
    """
    weights: dict[int, Fraction] = defaultdict(Fraction)
    for day, weight in milestones:
        if weight > 0:
            weights[max(1, day)] += weight
    whole = sum(weights.values())
    return tuple(accumulate(((day, weights[day] / whole) for day in sorted(weights)), _onward, initial=START))


def _onward(point: tuple[int, Fraction], more: tuple[int, Fraction]) -> tuple[int, Fraction]:
    return more[0], point[1] + more[1]


def planned_share(curve: Curve, elapsed: int) -> Fraction:
    """The share that is planned to be done after so many working days."""
    after = bisect.bisect_right(curve, elapsed, key=lambda point: point[0])
    day, share = curve[after - 1]
    if after == len(curve):
        return share
    next_day, next_share = curve[after]
    return share + (next_share - share) * Fraction(elapsed - day, next_day - day)


def earned_schedule(curve: Curve, earned: Fraction) -> Fraction:
    """The working days after which as much was planned as is earned: the inverse of `planned_share`.

    ES = C + (EV − PV_C) / (PV_{C+1} − PV_C), where C is the last point whose planned value is earned, in days.
    W. Lipke, "Schedule is Different", The Measurable News (2003).
    """
    after = bisect.bisect_right(curve, earned, key=lambda point: point[1])
    day, share = curve[after - 1]
    if after == len(curve):
        return Fraction(day)
    next_day, next_share = curve[after]
    return day + (next_day - day) * (earned - share) / (next_share - share)


def percent_complete(milestones: Iterable[tuple[Fraction, bool]]) -> Fraction | None:
    """The weights of what is reached over all; `None` where nothing weighs anything."""
    reached = whole = Fraction(0)
    for weight, is_reached in milestones:
        whole += weight
        reached += weight if is_reached else 0
    return reached / whole if whole else None


def by_performance(bac: Fraction, ev: Fraction, ac: Fraction) -> Fraction | None:
    """What remains to be spent, (BAC − EV) / CPI, if it goes on as it went; `None` where nothing has happened yet."""
    return (bac - ev) * ac / ev if ev > 0 and ac > 0 else None
