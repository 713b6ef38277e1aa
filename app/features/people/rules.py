"""What must hold between the days of a person. Pure functions."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from app.core.caller import Caller, Right
from app.core.errors import Forbidden, invalid
from app.features.people.errors import SeatedBefore, StillSeated

# Who somebody is to the rules: by what they sign in, what they may carry, and when.
PMO_ALONE = frozenset({"email", "active_cap", "back_burner_cap", "hired_on", "left_on", "weekly_hours"})


def check_may_change(caller: Caller, before: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
    """403 for what only those may change who may override; sending what is there already is no change."""
    refused = sorted(name for name in PMO_ALONE & changes.keys() if changes[name] != before[name])
    if refused and not caller.may(Right.OVERRIDE):
        raise Forbidden(
            f"Leave out {', '.join(f'`{name}`' for name in refused)}: changing that needs the right `{Right.OVERRIDE}`."
        )


def check_employment(hired_on: date | None, left_on: date | None) -> None:
    """422 when somebody leaves before they are hired."""
    if hired_on is not None and left_on is not None and left_on < hired_on:
        raise invalid("/left_on", f"must not be before `hired_on` ({hired_on})")


def check_time_off(from_on: date, until_on: date) -> None:
    """422 when time off ends before it begins."""
    if until_on < from_on:
        raise invalid("/until_on", f"must not be before `from_on` ({from_on}); it is the last day away")


def check_none_before(hired_on: date, held: int) -> None:
    """409 when somebody would be hired after so many of their assignments have begun."""
    if held:
        what, these = ("1 assignment", "it") if held == 1 else (f"{held} assignments", "them")
        raise SeatedBefore(
            f"They hold {what} from before {hired_on}: move or delete {these} by /v1/assignments first, or choose an "
            "earlier day."
        )


def check_no_seats_after(left_on: date, seats: int) -> None:
    """409 when somebody would leave with so many seats still theirs."""
    if seats:
        what = "1 seat" if seats == 1 else f"{seats} seats"
        these = "that assignment" if seats == 1 else "those assignments"
        raise StillSeated(
            f"They hold {what} after {left_on}: end or hand over {these} first. "
            "POST /v1/people/{id}/offboarding lists them and drafts the hand-overs."
        )
