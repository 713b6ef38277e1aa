"""What a split plan is computed from, and what comes of it: plain values, without a database.

Loads, caps and weights of seats are integers of ten-thousandths (a seat of 0.5 is 5000); scores are integers of
thousandths of a point.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from app.models.role import ACCOUNT_MANAGER, PRODUCTION_MANAGER
from app.models.split_plan import PlanStatus

LOAD_SCALE = 10_000
POINT = 1_000


class Bucket(StrEnum):
    """The two caps of a manager; each bounds the seats of projects in one status."""

    ACTIVE = "active"
    BACK_BURNER = "back_burner"


@dataclass(frozen=True, slots=True, order=True)
class SeatKey:
    """A seat is a role of a project."""

    project_id: UUID
    role: str


@dataclass(frozen=True, slots=True)
class Bond:
    """How a person and a client know each other."""

    strength: int
    years: float = 0.0


@dataclass(frozen=True, slots=True)
class Seat:
    """A manager's seat; `bucket` is None where the project's status weighs nothing."""

    key: SeatKey
    client_id: UUID
    weight: int
    bucket: Bucket | None = Bucket.ACTIVE
    holder: UUID | None = None
    tier: str = "standard"
    communication: int = 3
    complexity: int = 3
    lead_role: str | None = None
    kind: str | None = None
    days_to_milestone: int | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """A manager: the caps, and what is held outside the plan (`fixed`)."""

    id: UUID
    caps: Mapping[Bucket, int]
    fixed: Mapping[Bucket, int] = field(default_factory=dict)
    home_role: str | None = None
    preferred_duty: str | None = None
    skills: Mapping[str, int] = field(default_factory=dict)
    bonds: Mapping[UUID, Bond] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Weights:
    """What a point of each part counts. Points are said in docs/split-plans.md."""

    disruption: Decimal = Decimal(1)
    overload: Decimal = Decimal(4)
    misfit: Decimal = Decimal(2)
    fragmentation: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class SeatLock:
    """This person holds this seat."""

    seat: SeatKey
    person_id: UUID


@dataclass(frozen=True, slots=True)
class RelationshipLock:
    """This person holds this role on all of the client's projects."""

    client_id: UUID
    role: str
    person_id: UUID


Lock = SeatLock | RelationshipLock
Holders = Mapping[SeatKey, UUID]
Loads = Mapping[UUID, Mapping[Bucket, int]]


@dataclass(frozen=True)
class Problem:
    """Who may hold which seat, and what it costs. Order does not matter: solving sorts."""

    seats: tuple[Seat, ...]
    people: Mapping[UUID, Person]
    candidates: Mapping[str, frozenset[UUID]]  # by role
    weights: Weights = field(default_factory=Weights)
    comfortable_share: Decimal = Decimal("0.8")
    locks: tuple[Lock, ...] = ()
    duty_skills: Mapping[str, frozenset[str]] = field(default_factory=dict)  # by role: skills that serve it
    time_limit: float = 10.0

    def sorted_seats(self) -> list[Seat]:
        return sorted(self.seats, key=lambda seat: seat.key)

    def candidates_of(self, seat: Seat) -> list[UUID]:
        """Who may take a seat as far as locks are left out; whoever is locked to it may."""
        return sorted(self.candidates.get(seat.key.role, frozenset()) | set(self.locked_to(seat)))

    def locked_to(self, seat: Seat) -> list[UUID]:
        """The people whom locks want in this seat: more than one contradict each other."""
        return sorted({lock.person_id for lock in self.locks if seat in _under(lock, (seat,))})

    def seats_under(self, lock: Lock) -> list[Seat]:
        return _under(lock, self.sorted_seats())

    def pairs(self) -> Iterator[tuple[Seat, Seat]]:
        """Both manager seats of each project that has both in the plan."""
        by_key = {seat.key: seat for seat in self.seats}
        for seat in self.sorted_seats():
            other = by_key.get(SeatKey(seat.key.project_id, PRODUCTION_MANAGER))
            if seat.key.role == ACCOUNT_MANAGER and other is not None:
                yield seat, other

    def holders(self) -> dict[SeatKey, UUID]:
        """Who sits there now, vacant seats left out."""
        return {seat.key: seat.holder for seat in self.sorted_seats() if seat.holder is not None}


def _under(lock: Lock, seats: "list[Seat] | tuple[Seat, ...]") -> list[Seat]:
    if isinstance(lock, SeatLock):
        return [seat for seat in seats if seat.key == lock.seat]
    return [seat for seat in seats if (seat.client_id, seat.key.role) == (lock.client_id, lock.role)]


@dataclass(frozen=True, slots=True)
class Objective:
    """Weighted thousandths of a point, by part."""

    disruption: int = 0
    overload: int = 0
    misfit: int = 0
    fragmentation: int = 0

    @property
    def total(self) -> int:
        return self.disruption + self.overload + self.misfit + self.fragmentation


@dataclass(frozen=True, slots=True)
class Binding:
    """What stands in the way. `by` is what it would have to give: load for a cap, seats for a lock."""

    kind: str  # cap | seat_lock | relationship_lock | two_people | candidates
    by: int
    sentence: str
    person_id: UUID | None = None
    bucket: Bucket | None = None
    limit: int | None = None
    project_id: UUID | None = None
    client_id: UUID | None = None
    role: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What solving came to. `gap` is the share of the score that might still be saved; None where nothing fits."""

    status: PlanStatus
    holders: Holders = field(default_factory=dict)
    gap: float | None = None
    seconds: float = 0.0
    binding: tuple[Binding, ...] = ()
