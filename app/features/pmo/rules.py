"""What the fields of needs and developments must keep to."""

from datetime import date

from app.core.errors import invalid


def check_need_days(from_on: date, until_on: date) -> None:
    if until_on < from_on:
        raise invalid("/until_on", f"must not lie before from_on, {from_on}")
