from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from app.core.schema import Example, FactDay, Name, Read, RoleKey, Schema, Text, Words, decimal_marks
from app.features.split_plans.model import Bucket
from app.models.project import ProjectStatus
from app.models.role import ACCOUNT_MANAGER, PRODUCTION_MANAGER
from app.models.split_plan import PlanStatus

SPLIT_PLAN_EXAMPLE: Example = {
    "name": "Split of the web team",
    "on": "2026-03-02",
    "scope": {"client_ids": ["01890000-0000-7000-8000-000000000001"], "statuses": ["active", "back_burner"]},
    "weights": {"disruption": "1", "overload": "4", "misfit": "2", "fragmentation": "1"},
    "caps": {"01890000-0000-7000-8000-000000000002": {"active_cap": "5"}},
    "locks": {
        "relationships": [
            {
                "client_id": "01890000-0000-7000-8000-000000000001",
                "person_id": "01890000-0000-7000-8000-000000000002",
                "role": "account_manager",
            }
        ]
    },
    "time_limit_seconds": 10,
}
REPLACE_EXAMPLE: Example = {
    "project_id": "01890000-0000-7000-8000-000000000003",
    "role": "account_manager",
    "to_person_id": "01890000-0000-7000-8000-000000000002",
}
WAVES_EXAMPLE: Example = {
    "waves": 2,
    "first_effective_on": "2027-03-01",
    "days_between": 14,
    "reason": "One person for you, one for the production: you reach each at once.",
    "benefit": "Your account manager has time for your plans.",
}

Weight = Annotated[Decimal, *decimal_marks(0, 1000, 3)]
Share = Annotated[Decimal, *decimal_marks(0, 1, 2)]
Cap = Annotated[Decimal, *decimal_marks(0, 1000, 4)]
Load = Annotated[Decimal, *decimal_marks(0, 1_000_000, 4)]
Score = Annotated[Decimal, *decimal_marks(-1_000_000_000, 1_000_000_000, 3)]
Ids = Annotated[list[UUID], Field(max_length=2000)]


class ManagerRole(StrEnum):
    ACCOUNT_MANAGER = ACCOUNT_MANAGER
    PRODUCTION_MANAGER = PRODUCTION_MANAGER


class BindingKind(StrEnum):
    CAP = "cap"
    SEAT_LOCK = "seat_lock"
    RELATIONSHIP_LOCK = "relationship_lock"
    TWO_PEOPLE = "two_people"
    CANDIDATES = "candidates"


class PlanScope(Schema):
    """Which projects the plan is about. Seats of others stay, and count in the loads."""

    project_ids: Ids | None = Field(default=None, description="Null: all.")
    client_ids: Ids | None = Field(default=None, description="Null: all.")
    statuses: list[ProjectStatus] = Field(
        default=[ProjectStatus.ACTIVE, ProjectStatus.BACK_BURNER], min_length=1, max_length=7
    )


class PlanPeople(Schema):
    """Who may hold the seats."""

    account_managers: Ids | None = Field(
        default=None,
        description="Null: those whose home role it is; where it is nobody's, all who hold a manager's seat in scope.",
    )
    production_managers: Ids | None = Field(default=None, description="As `account_managers`.")


class PlanWeights(Schema):
    """How many points of the score a point of each part counts: see docs/split-plans.md for their units."""

    disruption: Weight = Decimal(1)
    overload: Weight = Decimal(4)
    misfit: Weight = Decimal(2)
    fragmentation: Weight = Decimal(1)


class PlanCaps(Schema):
    """A person's caps in this plan; null: their own."""

    active_cap: Cap | None = None
    back_burner_cap: Cap | None = None


class PlanSeatLock(Schema):
    """This person holds this seat."""

    project_id: UUID
    role: ManagerRole
    person_id: UUID


class PlanRelationshipLock(Schema):
    """This person holds this role on all projects of the client that are in scope."""

    client_id: UUID
    person_id: UUID
    role: ManagerRole = ManagerRole.ACCOUNT_MANAGER


class PlanLocks(Schema):
    """What the plan must keep to."""

    seats: list[PlanSeatLock] = Field(default=[], max_length=2000)
    relationships: list[PlanRelationshipLock] = Field(default=[], max_length=2000)


class PlanRequest(Schema):
    """What a plan is asked for."""

    scope: PlanScope = PlanScope()
    people: PlanPeople = PlanPeople()
    weights: PlanWeights = PlanWeights()
    comfortable_share: Share = Field(default=Decimal("0.8"), description="Of the cap; what lies above is overload.")
    caps: dict[UUID, PlanCaps] = Field(default={}, description="By person.", max_length=2000)
    locks: PlanLocks = PlanLocks()
    time_limit_seconds: int = Field(default=10, ge=1, le=60, strict=True)


class SplitPlanCreate(PlanRequest):
    """A new split plan: the service answers who should hold every manager's seat."""

    model_config = ConfigDict(json_schema_extra={"examples": [SPLIT_PLAN_EXAMPLE]})
    name: Name
    on: FactDay | None = Field(default=None, description="The day whose seats and people count; by default today.")


class PlanObjective(Schema):
    """A score by its parts, in points, weights included: less is better."""

    total: Score
    disruption: Score
    overload: Score
    misfit: Score
    fragmentation: Score


class PlanLoad(Schema):
    """What a person carries before and after, and may carry."""

    person_id: UUID
    active_before: Load
    active_after: Load
    active_cap: Load
    back_burner_before: Load
    back_burner_after: Load
    back_burner_cap: Load


class PlanBinding(Schema):
    """A cap or lock that stands in the way; `by` is what it would have to give: load for a cap, else seats."""

    kind: BindingKind
    by: Load
    limit: Load | None
    sentence: Text
    person_id: UUID | None
    bucket: Bucket | None
    project_id: UUID | None
    client_id: UUID | None
    role: RoleKey | None


class PlanMove(Schema):
    """A seat that changes hands, or was vacant (`from_person_id` is null)."""

    project_id: UUID
    role: RoleKey
    from_person_id: UUID | None
    to_person_id: UUID
    reason: Text
    by_hand: bool


class SplitPlanRead(Read):
    """A proposal of who holds every manager's seat; by itself it moves nobody."""

    name: Name
    on: date
    status: PlanStatus
    request: PlanRequest
    objective: PlanObjective | None
    baseline_objective: PlanObjective | None = Field(
        description="Of leaving everything as it is; null where that keeps not to the plan's rules."
    )
    gap: float | None = Field(
        description="The share of the total that might still be saved; null: nothing fits; 1: none found in time."
    )
    seconds: float
    loads: list[PlanLoad]
    binding: list[PlanBinding] = Field(description="Where nothing fits: what stands in the way.")
    moves: list[PlanMove] | None = None


class SplitPlanMoveRead(Read):
    """A seat that changes hands in a plan, or was vacant (`from_person_id` is null)."""

    plan_id: UUID
    project_id: UUID
    role: RoleKey
    from_person_id: UUID | None
    to_person_id: UUID
    reason: Text
    by_hand: bool


class ReplaceMove(Schema):
    """Somebody else for a seat, chosen by hand."""

    model_config = ConfigDict(json_schema_extra={"examples": [REPLACE_EXAMPLE]})
    project_id: UUID
    role: ManagerRole
    to_person_id: UUID


class MoveDifference(Schema):
    """Who holds a seat after each of the two plans; null where a plan has it not moved."""

    project_id: UUID
    role: RoleKey
    from_person_id: UUID | None
    to_person_id: UUID | None
    with_to_person_id: UUID | None


class SplitPlanComparison(Schema):
    """Where two plans differ. `objective_difference` is the first's score less the other's."""

    plan_id: UUID
    with_id: UUID
    moves: list[MoveDifference]
    objective: PlanObjective | None
    with_objective: PlanObjective | None
    objective_difference: PlanObjective | None


class PlanHandovers(Schema):
    """How a plan becomes hand-overs: one a wave, a client's moves all in one, the small and simple clients first."""

    model_config = ConfigDict(json_schema_extra={"examples": [WAVES_EXAMPLE]})
    waves: int | None = Field(default=None, ge=1, le=100, strict=True, description="How many; or say the other.")
    max_clients_per_wave: int | None = Field(default=None, ge=1, le=1000, strict=True)
    first_effective_on: FactDay
    days_between: int = Field(default=14, ge=1, le=366, strict=True)
    overlap_days: int | None = Field(default=None, ge=0, le=366, strict=True)
    notice_days: int | None = Field(default=None, ge=0, le=366, strict=True)
    reason: Words
    benefit: Words
