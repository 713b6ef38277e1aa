"""What the office's own records ask of the database."""

from app.db.listing import Listing
from app.db.record import table_of
from app.models.person import Person
from app.models.pmo import SkillNeed
from app.models.project import Project

needs = table_of(SkillNeed)
people = table_of(Person)
projects = table_of(Project)

SKILL_NEEDS = Listing(
    name="skill_needs",
    columns={column.name: column for column in needs.c},
    source=needs,
    filters=("project_id", "skill", "level", "from_on", "until_on"),
    sorts=("skill", "level", "weekly_hours", "from_on", "until_on", "created_at", "updated_at"),
    default_sort=(("from_on", False),),
)
