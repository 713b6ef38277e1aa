"""From a constraint that the database kept to a problem that a person can act on."""

import re

import sqlalchemy as sa

from app.core.errors import AppError, Conflict, Duplicate, FieldError, ReferenceGone, StillReferenced

_PERIOD_CLOSED = re.compile(r"period_closed failed(?:: (\d{4}-\d{2}))?")
_UNIQUE_SQLITE = re.compile(r"UNIQUE constraint failed: (.+)")


class SeatTaken(Conflict):
    """End the present holder's assignment first, or choose days on which the seat is free."""

    code, title = "seat-taken", "The seat has a holder on some of these days"


class AppendOnly(Conflict):
    """Add a new entry that supersedes the old one."""

    code, title = "append-only", "These rows are never changed or deleted"


class PeriodClosed(Conflict):
    """Reopen the period that the detail names, with a reason, or leave the facts of its days as they are."""

    code, title = "period-closed", "The books of the month are closed"

    @classmethod
    def of(cls, label: str | None) -> "PeriodClosed":
        """Names the month, where it is known."""
        if label is None:
            return cls("A month of its days is closed: GET /v1/periods?status=closed, POST /v1/periods/{label}/reopen.")
        said = (
            f"{label} is closed: nothing of it is added, corrected or withdrawn. With the right `override`, reopen it"
        )
        return cls(f"{said} by POST /v1/periods/{label}/reopen and a reason.", extra={"period": label})


class RuleBroken(Conflict):
    """Read what the fields mean, and send values that go together."""

    code, title = "rule-broken", "The database refuses this combination of values"


def names_no_period(error: sa.exc.IntegrityError) -> bool:
    """Whether a closed period refused a write without saying which one it is."""
    found = _PERIOD_CLOSED.search(str(error.orig))
    return found is not None and found.group(1) is None


def explain(error: sa.exc.IntegrityError) -> AppError | None:
    """The problem behind an integrity error; `None` when it is none that a caller can cause."""
    message = str(error.orig)
    cause = getattr(error.orig, "__cause__", None)  # asyncpg's own error, which says more
    name = getattr(cause, "constraint_name", None) or ""
    detail = getattr(cause, "detail", None) or ""
    if found := _PERIOD_CLOSED.search(message):
        return PeriodClosed.of(found.group(1))
    if "one_holder" in message:
        return SeatTaken("End the present holder's assignment first, or choose days on which the seat is free.")
    if "append_only" in message:
        return AppendOnly("Add a new entry that supersedes the old one instead.")
    if name.startswith("uq_") or "unique" in message.lower():
        return _duplicate(message, detail, name)
    if "foreign key" in message.lower():
        gone = error.statement is not None and not error.statement.lstrip().upper().startswith("DELETE")
        if gone and "is still referenced" not in message:
            return ReferenceGone("A record that this refers to does not exist any more: read it again, then retry.")
        return StillReferenced("Other records refer to it: delete or move those first.")
    if "check constraint" in message.lower():
        rule = name or (found.group(1) if (found := re.search(r"failed: (\w+)", message)) else "a rule")
        return RuleBroken(f"The values break the rule {rule!r}.")
    return None


def _duplicate(message: str, detail: str, name: str) -> Duplicate:
    if found := _UNIQUE_SQLITE.search(message):
        columns = [part.split(".")[-1].strip(" '\"") for part in found.group(1).split(",")]
        if columns and columns[0].startswith("index "):
            columns = [columns[0]]
    elif found := re.search(r"Key \(([^)]*)\)=", detail):
        columns = [part.strip() for part in found.group(1).split(",")]
    else:
        columns = [name]
    fields = ", ".join(columns)
    return Duplicate(
        f"There is one already with the same {fields}: change that one, or choose another value.",
        errors=[FieldError(f"/{column}", "is taken", "duplicate") for column in columns],
    )
