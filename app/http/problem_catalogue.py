"""Every problem that the API can answer with, read from the error classes themselves."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass

from app.core.errors import AppError


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem code, and what to do about it."""

    code: str
    title: str
    status: int
    description: str


def classes(of: type[AppError] = AppError) -> Iterator[type[AppError]]:
    """Every error class of the product that has been imported: all of them, once the application has been made."""
    for error in of.__subclasses__():
        if error.__module__.partition(".")[0] == "app":
            yield error
            yield from classes(error)


@functools.cache
def catalogue() -> dict[str, Problem]:
    """The problems by their codes, in the order of the alphabet."""
    found = {e.code: Problem(e.code, e.title, e.status, " ".join((e.__doc__ or "").split())) for e in classes()}
    return dict(sorted(found.items()))


def markdown() -> str:
    """`docs/problems.md`."""
    lines = [
        "# Problems",
        "",
        "Errors are `application/problem+json` (RFC 9457): `code` is stable, `detail` says what to do in this very",
        "case, and `errors[]` names the fields. `GET /problems/{code}` answers with what stands here.",
        "",
        "| Code | Status | What it says | What to do |",
        "|---|---|---|---|",
    ]
    lines += [f"| `{p.code}` | {p.status} | {p.title} | {p.description} |" for p in catalogue().values()]
    return "\n".join(lines) + "\n"
