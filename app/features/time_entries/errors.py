"""What can be wrong with a write of hours, beyond its fields."""

from app.core.errors import Conflict, Forbidden


class NotYourHours(Forbidden):
    """Send your own `person_id`; the hours of others need the right `write_all_hours`."""

    code, title = "not-your-hours", "These are somebody else's hours"


class ApprovalNotYours(Forbidden):
    """Send `draft` or `submitted`; approving needs the right `write`."""

    code, title = "approval-not-yours", "Hours are approved by those who run projects"


class HoursApproved(Conflict):
    """Ask somebody who runs the project to set `approval` back to `submitted` first."""

    code, title = "hours-approved", "These hours are approved"
