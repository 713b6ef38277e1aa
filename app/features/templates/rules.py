"""What makes sense in a template, when its milestones fall, and what stands in the way of closing a project."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.core.errors import FieldError
from app.features.templates.schemas import OpenKind
from app.models.change_request import ChangeStatus
from app.models.playbook import Occasion
from app.models.project import ProjectStatus
from app.models.role import MANAGER_ROLES

# The lists of a template, and by what their items are told apart.
KEYS = {"seats": "role", "milestones": "name", "estimates": "role", "skills": "skill"}
RUNNING = (ProjectStatus.ACTIVE, ProjectStatus.BACK_BURNER, ProjectStatus.ON_HOLD)


def template_ref(text: str) -> UUID | str:
    """A template by its id where that is one, else by its code."""
    try:
        return UUID(text)
    except ValueError:
        return text


def roles_of(values: Mapping[str, Any]) -> set[str]:
    """The roles that a template names."""
    return {item["role"] for name in ("seats", "estimates") for item in values.get(name, ())}


def template_errors(
    values: Mapping[str, Any], roles: Collection[str], occasion: str | None = Occasion.KICK_OFF
) -> list[FieldError]:
    """What is wrong with a template, or a change of one; `occasion` is that of its checklist."""
    errors = []
    for name, key in KEYS.items():
        seen: set[str] = set()
        for index, item in enumerate(values.get(name, ())):
            at = f"/{name}/{index}/{key}"
            if key == "role" and item[key] not in roles:
                errors.append(FieldError(at, "there is no such role", "unknown-reference"))
            if item[key] in seen:
                errors.append(FieldError(at, f"must not be named twice: {item[key]}"))
            seen.add(item[key])
    if occasion != Occasion.KICK_OFF:
        errors.append(FieldError("/checklist_id", "must be a checklist of the occasion `kick_off`"))
    return errors


def seat_errors(
    named: Sequence[tuple[str, UUID]], exclusive: Mapping[str, bool], people: Collection[UUID]
) -> list[FieldError]:
    """What is wrong with the people who are named for roles; `exclusive`: of the roles that there are."""
    errors = []
    roles = Counter(role for role, _ in named)
    for index, (role, person_id) in enumerate(named):
        at = f"/seats/{index}"
        if role not in exclusive:
            errors.append(FieldError(f"{at}/role", "there is no such role", "unknown-reference"))
        elif exclusive[role] and roles[role] > 1:
            errors.append(FieldError(f"{at}/role", "must be named once: the role has one holder at a time"))
        if person_id not in people:
            errors.append(FieldError(f"{at}/person_id", "there is no such person", "unknown-reference"))
        elif (role, person_id) in named[:index]:
            errors.append(FieldError(f"{at}/person_id", "must not be named twice for the same role"))
    return errors


def new_weights(asked: Iterable[Mapping[str, Any]], known: Mapping[str, Decimal], born: Decimal) -> dict[str, Decimal]:
    """The load weights that a kick-off gives, by role: to seats that the project has not, and to the managers' that
    weigh what they were `born` with. Whoever has set another weight by hand knew why.
    """
    return {
        seat["role"]: Decimal(seat["load_weight"])
        for seat in asked
        if seat["role"] not in known or (seat["role"] in MANAGER_ROLES and known[seat["role"]] == born)
    }


def working_day(day: date, working: Sequence[date]) -> date:
    """The day, or the next of the working days (in order); the day itself where none is known behind it."""
    place = bisect_left(working, day)
    return working[place] if place < len(working) else day


def why_nobody(role: str, suited: int, start: date, by_home_role: bool) -> str:
    """Why there is no candidate for a role, though `suited` people are employed whom it would suit."""
    if suited:
        whom = "The only one whom it suits" if suited == 1 else f"Each of the {suited} whom it suits"
        return f"{whom} would carry more than the cap, or leaves."
    whose = f" whose home role is `{role}`" if by_home_role else ""
    return f"Nobody{whose} is employed on {start} and free to take it."


_ADVICE = {
    OpenKind.MILESTONE: "Reach it, or delete it where it is no longer wanted",
    OpenKind.ISSUE: "Resolve or withdraw it",
    OpenKind.COMMITMENT: "Achieve, break or withdraw it",
    OpenKind.CLOSING_TASK: "Do this, then tick it",
    OpenKind.RESCUE: "Close or cancel it",
    OpenKind.CLOSING_CHECKLIST: "Copy it by POST …/prepare-closing, then do what it says",
}


def open_items(rows: Iterable[Any]) -> list[dict[str, Any]]:
    """What is open, in words; by kind, then by day."""
    order = list(OpenKind)
    found = sorted(rows, key=lambda row: (order.index(OpenKind(row.what)), row.due_on or date.max, row.id))
    return [{"what": OpenKind(row.what), "id": row.id, "detail": _detail(row)} for row in found]


def unprepared(project_id: UUID) -> dict[str, Any]:
    """The closing checklist has not been copied."""
    detail = f"{_ADVICE[OpenKind.CLOSING_CHECKLIST]}."
    return {"what": OpenKind.CLOSING_CHECKLIST, "id": project_id, "detail": detail}


def left_open(items: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """How many things of each kind are open."""
    return dict(Counter(str(item["what"]) for item in items))


def _detail(row: Any) -> str:
    what = OpenKind(row.what)
    if what is OpenKind.CHANGE_REQUEST:
        decided = row.status == ChangeStatus.APPROVED
        advice = "Implement it: it is approved" if decided else "Let it be decided, or withdraw it"
    else:
        advice = _ADVICE[what]
    due = f" (due on {row.due_on})" if row.due_on is not None else ""
    return f"{advice}: {row.label}{due}."


def in_words(counts: Mapping[str, int]) -> str:
    """How many things of each kind, as a list in a sentence."""
    return ", ".join(f"{count} {what.replace('_', ' ')}{'s' if count > 1 else ''}" for what, count in counts.items())


def closing_warnings(unapproved: int, behind: int, end: date, has_outcome: bool) -> list[str]:
    """What is worth a look before a project is closed, and stops nothing."""
    warnings = []
    if unapproved:
        entries = "1 time entry awaits" if unapproved == 1 else f"{unapproved} time entries await"
        warnings.append(f"{entries} approval.")
    if behind:
        entries = "1 time entry lies" if behind == 1 else f"{behind} time entries lie"
        warnings.append(f"{entries} after {end}, the day on which it is closed: close it later, or move them.")
    if not has_outcome:
        warnings.append("No outcome is planned: nobody will look at what came of it. Add one by POST /v1/outcomes.")
    return warnings
