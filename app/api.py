"""The one list of routers under /v1."""

from fastapi import APIRouter

from app.features.clients.router import clients, contacts
from app.features.time_entries.router import time_entries

ROUTERS: tuple[APIRouter, ...] = (clients, contacts, time_entries)
