from pydantic import ConfigDict, Field

from app.core.schema import Bool, Example, Name, Read, RoleKey, Schema, Text, partial
from app.features.capacity.schemas import OVERRIDE_HELP, OverrideReason
from app.models.person import Duty
from app.models.role import Rasci

ROLE_EXAMPLE: Example = {
    "key": "designer",
    "name": "Designer",
    "purpose": "Gives the project its looks.",
    "exclusive": False,
}
RESPONSIBILITY_EXAMPLE: Example = {
    "role": "production_manager",
    "key": "accessibility_audit",
    "name": "Audit accessibility",
    "duty": "project",
    "rasci": "A",
}


class RoleCreate(Schema):
    """A new role."""

    model_config = ConfigDict(json_schema_extra={"examples": [ROLE_EXAMPLE]})
    key: RoleKey = Field(description="How other records name it.")
    name: Name
    purpose: Text | None = None
    exclusive: Bool = Field(False, description="Whether a project has one holder of it at a time.")


class _RoleChange(RoleCreate):
    override_reason: OverrideReason | None = Field(None, description=OVERRIDE_HELP)


RoleUpdate = partial("RoleUpdate", _RoleChange, example={"purpose": "Draws what words can't say."})


class RoleRead(Read):
    """What somebody is on a project."""

    key: RoleKey
    name: Name
    purpose: Text | None
    exclusive: bool
    built_in: bool


class ResponsibilityCreate(Schema):
    """A new responsibility of a role."""

    model_config = ConfigDict(json_schema_extra={"examples": [RESPONSIBILITY_EXAMPLE]})
    role: RoleKey = Field(description="The key of the role that has it.")
    key: RoleKey = Field(description="How other records name it.")
    name: Name
    duty: Duty
    rasci: Rasci = Rasci.RESPONSIBLE


ResponsibilityUpdate = partial("ResponsibilityUpdate", ResponsibilityCreate, example={"rasci": "A"})


class ResponsibilityRead(Read):
    """One duty of a role, and whom it serves."""

    role: RoleKey
    key: RoleKey
    name: Name
    duty: Duty
    rasci: Rasci
