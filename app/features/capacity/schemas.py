from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.core.schema import RoleKey, Schema, Words, decimal_marks, hours_marks
from app.models.assignment import Certainty
from app.models.project import ProjectStatus


class Portfolio(StrEnum):
    """Which of a manager's two caps."""

    ACTIVE = "active"
    BACK_BURNER = "back_burner"


OverrideReason = Words
OVERRIDE_HELP = (
    "Why a manager may carry more than the cap. It needs the right `override`, and goes to the decision log; it is "
    "not kept here."
)

Load = Annotated[Decimal, *decimal_marks(-100_000, 100_000, 4)]
Percent = Annotated[Decimal, *decimal_marks(0, 100, 2)]
Hours = Annotated[Decimal, *hours_marks(100_000)]


class CapacityWeek(Schema):
    """A person's ISO week, or what of it lies in the window. Loads are the most on any of its days."""

    week: str = Field(examples=["2026-W14"])
    starts_on: date
    active_load: Load
    active_cap: Load
    back_burner_load: Load
    back_burner_cap: Load
    available_hours: Hours = Field(description="Of the office's working days, without time off.")
    booked_hours: Hours = Field(description="The `allocation_percent` of confirmed assignments of the available hours.")
    tentative_hours: Hours = Field(description="The same of tentative assignments, and of projects in the pipeline.")
    free_hours: Hours = Field(description="Available and not booked; what is tentative counts as free.")
    over: bool = Field(description="A load above its cap, or more booked than is available, on some day.")
    bench: bool = Field(description="Available, with no seat that weighs and nothing booked, all week.")


class CapacityPerson(Schema):
    """Somebody who is employed on some day of the window."""

    person_id: UUID
    email: str
    display_name: str
    team: str | None
    weeks: list[CapacityWeek]


class VacantSeat(Schema):
    """Days on which nobody holds an exclusive seat for certain, while the project is live. `valid_to` is excluded."""

    project_id: UUID
    project_code: str
    role: RoleKey
    load_weight: Load
    valid_from: date
    valid_to: date


class UnnamedDemand(Schema):
    """An assignment that has no person yet."""

    assignment_id: UUID
    project_id: UUID
    project_code: str
    role: RoleKey
    certainty: Certainty
    allocation_percent: Percent | None
    valid_from: date
    valid_to: date | None


class OverloadRead(Schema):
    """Days on which somebody carries more than the cap; `load` is the most on any of them."""

    person_id: UUID
    portfolio: Portfolio
    load: Load
    cap: Load
    valid_from: date
    valid_to: date | None


class CapacityRead(Schema):
    """Who can take what on, week by week; and what nobody has taken on yet."""

    valid_from: date
    valid_to: date
    people: list[CapacityPerson]
    overloads: list[OverloadRead]
    vacant_seats: list[VacantSeat]
    unnamed_demand: list[UnnamedDemand]


class SeatHeld(Schema):
    """A seat that somebody holds for certain on a day. It weighs on the cap that `portfolio` names; null: on none."""

    assignment_id: UUID
    project_id: UUID
    project_code: str
    client_id: UUID
    role: RoleKey
    status: ProjectStatus
    load_weight: Load
    portfolio: Portfolio | None
    valid_from: date
    valid_to: date | None


class PortfolioLoad(Schema):
    """The load of a day against the cap."""

    load: Load
    cap: Load
    free: Load = Field(description="How much more fits; below 0 where it is over.")


class PersonLoad(Schema):
    """The seats that somebody holds on a day, and what they weigh."""

    person_id: UUID
    on: date
    active: PortfolioLoad
    back_burner: PortfolioLoad
    seats: list[SeatHeld]


class SeatCandidate(Schema):
    """Somebody who could take a seat. Loads are the most on any day from the day asked for."""

    person_id: UUID
    email: str
    display_name: str
    score: int = Field(ge=0, le=100, description="Role fit, relationship, room and presence; 100 is the best there is.")
    fits: bool = Field(description="Stays within both caps, and in employment.")
    portfolio: Portfolio = Field(
        description="Which cap the seat weighs on; a project that is not live counts as active."
    )
    load_before: Load
    load_after: Load
    cap: Load
    relationship_strength: int | None
    days_away: int = Field(description="Days off in the four weeks from that day.")
    reason: str


class SeatCandidates(Schema):
    """Who could take a seat, the best first."""

    items: list[SeatCandidate]
    next_cursor: None = None
