"""What can forbid an assignment, beside the exclusive seat."""

from app.core.errors import Conflict


class OutsideEmployment(Conflict):
    """Choose days from the person's `hired_on` up to `left_on`, or correct those."""

    code, title = "outside-employment", "The person is not employed on some of these days"


class NoSuchSeat(Conflict):
    """Give the project a seat for the role by `POST /v1/seats`, then assign."""

    code, title = "no-such-seat", "The project has no seat for this role"
