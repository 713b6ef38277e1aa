"""The decision log: append-only. Ids lie in one table, free text in another, so that a person can be forgotten."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlmodel import Field, SQLModel

from app.db.types import Instant, Json, one_of, text


class DecisionKind(StrEnum):
    CHANGE = "change"
    OVERRIDE = "override"
    WAIVER = "waiver"
    RESCUE = "rescue"
    REOPENING = "reopening"
    LEAD_ROLE = "lead_role"
    OTHER = "other"


class Decision(SQLModel, table=True):
    """What was decided about which subject, by whom and when. No row is ever changed or deleted (trigger)."""

    __tablename__ = "decision"
    __table_args__ = (one_of("decision", "kind", DecisionKind),)
    id: UUID = Field(primary_key=True)
    kind: str = Field(sa_type=text(20))
    subject_type: str = Field(sa_type=text(60))
    subject_id: UUID = Field(index=True)
    project_id: UUID | None = Field(default=None, foreign_key="project.id", index=True)
    client_id: UUID | None = Field(default=None, foreign_key="client.id", index=True)
    person_id: UUID | None = Field(default=None, foreign_key="person.id", index=True)
    decided_on: date = Field(index=True)
    decided_at: datetime = Field(sa_type=Instant)
    decided_by: UUID | None = Field(default=None, foreign_key="person.id")
    key_id: UUID | None = None
    request_id: str = Field(sa_type=text(200))
    supersedes_id: UUID | None = Field(default=None, foreign_key="decision.id", index=True)


class DecisionOutcome(SQLModel, table=True):
    """What came of a decision, as it was found later. No row is ever changed or deleted (trigger)."""

    __tablename__ = "decision_outcome"
    id: UUID = Field(primary_key=True)
    decision_id: UUID = Field(foreign_key="decision.id", index=True)
    found_on: date
    as_expected: bool | None = None
    figures: dict[str, Any] | None = Field(default=None, sa_type=Json)
    recorded_at: datetime = Field(sa_type=Instant)
    recorded_by: UUID | None = Field(default=None, foreign_key="person.id")


class DecisionOutcomeText(SQLModel, table=True):
    """The words of an outcome. They can be blanked (to forget a person), not otherwise changed (trigger)."""

    __tablename__ = "decision_outcome_text"
    outcome_id: UUID = Field(primary_key=True, foreign_key="decision_outcome.id")
    statement: str = Field(sa_type=text())


class DecisionText(SQLModel, table=True):
    """The words of a decision. They can be blanked (to forget a person), not otherwise changed (trigger)."""

    __tablename__ = "decision_text"
    decision_id: UUID = Field(primary_key=True, foreign_key="decision.id")
    what: str = Field(sa_type=text())
    why: str = Field(sa_type=text())
    impact: dict[str, Any] | None = Field(default=None, sa_type=Json)
