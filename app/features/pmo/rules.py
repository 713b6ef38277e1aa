"""What the fields of the office's records must keep to, and how gap and worth are computed. Pure functions."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from app.core.errors import FieldError, Invalid, invalid
from app.measures.catalogue import KPIS
from app.models.pmo import DevelopmentKind


def check_need_days(from_on: date, until_on: date) -> None:
    if until_on < from_on:
        raise invalid("/until_on", f"must not lie before from_on, {from_on}")


def check_development(values: Mapping[str, Any]) -> None:
    """Its days, and who needs a mentor."""
    starts_on, ends_on = values["starts_on"], values["ends_on"]
    if ends_on is not None and ends_on < starts_on:
        raise invalid("/ends_on", f"must not lie before starts_on, {starts_on}")
    if values["kind"] == DevelopmentKind.MENTORING:
        if values["mentor_id"] is None:
            raise invalid("/mentor_id", "is required of a mentoring", "required")
        if values["mentor_id"] == values["person_id"]:
            raise invalid("/mentor_id", "must be somebody else than the person who learns")
    elif values["mentor_id"] is not None:
        raise invalid("/mentor_id", "must be left out of a training; with a mentor it is a mentoring")


def check_target(target: int, present: int) -> None:
    if target <= present:
        raise invalid("/target_level", f"must lie above the level that the person has now, {present}")


def check_mentor(target: int, mentor: int) -> None:
    if mentor < target:
        has = f"has level {mentor}" if mentor else "does not have the skill"
        raise invalid("/mentor_id", f"must be somebody with the skill at level {target} at least; this person {has}")


def check_completed_on(completed_on: date, starts_on: date, today: date) -> None:
    if not starts_on <= completed_on <= today:
        raise invalid("/completed_on", f"must lie from starts_on, {starts_on}, to today, {today}")


def check_charter(kpis: Sequence[str], members: Sequence[UUID], known: set[UUID]) -> None:
    """422 naming each measure and member that is not there."""
    errors = [
        FieldError(f"/success_measures/{index}/kpi", f"there is no KPI {name!r}", "unknown-reference")
        for index, name in enumerate(kpis)
        if name not in KPIS
    ]
    errors += [
        FieldError(f"/members/{index}", f"there is no person {str(id)!r}", "unknown-reference")
        for index, id in enumerate(members)
        if id not in known
    ]
    if errors:
        raise Invalid("Name KPIs that GET /v1/kpis lists, and people that GET /v1/people lists.", errors=errors)
