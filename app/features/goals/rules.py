"""What a goal's fields must keep to."""

from collections.abc import Mapping
from typing import Any

from app.core.errors import invalid


def check_period(values: Mapping[str, Any]) -> None:
    starts_on, ends_on = values["starts_on"], values["ends_on"]
    if starts_on is not None and ends_on is not None and ends_on < starts_on:
        raise invalid("/ends_on", f"must not lie before starts_on, {starts_on}")
