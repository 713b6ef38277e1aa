"""What can be listed of duties."""

from app.db.listing import Listing, columns_of
from app.db.record import table_of
from app.models.duty import DutyProfile, DutyRule

duty_rules = table_of(DutyRule)
duty_profiles = table_of(DutyProfile)

DUTY_RULES = Listing(
    name="duty_rules",
    columns=columns_of(duty_rules),
    source=duty_rules,
    filters=("position", "source", "issue_type", "component", "activity", "responsibility"),
    sorts=("position", "responsibility", "created_at", "updated_at"),
    default_sort=(("position", False),),
)
DUTY_PROFILES = Listing(
    name="duty_profiles",
    columns=columns_of(duty_profiles),
    source=duty_profiles,
    filters=("person_id", "responsibility", "weekly_hours"),
    sorts=("responsibility", "weekly_hours", "created_at", "updated_at"),
    default_sort=(("responsibility", False),),
)
