"""Which moves of risks and issues are legal, and which days can be."""

from collections.abc import Iterable
from datetime import date
from typing import Protocol

from app.core.errors import invalid
from app.core.states import StateMachine
from app.models.risk import IssueStatus, RiskStatus

RISKS = StateMachine(
    "risk",
    begins=(RiskStatus.OPEN,),
    moves={
        RiskStatus.OPEN: {RiskStatus.CLOSED: "POST …/close", RiskStatus.OCCURRED: "POST …/occur"},
        RiskStatus.CLOSED: {RiskStatus.OPEN: "POST …/reopen"},
        RiskStatus.OCCURRED: {},
    },
)
ISSUES = StateMachine(
    "issue",
    begins=(IssueStatus.OPEN,),
    moves={
        IssueStatus.OPEN: {
            IssueStatus.IN_PROGRESS: "POST …/start",
            IssueStatus.RESOLVED: "POST …/resolve",
            IssueStatus.WITHDRAWN: "POST …/withdraw",
        },
        IssueStatus.IN_PROGRESS: {IssueStatus.RESOLVED: "POST …/resolve", IssueStatus.WITHDRAWN: "POST …/withdraw"},
        IssueStatus.RESOLVED: {IssueStatus.OPEN: "POST …/reopen"},
        IssueStatus.WITHDRAWN: {},
    },
)
# Those that wait for somebody; only these are edited, and only these can be overdue.
WAITING = (IssueStatus.OPEN, IssueStatus.IN_PROGRESS)


class Rated(Protocol):
    """What has a likelihood and an impact, from 1 to 5 each."""

    @property
    def likelihood(self) -> int: ...
    @property
    def impact(self) -> int: ...


def exposure(rated: Iterable[Rated]) -> int:
    """The sum of likelihood × impact."""
    return sum(one.likelihood * one.impact for one in rated)


def check_day(name: str, day: date, since: date | None, today: date) -> None:
    """422 where what has happened would lie ahead, or before `since`."""
    if day > today:
        raise invalid(f"/{name}", f"must not lie ahead: today is {today}")
    if since is not None and day < since:
        raise invalid(f"/{name}", f"must not lie before {since}, when it was found")
