"""The one list of routers under /v1."""

from fastapi import APIRouter

from app.features.access.router import api_keys, me
from app.features.assignments.router import assignments
from app.features.audit.router import audit
from app.features.clients.router import clients, contacts
from app.features.decisions.router import decisions
from app.features.finance.router import exchange_rates, expenses, invoices, rate_cards
from app.features.projects.router import baselines, milestones, projects, seats
from app.features.time_entries.router import time_entries

ROUTERS: tuple[APIRouter, ...] = (
    api_keys,
    me,
    audit,
    clients,
    contacts,
    time_entries,
    expenses,
    invoices,
    rate_cards,
    exchange_rates,
    projects,
    seats,
    milestones,
    baselines,
    assignments,
    decisions,
)
