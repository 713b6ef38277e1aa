from app.core.errors import Conflict


class OutsideEmployment(Conflict):
    code, title = "outside-employment", "The person is not employed on some of these days"


class NoSuchSeat(Conflict):
    code, title = "no-such-seat", "The project has no seat for this role"
