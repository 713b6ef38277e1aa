"""What people spend their hours on: rules that tag untagged hours, and profiles that stand in where none are logged."""

from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from app.db.record import Record
from app.db.types import Hours, text


class DutyRule(Record, table=True):
    """Untagged hours that match every given attribute bear this responsibility; the lowest `position` wins."""

    __tablename__ = "duty_rule"
    position: int = Field(default=100, index=True)
    source: str | None = Field(default=None, sa_type=text(60))
    issue_type: str | None = Field(default=None, sa_type=text(200))
    component: str | None = Field(default=None, sa_type=text(200))
    activity: str | None = Field(default=None, sa_type=text(200))
    responsibility: str = Field(sa_type=text(60), foreign_key="responsibility.key", index=True)


class DutyProfile(Record, table=True):
    """Hours a week that a person says to spend on a responsibility."""

    __tablename__ = "duty_profile"
    __table_args__ = (sa.UniqueConstraint("person_id", "responsibility"),)
    person_id: UUID = Field(foreign_key="person.id")
    responsibility: str = Field(sa_type=text(60), foreign_key="responsibility.key", index=True)
    weekly_hours: Decimal = Field(sa_type=Hours)
