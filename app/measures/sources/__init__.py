"""The facts that measures add up, by name."""

from app.measures.sources.base import Snapshot, Source
from app.measures.sources.days import ACTIVE_PROJECT, AVAILABILITY, DECLARED_DUTY, EMPLOYMENT, SEAT_LOAD
from app.measures.sources.facts import CLOSED_PROJECT, EXPENSE, INVOICE, TIME_ENTRY, TIME_ENTRY_SPREAD
from app.measures.sources.feedback import FEEDBACK
from app.measures.sources.progress import PROGRESS
from app.measures.sources.promises import COMMITMENT

SOURCES: dict[str, Source | Snapshot] = {
    source.name: source
    for source in (
        TIME_ENTRY,
        INVOICE,
        EXPENSE,
        CLOSED_PROJECT,
        AVAILABILITY,
        EMPLOYMENT,
        DECLARED_DUTY,
        SEAT_LOAD,
        ACTIVE_PROJECT,
        PROGRESS,
        COMMITMENT,
        FEEDBACK,
    )
}

# What a source is under another of the office's conventions.
VARIANTS: dict[tuple[str, str], Source] = {("time_entry", "spread"): TIME_ENTRY_SPREAD}
