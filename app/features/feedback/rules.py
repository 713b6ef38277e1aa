"""What belongs to feedback on what, and what it must say. Pure functions."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from app.core.errors import FieldError, Invalid, invalid

# The field that each subject needs; the others stay out, but for a client that follows from them.
NEEDED = {"project": "project_id", "client": "client_id", "team": "team", "pmo_service": None}
SAYS = ("csat", "nps", "comment")


def check_subject(values: Mapping[str, Any]) -> None:
    """422 naming the field that the subject lacks, and those that do not belong to it."""
    subject = str(values["subject"])
    needed = NEEDED[subject]
    errors = []
    if needed is not None and values.get(needed) is None:
        errors.append(FieldError(f"/{needed}", f"is required for feedback on a {subject}", "required"))
    errors += [
        FieldError(f"/{name}", f"must be left out for feedback on {_said(subject)}")
        for name in ("project_id", "team")
        if name != needed and values.get(name) is not None
    ]
    if errors:
        raise Invalid("Say what it is about, and nothing else; `errors` says where.", errors=errors)


def check_giver(values: Mapping[str, Any]) -> None:
    """422 where it was said by two at once."""
    if values.get("contact_id") is not None and values.get("person_id") is not None:
        raise invalid("/person_id", "leave it out where there is a `contact_id`: one of them has said it, or neither")


def check_says_something(values: Mapping[str, Any]) -> None:
    if all(values.get(name) is None for name in SAYS):
        raise invalid("/csat", "is required, or `nps`, or a `comment`: at least one of them", "required")


def check_given_on(given_on: date | None, today: date) -> None:
    if given_on is None:
        raise invalid("/given_on", "must not be null")
    if given_on > today:
        raise invalid("/given_on", f"must not lie ahead: today is {today}")


def client_of(values: Mapping[str, Any], of_project: UUID | None, of_contact: UUID | None) -> UUID | None:
    """Whose client it is about; 422 where client, project and contact belong to different ones."""
    given: UUID | None = values.get("client_id")
    client_id = of_project or given or of_contact
    if given is not None and given != client_id:
        raise invalid("/client_id", "leave it out: it follows from the project")
    if of_contact is not None and of_contact != client_id:
        raise invalid("/contact_id", "must be a contact of that client")
    return client_id


def _said(subject: str) -> str:
    return "the PMO's service" if subject == "pmo_service" else f"a {subject}"
