"""What an assignment must keep to by itself. That two people manage a project is a rule of projects."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from app.core.errors import FieldError
from app.features.assignments.errors import NoSuchSeat, OutsideEmployment
from app.models.assignment import AssignmentKind


def field_errors(values: Mapping[str, Any], exclusive: bool) -> list[FieldError]:
    """What is wrong with an assignment's fields taken together; `exclusive`: its role has one holder at a time."""
    errors = []
    if values["valid_to"] is not None and values["valid_to"] <= values["valid_from"]:
        errors.append(FieldError("/valid_to", "must lie after valid_from: it is the first day without the assignment"))
    if values["person_id"] is None and (exclusive or values["kind"] != AssignmentKind.HOLDER):
        why = "an exclusive role" if exclusive else "a shadow or a cover"
        errors.append(FieldError("/person_id", f"is required for {why}", "required"))
    return errors


def check_seat(role: str, exclusive: bool, has_seat: bool) -> None:
    """An exclusive role is taken on projects only that have a seat for it."""
    if exclusive and not has_seat:
        raise NoSuchSeat(f"Give the project a seat for `{role}` by POST /v1/seats first.")


def check_employment(hired_on: date | None, left_on: date | None, valid_from: date, valid_to: date | None) -> None:
    """Nobody is assigned outside their employment, which lasts to `left_on` included."""
    begins = hired_on is None or valid_from >= hired_on
    ends = left_on is None or (valid_to is not None and valid_to <= left_on + timedelta(1))
    if not (begins and ends):
        since = f"from {hired_on} " if hired_on else ""
        until = f"until {left_on}" if left_on else "on"
        raise OutsideEmployment(f"The person is employed {since}{until}: choose valid_from and valid_to within it.")
