"""People of the agency: their skills, dated cost rates and time off."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from app.db.record import Fact, Record, current
from app.db.types import Hours, Scaled, one_of, text


class Duty(StrEnum):
    CLIENT = "client"
    PROJECT = "project"
    CRAFT = "craft"


class TimeOffKind(StrEnum):
    VACATION = "vacation"
    SICK = "sick"
    TRAINING = "training"
    OTHER = "other"


class Person(Record, table=True):
    """Somebody who works for the agency. The caps bound the weights of the seats held."""

    __tablename__ = "person"
    __table_args__ = (
        one_of("person", "preferred_duty", Duty, nullable=True),
        sa.CheckConstraint("left_on IS NULL OR hired_on IS NULL OR left_on >= hired_on", name="employment"),
    )
    email: str = Field(sa_type=text(200), unique=True)
    display_name: str = Field(sa_type=text(200), index=True)
    job_title: str | None = Field(default=None, sa_type=text(200))
    team: str | None = Field(default=None, sa_type=text(200))
    home_role: str | None = Field(default=None, sa_type=text(60), foreign_key="role.key")
    preferred_duty: str | None = Field(default=None, sa_type=text(20))
    weekly_hours: Decimal = Field(default=Decimal(40), sa_type=Hours)
    active_cap: Decimal = Field(default=Decimal(6), sa_type=Scaled)
    back_burner_cap: Decimal = Field(default=Decimal(15), sa_type=Scaled)
    hired_on: date | None = None
    left_on: date | None = None
    search_text: str = Field(sa_type=text(450))


class PersonSkill(Record, table=True):
    """What a person can do, from 1 (has begun) to 5 (teaches it)."""

    __tablename__ = "person_skill"
    __table_args__ = (
        sa.UniqueConstraint("person_id", "skill"),
        sa.CheckConstraint("level BETWEEN 1 AND 5", name="level"),
    )
    person_id: UUID = Field(foreign_key="person.id")
    skill: str = Field(sa_type=text(200), index=True)
    level: int


class PersonRate(Fact, table=True):
    """What an hour of a person costs, from a day on: the rate of the day of the work counts."""

    __tablename__ = "person_rate"
    __table_args__ = (
        current("person_rate"),
        sa.Index(
            "uq_person_rate_valid_from",
            "person_id",
            "valid_from",
            unique=True,
            sqlite_where=sa.text("superseded_at IS NULL"),
            postgresql_where=sa.text("superseded_at IS NULL"),
        ),
    )
    person_id: UUID = Field(foreign_key="person.id")
    cost_rate: Decimal = Field(sa_type=Scaled)
    currency: str = Field(sa_type=text(3))
    valid_from: date


class TimeOff(Record, table=True):
    """Days on which a person is away, the last one included; `hours_per_day` null means the whole day."""

    __tablename__ = "time_off"
    __table_args__ = (
        one_of("time_off", "kind", TimeOffKind),
        sa.CheckConstraint("until_on >= from_on", name="days"),
    )
    person_id: UUID = Field(foreign_key="person.id", index=True)
    from_on: date = Field(index=True)
    until_on: date
    kind: str = Field(default=TimeOffKind.VACATION, sa_type=text(20))
    hours_per_day: Decimal | None = Field(default=None, sa_type=Hours)
    note: str | None = Field(default=None, sa_type=text())
