"""When an outcome is reviewed, and whether it was achieved. Pure functions."""

from datetime import date
from decimal import Decimal

from app.core.errors import invalid
from app.features.outcomes.errors import TooEarly


def is_achieved(actual: Decimal, target: Decimal, lower_is_better: bool) -> bool:
    """Whether the target was reached: the target itself is enough."""
    return actual <= target if lower_is_better else actual >= target


def check_day(review_on: date, reviewed_on: date, today: date) -> None:
    """409 before the day of the review has come; 422 where it would have been reviewed before that day, or ahead."""
    if today < review_on:
        raise TooEarly(
            f"It is to be reviewed on {review_on}, and today is {today}: wait, or move `review_on` by PATCH."
        )
    if reviewed_on > today:
        raise invalid("/reviewed_on", f"must not lie in the future: today is {today}")
    if reviewed_on < review_on:
        raise invalid("/reviewed_on", f"must not lie before the day of the review, {review_on}")
