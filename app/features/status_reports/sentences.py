"""A report in plain sentences. They hold no money: everybody may read a report."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

# Of each kind so many are named, each by so many characters, so that any report keeps to the length of a text.
NAMED = 5
DUE_NAMED = 20
LONGEST = 120

Told = Mapping[str, Any]


def narrative(draft: Told) -> str:
    """What happened in the period of a draft."""
    decided, promised, risks = draft["decided"], draft["promised"], draft["risks"]
    told = [
        _listed("Reached", draft["reached"], "name"),
        _listed("Slipped", [_slipped(item) for item in draft["slipped"]], "name"),
        _listed("Decided", decided["decisions"], "what"),
        _listed("Changes asked for", decided["changes_submitted"], "title"),
        _listed("Changes that wait for a decision", decided["changes_waiting"], "title"),
        _listed("Promises made", promised["made"], "statement"),
        _listed("Promises kept", promised["kept"], "statement"),
        _listed("Promises kept late", promised["late"], "statement"),
        _listed("Promises broken", promised["broken"], "statement"),
        _listed("Promises moved to another day", promised["renegotiated"], "statement"),
        _spent(draft["spent"]),
        _listed("New risks", risks["opened"], "event"),
        _listed("Risks that occurred", risks["occurred"], "event"),
        _listed("Risks closed", risks["closed"], "event"),
    ]
    return " ".join(sentence for sentence in told if sentence) or f"Nothing is recorded since {draft['from_on']}."


def next_steps(draft: Told) -> str:
    """What is overdue, and what is due next."""
    soon = draft["due_next"][:DUE_NAMED]
    told = [
        _listed("Overdue promises", draft["promised"]["overdue"], "statement"),
        _listed("Overdue responses to risks", draft["risks"]["overdue"], "event"),
        *(_due(day, soon) for day in dict.fromkeys(item["due_on"] for item in soon)),
    ]
    return " ".join(sentence for sentence in told if sentence) or "Nothing is due soon."


def _listed(what: str, items: Sequence[Told], name: str) -> str:
    if not items:
        return ""
    names = [_short(item[name]) for item in items[:NAMED]]
    more = f" and {len(items) - NAMED} more" if len(items) > NAMED else ""
    return f"{what}: {'; '.join(names)}{more}."


def _short(text: str, longest: int = LONGEST) -> str:
    """In one line, and cut where it is too long."""
    line = " ".join(text.split()).rstrip(".")
    return line if len(line) <= longest else f"{line[: longest - 2].rstrip()} …"


def _slipped(milestone: Told) -> Told:
    days = milestone["days_late"]
    return {"name": f"{_short(milestone['name'], LONGEST - 20)} by {days} day{'' if days == 1 else 's'}"}


def _spent(spent: Told) -> str:
    if not spent["hours_in_period"]:
        return ""
    used = spent["hours_used_percent"]
    share = "" if used is None else f", {_plain(used)} % of the budget in all"
    return f"Hours worked: {_plain(spent['hours_in_period'])}{share}."


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _due(day: date, items: Sequence[Told]) -> str:
    return _listed(f"By {day}", [item for item in items if item["due_on"] == day], "what")
