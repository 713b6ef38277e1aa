"""What can be wrong with a write of hours, beyond its fields."""

from app.core.errors import Conflict, Forbidden


class NotYourHours(Forbidden):
    code, title = "not-your-hours", "These are somebody else's hours"


class ApprovalNotYours(Forbidden):
    code, title = "approval-not-yours", "Hours are approved by those who run projects"


class HoursApproved(Conflict):
    code, title = "hours-approved", "These hours are approved"
