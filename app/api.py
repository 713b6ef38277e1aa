"""The one list of routers under /v1."""

from fastapi import APIRouter

from app.features.clients.router import clients, contacts

ROUTERS: tuple[APIRouter, ...] = (clients, contacts)
