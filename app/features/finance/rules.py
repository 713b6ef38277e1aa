"""What money may be written by whom, and which rates make sense. Pure functions."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from app.core.caller import Caller
from app.core.errors import MoneyHidden, invalid

# What would tell an amount to somebody who may not see it (trying values, or moving it to a project of one's own), or
# change what it counts for.
TELLING = frozenset({"amount", "currency", "pass_through", "project_id", "change_request_id"})


def check_may_change(caller: Caller, project_id: UUID, changes: Mapping[str, Any]) -> None:
    """403 where a change would touch money that the caller may not see."""
    hidden = sorted(TELLING & changes.keys())
    if hidden and not caller.sees_money_of(project_id):
        raise MoneyHidden(f"Leave out {', '.join(hidden)}: you may not see the money of this project.")


def check_may_delete(caller: Caller, project_id: UUID) -> None:
    """403 where somebody would delete an amount that they may not see."""
    if not caller.sees_money_of(project_id):
        raise MoneyHidden("Ask somebody who sees the money of this project to delete it.")


def check_scope(rate_card: Mapping[str, Any]) -> None:
    """422 where a rate is for a client and for a project at once."""
    if rate_card["client_id"] is not None and rate_card["project_id"] is not None:
        raise invalid("/client_id", "leave it out where there is a `project_id`: a rate is for one of them, or neither")


def check_pair(exchange_rate: Mapping[str, Any]) -> None:
    """422 where an exchange rate is none."""
    if exchange_rate["base"] == exchange_rate["quote"]:
        raise invalid("/quote", "must be another currency than `base`")
    if exchange_rate["rate"] <= 0:
        raise invalid("/rate", "must be greater than 0")
