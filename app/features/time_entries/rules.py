"""Who may write which hours, and how many fit into their days. Pure functions."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.core.caller import Caller, Right
from app.core.errors import FieldError
from app.features.time_entries.errors import ApprovalNotYours, HoursApproved, NotYourHours
from app.features.time_entries.schemas import HOURS_A_DAY, MOST_DAYS
from app.models.time_entry import Approval

Rate = tuple[Decimal | None, str | None]  # per hour, currency
NO_RATE: Rate = (None, None)

# What a duty rule may ask of hours that come without a responsibility.
TAGGED_BY = ("source", "issue_type", "component", "activity")


def faults(worked_on: date, worked_until: date | None, hours: Decimal) -> list[FieldError]:
    """What is wrong with an entry of so many hours on these days."""
    days = ((worked_until or worked_on) - worked_on).days + 1
    if days < 1:
        return [FieldError("/worked_until", "must not be before `worked_on`")]
    if days > MOST_DAYS:
        return [FieldError("/worked_until", f"one entry covers at most {MOST_DAYS} days: split it")]
    if hours > days * HOURS_A_DAY:
        return [FieldError("/hours", f"{days} day(s) have at most {days * HOURS_A_DAY} hours")]
    return []


def may_write_hours_of(caller: Caller, person_id: UUID) -> bool:
    own = caller.person_id is not None and caller.person_id == person_id
    return caller.may(Right.WRITE_ALL_HOURS) or (own and caller.may(Right.WRITE_OWN_HOURS))


def check_may_record(caller: Caller, person_id: UUID, approval: str) -> None:
    """403 for the hours of others, and for approving without the right to."""
    if not may_write_hours_of(caller, person_id):
        raise NotYourHours("Send your own `person_id`; the hours of others need the right `write_all_hours`.")
    if approval == Approval.APPROVED and not caller.may(Right.WRITE):
        raise ApprovalNotYours("Send `draft` or `submitted`; approving needs the right `write`.")


def check_may_change(caller: Caller, before: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
    """403 or 409, as when recording; but those who run projects may set the approval of anybody's hours."""
    if caller.may(Right.WRITE) and changes.keys() <= {"approval"}:
        return
    check_may_touch(caller, before)
    check_may_record(caller, changes.get("person_id", before["person_id"]), changes.get("approval", Approval.DRAFT))


def check_may_touch(caller: Caller, before: Mapping[str, Any]) -> None:
    """403 for the hours of others; 409 for one's own once they are approved."""
    if not may_write_hours_of(caller, before["person_id"]):
        raise NotYourHours("Of the hours of others you may change `approval` at most, and that with the right `write`.")
    approves = caller.may(Right.WRITE) or caller.may(Right.WRITE_ALL_HOURS)
    if before["approval"] == Approval.APPROVED and not approves:
        raise HoursApproved("Ask somebody who runs the project to set `approval` back to `submitted` first.")


def rate_on(rates: Sequence[tuple[date, Decimal, str]], day: date) -> Rate:
    """The rate of a day: the latest of `rates` (valid from, rate, currency; by day) that is valid by then."""
    index = bisect_right(rates, day, key=lambda rate: rate[0])
    return rates[index - 1][1:] if index else NO_RATE


def responsibility_of(duty_rules: Iterable[Mapping[str, Any]], values: Mapping[str, Any]) -> str | None:
    """The responsibility that the first matching duty rule gives: the lowest position, then the one that asks for more.

    A rule matches where each attribute that it gives is the entry's.
    """
    matching = [rule for rule in duty_rules if all(rule[name] in (None, values[name]) for name in TAGGED_BY)]
    if not matching:
        return None
    found: str = min(matching, key=_precedence)["responsibility"]
    return found


def _precedence(rule: Mapping[str, Any]) -> tuple[int, int, UUID]:
    given = sum(rule[name] is not None for name in TAGGED_BY)
    return rule["position"], -given, rule["id"]
