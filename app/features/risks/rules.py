"""Which moves of risks and issues are legal."""

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
