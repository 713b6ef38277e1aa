"""When something is due, how it reads, and where it is found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.features.reminders.schemas import ReminderKind

WORDS_AT_MOST = 200

WHAT: Mapping[ReminderKind, str] = {
    ReminderKind.OUTCOME_REVIEW: "Review what came of it: {name}",
    ReminderKind.STALE_HEALTH: "Report how {name} stands",
    ReminderKind.UNANSWERED_LINK: "Ask again, nobody has answered: {name}",
    ReminderKind.PROMISE_DUE: "Keep the promise: {name}",
    ReminderKind.RISK_RESPONSE_DUE: "Respond to the risk: {name}",
    ReminderKind.RESCUE_ACTION_DUE: "Do for the rescue: {name}",
    ReminderKind.CHANGE_DECISION_DUE: "Have the change decided: {name}",
    ReminderKind.DEVELOPMENT_ENDS: "Say what came of the training: {name}",
    ReminderKind.TOUCHPOINT_DUE: "Speak with {name}",
    ReminderKind.MILESTONE_DUE: "Reach the milestone, or forecast it anew: {name}",
    ReminderKind.PROJECT_TASK_DUE: "Do for the project: {name}",
    ReminderKind.PERIOD_TO_CLOSE: "Close the books of {name}",
}
PLURALS: Mapping[str, str] = {
    "outcome": "outcomes",
    "project": "projects",
    "change_ask": "change-asks",
    "feedback_request": "feedback-requests",
    "handover_notice": "handover-notices",
    "commitment": "commitments",
    "risk": "risks",
    "rescue_action": "rescue-actions",
    "change_request": "change-requests",
    "development": "developments",
    "touchpoint": "touchpoints",
    "milestone": "milestones",
    "project_task": "project-tasks",
}


@dataclass(frozen=True, slots=True)
class ReminderDays:
    """After how many days something counts as due."""

    health: int = 14
    link: int = 5
    promise: int = 2
    period: int = 5  # working days

    def until(self, kind: ReminderKind) -> int:
        """From the day that a statement finds to the one on which it is due."""
        # A report is stale when it is older than so many days.
        return {ReminderKind.STALE_HEALTH: self.health + 1, ReminderKind.UNANSWERED_LINK: self.link}.get(kind, 0)

    def ahead(self, kind: ReminderKind) -> int:
        """How many days before it is due a reminder shows."""
        return self.promise if kind is ReminderKind.PROMISE_DUE else 0

    def last_day(self, kind: ReminderKind, on: date) -> date:
        """The last day that a statement may find for something to show on a day."""
        return on + timedelta(self.ahead(kind) - self.until(kind))


def what(kind: ReminderKind, name: str) -> str:
    """A line that says what is to be done."""
    words = " ".join(name.split())
    if len(words) > WORDS_AT_MOST:
        words = words[: WORDS_AT_MOST - 1] + "…"
    return WHAT[kind].format(name=words)


def due_after(working_days: Sequence[date], ends_on: date, days: int) -> date | None:
    """The working day on which a month that ended before `ends_on` has been over for more than so many of them."""
    passed = [day for day in working_days if day >= ends_on]
    return passed[days] if len(passed) > days else None


def months_until(first: date, on: date) -> list[date]:
    """The first days of the months that are over on a day, from the one that begins on `first`."""
    found = []
    start = first
    while (end := month_after(start)) <= on:
        found.append(start)
        start = end
    return found


def month_after(start: date) -> date:
    """The first day of the month that follows."""
    return (start.replace(day=1) + timedelta(31)).replace(day=1)
