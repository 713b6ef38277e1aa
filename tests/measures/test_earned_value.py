"""Laws of the planned curve and of what is made of it."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.measures.derivations import Parts, Undefined, estimate_at_completion, to_complete, variance_at_completion
from app.measures.earned_value import (
    Curve,
    WorkingDays,
    by_performance,
    earned_schedule,
    percent_complete,
    planned_curve,
    planned_share,
)

weights = st.fractions(min_value=0, max_value=10, max_denominator=100)
milestones = st.lists(st.tuples(st.integers(-5, 60), weights), max_size=6)
curves = milestones.filter(lambda found: any(weight for _, weight in found)).map(planned_curve)
shares = st.fractions(min_value=0, max_value=1, max_denominator=1000)
amounts = st.fractions(min_value=0, max_value=10**6, max_denominator=100)
days = st.integers(0, 80)


@given(curves, days, days)
def test_a_plan_rises_from_nothing_to_all(curve: Curve, one: int, other: int) -> None:
    assert planned_share(curve, 0) == 0
    assert planned_share(curve, curve[-1][0]) == 1
    assert 0 <= planned_share(curve, min(one, other)) <= planned_share(curve, max(one, other)) <= 1


@given(curves, days)
def test_who_is_exactly_on_plan_has_earned_the_time_that_has_passed(curve: Curve, day: int) -> None:
    assume(day <= curve[-1][0])
    assert earned_schedule(curve, planned_share(curve, day)) == day


@given(curves, shares, shares)
def test_more_earned_is_never_less_time_earned(curve: Curve, one: Fraction, other: Fraction) -> None:
    lesser, greater = earned_schedule(curve, min(one, other)), earned_schedule(curve, max(one, other))
    assert 0 <= lesser <= greater <= curve[-1][0]


@given(curves, days, shares)
def test_ahead_in_value_is_ahead_in_time(curve: Curve, day: int, earned: Fraction) -> None:
    assume(day <= curve[-1][0])
    planned = planned_share(curve, day)
    if earned > planned:
        assert earned_schedule(curve, earned) >= day
    if earned < planned:
        assert earned_schedule(curve, earned) <= day


def test_a_curve_is_straight_between_milestones() -> None:
    curve = planned_curve([(10, Fraction(3)), (4, Fraction(1)), (7, Fraction(0))])
    assert list(curve) == [(0, Fraction(0)), (4, Fraction(1, 4)), (10, Fraction(1))]
    assert [planned_share(curve, day) for day in (2, 4, 7, 12)] == [Fraction(1, 8), Fraction(1, 4), Fraction(5, 8), 1]
    assert earned_schedule(curve, Fraction(5, 8)) == 7


def test_milestones_of_one_day_are_one_point_in_whatever_order() -> None:
    curve = planned_curve([(5, Fraction(1)), (10, Fraction(2)), (5, Fraction(1))])
    assert list(curve) == [(0, Fraction(0)), (5, Fraction(1, 2)), (10, Fraction(1))]
    assert earned_schedule(curve, Fraction(2, 5)) == 4


@given(st.lists(st.tuples(weights, st.booleans()), max_size=6))
def test_what_is_complete_lies_between_nothing_and_all(found: list[tuple[Fraction, bool]]) -> None:
    share = percent_complete(found)
    assert (share is None) == (not any(weight for weight, _ in found))
    if share is not None:
        assert 0 <= share <= 1
        assert share + (percent_complete((weight, not reached) for weight, reached in found) or 0) == 1


@given(amounts, shares, amounts)
def test_the_forecast_and_its_variance_make_the_budget(bac: Fraction, complete: Fraction, ac: Fraction) -> None:
    ev = bac * complete
    eac, vac = estimate_at_completion(bac=bac, ev=ev, ac=ac), variance_at_completion(bac=bac, ev=ev, ac=ac)
    if isinstance(eac, Parts):
        assert isinstance(vac, Parts)
        assert eac.denominator * ac == ev  # CPI × AC = EV
        assert eac.numerator / eac.denominator + vac.numerator / vac.denominator == bac
        assert by_performance(bac, ev, ac) == eac.numerator / eac.denominator - ac  # ETC = EAC − AC
    else:
        assert eac == vac == Undefined("no_costs" if ac == 0 else "no_earned_value")


@given(amounts, shares, amounts)
def test_the_rest_of_the_budget_buys_the_rest_of_the_work(bac: Fraction, complete: Fraction, ac: Fraction) -> None:
    found = to_complete(bac=bac, ev=bac * complete, ac=ac)
    if isinstance(found, Parts):
        assert found.numerator / found.denominator * (bac - ac) == bac - bac * complete
    else:
        assert ac >= bac


@pytest.mark.parametrize(("first", "last", "passed"), [(2, 1, 0), (2, 2, 1), (2, 8, 5), (7, 8, 0), (1, 13, 10)])
def test_time_is_counted_in_working_days_at_their_end(first: int, last: int, passed: int) -> None:
    march = [date(2026, 3, 1) + timedelta(number) for number in range(31)]
    working = WorkingDays([day for day in march if day.weekday() < 5])
    assert working.between(date(2026, 3, first), date(2026, 3, last)) == passed
