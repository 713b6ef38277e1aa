"""What must hold between the days of a person. Pure functions."""

from datetime import date

from app.core.errors import invalid
from app.features.people.errors import StillSeated


def check_employment(hired_on: date | None, left_on: date | None) -> None:
    """422 when somebody leaves before they are hired."""
    if hired_on is not None and left_on is not None and left_on < hired_on:
        raise invalid("/left_on", f"must not be before `hired_on` ({hired_on})")


def check_time_off(from_on: date, until_on: date) -> None:
    """422 when time off ends before it begins."""
    if until_on < from_on:
        raise invalid("/until_on", f"must not be before `from_on` ({from_on}); it is the last day away")


def check_no_seats_after(left_on: date, seats: int) -> None:
    """409 when somebody would leave with so many seats still theirs."""
    if seats:
        what = "1 seat" if seats == 1 else f"{seats} seats"
        these = "that assignment" if seats == 1 else "those assignments"
        raise StillSeated(
            f"They hold {what} after {left_on}: end or hand over {these} first. "
            "POST /v1/people/{id}/offboarding lists them and drafts the hand-overs."
        )
