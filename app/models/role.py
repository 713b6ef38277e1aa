"""Roles on projects, and the responsibilities that come with them."""

from enum import StrEnum

from sqlmodel import Field

from app.db.record import Record
from app.db.types import one_of, text
from app.models.person import Duty

ACCOUNT_MANAGER = "account_manager"
PRODUCTION_MANAGER = "production_manager"
MANAGER_ROLES = (ACCOUNT_MANAGER, PRODUCTION_MANAGER)


class Rasci(StrEnum):
    RESPONSIBLE = "R"
    ACCOUNTABLE = "A"
    SUPPORTS = "S"
    CONSULTED = "C"
    INFORMED = "I"


class Role(Record, table=True):
    """What somebody is on a project. An exclusive role has one holder a project at a time."""

    __tablename__ = "role"
    key: str = Field(sa_type=text(60), unique=True)
    name: str = Field(sa_type=text(200))
    purpose: str | None = Field(default=None, sa_type=text())
    exclusive: bool = False
    built_in: bool = False


class Responsibility(Record, table=True):
    """One duty of a role. `duty` says whom it serves: the client, the project or the craft."""

    __tablename__ = "responsibility"
    __table_args__ = (one_of("responsibility", "duty", Duty), one_of("responsibility", "rasci", Rasci))
    role: str = Field(sa_type=text(60), foreign_key="role.key", index=True)
    key: str = Field(sa_type=text(60), unique=True)
    name: str = Field(sa_type=text(200))
    duty: str = Field(sa_type=text(20))
    rasci: str = Field(default=Rasci.RESPONSIBLE, sa_type=text(1))
