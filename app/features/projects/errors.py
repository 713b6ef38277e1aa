from app.core.errors import Conflict


class IllegalTransition(Conflict):
    code, title = "illegal-transition", "A project does not move from this status to that one"


class BeforeHistory(Conflict):
    code, title = "before-history", "The project's history begins later"


class NotPlanned(Conflict):
    code, title = "not-planned", "Only transitions that lie ahead can be cancelled"


class SamePersonTwice(Conflict):
    code, title = "same-person-twice", "Account manager and production manager are two people here"


class ManagerSeat(Conflict):
    code, title = "manager-seat", "Every project keeps both manager seats"


class SeatInUse(Conflict):
    code, title = "seat-in-use", "Somebody sits here"
