"""The facts that measures add up, by name."""

from app.measures.sources.days import ACTIVE_PROJECT, AVAILABILITY, DECLARED_DUTY, EMPLOYMENT, SEAT_LOAD
from app.measures.sources.facts import CLOSED_PROJECT, EXPENSE, INVOICE, TIME_ENTRY, TIME_ENTRY_SPREAD

SOURCES = {
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
    )
}

# What a source is under another of the office's conventions.
VARIANTS = {("time_entry", "spread"): TIME_ENTRY_SPREAD}
