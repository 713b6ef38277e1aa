"""Who calls, and what each access role may do: the whole table of rights."""

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID


class AccessRole(StrEnum):
    PMO_LEAD = "pmo_lead"
    MANAGER = "manager"
    CONTRIBUTOR = "contributor"
    ANALYST = "analyst"
    VIEWER = "viewer"
    INTEGRATION = "integration"


class Right(StrEnum):
    READ = "read"  # everything but money
    READ_OWN_WRITES = "read_own_writes"  # what this key itself has written
    SEE_MONEY = "see_money"
    # Of projects on which the caller holds or covers a seat today, confirmed and recorded by somebody else.
    SEE_OWN_MONEY = "see_own_money"
    WRITE = "write"  # projects, seats, hand-overs, changes, promises, risks
    WRITE_OWN_HOURS = "write_own_hours"
    TICK_CHECKLISTS = "tick_checklists"
    WRITE_ALL_HOURS = "write_all_hours"
    OVERRIDE = "override"  # overrides, waivers, rates, targets, periods, goals, charter
    ADMINISTER = "administer"  # keys, connections, webhooks, audit, import


RIGHTS: dict[AccessRole, frozenset[Right]] = {
    AccessRole.PMO_LEAD: frozenset(
        {
            Right.READ,
            Right.READ_OWN_WRITES,
            Right.SEE_MONEY,
            Right.WRITE,
            Right.WRITE_OWN_HOURS,
            Right.TICK_CHECKLISTS,
            Right.WRITE_ALL_HOURS,
            Right.OVERRIDE,
            Right.ADMINISTER,
        }
    ),
    AccessRole.MANAGER: frozenset(
        {
            Right.READ,
            Right.READ_OWN_WRITES,
            Right.SEE_OWN_MONEY,
            Right.WRITE,
            Right.WRITE_OWN_HOURS,
            Right.TICK_CHECKLISTS,
        }
    ),
    AccessRole.CONTRIBUTOR: frozenset(
        {Right.READ, Right.READ_OWN_WRITES, Right.WRITE_OWN_HOURS, Right.TICK_CHECKLISTS}
    ),
    AccessRole.ANALYST: frozenset({Right.READ, Right.READ_OWN_WRITES, Right.SEE_MONEY}),
    AccessRole.VIEWER: frozenset({Right.READ, Right.READ_OWN_WRITES}),
    AccessRole.INTEGRATION: frozenset({Right.READ_OWN_WRITES, Right.WRITE_OWN_HOURS, Right.WRITE_ALL_HOURS}),
}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: the key, the person it belongs to (if any), the access role, and this request's id."""

    role: AccessRole
    request_id: str = ""
    key_id: UUID | None = None
    person_id: UUID | None = None
    own_projects: frozenset[UUID] = field(default_factory=frozenset)

    def may(self, right: Right) -> bool:
        return right in RIGHTS[self.role]

    def in_request(self, request_id: str) -> "Caller":
        """The same caller, in the request of this id."""
        return Caller(self.role, request_id, self.key_id, self.person_id, self.own_projects)

    @property
    def sees_all_money(self) -> bool:
        return Right.SEE_MONEY in RIGHTS[self.role]

    def sees_money_of(self, project_id: UUID | None) -> bool:
        """Whether money of this project may be shown; `None`: money that belongs to no project."""
        return self.sees_all_money or (
            Right.SEE_OWN_MONEY in RIGHTS[self.role] and project_id is not None and project_id in self.own_projects
        )


# Somebody at a client's, who came by a signed link: no person of ours, no key.
CLIENT = Caller(AccessRole.VIEWER)
SYSTEM = Caller(AccessRole.PMO_LEAD, request_id="system")
